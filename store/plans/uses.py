"""What schemes are used for: batches of each kind, money, and what other schemes take of a plan's budget."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.names import folded
from law.vocabulary import OVER
from messages.opening import UnderScheme
from store.direct import Connection
from store.engine import autocommit
from store.plans.locking import hold
from store.plans.standing import STANDING, PlannedStanding, standing_of

_ABOVE = text(f"select {STANDING} where p.id = :id")
_OTHER_BUDGETS = text(f"""
    select coalesce(sum(cast(content_in_force ->> 'budget' as numeric)), 0) from (select {STANDING}
        where p.plan_id = :plan_id and p.id <> :id and e.ended_on is null) others
""")
# A batch that is abandoned or voided leaves its place to another; what it cost is spent all the same.
_BY_KIND = text("""
    select min(u.kind) as kind, count(*) as times from scheme_uses u join batches b using (batch_no)
    where u.scheme_id = :id and (b.outcome is null or b.outcome <> all(:over)) group by u.kind_key
""")
# What other commissions give to bureaus, of the living ones all, and what was ordered under none of these.
_GIVEN = text("""
    with living as (
        select p.id, v.content from planned p join planned_papers n on n.id = p.id
            join planned_versions v on v.id = n.id and v.version = n.version
        where p.scheme_id = :scheme_id and p.id <> :id and p.id is distinct from :replaces
            and v.content ->> 'to' = 'bureau' and not exists (select from planned_ends e where e.id = p.id)
    ), taken as (
        select k ->> 'kind' as kind, cast(k ->> 'batches' as int) as batches
        from living l, jsonb_array_elements(l.content -> 'product_kinds') k
        union all
        select u.kind, 1 from scheme_uses u join batches b using (batch_no)
        where u.scheme_id = :scheme_id and (b.outcome is null or b.outcome <> all(:over))
            and (u.commission_id is null
                or u.commission_id <> :id and u.commission_id not in (select id from living))
    )
    select kind, sum(batches) as batches from taken group by kind
""")
# Asked under the scheme's lock, and then the commission's: whoever ordered before has been counted.
_LEFT = text("""
    select (select max(version) from planned_papers where id = :id) as in_force,
        (select ended_on from planned_ends where id = :id) as ended_on,
        (select count(*) from scheme_uses u join batches b using (batch_no)
            where u.scheme_id = :id and u.kind_key = :kind_key
                and (b.outcome is null or b.outcome <> all(cast(:over as text[])))) as used,
        (select ended_on from planned_ends where id = cast(:commission_id as text)) as commission_ended_on,
        (select count(*) from scheme_uses u join batches b using (batch_no)
            where u.commission_id = :commission_id and u.kind_key = :kind_key
                and (b.outcome is null or b.outcome <> all(cast(:over as text[])))) as commission_used,
        (select coalesce(sum(cost), 0) from scheme_uses where scheme_id = :id) as spent,
        (select max(no) from draw_events where draw_id = cast(:draw_id as text)) as drawn_at
""")
_EXECUTING = text("select bureau from scheme_uses where batch_no = :batch_no")
_TAKE = text("""
    insert into scheme_uses (batch_no, scheme_id, scheme_version, kind, kind_key, cost, laboratory, seller,
        platform, producer, commission_id, bureau, draw_id, candidate)
    select :batch_no, cast(:scheme_id as text), cast(:scheme_version as int), :kind, :kind_key,
        cast(:cost as numeric), :laboratory, :seller, :platform, :producer,
        (select id from planned where id = cast(:commission as text)), :bureau, :draw_id, :candidate
    where exists (select from planned where id = :scheme_id)
""")


@dataclass(frozen=True)
class Taken:
    """How a scheme stands at the moment in which a batch more is taken of it, and a commission under it.

    ``commission_used``: batches of the same kind that were ordered under the commission.
    ``drawn_at``: the last line on record of the draw that the order names.
    """

    in_force: int | None
    ended_on: date | None
    used: int
    spent: Decimal
    commission_ended_on: date | None
    commission_used: int
    drawn_at: int | None


@dataclass(frozen=True)
class Claim:
    """What a batch takes of a scheme; ``judge`` raises to refuse, and nothing is then taken."""

    under: UnderScheme
    judge: Callable[[Taken], None]


async def judge(connection: Connection, claim: Claim) -> None:
    """Hold the scheme until the transaction ends, and let the claim be judged by what is left of it."""
    under = claim.under
    for id_ in filter(None, (under.scheme_id, under.commission)):
        await hold(connection, id_)
    asked = {
        "id": under.scheme_id,
        "kind_key": folded(under.kind),
        "over": list(OVER),
        "commission_id": under.commission,
        "draw_id": under.draw_id,
    }
    left = (await connection.execute(_LEFT, asked)).one()
    claim.judge(Taken(**vars(left) | {"spent": Decimal(left.spent)}))


async def take(connection: Connection, batch_no: str, under: UnderScheme) -> None:
    """Note what a batch takes, within the transaction that opens it or puts its row back.

    A restored database that has lost the scheme has nothing to be counted; the batch stands alone.
    """
    row = {**dict(under), "batch_no": batch_no, "kind_key": folded(under.kind)}
    await connection.execute(_TAKE, row)


async def executing_bureau(engine: AsyncEngine, batch_no: str) -> str | None:
    """The code of the subordinate bureau that carries a batch out; None: the bureau itself."""
    async with autocommit(engine) as connection:
        return (await connection.execute(_EXECUTING, {"batch_no": batch_no})).scalar_one_or_none()


@dataclass(frozen=True)
class Around:
    """What a scheme or commission is judged by beside itself: what is above it, what others and orders take.

    ``above``: the plan of a scheme, the scheme of a commission. ``others``: the budgets in force of the
    plan's other schemes. ``used``: batches ordered of each kind of product under a scheme that have not come
    to nothing. ``taken``: of a commission's scheme, what is others' to do already, or ordered.
    """

    above: PlannedStanding | None
    others: Decimal
    used: Mapping[str, int]
    taken: Mapping[str, int]


async def around(engine: AsyncEngine, standing: PlannedStanding) -> Around:
    """As it stands now; whoever decides by it asks under the locks of what it names."""
    async with autocommit(engine) as connection:
        return await around_on(connection, standing)


async def around_on(connection: AsyncConnection, standing: PlannedStanding) -> Around:
    above, others, taken = None, Decimal(0), dict[str, int]()
    if (above_id := standing.plan_id or standing.scheme_id) is not None:
        above = standing_of((await connection.execute(_ABOVE, {"id": above_id})).one())
    if standing.plan_id is not None:
        asked = {"plan_id": standing.plan_id, "id": standing.id}
        others = Decimal((await connection.execute(_OTHER_BUDGETS, asked)).scalar_one())
    if standing.scheme_id is not None:
        place = {"scheme_id": standing.scheme_id, "id": standing.id, "replaces": standing.replaces}
        given = await connection.execute(_GIVEN, {**place, "over": list(OVER)})
        taken = {row.kind: row.batches for row in given}
    rows = await connection.execute(_BY_KIND, {"id": standing.id, "over": list(OVER)})
    return Around(above, others, {row.kind: row.times for row in rows}, taken)
