"""One stack of real processes for all the tests here; each test finds every part running."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncEngine

from local.embedded.ports import free_port
from store.engine import make_engine
from tests.faults.clients import Clients
from tests.faults.stack import Stack

_NO_ANSWER_SECONDS = 25.0


class Mailbox:
    """A mail server that takes everything; the letters' Message-IDs, as often as they came.

    While ``stalls`` is set it leaves whoever brings a letter without an answer.
    """

    def __init__(self) -> None:
        self.message_ids: list[str] = []
        self.stalls = False
        self.stalled = 0

    async def until(self, so: Callable[["Mailbox"], bool]) -> None:
        while not so(self):  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.stalls:
            self.stalled += 1
            await asyncio.sleep(_NO_ANSWER_SECONDS)
            return "451 too late"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.message_ids.append(str(letter["Message-ID"]).strip("<>").partition("@")[0])
        return "250 OK"


@pytest.fixture(scope="session")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="session")
def smtp_url(mailbox: Mailbox) -> Iterator[str]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture(scope="session")
def whole_stack(smtp_url: str) -> Iterator[Stack]:
    """Not in pytest's own temporary folder: its path is too long for a Unix socket, and closed to others."""
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder), smtp_url)
        try:
            yield stack
        finally:
            stack.stop()


@pytest.fixture
async def http(whole_stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=whole_stack.api_url, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
async def stack(whole_stack: Stack, http: httpx.AsyncClient) -> Stack:
    """Every part is at work."""
    await whole_stack.start()
    await Clients(whole_stack, http).working()
    return whole_stack


@pytest.fixture
def clients(stack: Stack, http: httpx.AsyncClient) -> Clients:
    return Clients(stack, http)


@pytest.fixture
async def engine(stack: Stack) -> AsyncIterator[AsyncEngine]:
    """To look into the ledger itself; each test its own, as connections do not outlive the server."""
    assert stack.settings.database_url is not None
    engine = make_engine(stack.settings.database_url, pool_size=2)
    yield engine
    await engine.dispose()
