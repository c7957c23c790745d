"""Alerts to staff go out once by their key, and are written down in any case."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.alerts import Alerting
from messages.records import AlertInput

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


async def alert(engine: AsyncEngine, urls: str, what: AlertInput = ALERT) -> bool:
    sent: bool = await ActivityEnvironment().run(Alerting(engine, urls).alert, what)
    return sent


async def states(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("select state from alerts"))).scalars())


async def test_an_alert_goes_out_once(engine: AsyncEngine, messenger: Messenger) -> None:
    """Run again, it is already out."""
    assert await alert(engine, messenger.url)
    assert await alert(engine, messenger.url)
    (told,) = messenger.told
    assert (told["title"], told["message"]) == ("处室负责人：逾期：检验报告", ALERT.text)
    assert await states(engine) == ["sent"]


async def test_with_nothing_configured_it_is_written_down(engine: AsyncEngine) -> None:
    """The alert can be read in the table."""
    assert not await alert(engine, "")
    assert await states(engine) == ["not_configured"]


async def test_a_failed_alert_can_be_tried_again(engine: AsyncEngine, messenger: Messenger) -> None:
    """A messenger that is down is noted; the next call reaches it."""
    messenger.status = 500
    assert not await alert(engine, messenger.url)
    assert await states(engine) == ["failed"]
    messenger.status = 200
    assert await alert(engine, messenger.url)
    assert await states(engine) == ["sent"]


async def test_a_wrong_address_is_a_failure(engine: AsyncEngine, messenger: Messenger) -> None:
    """An address that cannot be read is not passed over in silence."""
    assert not await alert(engine, f"{messenger.url} nonsense://")
    assert await states(engine) == ["failed"]
