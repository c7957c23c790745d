"""Clients that send half of something and wait, or hang up: they are let go of, and nothing is in the log."""

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET

import pytest

from law.vocabulary import Role
from local.commands.tokens import issue
from tests.faults.clients import Clients
from tests.faults.stack import Part, Stack, bounded

pytestmark = pytest.mark.faults

_AT_ONCE = 20
_PATIENCE_SECONDS = 25.0


def _head(stack: Stack, method: str, path: str, length: int = 0) -> bytes:
    token = issue(stack.settings, Role.OFFICER.value, subject="slow")
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
    )
    return "\r\n".join((*lines, "", "")).encode()


async def _answer_to(stack: Stack, *pieces: bytes) -> bytes:
    """What comes until the server ends the connection; each piece after the one before was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.settings.api_port)
    answer = b""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for nth, piece in enumerate(pieces):
                writer.write(piece)
                if nth + 1 < len(pieces):
                    answer += await reader.readuntil(b"}")
            return answer + await reader.read()
    finally:
        writer.close()


@bounded(120)
async def test_half_a_request_ends(stack: Stack, clients: Clients) -> None:
    """Half a head, half a body, half a second request: each is let go of, and others are served meanwhile."""
    half_head = b"GET /gongshi HTTP/1.1\r\nHost: local"
    half_body = _head(stack, "POST", "/batches", 100) + b'{"goods": '
    whole = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = asyncio.gather(
        *(_answer_to(stack, half_head) for _ in range(_AT_ONCE)),
        *(_answer_to(stack, half_body) for _ in range(_AT_ONCE)),
        *(_answer_to(stack, whole, half_head) for _ in range(_AT_ONCE)),
        _answer_to(stack),
    )
    await asyncio.sleep(1)
    await clients.ready()
    for answer in await answers:
        assert b" 408 " in answer, answer
    assert b"body_not_received" in (await answers)[_AT_ONCE]


@bounded(120)
async def test_whoever_hangs_up_leaves_no_traceback(stack: Stack, clients: Clients) -> None:
    """In the middle of a head, of a body, before an answer, while it comes; politely or by a reset."""
    batch_no = await clients.open()
    before = len(stack.log(Part.API))
    sent = (
        b"GET /gong",
        _head(stack, "POST", "/batches", 100) + b'{"goods": ',
        _head(stack, "POST", f"/batches/{batch_no}/steps/sealed", 2) + b"{}",
        _head(stack, "GET", f"/batches/{batch_no}/timeline"),
        _head(stack, "GET", "/dispatches.csv"),
        b"GET /gongshi.csv HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    for reset in (False, True):
        await asyncio.gather(*(_hang_up(stack, one, reset=reset) for one in sent for _ in range(5)))
    await asyncio.sleep(2)
    await clients.ready()
    said = stack.log(Part.API)[before:]
    assert "Traceback" not in said, said
    assert "unhandled error" not in said, said


async def _hang_up(stack: Stack, content: bytes, *, reset: bool) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", stack.settings.api_port)
    writer.write(content)
    await writer.drain()
    await asyncio.sleep(0.01)
    if reset:
        linger_not = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger_not)
    writer.close()
