"""How each file was when it was last read again; whatever changes is told by timeline and alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.evidence import EvidenceCondition
from messages.names import check_line, told
from messages.records import AlertInput, TimelineEntry, TimelineKind
from store.engine import autocommit
from store.evidence.kept import KeptEvidence, append_line
from store.ledger import alerts
from store.ledger.lock import lock_batch

# All files are read again within it.
CYCLE = timedelta(days=30)
_RESTS_ON = "§5"
_CUSTODIAN = "证据保管人"

# A file lies in one place, wherever that is while it is being moved, and has a copy in the second store.
_CHECKED = """
    from evidence e cross join lateral (
        select max(c.looked_at) filter (where c.place is distinct from cast(:second as text)) as main_at,
            max(c.looked_at) filter (where c.place = :second) as copy_at,
            coalesce(bool_or(c.condition <> 'whole'), false) as is_damaged,
            coalesce(bool_or(c.condition = 'whole'), false) as is_whole
        from evidence_checks c
        where c.evidence_id = e.evidence_id
            and (c.place in (:first, :second) or c.place in (select place from evidence_places))
    ) c
    where e.disposal_no is null
"""
_DUE = text(f"""
    select evidence_id from (
        select e.evidence_id, c.is_damaged, least(
            coalesce(c.main_at, '-infinity'),
            case when cast(:second as text) is null then 'infinity' else coalesce(c.copy_at, '-infinity') end
        ) as looked_at {_CHECKED}
    ) s
    where looked_at < cast(:begun as timestamptz)
        - case when is_damaged then cast(:damaged_after as interval) else cast(:again_after as interval) end
    order by looked_at, evidence_id limit :limit
""")
_STANDING = text(f"""
    select count(*) as files, count(*) filter (where is_damaged and not is_whole) as lost,
        count(*) filter (where is_damaged and is_whole) as damaged,
        count(*) filter (
            where coalesce(c.main_at, e.received_at) < clock_timestamp() - cast(:cycle as interval)
        ) as overdue,
        count(*) filter (where c.main_at is null) as unread,
        coalesce((array_agg(distinct e.batch_no) filter (where is_damaged))[1:3], '{{}}') as batch_nos
    {_CHECKED}
""")
_WHOLE_AS_BEFORE = text("""
    insert into evidence_checks (evidence_id, place, looked_at, condition, whole_at)
    values (:evidence_id, :place, clock_timestamp(), 'whole', clock_timestamp())
    on conflict (evidence_id, place) do update
        set looked_at = excluded.looked_at, whole_at = excluded.whole_at
        where evidence_checks.condition = 'whole'
    returning evidence_id
""")
_BEFORE = text("""
    select c.condition from evidence e
        left join evidence_checks c on c.evidence_id = e.evidence_id and c.place = :place
    where e.evidence_id = :evidence_id and e.disposal_no is null
""")
_NOTE = text("""
    insert into evidence_checks (evidence_id, place, looked_at, condition, whole_at)
    values (:evidence_id, :place, clock_timestamp(), :condition,
        case when :condition = 'whole' then clock_timestamp() end)
    on conflict (evidence_id, place) do update set looked_at = excluded.looked_at,
        condition = excluded.condition, whole_at = coalesce(excluded.whole_at, evidence_checks.whole_at)
""")
_CONDITION = text("select condition from evidence_checks where evidence_id = :evidence_id and place = :place")
_FORGET = text("delete from evidence_checks where evidence_id = :evidence_id and place = any(:places)")
_NOW = text("select clock_timestamp()")


@dataclass(frozen=True)
class Places:
    """Of which places is asked, beside those that are noted."""

    first: str
    second: str | None


@dataclass(frozen=True)
class EvidenceStanding:
    """How many files there are; damaged ones of which no whole copy is known, and others; read long ago.

    ``batch_nos``: of some of the damaged.
    """

    files: int
    lost: int
    damaged: int
    overdue: int
    unread: int
    batch_nos: list[str]


async def now(engine: AsyncEngine) -> datetime:
    """By the clock that stamps the checks."""
    async with autocommit(engine) as connection:
        moment: datetime = (await connection.execute(_NOW)).scalar_one()
        return moment


async def due(
    engine: AsyncEngine,
    places: Places,
    begun: datetime,
    *,
    again_after: timedelta,
    damaged_after: timedelta,
    limit: int,
) -> list[UUID]:
    """What was not read for so long before a moment, in one of its places; read longest ago comes first."""
    parameters = {"begun": begun, "again_after": again_after, "damaged_after": damaged_after, "limit": limit}
    async with autocommit(engine) as connection:
        return list((await connection.execute(_DUE, parameters | vars(places))).scalars())


async def standing(engine: AsyncEngine, places: Places) -> EvidenceStanding:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_STANDING, vars(places) | {"cycle": CYCLE})).one()
    return EvidenceStanding(**row._asdict())


async def condition(engine: AsyncEngine, evidence_id: UUID, place: str) -> EvidenceCondition | None:
    """As it was when it was last read; None where it never was."""
    async with autocommit(engine) as connection:
        asked = {"evidence_id": evidence_id, "place": place}
        found = (await connection.execute(_CONDITION, asked)).scalar_one_or_none()
    return None if found is None else EvidenceCondition(found)


async def note(
    engine: AsyncEngine, one: KeptEvidence, place: str, found: EvidenceCondition, words: str
) -> None:
    """A file has been read again; ``words`` go onto the timeline where it is otherwise than before.

    What has been disposed of meanwhile is neither missing nor altered: nothing is noted.
    """
    is_whole = found is EvidenceCondition.WHOLE
    row = {"evidence_id": one.evidence_id, "place": place, "condition": found}
    if is_whole:
        async with autocommit(engine) as connection:
            if (await connection.execute(_WHOLE_AS_BEFORE, row)).one_or_none() is not None:
                return
    async with engine.begin() as connection:
        batch = await lock_batch(connection, one.batch_no)
        before = (await connection.execute(_BEFORE, row)).one_or_none()
        if before is None:
            return
        await connection.execute(_NOTE, row)
        if before.condition == found:
            return
        check_id = uuid4()
        entry = TimelineEntry(
            key=check_line(check_id),
            at=batch.clock,
            kind=TimelineKind.EVIDENCE_WHOLE_AGAIN if is_whole else TimelineKind.EVIDENCE_DAMAGED,
            text=words,
            rests_on=_RESTS_ON,
            data={"evidence_id": str(one.evidence_id), "sha256": one.sha256, "condition": found},
        )
        await append_line(connection, batch, entry)
        if not is_whole:
            await alerts.note(connection, [_alert(one, check_id, words)])


async def forget(engine: AsyncEngine, evidence_id: UUID, places: Sequence[str]) -> None:
    """The file does not lie there any more, and should not."""
    async with autocommit(engine) as connection:
        await connection.execute(_FORGET, {"evidence_id": evidence_id, "places": list(places)})


def _alert(one: KeptEvidence, check_id: UUID, words: str) -> AlertInput:
    return AlertInput(
        batch_no=one.batch_no,
        key=told(one.batch_no, check_line(check_id)),
        to_title=_CUSTODIAN,
        level=0,
        title=f"{one.batch_no} 的证据受损",
        text=f"{words}（§5）。",
    )
