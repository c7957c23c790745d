"""Opening batches: one number for one batch, and no two orders past the repeat limit together (§3)."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.goods import Goods
from law.regulation import Regulation
from law.vocabulary import Category, Outcome, Phase
from messages.base import Actor, Message
from messages.found import of_order
from messages.names import batch_number, counted
from messages.opening import PROGRAM, CalendarInForce, Carried, Opening
from messages.order import BatchOrder
from messages.quality import tally_of_order
from messages.snapshot import NamedGoods, Snapshot
from store.calendars import arrangements
from store.canonical import canonical, model_json, sha256
from store.direct import Connection, direct
from store.engine import autocommit
from store.errors import BatchUnknown, KeyReused, TooManyOfOne
from store.ledger import goods as sampling
from store.plans import uses
from store.quality import tallies
from store.reads import search
from store.told import noting
from store.watched import set_aside

# The key before the scheme before the goods, always: two transactions then never wait for each other.
_LOCK_KEY = text("select pg_advisory_xact_lock(hashtextextended('key ' || cast(:key as text), 0))")
_GOODS = text("select trademarks, spec_model from batches where batch_no = :batch_no")
_THIS_YEAR = "extract(year from clock_timestamp() at time zone 'Asia/Shanghai')"
# Both locks are held when this statement's snapshot is taken: it sees whatever the one before committed.
_BEFORE = text(f"""
    select clock_timestamp() as now, {sampling.SAMPLED.format(year=_THIS_YEAR, batch_no="''")} as earlier,
        (select count(*) from (
            select from batches where opening #>> '{{opened_by,sub}}' = :sub
                and opened_at > statement_timestamp() - interval '1 hour'
            limit :most
        ) theirs) as lately
""")
# Of one account: two full lists, more than a bureau orders in a quarter.
MOST_WITHIN_AN_HOUR = 2_000
_BY_KEY = text("select order_sha256, opening from batches where key = :key")
# The counter's row stays locked until commit: a number is given out again if the transaction rolls back.
_NUMBER = text("""
    insert into counters as c (year, last) values (:year, 1)
    on conflict (year) do update set last = c.last + 1 returning last
""")
_KEEP_NUMBER = text("""
    insert into counters as c (year, last) values (:year, :number)
    on conflict (year) do update set last = greatest(c.last, excluded.last)
""")
_INSERT = text("""
    insert into batches (batch_no, year, number, key, order_sha256, trademarks, spec_model, opening,
        opened_at, version, snapshot, phase, laboratory)
    values (:batch_no, :year, :number, :key, :order_sha256, cast(:trademarks as text[]), :spec_model,
        cast(:opening as jsonb), :opened_at, 0, cast(:snapshot as jsonb), :phase, :laboratory)
""")
_UNSTARTED = text(f"""
    select opening from batches
    where started_at is null and opened_at < clock_timestamp() - make_interval(secs => :older_than_seconds)
        and {set_aside.NOT_RESTING.format(batch_no="batches.batch_no")}
    order by opened_at limit :limit
""")
_KEPT = text("""
    select opening, kept, clock_ahead, phase, outcome from batches
    where batch_no = :batch_no and kept is not null for no key update
""")
_MARK_STARTED = text("""
    update batches set started_at = clock_timestamp() where batch_no = :batch_no and started_at is null
""")
_LATE = text(f"""
    select batch_no from batches
    where (acts_at < clock_timestamp() - make_interval(secs => :seconds)
        or (last_position > decided_to
            and last_stamp < clock_timestamp() + clock_ahead - make_interval(secs => :seconds)))
        and started_at is not null and batch_no <> all(:resting)
        and {set_aside.NOT_RESTING.format(batch_no="batches.batch_no")}
    order by batch_no limit :limit
""")
_OPEN = """
    from batches where phase <> 'closed'
        and started_at < clock_timestamp() - make_interval(secs => :seconds)
"""
_OPEN_COUNT = text(f"select count(*) {_OPEN}")
_OPEN_NUMBERS = text(f"select batch_no {_OPEN}")
_UNKNOWN = text("""
    select one from unnest(cast(:batch_nos as text[])) as one
    where not exists (select from batches b where b.batch_no = one)
""")
_OPENING = text("select opening from batches where batch_no = :batch_no")


@dataclass(frozen=True)
class Opened:
    """A batch's opening; ``fresh`` is False when the same order had come with the same key before."""

    opening: Opening
    fresh: bool


