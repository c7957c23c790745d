"""A real IMAP server on loopback (pymap, in a process of its own), and mail put into it."""

import asyncio
import imaplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.embedded.ports import free_port

USER, PASSWORD = "bounces", "s3cret-of-the-mailbox"
REPORTS = Path(__file__).parent / "reports"
_PATIENCE_SECONDS = 20.0


def report(name: str, letter: str) -> bytes:
    """A report as servers send it, about a letter of that id."""
    return (REPORTS / f"{name}.eml").read_bytes().replace(b"@@LETTER@@", letter.encode())


@dataclass
class ImapServer:
    """Its mailbox is empty when it starts, and gone when it stops."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    async def start(self) -> None:
        command = [
            *(sys.executable, "-c", "from pymap.main import main; main()"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--no-tls"),
            *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
        ]
        self.process = subprocess.Popen(command)  # noqa: ASYNC220 (a child that lives on)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await asyncio.to_thread(self._answers):
                assert self.process.poll() is None, "the IMAP server has ended"
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def put(self, *messages: bytes) -> None:
        """Let mail come in."""
        await asyncio.to_thread(self._put, messages)

    async def flags(self) -> list[set[str]]:
        """Of every message, in the order in which they came in."""
        return await asyncio.to_thread(self._flags)

    def _answers(self) -> bool:
        try:
            with self._opened():
                return True
        except OSError:
            return False

    def _put(self, messages: tuple[bytes, ...]) -> None:
        with self._opened() as imap:
            for message in messages:
                status, _ = imap.append("INBOX", None, None, message)  # type: ignore[arg-type]
                assert status == "OK"

    def _flags(self) -> list[set[str]]:
        with self._opened() as imap:
            imap.select("INBOX", readonly=True)
            _, found = imap.fetch("1:*", "(FLAGS)")
        return [
            {flag.decode() for flag in imaplib.ParseFlags(line)} - {"\\Recent"}
            for line in found
            if isinstance(line, bytes)
        ]

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        try:
            imap.login(USER, PASSWORD)
            yield imap
        finally:
            imap.shutdown()


@pytest.fixture
def imap_server() -> Iterator[ImapServer]:
    """Not started."""
    server = ImapServer(free_port())
    yield server
    server.stop()
