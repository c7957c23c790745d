"""Drafts of plans, schemes and commissions: every one kept, submitted, decided on by another, ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.calendar import day_in_shanghai
from messages.approvals import ApprovalVerdict, Matter
from messages.base import Actor
from messages.planning import PlannedContent, PlanningFacts
from store.approvals import deciding
from store.canonical import canonical, model_json, sha256
from store.errors import (
    DraftReplaced,
    KeyReused,
    NotSubmitted,
    PlannedByDrafter,
    PlannedEnded,
    PlannedSettled,
    PlannedUnknown,
    ReasonMissing,
    UnderApproval,
)
from store.plans import papers, telling, uses
from store.plans.locking import hold
from store.plans.standing import STANDING, PlannedStanding, standing_of
from store.plans.uses import Around
from store.reads import search

_FORMS = {
    Matter.PLAN: "JH{year}-{number:03d}",
    Matter.SCHEME: "FA{year}-{number:04d}",
    Matter.COMMISSION: "WT{year}-{number:04d}",
}
_ONE = text(f"select {STANDING} where p.id = :id")
_BY_KEY = text("""
    select p.id, v.content_sha256, v.drafted_by from planned p join planned_versions v using (id)
    where p.key = :key and v.version = 1
""")
_NOW = text("select clock_timestamp() as now")
_NEXT = text("select coalesce(max(number), 0) + 1 from planned where matter = :matter and year = :year")
_ADD = text("""
    insert into planned (id, matter, plan_id, scheme_id, replaces, year, number, key, sample)
    values (:id, :matter, :plan_id, :scheme_id, :replaces, :year, :number, :key, :sample)
""")
_ADD_VERSION = text("""
    insert into planned_versions (id, version, content, content_sha256, reason, drafted_by, searched)
    values (:id, :version, cast(:content as jsonb), :content_sha256, :reason, cast(:by as jsonb), :searched)
""")
_ASK = text("update planned_versions set approval_no = :approval_no where id = :id and version = :version")
_DRAFTERS = text("""
    select distinct drafted_by ->> 'sub' as sub from planned_versions
    where id = :id and version > coalesce(cast(:in_force as int), 0)
""")
_END = text("""
    insert into planned_ends (id, ended_on, reason, ended_by)
    values (:id, :ended_on, :reason, cast(:by as jsonb)) on conflict do nothing
