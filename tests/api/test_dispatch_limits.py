"""A list of which one batch takes no more: what a carrier reports of the others is not held up."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from law.calendar import day_in_shanghai
from settings import Settings
from signalling import signal_step
from store.ledger import filings
from tests.api.builders import eventually, queue, told
from tests.store.builders import step

pytestmark = pytest.mark.usefixtures("working")

POSTINGS = "/dispatches/postings"


async def test_a_batch_that_takes_no_more_holds_up_no_other_batch_of_the_list(
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    migrated: AsyncEngine,
    temporal_client: Client,
    settings: Settings,
) -> None:
    """Forty of its steps wait for a decision: its rows are told so, and the same list does the rest later."""
    free, full = await told(officer, lab), await told(officer, lab)
    (one, *_), (first, second, *_) = await queue(officer, free), await queue(officer, full)
    for _ in range(filings.MOST_UNDECIDED):
        last = await filings.file_step(migrated, step(full))
    rows = [
        {"文书编号": letter["document_id"], "邮件号码": number, "交寄日期": str(_today())}
        for letter, number in ((first, "E0000001"), (one, "E0000002"), (second, "E0000003"))
    ]
    answered = await _taken_in(officer, rows)
    assert [row["status"] for row in answered] == ["not_filed", "accepted", "not_filed"]
    assert "请稍后再提交" in answered[0]["reason"]

    await signal_step(migrated, temporal_client, last.envelope, task_queue=settings.task_queue)
    await eventually(officer, f"/batches/{full}/steps/{last.envelope.step_id}", lambda it: it["decision"])
    assert {row["status"] for row in await _taken_in(officer, rows)} == {"accepted"}


async def _taken_in(client: httpx.AsyncClient, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = await client.post(POSTINGS, json={"rows": rows})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def _today() -> object:
    return day_in_shanghai(datetime.now(UTC))
