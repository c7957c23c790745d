"""The desk's pages in a store of 100,000 batches: how long the server takes for each, and how large it is."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from bench.crowd import all_posted, crowd, turn
from bench.sides import as_superuser
from bench.stack import Running, running_stack
from law.vocabulary import Role
from local.scenarios.courses import COURSES, Pass
from local.scenarios.demo import on_stage
from local.scenarios.player import perform
from local.settle import run
from messages.base import Actor
from settings import Settings
from store.accounts import people, sessions
from store.engine import driver_url, make_engine

_OFFICER = Actor(sub="bench-officer", name="量测", role=Role.OFFICER)
_HEAD = Actor(sub="bench-head", name="量测", role=Role.SUPERVISOR)
_WITH_RECORD = 2_000
_TIMES = 40
# How far each of the batches that are copied has come, and a closed one. One in ten is open: a batch takes
# weeks to months, so that of a store that took a bureau years to fill few are.
_OPEN = (0, 1, 4, 8, 12, 16, 18, 22, 28)
_CLOSED = 100
_CLOSED_OF_EACH = 9


@dataclass(frozen=True)
class DeskPage:
    """One page: milliseconds until its last byte, and its bytes."""

    address: str
    p50_ms: float
    p95_ms: float
    size: int


async def measured(running: Running, batches: int, say: Callable[[str], None]) -> list[DeskPage]:
    """Each page for an officer, over HTTP, one after the other."""
    settings = running.settings
    say(f"{batches} batches in the store")
    templates = []
    async with on_stage(settings) as stage:
        contested = next(course for course in COURSES if course.name == "retest_upheld")
        for acts in (*_OPEN, _CLOSED):
            batch_no = await stage.open()
            templates.append(batch_no)
            for act in contested.acts[:acts]:
                if not isinstance(act, Pass):
                    await perform(stage, batch_no, act)
    url = driver_url(as_superuser(running.stack.database_url or ""))
    # No copy has a workflow: the worker would take all of them up again.
    worker = running.process("worker")
    worker.suspend()
    try:
        *still_open, closed = templates
        await all_posted(url, templates)
        copied = [*still_open, *[closed] * _CLOSED_OF_EACH * len(still_open)]
        numbers = await crowd(url, copied, batches, with_record=_WITH_RECORD)
        say("the desk's pages")
        furthest = len(still_open) - 1
        return await _pages(running, next(one for one in reversed(numbers) if turn(one, copied) == furthest))
    finally:
        worker.resume()


async def _pages(running: Running, contested_no: str) -> list[DeskPage]:
    settings = running.settings
    contested = f"/console/batches/{contested_no}"
    places = (
        "/console/",
        "/console/batches",
        "/console/batches?phase=objection",
        "/console/batches?q=示例",
        "/console/search?q=ＳＬ",
        contested,
        f"{contested}/steps/notice_delivered/new",
        f"{contested}/evidence",
        "/console/post",
        "/console/calendar",
        "/console/evidence",
        "/console/orders/new",
        f"{contested}/history",
        "/console/exports",
        "/console/forecast",
        "/console/orders/whole",
        "/console/plans",
        "/console/plans/schemes/FA2026-0007",
        "/console/tasks",
        "/console/draws",
        "/console/registers/businesses",
        "/console/registers/businesses?q=旗舰店 123",
        "/console/records",
        "/console/records?kind=platform",
        "/console/records?q=示例旗舰店12",
        "/console/records/seller/91330106ma2aaaaa0x7",
        "/console/plans/plans/JH2026-001/progress",
        "/console/statistics",
        "/console/statistics?product=儿童保温杯&kind=routine",
    )
    found = []
    for actor, addresses in ((_OFFICER, places), (_HEAD, ("/console/approvals",))):
        async with httpx.AsyncClient(base_url=settings.api_url, trust_env=False, timeout=60) as client:
            await client.get(await _way_in(settings, actor))
            found += [await _timed(client, address) for address in addresses]
    return found


async def _way_in(settings: Settings, actor: Actor) -> str:
    """Their link, good once."""
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        await people.add(engine, actor, unit="", by=actor)
        return f"/console/link/{await sessions.link(engine, actor.sub, 'once')}"
    finally:
        await engine.dispose()


async def _timed(client: httpx.AsyncClient, address: str) -> DeskPage:
    took, size = [], 0
    for _ in range(_TIMES):
        began = time.perf_counter()
        answer = await client.get(address)
        took.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        size = len(answer.content)
    return DeskPage(address, statistics.median(took), statistics.quantiles(took, n=20)[-1], size)


def main(batches: int) -> None:
    """By itself, for whoever works on a page."""
    with running_stack(time_skipping=True) as running:
        for page in run(lambda: measured(running, batches, print)):
            print(f"{page.p50_ms:6.1f} ms {page.p95_ms:6.1f} ms {page.size / 1024:6.1f} KB  {page.address}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
