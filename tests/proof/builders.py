"""Timelines and ledgers as an outage leaves them, on a real database; days are counted from today."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from law.vocabulary import WaitKind
from messages.envelope import RefusalCode, StepEnvelope
from messages.records import TimelineEntry, TimelineKind
from messages.snapshot import PartyState, Wait
from proof.outages.models import OutageReport
from proof.outages.report import report_of
from store.ledger import filings, record
from store.reads import on_record
from tests.store.builders import change, open_one, snapshot, step, wait

NOW = datetime.now(UTC)
TODAY = day_in_shanghai(NOW)
LONG_AGO = NOW - timedelta(days=20)
AT_ONCE = timedelta(seconds=5)
WINDOW = wait("objection_filed:seller", on_silence="视为无异议")


def due(days: int) -> tuple[date, datetime]:
    day = TODAY + timedelta(days=days)
    return day, end_of_day(day)


def line(key: str, kind: TimelineKind, at: datetime, **data: Any) -> TimelineEntry:
    return TimelineEntry(key=key, at=at, kind=kind, text=f"记录{key}", rests_on="§6", data=data)


def counted(
    of: Wait, days: int, kind: TimelineKind = TimelineKind.WAIT_OPENED, heard: int = 0, **data: Any
) -> TimelineEntry:
    """The wait is opened, or moved, with a deadline so many days from today.

    ``heard``: for so many days after it what a party posted by then is heard.
    """
    last_day, closes_at = due(days)
    until = (closes_at + timedelta(days=heard)).isoformat() if of.kind is WaitKind.RIGHT else None
    deadline = {"last_day": str(last_day), "closes_at": closes_at.isoformat(), "heard_until": until}
    said = of.model_copy(update={"last_day": last_day, "deadline": closes_at}).model_dump(mode="json")
    return line(f"{kind}:{of.id}:{days}", kind, LONG_AGO, wait_id=of.id, wait=said, deadline=deadline, **data)


def ended(of: Wait, at: datetime, **data: Any) -> TimelineEntry:
    return line(f"ended:{of.id}", TimelineKind.WAIT_ENDED, at, wait_id=of.id, **data)


def decided(envelope: StepEnvelope, code: RefusalCode | None = None) -> TimelineEntry:
    kind = TimelineKind.STEP_REFUSED if code else TimelineKind.STEP_ACCEPTED
    data = {"step_id": str(envelope.step_id), "step": envelope.step, "body": envelope.body, "code": code}
    return line(f"step:{envelope.step_id}", kind, NOW, **data)


def silent(days: int, *looked_at: StepEnvelope, asked_at: datetime | None = None) -> list[TimelineEntry]:
    """The seller's window has lapsed, as ``workflows/waiting.py`` writes it down."""
    last_day, closes_at = due(days)
    asked = asked_at or closes_at + timedelta(minutes=1)
    considered = [{"envelope": envelope.model_dump(mode="json")} for envelope in looked_at]
    silence = line(
        f"silence:{WINDOW.id}:{last_day}",
        TimelineKind.SILENCE,
        asked,
        wait_id=WINDOW.id,
        last_day=str(last_day),
        ledger_now=asked.isoformat(),
        considered=considered,
    )
    return [ended(WINDOW, asked, how="lapsed"), silence]


async def written(engine: AsyncEngine, batch_no: str, entries: Iterable[TimelineEntry], version: int) -> None:
    party = PartyState(party="seller", name="示例旗舰店", entitled=True)
    to = snapshot(batch_no, version, parties=(party,))
    await record.write(engine, change(to, *entries), time_skipping=False)


async def batch_with(engine: AsyncEngine, *entries: TimelineEntry) -> str:
    batch_no = (await open_one(engine)).batch_no
    await written(engine, batch_no, entries, 1)
    return batch_no


async def filed(engine: AsyncEngine, batch_no: str, **body: Any) -> StepEnvelope:
    envelope = step(batch_no, filed_on=str(TODAY), **body)
    return (await filings.file_step(engine, envelope)).envelope


async def outage(
    engine: AsyncEngine, begin: datetime, end: datetime, *, answered_within: timedelta = AT_ONCE
) -> OutageReport:
    """The report as the API and the command give it."""
    return report_of(await on_record.passage(engine, begin, end), answered_within=answered_within)
