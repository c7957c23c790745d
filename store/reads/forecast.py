"""What falls due in the days ahead: open waits by the index of deadlines, those already past first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from messages.snapshot import PartyState, Wait
from store.engine import autocommit
from store.reads.part import EVERYTHING, SeenPart

_CLOCK = text("select clock_timestamp()")
# A fast-forwarded batch's deadlines are as many days ahead of the database's day as its own day is.
_ON_THE_DATABASES_DAYS = """w.due - make_interval(days =>
    cast((cast(:as_of as timestamptz) + b.clock_ahead) at time zone 'Asia/Shanghai' as date)
    - cast(cast(:as_of as timestamptz) at time zone 'Asia/Shanghai' as date))"""
# All are counted, and the first of each group told: by its kind what is past, by its day what is to come.
_DUE = """
    with found as (
        select w.batch_no, w.wait_id, w.wait, w.kind, coalesce(w.role, w.party) as whose, w.due as closes_at,
            {due} as due, w.due - b.clock_ahead <= :as_of as past
        from waits w join batches b on b.batch_no = w.batch_no
        where w.state = 'open' and {due} <= :until {only}
    ), placed as (
        select f.*, row_number() over (grouped order by closes_at, batch_no, wait_id) as nth,
            count(*) filter (where kind = 'duty') over grouped as duties,
            count(*) filter (where kind = 'right') over grouped as rights
        from found f
        window grouped as (partition by past, whose, case when past then kind else
            to_char((due - interval '1 microsecond') at time zone 'Asia/Shanghai', 'YYYY-MM-DD') end)
    )
    select p.batch_no, p.wait, p.due, p.past, p.duties, p.rights, s.*
    from placed p join batches b using (batch_no),
        jsonb_to_record(b.snapshot) as s(title text, suspended boolean, parties jsonb)
    where p.nth <= :most
    order by p.closes_at, p.batch_no, p.wait_id
"""


@dataclass(frozen=True)
class DueWait:
    """An open wait with a deadline; ``falls_on`` is its last day by the database's clock, Asia/Shanghai.

    ``past``: its deadline has passed. A duty is then late; a right is about to lapse, or is held by a stay.
    ``duties`` and ``rights``: how many there are of the same person on the same day, or past.
    """

    batch_no: str
    title: str
    suspended: bool
    parties: tuple[PartyState, ...]
    wait: Wait
    falls_on: date
    past: bool
    duties: int
    rights: int


@dataclass(frozen=True)
class Forecast:
    """The open waits due by the end of ``last_day``, the most urgent first; days are in Asia/Shanghai."""

    as_of: datetime
    first_day: date
    last_day: date
    due: tuple[DueWait, ...]


async def forecast(
    engine: AsyncEngine, *, days: int, part: SeenPart = EVERYTHING, most: int, time_skipping: bool
) -> Forecast:
    """What is due within ``days`` calendar days, today included, and what is past.

    Of one person's on one day, and of one person's that are past, the first ``most``.

    With ``time_skipping`` a fast-forwarded batch comes on the day on which its own clock gets there;
    then no index helps. ``part``: only what is its matter.
    """
    due = _ON_THE_DATABASES_DAYS if time_skipping else "w.due"
    only = [f"and {condition}" for condition, asked in part.of_waits.items() if asked]
    statement = text(_DUE.format(due=due, only=" ".join(only)))
    async with autocommit(engine) as connection:
        as_of: datetime = (await connection.execute(_CLOCK)).scalar_one()
        first_day = day_in_shanghai(as_of)
        last_day = first_day + timedelta(days=days - 1)
        theirs = {name: value for name, value in part.parameters.items() if value is not None}
        parameters: dict[str, object] = {"as_of": as_of, "until": end_of_day(last_day), "most": most}
        parameters |= theirs
        rows = (await connection.execute(statement, parameters)).all()
    return Forecast(
        as_of,
        first_day,
        last_day,
        tuple(
            DueWait(
                batch_no=row.batch_no,
                title=row.title,
                suspended=row.suspended,
                parties=tuple(map(PartyState.model_validate, row.parties)),
                wait=Wait.model_validate(row.wait),
                falls_on=_last_day(row.due),
                past=row.past,
                duties=row.duties,
                rights=row.rights,
            )
            for row in rows
        ),
    )


def _last_day(due: datetime) -> date:
    """A deadline is 24:00 of its last day, and so the first moment of the next."""
    return day_in_shanghai(due - timedelta(microseconds=1))
