"""A sample bureau, marked as a sample: whoever starts anew orders at once; it ends and is not deleted."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.planning.judging import FromRegisters, facts_of, regulation_today, require_whole, rules_of
from law.vocabulary import Role
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import NewScheme, PlanContent, PlanDraft, PlannedContent, SchemeContent
from messages.registers import (
    BureauEntry,
    BusinessChange,
    EntryChange,
    LaboratoryChange,
    LaboratoryEntry,
    PlatformChange,
    Register,
    RegisterEntry,
)
from store.plans import drafting
from store.registers import entries
from store.samples import sample_entries, sample_planned

_REASON = "示例数据"
# Accounts of nobody, so that whoever tries it out may decide on what he himself drafts beside it.
_DRAFTER = Actor(sub="sample-drafter", name="示例起草人", role=Role.OFFICER)
_APPROVER = Actor(sub="sample-approver", name="示例批准人", role=Role.APPROVER)


async def load(engine: AsyncEngine, today: date) -> str:
    """Registers, a plan and a scheme under which is ordered; the scheme's id. What is there stays."""
    for register, code, entry in _entries(today):
        change = EntryChange[Any](holds_from=today, reason=_REASON, entry=entry)
        await entries.put(engine, register, code, change, _DRAFTER, sample=True)
    for matter, id_ in await sample_planned(engine):
        if matter is Matter.SCHEME:
            return id_
    plan, scheme = _planned(today)
    plan_id = await _approved(engine, Matter.PLAN, plan, {})
    names = {code: entry.name for _, code, entry in _entries(today)}
    return await _approved(engine, Matter.SCHEME, scheme, names, plan_id)


async def remove(engine: AsyncEngine, today: date) -> int:
    """End all that is a sample, from today on; how much that was. What was ordered of it stays whole."""
    planned = await sample_planned(engine)
    for matter, id_ in planned:
        await drafting.end(engine, matter, id_, _APPROVER, today, f"移除{_REASON}")
    held = await sample_entries(engine, today)
    for one in held:
        change = EntryChange[Any](holds_from=today, reason=f"移除{_REASON}", ended=True, entry=one.entry)
        await entries.put(engine, one.register, one.code, change, _DRAFTER, sample=True)
    return len(planned) + len(held)


async def _approved(
    engine: AsyncEngine,
    matter: Matter,
    content: PlannedContent,
    names: dict[str, str],
    plan_id: str | None = None,
) -> str:
    new = await drafting.create(
        engine, matter, content, _DRAFTER, under=drafting.Under(plan_id=plan_id), sample=True
    )
    await drafting.submit(engine, matter, new, _DRAFTER, require_whole)
    made_of = partial(facts_of, FromRegisters(names), _APPROVER)
    form = rules_of(regulation_today(), matter).number_form
    await drafting.approve(engine, matter, new, _APPROVER, require_whole, made_of, form)
    return new


def _entries(today: date) -> list[tuple[Register, str, RegisterEntry]]:
    """The examples of the interface, so that the example of an order fits them; valid for years from now."""
    year_end, later = date(today.year + 1, 12, 31), today + timedelta(days=4 * 365)
    laboratory = LaboratoryChange.model_validate(LaboratoryChange.model_json_schema()["example"]).entry
    renewed = laboratory.model_dump() | {
        "qualifications": [one.model_dump() | {"valid_until": later} for one in laboratory.qualifications],
        "contracts": [
            one.model_dump() | {"holds_from": date(today.year, 1, 1), "holds_to": year_end}
            for one in laboratory.contracts
        ],
    }
    other = renewed | {"name": "示例市复检检验中心", "registration": None, "email": None, "grade": "national"}
    platform = PlatformChange.model_validate(PlatformChange.model_json_schema()["example"]).entry
    seller = BusinessChange.model_validate(BusinessChange.model_json_schema()["example"]).entry
    bureaus = regulation_today().bureaus
    return [
        (Register.LABORATORIES, "LAB-01", LaboratoryEntry.model_validate(renewed)),
        (Register.LABORATORIES, "LAB-02", LaboratoryEntry.model_validate(other)),
        (Register.PLATFORMS, "PT-01", platform),
        (Register.BUSINESSES, "J1", seller),
        *(
            (Register.BUREAUS, f"QX-{number:02}", BureauEntry(name=bureau, districts=(district,)))
            for number, (district, bureau) in enumerate(bureaus.districts.items(), start=1)
        ),
    ]


def _planned(today: date) -> tuple[PlanContent, SchemeContent]:
    plan = PlanDraft.model_validate(PlanDraft.model_json_schema()["example"]).content
    scheme = NewScheme.model_validate(NewScheme.model_json_schema()["example"]).content
    title = f"{today.year}年度网络交易商品质量抽检计划（示例）"
    return (
        plan.model_copy(update={"title": title, "year": today.year, "budget": Decimal("500000.00")}),
        scheme.model_copy(update={"title": f"{scheme.title}（示例）"}),
    )
