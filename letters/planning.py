"""What the letter of an approved plan, scheme or commission says, as its template takes it in."""

from collections.abc import Sequence
from typing import Any

from law.calendar import chinese_day
from letters.words import plain
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import (
    CommissionContent,
    CommissionedTo,
    KindQuantity,
    PlanContent,
    PlanGround,
    PlanningLetter,
    SchemeContent,
    money,
)
from messages.words import ROLES

_GROUNDS = {
    PlanGround.COMPLAINTS: "消费者投诉举报",
    PlanGround.ORGANISATIONS: "消费者组织反映",
    PlanGround.MEDIA: "媒体报道",
    PlanGround.PLATFORMS: "平台自查发现",
    PlanGround.ENFORCEMENT: "日常监管执法",
    PlanGround.OTHER: "其他",
}
Section = dict[str, Any]


def said(letter: PlanningLetter) -> dict[str, Any]:
    """As the frame of all letters has it."""
    facts = letter.facts
    return {
        "kind": facts.matter,
        "batch_no": None,
        "number": letter.number,
        "title": facts.title,
        "recipient_name": _recipient(letter),
        "corrects_number": None,
        "fields": {},
        "facts": {
            "bureau": facts.bureau,
            "regulation": facts.regulation,
            "name": facts.content["title"],
            "to_laboratory": facts.content.get("to") == CommissionedTo.LABORATORY,
            "above": facts.above_title and f"《{facts.above_title}》（{facts.above_number or '未编号'}）",
            "replaces_number": letter.replaces,
            "reason": facts.reason,
            "sections": _SECTIONS[facts.matter](letter),
            "drafted_by": _who(facts.drafted_by),
            "approved_by": _who(facts.approved_by),
            "approved_at": plain(letter.made_out_at.isoformat(), "approved_at"),
            "content_sha256": facts.content_sha256,
        },
    }


def proof(letter: PlanningLetter) -> str:
    """The text of the QR code: which paper it is, and the digest of what was approved."""
    facts = letter.facts
    return f"{letter.number} {facts.id} #{facts.version} sha256:{facts.content_sha256}"


def _of_plan(letter: PlanningLetter) -> list[Section]:
    content = PlanContent.model_validate(letter.facts.content)
    grounds = [f"{_GROUNDS[one.ground]}：{one.details}" for one in content.grounds]
    return [
        _section("年度", f"{content.year}年"),
        _section("制定依据", *grounds),
        _section("抽检范围", content.scope),
        _section("抽检重点", content.focus),
        _section("费用预算", money(content.budget)),
    ]


def _of_scheme(letter: PlanningLetter) -> list[Section]:
    content = SchemeContent.model_validate(letter.facts.content)
    names = letter.facts.names
    return [
        _section("商品品种及批次数量", table=_kinds(content.product_kinds)),
        _section("样品数量", content.sample_quantity),
        _section("买样人及用户名", f"买样人：{content.buyer}", f"用户名：{content.username}"),
        _section("承检机构", "、".join(names.get(code, code) for code in content.laboratories)),
        _section("收货地址", content.delivery_address),
        _section("抽检程序", content.procedure),
        _section("检验项目、标准及要求", table=_items(content)),
        _section("判定原则", content.judgement_principle),
        _section("检验结果通知", content.result_notification),
        _section("复检安排", content.retest_arrangement),
        _section("费用预算", f"共{money(content.budget)}，其中每批次购样费{money(content.purchase_cost)}"),
        _section("联系方式", content.contact),
        _section("第三方交易平台经营者", "、".join(names.get(code, code) for code in content.platforms)),
    ]


def _of_commission(letter: PlanningLetter) -> list[Section]:
    """What its scheme has tested is said with it: whom it is written to need not have the scheme."""
    content = CommissionContent.model_validate(letter.facts.content)
    until = f"至{chinese_day(content.until)}（含当日）" if content.until else None
    tested, contract = [], letter.facts.contract
    if letter.facts.under is not None:
        scheme = SchemeContent.model_validate(letter.facts.under)
        tested = [
            _section("检验项目、标准及要求", table=_items(scheme)),
            _section("判定原则", scheme.judgement_principle),
        ]
    return [
        _section("委托事项", content.title),
        _section("委托的工作内容和要求", content.work),
        _section("商品品种及批次数量", table=_kinds(content.product_kinds)),
        *tested,
        *([_section("委托检验合同", f"合同编号：{contract}")] if contract else []),
        _section("完成期限", until),
        _section("联系方式", content.contact),
    ]


_SECTIONS = {
    Matter.PLAN: _of_plan,
    Matter.SCHEME: _of_scheme,
    Matter.COMMISSION: _of_commission,
}


def _recipient(letter: PlanningLetter) -> str:
    """Whom a commission is written to; a plan and a scheme are to nobody."""
    if letter.facts.matter is not Matter.COMMISSION:
        return ""
    code = str(letter.facts.content["code"])
    return letter.facts.names.get(code, code)


def _kinds(kinds: Sequence[KindQuantity]) -> dict[str, Any]:
    return {"head": ["商品品种", "批次数量"], "rows": [[one.kind, str(one.batches)] for one in kinds]}


def _items(scheme: SchemeContent) -> dict[str, Any]:
    return {
        "head": ["检验项目", "检验标准", "标准要求"],
        "rows": [[one.name, one.standard or "", one.requirement or ""] for one in scheme.items],
    }


def _section(title: str, *told: str | None, table: dict[str, Any] | None = None) -> Section:
    lines = [line for text in told if text for line in text.splitlines() if line.strip()]
    return {"title": title, "told": lines, "table": table}


def _who(actor: Actor) -> str:
    return f"{actor.name}（{ROLES[actor.role]}，账号{actor.sub}）"
