"""A document with a character that no font has: failing from the first, and never in anybody's way."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from messages.steps import StepName
from tests.api.builders import assert_problem, eventually, order_example, ordered, queue
from tests.letters.builders import printed

pytestmark = pytest.mark.usefixtures("working")
STRANGE = "한국보온병"
_OUTBOX = text("""
    select o.state, o.status, o.channel, d.sent_at from outbox o join documents d using (document_id)
    where d.batch_no = :batch_no order by o.no
""")


async def _strange(officer: httpx.AsyncClient) -> str:
    goods = order_example()["goods"] | {"name": STRANGE}
    return await ordered(officer, goods=goods)


async def _with_documents(officer: httpx.AsyncClient, number: str) -> dict[str, Any]:
    return await eventually(officer, f"/batches/{number}", lambda batch: batch.get("documents"))


def _to_post(batch: dict[str, Any]) -> list[str]:
    return [wait["role"] for wait in batch["waiting_for"] if wait["step"] == "notice_posted"]


async def test_it_is_failing_from_the_first_second(officer: httpx.AsyncClient, migrated: AsyncEngine) -> None:
    """Not sent, with a wait for an officer and the character by its name; its page is a problem, no 500."""
    number = await _strange(officer)
    batch = await _with_documents(officer, number)
    (document,) = batch["documents"]
    assert (document["status"], document["sent_on"]) == ("to_send", None)
    failing = await queue(officer, number, "failing")
    assert [one["document_id"] for one in failing] == [document["document_id"]]
    assert "U+D55C" in failing[0]["failure"]
    assert await queue(officer, number) == []
    # It is known that nothing can be sent with the record of the letter itself; that of the wait comes next.
    await eventually(officer, f"/batches/{number}", lambda batch: _to_post(batch) == ["officer"])
    answer = await officer.get(f"/documents/{document['document_id']}.pdf")
    assert "U+D55C" in assert_problem(answer, 409, "letter_faulty")["detail"]
    async with migrated.connect() as connection:
        (row,) = (await connection.execute(_OUTBOX, {"batch_no": number})).all()
    assert tuple(row) == ("waiting", "to_send", None, None)


async def test_it_spoils_no_print_run(officer: httpx.AsyncClient) -> None:
    """Left out of it, and named on the last page."""
    strange = (await _with_documents(officer, await _strange(officer)))["documents"][0]
    plain = (await _with_documents(officer, await ordered(officer)))["documents"][0]
    chosen = {"document_id": [strange["document_id"], plain["document_id"]]}
    answer = await officer.get("/dispatches/letters.pdf", params=chosen)
    assert answer.status_code == 200, answer.text
    said = printed(answer.content)
    assert "示例检验院" in said
    assert strange["document_id"] in said
    assert "U+D55C" in said


async def test_people_make_it_themselves(officer: httpx.AsyncClient, migrated: AsyncEngine) -> None:
    """Posted by hand it has left, and nobody is asked any more."""
    number = await _strange(officer)
    await _with_documents(officer, number)
    body = {
        "notice": "commission_letter",
        "recipient": "laboratory",
        "posted_on": day_in_shanghai(datetime.now(UTC)).isoformat(),
        "tracking_no": "1234567890123",
    }
    answer = await officer.post(f"/batches/{number}/steps/{StepName.NOTICE_POSTED}", json=body)
    assert answer.status_code == 200, answer.text
    batch = (await officer.get(f"/batches/{number}")).json()
    assert batch["documents"][0]["status"] == "sent"
    assert batch["documents"][0]["sent_on"] is not None
    assert await queue(officer, number, "failing") == []
    assert _to_post(batch) == []
    async with migrated.connect() as connection:
        (row,) = (await connection.execute(_OUTBOX, {"batch_no": number})).all()
    assert tuple(row)[:3] == ("sent", "sent", "outbox")
