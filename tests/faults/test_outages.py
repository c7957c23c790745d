"""The worker dies before a deadline and is back after it: the outage report says what came of it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, example_body
from local.scenarios.player import perform
from messages.steps import StepName
from tests.faults.clients import Clients, Sent, Table
from tests.faults.stack import Part, Stack, bounded
from tests.local.test_outages import outage
from tests.store.builders import until

pytestmark = pytest.mark.faults

SELLER, PRODUCER = "objection_filed:seller", "objection_filed:producer"


async def became(clients: Clients, batch_no: str, deadline: datetime) -> dict[str, Any]:
    """What the API says of the two windows, by the wait's name."""
    hour = timedelta(hours=1)
    begin, end = (moment.isoformat().replace("+", "%2B") for moment in (deadline - hour, deadline + hour))
    answer = await clients.until_answered("GET", f"/outages?from={begin}&to={end}", Role.SUPERVISOR)
    report = answer.json()
    assert report["faults"] == []
    return {one["wait"]["id"]: one for one in report["deadlines"] if one["batch_no"] == batch_no}


@bounded(120)
async def test_a_deadline_passes_while_the_worker_is_away(stack: Stack, clients: Clients) -> None:
    """The one who filed meanwhile is heard, the other's silence is declared by the ledger; both are told."""
    table = Table(clients, stack)
    batch_no = await clients.open()
    for act in BOTH_SERVED:
        await perform(table, batch_no, act)
    waits = {wait.id: wait for wait in (await table.snapshot(batch_no)).waits}
    last_day, deadline = waits[SELLER].last_day, waits[SELLER].heard_until
    assert last_day is not None
    assert deadline is not None
    assert waits[PRODUCER].heard_until == deadline
    await table.fast_forward(batch_no, deadline - timedelta(seconds=8) - await table.clock(batch_no))

    stack.kill(Part.WORKER)
    body = example_body(StepName.OBJECTION_FILED, deadline, {"filed_on": str(last_day)})
    objection = Sent(batch_no, StepName.OBJECTION_FILED, Role.OFFICER, body)
    assert (await clients.file(objection)).status_code == 202

    async def both(seller: str, producer: str) -> bool:
        found = await became(clients, batch_no, deadline)
        return (found[SELLER]["became"], found[PRODUCER]["became"]) == (seller, producer)

    await until(lambda: both("undecided", "undecided"), 30)

    await stack.start(Part.WORKER)
    assert (await clients.decision(objection)).accepted
    await until(lambda: both("exercised", "lapsed"), 30)
    found = await became(clients, batch_no, deadline)
    assert [filing["step_id"] for filing in found[SELLER]["filings"]] == [str(objection.step_id)]
    assert found[PRODUCER]["filings"] == []

    for part in (Part.API, Part.WORKER, Part.TEMPORAL):
        stack.kill(part)
    assert stack.settings.database_url is not None
    period = [str(deadline - timedelta(hours=1)), str(deadline + timedelta(hours=1))]
    printed = await asyncio.to_thread(outage, stack.settings.database_url, *period)
    assert printed.returncode == 0, printed.stderr
    for words in (batch_no, "按期行使", "逾期未行使", "项按事实决定", "没有立即决定"):
        assert words in printed.stdout, printed.stdout