async def open_batch(
    engine: AsyncEngine,
    *,
    order: BatchOrder,
    category: Category,
    regulation: Regulation,
    calendar: CalendarInForce,
    actor: Actor,
    key: UUID | None,
    judge_repeat: Callable[[int], None],
    asked: Message | None = None,
    claim: uses.Claim | None = None,
) -> Opened:
    """Give the order a number and keep it.

    ``asked`` is what was sent, where that is not the order itself; by it a repetition is known. ``claim`` is
    what the batch takes of its scheme.

    ``judge_repeat`` is told how many counted batches of the same trademark and model were ordered earlier in
    this calendar year (0 where either is unknown) and raises to refuse; nothing is then written.
    Raises ``KeyReused``, ``NotStorable`` and ``TooManyOfOne``.
    """
    order_sha256 = _digest(asked or order)
    ordered = Goods.named(order.goods.trademark, order.goods.spec_model)
    async with direct(engine, transaction=True) as connection:
        await connection.execute(_LOCK_KEY, {"key": key and str(key)})
        if key is not None and (stored := (await connection.execute(_BY_KEY, {"key": key})).one_or_none()):
            return _same_order(stored, order_sha256, key, actor)
        if claim is not None:
            await uses.judge(connection, claim)
        await sampling.lock(connection, ordered)
        before = await _before(connection, ordered, regulation, actor)
        judge_repeat(before.earlier)
        year = day_in_shanghai(before.now).year
        number = (await connection.execute(_NUMBER, {"year": year})).one().last
        opening = Opening(
            batch_no=batch_number(year, number),
            order=order,
            category=category,
            regulation=regulation,
            calendar=calendar,
            opened_at=before.now,
            opened_by=actor,
            regulation_sha256=sha256(canonical(regulation.model_dump(mode="json"))),
            program=PROGRAM,
            under=claim and claim.under,
        )
        columns = {"year": year, "number": number, "key": key, "order_sha256": order_sha256}
        await _insert(connection, opening, {**columns, **sampling.parameters(ordered)})
    return Opened(opening, fresh=True)


async def rehearse(
    engine: AsyncEngine,
    *,
    order: BatchOrder,
    regulation: Regulation,
    actor: Actor,
    judge_repeat: Callable[[int], None],
    claim: uses.Claim | None,
) -> None:
    """Refuse what :func:`open_batch` would refuse as things stand, and write nothing."""
    ordered = Goods.named(order.goods.trademark, order.goods.spec_model)
    async with direct(engine, transaction=True) as connection:
        if claim is not None:
            await uses.judge(connection, claim)
        judge_repeat((await _before(connection, ordered, regulation, actor)).earlier)


async def _before(connection: Connection, ordered: Goods, regulation: Regulation, actor: Actor) -> Any:
    """What was ordered before, under the locks. Raises ``TooManyOfOne``."""
    not_counted = {"not_counted": list(regulation.readings.outcomes_not_counted_as_sampling)}
    theirs = {"sub": actor.sub, "most": MOST_WITHIN_AN_HOUR}
    asked = {**sampling.parameters(ordered), **not_counted, **theirs}
    before = (await connection.execute(_BEFORE, asked)).one()
    if before.lately >= MOST_WITHIN_AN_HOUR:
        raise TooManyOfOne("抽检批次", MOST_WITHIN_AN_HOUR)
    return before


async def opened_before(engine: AsyncEngine, key: UUID, asked: Message, actor: Actor) -> Opened | None:
    """The batch that this very order opened before under this key. Raises ``KeyReused``."""
    async with autocommit(engine) as connection:
        stored = (await connection.execute(_BY_KEY, {"key": key})).one_or_none()
    return None if stored is None else _same_order(stored, _digest(asked), key, actor)


async def goods_of(engine: AsyncEngine, batch_no: str) -> Goods:
    """What a batch samples: as ordered, or as bought or sealed since. Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_GOODS, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise BatchUnknown(batch_no)
    return Goods(trademarks=tuple(row.trademarks), spec_model=row.spec_model)


async def unstarted(engine: AsyncEngine, older_than_seconds: float, limit: int) -> list[Opening]:
    """Batches whose workflow is not known to run, the oldest first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(
            _UNSTARTED, {"older_than_seconds": older_than_seconds, "limit": limit}
        )
        return [Opening.model_validate(opening) for opening in rows.scalars()]


@dataclass(frozen=True)
class OnRecord:
    """A batch as its record has it, to be taken up from; ``ahead``: how far it was fast-forwarded."""

    opening: Opening
    carried: Carried
    ahead: timedelta
    phase: Phase
    outcome: Outcome | None


