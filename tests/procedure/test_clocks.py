"""Clocks that disagree: only the ledger's decides, and it never goes back (law 2).

The worker here does not let the ledger's clock follow a fast-forwarded batch, as in production; the test sets
it, an hour behind the workflow's or ahead of it.
"""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from local.scenarios.courses import example_body
from messages.envelope import Decision, StepEnvelope
from messages.steps import StepName
from settings import Settings
from store.engine import autocommit
from store.ledger import filings
from store.reads import read_model
from tests.procedure.conftest import PEOPLE
from tests.procedure.orders import ALONE, OBJECTION, OFFICER
from tests.store.builders import until

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture(scope="module")
def settings(database_url) -> Settings:
    return Settings(database_url=database_url, time_skipping=False)


@pytest.fixture
async def batch_no(table) -> str:
    return await table.opened(OBJECTION.acts, **ALONE)


@pytest.fixture
async def close(table, batch_no: str) -> datetime:
    """Until then what the seller handed in by the last day is heard."""
    return (await table.wait(batch_no, OBJECTION.wait_id)).heard_until


async def set_ledger(table, batch_no: str, shows: datetime) -> None:
    """Set the ledger's clock for this batch."""
    async with autocommit(table.engine) as connection:
        await connection.execute(
            text("update batches set clock_ahead = :shows - clock_timestamp() where batch_no = :no"),
            {"no": batch_no, "shows": shows},
        )


async def set_workflow(table, batch_no: str, shows: datetime) -> None:
    """Let the workflow's clock run on; what wakes it is dealt with on return."""
    await table.fast_forward(batch_no, shows - await table.clock(batch_no))


async def standing(table, batch_no: str) -> str | None:
    (seller,) = (await table.snapshot(batch_no)).parties
    return seller.standing


async def is_silent(table, batch_no: str) -> None:
    """Sooner or later; a workflow task that is under way is waited for."""

    async def silent() -> bool:
        return await standing(table, batch_no) == "silent"

    await until(silent, table.patience_seconds)


async def silences(table, batch_no: str) -> list[datetime]:
    """By the ledger's clock."""
    lines = await read_model.timeline(table.engine, batch_no)
    return [datetime.fromisoformat(line.data["ledger_now"]) for line in lines if line.kind == "silence"]


async def object_(table, batch_no: str, close: datetime) -> tuple[datetime, Decision]:
    """What the seller handed in within its window is entered; the ledger's stamp and the decision."""
    changes = {"party": "seller", "filed_on": str((close - timedelta(days=20)).date())}
    body = example_body(StepName.OBJECTION_FILED, close, changes)
    envelope = StepEnvelope(
        step_id=uuid4(), batch_no=batch_no, step=StepName.OBJECTION_FILED, body=body, actor=PEOPLE[OFFICER]
    )
    filed = (await filings.file_step(table.engine, envelope)).envelope
    await table.signal(filed)
    assert filed.received_at is not None
    return filed.received_at, await table.decision(filed.step_id)


async def test_a_worker_an_hour_ahead_is_told_that_it_is_too_early(table, batch_no, close) -> None:
    """However often it asks: nobody is silent before the ledger's own clock has passed the close."""
    await set_ledger(table, batch_no, close - HOUR)
    await set_workflow(table, batch_no, close + MINUTE)
    assert await standing(table, batch_no) is None
    # The ledger's clock runs on: half an hour is more than the test takes, on any machine.
    await set_ledger(table, batch_no, close - HOUR / 2)
    await set_workflow(table, batch_no, close + HOUR + MINUTE)
    assert await standing(table, batch_no) is None
    assert await silences(table, batch_no) == []
    await set_ledger(table, batch_no, close + SECOND)
    await set_workflow(table, batch_no, close + 2 * HOUR + 2 * MINUTE)
    await is_silent(table, batch_no)
    (declared,) = await silences(table, batch_no)
    assert declared > close


async def test_what_is_filed_while_the_worker_is_ahead_is_in_time(table, batch_no, close) -> None:
    """The timer has fired; by the ledger there is an hour left, and so there is for the party."""
    await set_ledger(table, batch_no, close - HOUR)
    await set_workflow(table, batch_no, close + MINUTE)
    stamp, decision = await object_(table, batch_no, close)
    assert stamp < close
    assert decision.accepted
    await set_ledger(table, batch_no, close + HOUR)
    await set_workflow(table, batch_no, close + 3 * HOUR)
    assert await standing(table, batch_no) is None
    assert await silences(table, batch_no) == []


async def test_a_worker_an_hour_behind_changes_nothing(table, batch_no, close) -> None:
    """For the worker the window is open still; the ledger's stamp says that it has closed."""
    await set_workflow(table, batch_no, close - HOUR)
    await set_ledger(table, batch_no, close + SECOND)
    stamp, _ = await object_(table, batch_no, close)
    assert stamp > close
    await set_workflow(table, batch_no, close + MINUTE)
    await is_silent(table, batch_no)


@pytest.mark.parametrize("ledger_off", [-HOUR, timedelta(0), HOUR], ids=["behind", "right", "ahead"])
@pytest.mark.parametrize("worker_off", [-HOUR, timedelta(0), HOUR], ids=["behind", "right", "ahead"])
async def test_away_from_the_close_a_clock_that_is_an_hour_off_changes_nothing(
    table, batch_no, close, ledger_off, worker_off
) -> None:
    """Filed a morning before or a morning after: each outcome is the same with any pair of clocks."""
    filed_early, morning = close - 12 * HOUR, close + 12 * HOUR
    other = await table.opened(OBJECTION.acts, **ALONE)
    await set_workflow(table, batch_no, filed_early + worker_off)
    await set_ledger(table, batch_no, filed_early + ledger_off)
    _, timely = await object_(table, batch_no, close)
    await set_ledger(table, other, morning + ledger_off)
    await set_workflow(table, other, morning + worker_off)
    await object_(table, other, close)
    assert timely.accepted
    await is_silent(table, other)
    assert await standing(table, batch_no) is None


async def test_a_clock_set_back_after_silence_does_not_reopen_the_past(table, batch_no, close) -> None:
    """What is filed then is stamped after the silence, whatever the database's clock says."""
    await set_ledger(table, batch_no, close + MINUTE)
    await set_workflow(table, batch_no, close + MINUTE)
    await is_silent(table, batch_no)
    (declared,) = await silences(table, batch_no)
    await set_ledger(table, batch_no, close - HOUR)
    stamp, _ = await object_(table, batch_no, close)
    assert stamp >= declared > close
    await is_silent(table, batch_no)
