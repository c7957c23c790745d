"""Alerts to staff go out once by their key, and are written down in any case."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.alerts import Alerting
from messages.records import AlertInput
from store.ledger import alerts
from tests.databases import tamper

ALERT = AlertInput(
    batch_no="CJ2026-000001",
    key="CJ2026-000001:report:1",
    to_title="处室负责人",
    level=1,
    title="逾期：检验报告",
    text="儿童保温杯：检验报告已逾期",
)


class Messenger:
    """A messenger's HTTP interface; ``status`` is how it answers."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        self.url = ""


@pytest.fixture
def messenger() -> Iterator[Messenger]:
    kept = Messenger()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if kept.status == 200:
                kept.told.append(json.loads(body))
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"json://127.0.0.1:{server.server_port}/"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


async def tell(engine: AsyncEngine, urls: str, what: AlertInput = ALERT) -> int:
    """Write an alert down, twice as after a crash, and tell what is due."""
    for _ in range(2):
        async with engine.begin() as connection:
            await alerts.note(connection, [what])
    return await Alerting(engine, urls).send_due()


async def states(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("select state from alerts"))).scalars())


async def later(engine: AsyncEngine, by: timedelta) -> None:
    """All that has been written down was so much earlier."""
    earlier = "created_at - cast(:by as interval), settled_at = settled_at - cast(:by as interval)"
    await tamper(engine, f"update alerts set created_at = {earlier}", by=by)


async def test_an_alert_goes_out_once(engine: AsyncEngine, messenger: Messenger) -> None:
    """Written down again, told again: it is already out."""
    assert await tell(engine, messenger.url) == 1
    assert await tell(engine, messenger.url) == 0
    (told,) = messenger.told
    assert (told["title"], told["message"]) == ("处室负责人：逾期：检验报告", ALERT.text)
    assert await states(engine) == ["sent"]


async def test_with_nothing_configured_it_is_written_down(engine: AsyncEngine) -> None:
    """The alert can be read in the table."""
    await tell(engine, "")
    assert await states(engine) == ["not_configured"]


async def test_a_failed_alert_is_tried_again_for_a_day(engine: AsyncEngine, messenger: Messenger) -> None:
    """A messenger that is down is noted; a minute later it is tried again, and not for ever."""
    messenger.status = 500
    assert await tell(engine, messenger.url) == 1
    assert await states(engine) == ["failed"]
    assert await tell(engine, messenger.url) == 0
    await later(engine, timedelta(days=1, minutes=1))
    assert await tell(engine, messenger.url) == 0
    await later(engine, timedelta(days=-1))
    messenger.status = 200
    assert await tell(engine, messenger.url) == 1
    assert await states(engine) == ["sent"]
    assert len(messenger.told) == 1


async def test_a_wrong_address_is_a_failure(engine: AsyncEngine, messenger: Messenger) -> None:
    """An address that cannot be read is not passed over in silence."""
    await tell(engine, f"{messenger.url} nonsense://")
    assert await states(engine) == ["failed"]


async def test_one_that_fails_holds_up_no_other(engine: AsyncEngine, messenger: Messenger) -> None:
    """Each is told on its own."""
    messenger.status = 500
    await tell(engine, messenger.url)
    messenger.status = 200
    assert await tell(engine, messenger.url, ALERT.model_copy(update={"key": "another"})) == 1
    assert sorted(await states(engine)) == ["failed", "sent"]
