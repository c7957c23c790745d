"""The zone of a database session changes how times are shown, and nothing that is decided."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import store.engine
from law.calendar import day_in_shanghai, end_of_day
from law.vocabulary import Party
from messages.records import SilenceInput
from messages.steps import StepName
from store.engine import autocommit, make_engine
from store.ledger import filings, silence
from store.reads import read_model
from tests.databases import Addresses
from tests.store.builders import open_one, step

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati")


async def test_the_servers_own_zone_is_not_ours(superuser: AsyncEngine, clean: Addresses) -> None:
    """Whatever zone the server, the database or the account has, our sessions are in UTC."""
    async with autocommit(superuser) as connection:
        await connection.execute(text(f"alter database {clean.name} set timezone = 'America/New_York'"))
    fresh = make_engine(clean.service, pool_size=1)
    try:
        async with autocommit(fresh) as connection:
            assert (await connection.execute(text("show timezone"))).scalar_one() == "UTC"
    finally:
        await fresh.dispose()
        async with autocommit(superuser) as connection:
            await connection.execute(text(f"alter database {clean.name} reset timezone"))


@pytest.mark.parametrize("zone", ZONES)
async def test_a_session_in_any_zone_decides_the_same(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Numbering by the year in Shanghai, stamps, what is in time, what has closed."""
    monkeypatch.setitem(store.engine._SESSION, "timezone", zone)
    elsewhere = make_engine(database_url, pool_size=2)
    async with autocommit(elsewhere) as connection:
        assert (await connection.execute(text("show timezone"))).scalar_one() == zone
    opening = await open_one(elsewhere)
    today = day_in_shanghai(datetime.now(UTC))
    assert opening.batch_no.startswith(f"CJ{day_in_shanghai(opening.opened_at).year}-")
    closes_at = end_of_day(today)
    stamps = []
    for moment in (closes_at, closes_at + timedelta(microseconds=1)):
        async with autocommit(elsewhere) as connection:
            await connection.execute(
                text("update batches set last_stamp = :at where batch_no = :no"),
                {"at": moment, "no": opening.batch_no},
            )
        envelope = step(opening.batch_no, filed_on=str(today), postmark=None)
        stamps.append((await filings.file_step(elsewhere, envelope)).envelope.received_at)
    assert stamps == [closes_at, closes_at + timedelta(microseconds=1)]
    asked = SilenceInput(
        batch_no=opening.batch_no,
        wait_id="objection_filed:seller",
        step=StepName.OBJECTION_FILED,
        party=Party.SELLER,
        last_day=today,
        closes_at=closes_at,
        heard_until=closes_at,
        now=closes_at + timedelta(days=1),
    )
    answer = await silence.ask(elsewhere, asked, time_skipping=True)
    assert [one.counts for one in answer.considered] == [True, False]
    await elsewhere.dispose()
    assert (await read_model.batch(engine, opening.batch_no)).opened_at == opening.opened_at
