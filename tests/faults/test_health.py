"""Parts die one after the other: ``GET /health`` says which, soon, and the API never fails over it."""

import time
from typing import Any

import httpx
import pytest

from tests.faults.clients import Clients
from tests.faults.stack import Part, Stack, bounded
from tests.store.builders import until

pytestmark = pytest.mark.faults


async def parts(http: httpx.AsyncClient) -> dict[str, Any]:
    began = time.monotonic()
    answer = await http.get("/health")
    assert time.monotonic() - began < 3.5
    assert answer.status_code == 200, answer.text
    return {part["name"]: part["status"] for part in answer.json()["parts"]}


@bounded(240)
async def test_whichever_part_dies_is_named(stack: Stack, clients: Clients, http: httpx.AsyncClient) -> None:
    """The worker by its silence, within a minute and a half; the others at once, killed or hanging."""
    assert clients

    async def is_told(name: str, status: str) -> bool:
        return (await parts(http))[name] == status

    for name in ("database", "temporal", "workers", "relay", "batches", "clocks", "mail"):
        await until(lambda name=name: is_told(name, "ok"), 30)
    stack.kill(Part.WORKER)
    await until(lambda: is_told("relay", "degraded"), 50)
    await until(lambda: is_told("workers", "down"), 60)
    assert (await http.get("/health/ready")).status_code == 200
    await stack.start(Part.WORKER)
    await until(lambda: is_told("relay", "ok"), 40)
    await until(lambda: is_told("workers", "ok"), 40)

    with stack.frozen(Part.TEMPORAL):
        await until(lambda: is_told("temporal", "down"), 10)
    await until(lambda: is_told("temporal", "ok"), 30)
    stack.kill(Part.TEMPORAL)
    await until(lambda: is_told("temporal", "down"), 10)
    assert (await http.get("/health/ready")).status_code == 200
    stack.kill(Part.POSTGRES)
    await until(lambda: is_told("database", "down"), 10)
    assert (await http.get("/health/ready")).status_code == 503
    await stack.start()
    for name in ("database", "temporal", "workers", "relay"):
        await until(lambda name=name: is_told(name, "ok"), 60)
