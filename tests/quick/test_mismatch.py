"""What was bought and sealed was ordered, or goes on with a supervisor's reason (procedure section 3)."""

from typing import Any

import pytest

from law.vocabulary import Category, Role
from local.scenarios.courses import BOUGHT, NONCONFORMING, Act, Do
from messages.envelope import RefusalCode
from messages.records import GoodsClaim
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, LAB, SUPERVISOR = Role.OFFICER, Role.LAB, Role.SUPERVISOR
READY: tuple[Act, ...] = (*BOUGHT, Do(OFFICER, StepName.SEALING_SCHEDULED))
REASON = {"mismatch_reason": "同一系列的另一型号，经核实同样在售"}
HANGZHOU = {"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "样品路2号"}
SHENZHEN = {"province": "广东省", "city": "深圳市", "district": "南山区", "detail": "样品路2号"}
OTHER_CODE = "91440300MA5EEEEE1Y"
SEEN = {"registration": OTHER_CODE, "url": "https://shop.example.com/s/2"}


def seller(place: dict[str, str]) -> dict[str, Any]:
    return {"name": "样品专营店", "place": place, **SEEN}


def claims(table: Table, batch_no: str) -> list[GoodsClaim]:
    return [change.goods for change in table.world(batch_no).changes if change.goods]


@pytest.mark.parametrize(
    "sealed",
    [
        {"trademark": "示例"},
        {"trademark": "示例牌®（标称）", "spec_model": "ＳＬ—500"},
        {"producer": "浙江示例制造有限公司（包装）（标称）"},
        {"producer": "浙江省示例制造有限公司"},
    ],
)
async def test_another_spelling_is_no_other_thing(table: Table, sealed: dict[str, str]) -> None:
    """Nothing is asked and nothing is counted anew; the producer keeps its address."""
    batch_no = await table.opened(READY)
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, **sealed)).accepted
    assert claims(table, batch_no) == []
    await table.at(batch_no, [Do(OFFICER, StepName.REPORT_RECEIVED)])
    (letter,) = [paper for paper in table.papers(batch_no) if paper.recipient == "producer"]
    assert letter.address == "浙江省金华市永康市示例工业区6号"
    assert "标称" not in letter.recipient_name


@pytest.mark.parametrize(
    ("sealed", "told"),
    [
        ({"trademark": "样品牌"}, "商标应为“示例牌”，实为“样品牌”"),
        ({"spec_model": "SL-500A"}, "规格型号应为“SL-500”，实为“SL-500A”"),
        (
            {"producer": "江苏示例制造有限公司"},
            "标称生产者应为“浙江示例制造有限公司”，实为“江苏示例制造有限公司”",
        ),
    ],
)
async def test_other_goods_are_told_and_go_on_with_a_supervisors_reason(
    table: Table, sealed: dict[str, str], told: str
) -> None:
    """Both values, and what is wanted; an officer's own reason is none."""
    batch_no = await table.opened(READY)
    refused = await table.example(batch_no, OFFICER, StepName.SEALED, **sealed)
    assert refused.code is RefusalCode.MISMATCH
    assert refused.reason is not None
    assert told in refused.reason
    assert "处室负责人" in refused.reason
    again = await table.example(batch_no, OFFICER, StepName.SEALED, **sealed, **REASON)
    assert again.code is RefusalCode.SUPERVISOR_NEEDED
    assert (await table.example(batch_no, SUPERVISOR, StepName.SEALED, **sealed, **REASON)).accepted


async def test_what_the_page_shows_is_compared_when_it_is_bought(table: Table) -> None:
    """What was let pass then is what is to be sealed, and is asked about no more."""
    batch_no = await table.open()
    page = {"goods": {"spec_model": "SL-600", "trademark": "/"}}
    refused = await table.example(batch_no, OFFICER, StepName.PURCHASED, **page)
    assert refused.code is RefusalCode.MISMATCH
    assert (await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **page, **REASON)).accepted
    assert claims(table, batch_no)[0].goods.spec_model == "sl600"
    assert claims(table, batch_no)[0].goods.trademarks == ("示例",)
    await table.at(batch_no, READY[1:])
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, spec_model="SL600")).accepted
    assert len(claims(table, batch_no)) == 1


async def test_the_repeat_limit_is_judged_anew_on_what_is_sealed(table: Table) -> None:
    """A reason for the other model is none for sampling it twice; that wants one of its own."""
    batch_no = await table.opened(READY)
    table.world(batch_no).sampled = 1
    other = {"spec_model": "SL-600", **REASON}
    refused = await table.example(batch_no, SUPERVISOR, StepName.SEALED, **other)
    assert refused.code is RefusalCode.REPEAT_LIMIT
    assert refused.reason is not None
    assert "商品抽检1次" in refused.reason
    assert claims(table, batch_no) == []
    allowed = {**other, "repeat_reason": "投诉集中，确需再次抽检"}
    assert (await table.example(batch_no, SUPERVISOR, StepName.SEALED, **allowed)).accepted
    assert claims(table, batch_no)[0].judged_on is None


async def test_what_was_unknown_when_ordered_is_judged_when_it_is_known(table: Table) -> None:
    """The supervisor let an unknown model pass; the known one has been sampled before."""
    ordered = {"goods": {"spec_model": None}, "supervisor_reason": "型号须到货后才能确认"}
    batch_no = await table.opened(READY, **ordered)
    table.world(batch_no).sampled = 1
    refused = await table.example(batch_no, OFFICER, StepName.SEALED, spec_model="SL-700")
    assert refused.code is RefusalCode.REPEAT_LIMIT
    table.world(batch_no).sampled = 0
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, spec_model="SL-700")).accepted


