"""The preview counts as the procedure's checked examples do, without a token."""

import httpx
import pytest

from tests.api.builders import assert_problem

CHECKED = [
    ("result_notice", "2026-09-23", "2026-10-08"),
    ("result_notice", "2026-02-11", "2026-02-25"),
    ("objection", "2026-09-18", "2026-10-08"),
    ("objection", "2026-09-25", "2026-10-10"),
    ("retest_formalities", "2026-09-24", "2026-10-08"),
]


@pytest.mark.parametrize(("term", "start", "last_day"), CHECKED)
async def test_checked_examples(anybody: httpx.AsyncClient, term: str, start: str, last_day: str) -> None:
    """Last day, end, and the account of every day."""
    answer = await anybody.get("/deadlines/preview", params={"term": term, "start": start})
    deadline = answer.json()
    assert (answer.status_code, deadline["last_day"], deadline["provisional"]) == (200, last_day, False)
    assert deadline["closes_at"].endswith("T00:00:00+08:00")
    assert (deadline["trace"][0]["day"], deadline["trace"][-1]["day"]) == (start, last_day)


async def test_an_unannounced_year_is_provisional(anybody: httpx.AsyncClient) -> None:
    """Said, not hidden."""
    answer = await anybody.get("/deadlines/preview", params={"term": "objection", "start": "2029-12-25"})
    assert answer.json()["provisional"] is True


async def test_contract_terms_need_their_days(anybody: httpx.AsyncClient) -> None:
    """A test report's period is the contract's; a statutory one is not for the asking."""
    report = {"term": "test_report", "start": "2026-09-07"}
    answer = await anybody.get("/deadlines/preview", params=report | {"days": "20"})
    assert answer.json()["last_day"] == "2026-09-28"
    for query in (
        report,
        {"term": "objection", "start": "2026-09-07", "days": "20"},
        {"term": "objection", "start": "9999-12-31"},
    ):
        answer = await anybody.get("/deadlines/preview", params=query)
        assert_problem(answer, 422, "deadline_not_countable")
    answer = await anybody.get("/deadlines/preview", params={"term": "objection", "start": "2017-01-01"})
    assert_problem(answer, 422, "no_regulation_in_force")
