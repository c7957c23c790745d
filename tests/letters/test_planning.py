"""Approved plans and schemes as letters: every element, who drafted and approved, what they replace."""

from datetime import UTC, datetime
from typing import Any

from law.vocabulary import Role
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import NewCommission, NewScheme, PlanDraft, PlanningFacts, PlanningLetter
from tests.letters.builders import CASE, TYPESETTER, pages, printed

PLAN: dict[str, Any] = PlanDraft.model_json_schema()["example"]["content"]
SCHEME: dict[str, Any] = NewScheme.model_json_schema()["example"]["content"]
COMMISSION: dict[str, Any] = NewCommission.model_json_schema()["example"]["content"]


def letter(matter: Matter, content: dict[str, Any], **changes: Any) -> PlanningLetter:
    above = {"above_title": PLAN["title"], "above_number": "杭市监网抽计〔2026〕1号"}
    facts = PlanningFacts(
        matter=matter,
        id="FA2026-0001",
        version=1,
        content=content,
        content_sha256="ab" * 32,
        names={
            "LAB-01": "浙江省示例检验院",
            "PT-01": "示例电商平台",
            "QX-03": "杭州市西湖区市场监督管理局",
        },
        under=SCHEME if matter is Matter.COMMISSION else None,
        contract=changes.pop("contract", None),
        drafted_by=Actor(sub="officer-01", name="张三", role=Role.OFFICER),
        approved_by=Actor(sub="approver-01", name="李四", role=Role.APPROVER),
        bureau=CASE["bureau"],
        regulation=CASE["regulation"],
        rests_on="§3",
        title={Matter.PLAN: "抽检计划", Matter.SCHEME: "抽检实施方案"}.get(matter, "抽检委托书"),
        reason=changes.pop("reason", None),
        **(dict.fromkeys(above) if matter is Matter.PLAN else above),
    )
    given = {"number": "杭市监网抽方〔2026〕1号", "replaces": None} | changes
    return PlanningLetter(facts=facts, made_out_at=datetime(2026, 9, 17, 2, tzinfo=UTC), **given)


def test_a_scheme_says_every_element_of_section_3() -> None:
    """Laboratories and platforms by name, money in yuan, items with standard and requirement."""
    said = printed(TYPESETTER.planning(letter(Matter.SCHEME, SCHEME)))
    for words in (
        "杭市监网抽方〔2026〕1号",
        "抽检实施方案",
        "杭市监网抽计〔2026〕1号",
        "儿童保温杯",
        "检验用样品3个，备份样品3个",
        "用户名：hz_buyer_01",
        "浙江省示例检验院",
        "GB/T29606-2013",
        "不应有裂纹",
        "72,000.00元",
        "每批次购样费600.00元",
        "示例电商平台",
        "张三（执法人员，账号officer-01）",
        "李四（分管负责人，账号approver-01）",
        "2026年9月17日10时00分批准",
        "abababab",
    ):
        assert words.replace(" ", "") in said.replace(" ", "").replace("\n", ""), words
    assert "抽检批次编号" not in said


def test_the_same_facts_are_the_same_bytes() -> None:
    """Whoever doubts a letter can have it made again."""
    one = letter(Matter.PLAN, PLAN)
    assert TYPESETTER.planning(one) == TYPESETTER.planning(one)


def test_a_long_scheme_goes_over_as_many_pages_as_it_takes() -> None:
    """Three hundred items, each with a long requirement."""
    items = [
        {"name": f"项目{number}", "standard": "GB 1-2020", "requirement": "应当符合要求" * 20}
        for number in range(300)
    ]
    assert len(pages(TYPESETTER.planning(letter(Matter.SCHEME, SCHEME | {"items": items})))) > 10


def test_what_is_replaced_is_named_with_the_reason() -> None:
    said = printed(
        TYPESETTER.planning(letter(Matter.PLAN, PLAN, replaces="甲〔2026〕1号", reason="追加预算"))
    )
    assert "本文书取代甲〔2026〕1号" in said
    assert "追加预算" in said


def test_a_commission_is_written_to_whom_it_is_given() -> None:
    """One matter: what, how many, by which standards, until when; to a laboratory with its contract."""
    laboratory = COMMISSION | {"to": "laboratory", "code": "LAB-01"}
    for content, given, words in (
        (COMMISSION, {}, ("杭州市西湖区市场监督管理局：", "实施抽样工作", "至2026年12月31日（含当日）")),
        (laboratory, {"contract": "JYHT-2026-01"}, ("浙江省示例检验院：", "承担检验工作", "JYHT-2026-01")),
    ):
        said = printed(TYPESETTER.planning(letter(Matter.COMMISSION, content, **given)))
        said = said.replace(" ", "").replace("\n", "")
        for word in (*words, "一事一委托", "西湖区儿童保温杯网络抽检", "不应有裂纹", "任一检验项目"):
            assert word in said, word
    assert "委托检验合同" not in printed(TYPESETTER.planning(letter(Matter.COMMISSION, COMMISSION)))


def test_a_commission_that_is_not_whole_yet_can_be_tried() -> None:
    """Before it is submitted its letter is made once to see whether every character can be printed."""
    bare = {"title": "一事", "to": "bureau", "code": "QX-03"}
    assert pages(TYPESETTER.planning(letter(Matter.COMMISSION, bare)))