@pytest.mark.parametrize("unknown", ["/", "见包装", "未标注"])
async def test_a_sample_without_its_trademark_is_for_a_person_to_judge(table: Table, unknown: str) -> None:
    """Whether it was sampled before cannot be told; a stroke is no trademark that two samples share."""
    batch_no = await table.opened(READY)
    refused = await table.example(batch_no, OFFICER, StepName.SEALED, trademark=unknown)
    assert refused.code is RefusalCode.IDENTITY_UNKNOWN
    reason = {"repeat_reason": "样品未标注商标，已核对网页与实物"}
    by_officer = await table.example(batch_no, OFFICER, StepName.SEALED, trademark=unknown, **reason)
    assert by_officer.code is RefusalCode.SUPERVISOR_NEEDED
    assert (await table.example(batch_no, SUPERVISOR, StepName.SEALED, trademark=unknown, **reason)).accepted


async def test_an_unknown_model_that_was_let_pass_is_not_asked_about_again(table: Table) -> None:
    ordered = {"goods": {"spec_model": "/"}, "supervisor_reason": "该商品不分型号"}
    batch_no = await table.opened(READY, **ordered)
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, spec_model="无")).accepted


@pytest.mark.parametrize("name", ["/", "无", "见包装"])
async def test_an_unknown_producer_is_no_party(table: Table, name: str) -> None:
    """Neither in the order nor on the sample."""
    batch_no = await table.opened(READY, producer={"name": name})
    assert "producer" not in {one.party for one in (await table.snapshot(batch_no)).parties}
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, producer=name)).accepted
    assert "producer" not in {one.party for one in (await table.snapshot(batch_no)).parties}


async def test_another_seller_is_written_to_and_judged_by(table: Table) -> None:
    """With its registration and a supervisor's reason; letters, title and referral follow it."""
    batch_no = await table.open()
    bought = {"seller": SEEN}
    refused = await table.example(batch_no, OFFICER, StepName.PURCHASED, **bought)
    assert refused.code is RefusalCode.MISMATCH
    assert refused.reason is not None
    assert "实际经营者的登记信息" in refused.reason
    assert OTHER_CODE in refused.reason
    bought |= {"other_seller": seller(HANGZHOU), **REASON}
    assert (await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **bought)).accepted
    snapshot = await table.snapshot(batch_no)
    assert next(one.name for one in snapshot.parties if one.party == "seller") == "样品专营店"
    assert snapshot.title.endswith("样品专营店")
    await table.at(batch_no, NONCONFORMING[1:-2])
    letters = [paper for paper in table.papers(batch_no) if paper.recipient == "seller"]
    assert {paper.recipient_name for paper in letters} == {"样品专营店"}
    assert all(paper.facts["seller"] == "样品专营店" for paper in letters)


async def test_jurisdiction_is_judged_anew_on_who_really_sold(table: Table) -> None:
    """Bought on a platform elsewhere from a seller elsewhere: no reason helps, it is abandoned."""
    batch_no = await table.open()
    elsewhere = {
        "seller": SEEN,
        "other_seller": seller(SHENZHEN),
        "platform": {"name": "外地平台", "url": "https://other.example.net"},
        "other_platform": {
            "name": "外地平台有限公司", "url": "https://www.example.net", "place": SHENZHEN
        },
        **REASON,
    }  # fmt: skip
    refused = await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **elsewhere)
    assert refused.code is RefusalCode.OUT_OF_JURISDICTION
    on_ours = {"seller": SEEN, "other_seller": seller(SHENZHEN), **REASON}
    assert (await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **on_ours)).accepted
    assert (await table.snapshot(batch_no)).category is Category.PLATFORM_IN_CITY


async def test_bought_from_the_shops_own_site_there_is_no_platform_to_tell(table: Table) -> None:
    batch_no = await table.open()
    bought = {"platform": None, **REASON}
    assert (await table.example(batch_no, OFFICER, StepName.PURCHASED, platform=None)).code is (
        RefusalCode.MISMATCH
    )
    assert (await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **bought)).accepted
    assert {one.party for one in (await table.snapshot(batch_no)).parties} == {"seller", "producer"}


async def test_the_real_seller_is_the_one_that_was_seen(table: Table) -> None:
    """A registration other than the page's, or none where the seller is the ordered one, is refused."""
    batch_no = await table.open()
    wrong = {"seller": SEEN, "other_seller": {**seller(HANGZHOU), "registration": "91330100MA2BBBBB2Z"}}
    for body in (wrong, {"other_seller": seller(HANGZHOU)}):
        refused = await table.example(batch_no, SUPERVISOR, StepName.PURCHASED, **body, **REASON)
        assert refused.code is RefusalCode.MISMATCH


async def test_a_witness_signs_in_any_spelling(table: Table) -> None:
    """A dot of another kind, or a blank in a name, is no missing signature."""
    batch_no = await table.opened(READY)
    people = {"signed_by": ["王买样", "李 执法", "张执法", "赵检验", "钱检验"]}
    assert (await table.example(batch_no, OFFICER, StepName.SEALED, worksheet=people)).accepted
