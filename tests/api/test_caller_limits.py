"""What one account is told that files too much, in whatever batches."""

import httpx
import pytest

from store.ledger import batches, filings
from tests.api.builders import assert_problem, order_example, ordered, step_example


async def test_whoever_files_too_much_is_told_when_to_come_again(
    officer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps and orders; nothing is filed."""
    batch_no = await ordered(officer)
    monkeypatch.setattr(filings, "MOST_ANYWHERE_WITHIN_AN_HOUR", 0)
    monkeypatch.setattr(batches, "MOST_WITHIN_AN_HOUR", 0)
    for answer in (
        await officer.post(f"/batches/{batch_no}/steps/purchased", json=step_example("purchased")),
        await officer.post("/batches", json=order_example()),
    ):
        document = assert_problem(answer, 429, "too_many")
        assert int(answer.headers["retry-after"]) > 60
        assert "一小时之内" in document["detail"]
