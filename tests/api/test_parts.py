"""What one batch has much of comes in pages, however much somebody made it."""

import json
from base64 import urlsafe_b64encode
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.documents.papers import Letter
from store.ledger import record
from tests.api.builders import assert_problem
from tests.store.builders import change, entry, open_one, paper, snapshot, wait

_LINES = 520


@pytest.fixture(scope="module")
async def batch_no(app: object, migrated: AsyncEngine) -> str:
    """Of more lines than a page may have, with a few waits and papers."""
    assert app
    number = (await open_one(migrated)).batch_no
    # Each paper has a line of its own.
    lines = [entry(f"refused-{n}") for n in range(_LINES - 5)]
    waits = (wait(f"objection_filed:seller-{n}") for n in range(5))
    papers = tuple(paper(f"{number}-{n}") for n in range(5))
    said = change(snapshot(number, 1, *waits), *lines, papers=papers)
    letters = [Letter(one, None) for one in papers]
    await record.write(migrated, said, letters, time_skipping=False)
    return number


async def _pages(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    while True:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        if pages[-1]["next_cursor"] is None:
            return pages
        query["cursor"] = pages[-1]["next_cursor"]


async def test_a_timeline_of_many_lines_is_whole_over_its_pages(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """Each once, in order, chained from page to page; a page has 200 where nothing is asked."""
    for query, sizes in (({}, [200, 200, 120]), ({"limit": 500}, [500, 20])):
        pages = await _pages(officer, f"/batches/{batch_no}/timeline", **query)
        assert [len(page["entries"]) for page in pages] == sizes
        lines = [line for page in pages for line in page["entries"]]
        assert [line["seq"] for line in lines] == list(range(1, _LINES + 1))
        assert all(line["prev_hash"] == before["hash"] for before, line in pairwise(lines))


async def test_waits_and_papers_of_a_batch_come_in_pages(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Papers are a bare list: where the next page is stands in the header, as for printed lists."""
    pages = await _pages(officer, f"/batches/{batch_no}/waits", limit=2)
    ids = [wait["id"] for page in pages for wait in page["waits"]]
    assert ids == [f"objection_filed:seller-{n}" for n in range(5)]
    path: str | None = f"/batches/{batch_no}/documents?limit=2"
    found: list[str] = []
    while path is not None:
        answer = await officer.get(path)
        found += [document["document_id"] for document in answer.json()]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert found == [f"{batch_no}-{n}" for n in range(5)]


@pytest.mark.parametrize("part", ["timeline", "waits", "documents"])
async def test_a_page_has_its_bound_and_its_cursor(
    officer: httpx.AsyncClient, batch_no: str, part: str
) -> None:
    """What was not given out as one is none, whatever it says."""
    path = f"/batches/{batch_no}/{part}"
    assert_problem(await officer.get(path, params={"limit": 501}), 422, "invalid")
    for parts in ([], ["x"], ["99999999999999999999"], ["x", "y", "z"], ["1"] * 3):
        cursor = urlsafe_b64encode(json.dumps(parts).encode()).decode()
        assert_problem(await officer.get(path, params={"cursor": cursor}), 422, "cursor_invalid")