@asynccontextmanager
async def taking_up(engine: AsyncEngine, batch_no: str) -> AsyncIterator[OnRecord | None]:
    """A batch as it is on record; None where nothing of it has been recorded yet.

    The batch's lock is held until its workflow is started inside: nobody can record a change meanwhile, so
    nobody goes on from a case that has been overtaken.
    """
    async with engine.begin() as connection:
        row = (await connection.execute(_KEPT, {"batch_no": batch_no})).one_or_none()
        if row is None:
            yield None
            return
        opening = Opening.model_validate(row.opening)
        in_force = await arrangements.in_force_on(connection)
        calendar = in_force.for_batch_of(opening.order.regulation_date)
        outcome = None if row.outcome is None else Outcome(row.outcome)
        carried = Carried(case=row.kept, calendar=calendar)
        yield OnRecord(opening, carried, row.clock_ahead, Phase(row.phase), outcome)


async def on_record(engine: AsyncEngine, batch_no: str) -> Carried:
    """What a running batch goes on from that the record has overtaken. Raises ``BatchUnknown``."""
    async with taking_up(engine, batch_no) as kept:
        if kept is None:
            raise BatchUnknown(batch_no)
        return kept.carried


async def late(engine: AsyncEngine, seconds: float, *, resting: Sequence[str], limit: int) -> list[str]:
    """Batches that should have acted by themselves, or decided a step, so many seconds ago."""
    parameters = {"seconds": seconds, "resting": list(resting), "limit": limit}
    async with autocommit(engine) as connection:
        return list((await connection.execute(_LATE, parameters)).scalars())


async def open_count(engine: AsyncEngine, seconds: float) -> int:
    """How many batches are open of those started so many seconds ago."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_OPEN_COUNT, {"seconds": seconds})).scalar_one())


async def open_numbers(engine: AsyncEngine, seconds: float) -> set[str]:
    """Which they are."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_OPEN_NUMBERS, {"seconds": seconds})).scalars())


async def unknown(engine: AsyncEngine, batch_nos: Collection[str]) -> set[str]:
    """Those of the numbers under which nothing is on record."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_UNKNOWN, {"batch_nos": list(batch_nos)})).scalars())


async def opening_of(engine: AsyncEngine, batch_no: str) -> Opening:
    """What a batch was started with. Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_OPENING, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise BatchUnknown(batch_no)
    return Opening.model_validate(row.opening)


async def put_back(connection: Connection, opening: Opening, snapshot: Snapshot) -> None:
    """Put a batch's row in its place again, if none is there: a restored database had lost it.

    Its number is not given out any more; whoever had it meanwhile keeps it, and the row is then theirs. The
    row says nothing yet of what became of the batch: the caller's record, in the same transaction, does.
    """
    year, number = counted(opening.batch_no)
    await connection.execute(_KEEP_NUMBER, {"year": year, "number": number})
    # Numbers are given out under the lock that is held now: nobody else puts a row there meanwhile.
    if (await connection.execute(_OPENING, {"batch_no": opening.batch_no})).one_or_none() is not None:
        return
    of = snapshot.goods
    goods = Goods.named(of.trademark, of.spec_model) if of else Goods.named(None, None)
    columns = {"year": year, "number": number, "key": None, "order_sha256": _digest(opening.order)}
    await _insert(connection, opening, {**columns, **sampling.parameters(goods)})
    await connection.execute(_MARK_STARTED, {"batch_no": opening.batch_no})


async def mark_started(engine: AsyncEngine, batch_no: str) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_MARK_STARTED, {"batch_no": batch_no})


async def _insert(connection: Connection, opening: Opening, columns: dict[str, Any]) -> None:
    order = opening.order
    snapshot = Snapshot(
        batch_no=opening.batch_no,
        version=0,
        title=opening.title,
        phase=Phase.ORDERED,
        category=opening.category,
        laboratory=order.laboratory.code,
        goods=NamedGoods.model_validate(order.goods.model_dump(include={"name", "trademark", "spec_model"})),
    )
    await connection.execute(
        _INSERT,
        {
            **columns,
            "batch_no": opening.batch_no,
            "opening": model_json(opening),
            "opened_at": opening.opened_at,
            "snapshot": model_json(snapshot),
            "phase": snapshot.phase,
            "laboratory": snapshot.laboratory,
        },
    )
    if opening.under is not None:
        await uses.take(connection, opening.batch_no, opening.under)
    tally = tally_of_order(opening)
    await tallies.keep(connection, opening.batch_no, tally)
    await noting.note_batch(connection, opening.batch_no, tally, None, at=opening.opened_at)
    await search.keep(connection, opening.batch_no, of_order(opening.batch_no, order), whole=True)


def _digest(order: Message) -> str:
    return sha256(canonical(order.model_dump(mode="json")))


def _same_order(stored: Any, order_sha256: str, key: UUID, actor: Actor) -> Opened:
    opening = Opening.model_validate(stored.opening)
    if (stored.order_sha256, opening.opened_by.sub) != (order_sha256, actor.sub):
        raise KeyReused(key)
    return Opened(opening, fresh=False)