""")


@dataclass(frozen=True)
class Under:
    """Under which plan a scheme is drafted, or under which scheme a commission; ``replaces``: another one."""

    plan_id: str | None = None
    scheme_id: str | None = None
    replaces: str | None = None
    reason: str | None = None


# Judges what is submitted or approved by what is around it. Raises to refuse.
Judge = Callable[[PlannedStanding, Around], None]


async def create(
    engine: AsyncEngine,
    matter: Matter,
    content: PlannedContent,
    by: Actor,
    *,
    under: Under = Under(),
    key: UUID | None = None,
    sample: bool = False,
) -> str:
    """The id of a new draft; the same key again is that draft.

    Raises ``KeyReused``, and ``PlannedUnknown`` and ``PlannedEnded`` of what it is drafted under or replaces.
    """
    async with engine.begin() as connection:
        await hold(connection, matter)
        digest = _digest(content)
        if key is not None and (known := (await connection.execute(_BY_KEY, {"key": key})).one_or_none()):
            if (known.content_sha256, known.drafted_by["sub"]) != (digest, by.sub):
                raise KeyReused(key)
            return str(known.id)
        await _require_living(connection, under)
        year = day_in_shanghai((await connection.execute(_NOW)).scalar_one()).year
        number = (await connection.execute(_NEXT, {"matter": matter, "year": year})).scalar_one()
        row = {"matter": matter, "year": year, "number": number, "key": key, "sample": sample}
        row |= {"plan_id": under.plan_id, "scheme_id": under.scheme_id, "replaces": under.replaces}
        new = _FORMS[matter].format(year=year, number=number)
        await connection.execute(_ADD, row | {"id": new})
        await _add_version(connection, new, 1, content, under.reason, by)
    return new


async def save(
    engine: AsyncEngine,
    matter: Matter,
    id_: str,
    content: PlannedContent,
    reason: str | None,
    by: Actor,
    *,
    seen: int | None = None,
) -> None:
    """Keep another draft; what the last draft says already is not kept again.

    ``seen``: the draft from which whoever saves it went on. Raises ``PlannedUnknown``, ``PlannedEnded``,
    ``UnderApproval``, ``DraftReplaced``, ``ReasonMissing`` where an approved one is
    adjusted without a reason, and ``PlannedSettled`` of an approved commission: one matter has one number.
    """
    async with engine.begin() as connection:
        await hold(connection, id_)
        standing = await _living(connection, id_, matter)
        if standing.is_submitted:
            raise UnderApproval(id_)
        if matter is Matter.COMMISSION and standing.in_force is not None:
            raise PlannedSettled(id_)
        if standing.replaces is not None and reason is None:
            reason = standing.reason
        same = (standing.content_sha256, standing.reason) == (_digest(content), reason)
        if same and (standing.is_draft or standing.in_force == standing.version):
            return
        _require_seen(standing, seen)
        if standing.in_force is not None and reason is None:
            raise ReasonMissing
        await _add_version(connection, id_, standing.version + 1, content, reason, by)


async def submit(
    engine: AsyncEngine, matter: Matter, id_: str, by: Actor, judge: Judge, *, seen: int | None = None
) -> None:
    """Ask for the approval of the last draft; once more is that.

    ``judge`` raises to refuse; ``seen``: which draft whoever asks had before him. Raises ``PlannedUnknown``,
    ``PlannedEnded``, ``DraftReplaced`` and ``NotSubmitted``.
    """
    async with engine.begin() as connection:
        standing, _ = await _judged(connection, matter, id_, judge)
        _require_seen(standing, seen)
        if standing.is_submitted:
            return
        if not standing.is_draft:
            raise NotSubmitted(id_)
        no = await deciding.propose(connection, matter, id_, by)
        await connection.execute(_ASK, {"id": id_, "version": standing.version, "approval_no": no})


async def send_back(
    engine: AsyncEngine, matter: Matter, id_: str, by: Actor, remarks: str, *, seen: int | None = None
) -> None:
    """Return what is submitted with remarks. Raises as :func:`approve`."""
    async with engine.begin() as connection:
        await hold(connection, id_)
        standing = await _living(connection, id_, matter)
        _require_seen(standing, seen)
        await _decide(connection, standing, by, ApprovalVerdict.RETURNED, remarks)


async def approve(
    engine: AsyncEngine,
    matter: Matter,
    id_: str,
    by: Actor,
    judge: Judge,
    facts_of: Callable[[PlannedStanding, PlannedStanding | None], PlanningFacts],
    number_form: str,
    *,
    seen: int | None = None,
) -> None:
    """Put what is submitted in force, with its number as a paper; approved already is that.

    A commission that it replaces ends today. ``seen``: which draft the approver had before him. Raises
    ``PlannedUnknown``, ``PlannedEnded``, ``DraftReplaced``, ``NotSubmitted`` and ``PlannedByDrafter``.
    """
    async with engine.begin() as connection:
        standing, around = await _judged(connection, matter, id_, judge)
        _require_seen(standing, seen)
        if standing.in_force == standing.version:
            return
        await _decide(connection, standing, by, ApprovalVerdict.APPROVED, None)
        await papers.make_out(connection, facts_of(standing, around.above), number_form)
        await telling.note(connection, id_)
        if standing.replaces is not None:
            today = day_in_shanghai((await connection.execute(_NOW)).scalar_one())
            await _end(connection, standing.replaces, by, today, f"由 {id_} 替换：{standing.reason}")


async def end(engine: AsyncEngine, matter: Matter, id_: str, by: Actor, on: date, reason: str) -> None:
    """Nothing is ordered under it from that day on. Raises ``PlannedUnknown``."""
    async with engine.begin() as connection:
        await hold(connection, id_)
        await _of(connection, id_, matter)
        await _end(connection, id_, by, on, reason)


async def _end(connection: AsyncConnection, id_: str, by: Actor, on: date, reason: str) -> None:
    """The first end stands."""
    said = {"id": id_, "ended_on": on, "reason": reason, "by": model_json(by)}
    await connection.execute(_END, said)
    await telling.note(connection, id_)


async def _require_living(connection: AsyncConnection, under: Under) -> None:
    for id_, matter in (
        (under.plan_id, Matter.PLAN),
        (under.scheme_id, Matter.SCHEME),
        (under.replaces, Matter.COMMISSION),
    ):
        if id_ is not None:
            await _living(connection, id_, matter)


def _require_seen(standing: PlannedStanding, seen: int | None) -> None:
    """Whoever decides on a draft, or goes on from one, has read it. Raises ``DraftReplaced``."""
    if seen is not None and seen != standing.version:
        raise DraftReplaced(standing.id, seen, standing.version)


async def _decide(
    connection: AsyncConnection,
    standing: PlannedStanding,
    by: Actor,
    verdict: ApprovalVerdict,
    remarks: str | None,
) -> None:
    if standing.approval is None or not standing.is_submitted:
        raise NotSubmitted(standing.id)
    asked = {"id": standing.id, "in_force": standing.in_force}
    drafters = set((await connection.execute(_DRAFTERS, asked)).scalars())
    await deciding.decide(
        connection,
        standing.approval.no,
        by,
        verdict,
        on_own=PlannedByDrafter(standing.id),
        filers=drafters,
        remarks=remarks,
    )


async def _judged(
    connection: AsyncConnection, matter: Matter, id_: str, judge: Judge
) -> tuple[PlannedStanding, Around]:
    """With what it is judged by. Under the lock of what it stands under first.

    So that two schemes do not share one rest of the plan's budget, and a commission is judged by its scheme;
    and under that of what it replaces, so that nothing is ordered under both.
    """
    named = await _of(connection, id_, matter)
    for one in filter(None, (named.plan_id, named.scheme_id, named.replaces, id_)):
        await hold(connection, one)
    standing = await _living(connection, id_, matter)
    around = await uses.around_on(connection, standing)
    judge(standing, around)
    return standing, around


async def _living(connection: AsyncConnection, id_: str, matter: Matter) -> PlannedStanding:
    standing = await _of(connection, id_, matter)
    if standing.ended_on is not None:
        raise PlannedEnded(id_, standing.ended_on)
    return standing


async def _of(connection: AsyncConnection, id_: str, matter: Matter) -> PlannedStanding:
    standing = await _standing(connection, id_)
    if standing is None or standing.matter is not matter:
        raise PlannedUnknown(id_)
    return standing


async def _standing(connection: AsyncConnection, id_: str) -> PlannedStanding | None:
    row = (await connection.execute(_ONE, {"id": id_})).one_or_none()
    return None if row is None else standing_of(row)


async def _add_version(
    connection: AsyncConnection,
    id_: str,
    version: int,
    content: PlannedContent,
    reason: str | None,
    by: Actor,
) -> None:
    row = {
        "id": id_,
        "version": version,
        "content": model_json(content),
        "content_sha256": _digest(content),
        "reason": reason,
        "by": model_json(by),
        "searched": search.searchable(" ".join((id_, *content.searched))),
    }
    await connection.execute(_ADD_VERSION, row)


def _digest(content: PlannedContent) -> str:
    return sha256(canonical(content.model_dump(mode="json")))
