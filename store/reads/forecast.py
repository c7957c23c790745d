"""What falls due in the days ahead: open waits by the index of deadlines, those already past first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from messages.snapshot import PartyState, Wait
from store.engine import autocommit

_CLOCK = text("select clock_timestamp()")
# A fast-forwarded batch's deadlines are as many days ahead of the database's day as its own day is.
_ON_THE_DATABASES_DAYS = """w.due - make_interval(days =>
    cast((cast(:as_of as timestamptz) + b.clock_ahead) at time zone 'Asia/Shanghai' as date)
    - cast(cast(:as_of as timestamptz) at time zone 'Asia/Shanghai' as date))"""
_DUE = """
    select w.batch_no, w.wait, {due} as due, w.due - b.clock_ahead <= :as_of as past, s.*
    from waits w join batches b on b.batch_no = w.batch_no,
        jsonb_to_record(b.snapshot) as s(title text, suspended boolean, parties jsonb)
    where w.state = 'open' and {due} <= :until {only}
    order by w.due, w.batch_no, w.wait_id
"""
_ONE_LABORATORY = "and (b.laboratory = :laboratory or b.retest_laboratory = :laboratory)"


@dataclass(frozen=True)
class DueWait:
    """An open wait with a deadline; ``falls_on`` is its last day by the database's clock, Asia/Shanghai.

    ``past``: its deadline has passed. A duty is then late; a right is about to lapse, or is held by a stay.
    """

    batch_no: str
    title: str
    suspended: bool
    parties: tuple[PartyState, ...]
    wait: Wait
    falls_on: date
    past: bool


@dataclass(frozen=True)
class Forecast:
    """The open waits due by the end of ``last_day``, the most urgent first; days are in Asia/Shanghai."""

    as_of: datetime
    first_day: date
    last_day: date
    due: tuple[DueWait, ...]


async def forecast(
    engine: AsyncEngine, *, days: int, laboratory: str | None = None, time_skipping: bool
) -> Forecast:
    """What is due within ``days`` calendar days, today included, and what is past.

    With ``time_skipping`` a fast-forwarded batch comes on the day on which its own clock gets there;
    then no index helps. ``laboratory``: only its own batches.
    """
    due = _ON_THE_DATABASES_DAYS if time_skipping else "w.due"
    statement = text(_DUE.format(due=due, only=_ONE_LABORATORY if laboratory is not None else ""))
    async with autocommit(engine) as connection:
        as_of: datetime = (await connection.execute(_CLOCK)).scalar_one()
        first_day = day_in_shanghai(as_of)
        last_day = first_day + timedelta(days=days - 1)
        parameters: dict[str, object] = {"as_of": as_of, "until": end_of_day(last_day)}
        if laboratory is not None:
            parameters["laboratory"] = laboratory
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
            )
            for row in rows
        ),
    )


def _last_day(due: datetime) -> date:
    """A deadline is 24:00 of its last day, and so the first moment of the next."""
    return day_in_shanghai(due - timedelta(microseconds=1))
