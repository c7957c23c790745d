"""Every wait with its account, and certificates over HTTP: to be checked, and to be printed."""

from datetime import UTC, datetime

import httpx
import pytest

from local.scenarios.courses import example_body
from messages.steps import StepName
from tests.api.builders import assert_problem, laboratory, ordered
from verify.certificate import verify

pytestmark = pytest.mark.usefixtures("working")

SERVED = (
    StepName.PURCHASED,
    StepName.RECEIVED,
    StepName.SEALING_SCHEDULED,
    StepName.SEALED,
    StepName.REPORT_RECEIVED,
    StepName.NOTICE_DELIVERED,
)
WINDOW = "objection_filed:seller"


async def served(officer: httpx.AsyncClient, lab: httpx.AsyncClient, receipt: str) -> str:
    """A batch whose result has reached the seller, played to there today."""
    number = await ordered(officer)
    for step in SERVED:
        changes = {"receipt": receipt} if step is StepName.NOTICE_DELIVERED else {}
        body = example_body(step, datetime.now(UTC), changes)
        who = lab if step is StepName.RECEIVED else officer
        answer = await who.post(f"/batches/{number}/steps/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return number


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    return await served(officer, lab, "HZ-2026-0001")


async def test_every_wait_is_listed_with_its_account(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Open and ended, each counted day by day, with where its certificate is."""
    answer = (await officer.get(f"/batches/{batch_no}/waits")).json()
    waits = {wait["id"]: wait for wait in answer["waits"]}
    assert waits["purchased"]["state"] == "ended"
    assert waits["purchased"]["trace"] is waits["purchased"]["certificate"] is None
    window = waits[WINDOW]
    assert (window["state"], window["ended_at"]) == ("open", None)
    assert window["trace"]["trace"][-1]["day"] == window["last_day"] == window["trace"]["last_day"]
    assert window["trace"]["arrangements"]
    assert waits["inspection_notice_sent"]["state"] == "open", "nobody has handed that notice over"
    assert waits["purchased"]["ended_at"]
    for wait in answer["waits"]:
        if wait["certificate"]:
            assert verify((await officer.get(wait["certificate"])).json())


async def test_a_certificate_holds_as_it_comes_over_the_wire(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """What the client saves is what the verifier reads."""
    certificate = (await officer.get(f"/batches/{batch_no}/certificates/{WINDOW}")).json()
    assert certificate["decision"]["state"] == "running"
    assert "期限正在进行" in verify(certificate)[-1]


async def test_the_page_to_print_stands_alone(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Plain HTML with its own style: no script, nothing loaded, every day and the receipt on it."""
    certificate = (await officer.get(f"/batches/{batch_no}/certificates/{WINDOW}")).json()
    answer = await officer.get(f"/batches/{batch_no}/certificates/{WINDOW}.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    assert all(word not in page for word in ("<script", "<link", "src=", "href=", "url("))
    for day in certificate["count"]["days"]:
        assert day["day"][5:] in page
    for said in (
        "期限证明书",
        "HZ-2026-0001",
        "《杭州市",
        "§6",
        certificate["chain"]["head"]["hash"],
        "@page",
    ):
        assert said in page


async def test_what_people_typed_cannot_become_part_of_the_page(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """A receipt's number is shown as it was written, as text."""
    number = await served(officer, lab, "<script>1</script>")
    page = (await officer.get(f"/batches/{number}/certificates/{WINDOW}.html")).text
    assert "&lt;script&gt;1&lt;/script&gt;" in page
    assert "<script>" not in page


async def test_what_has_no_certificate_is_said(officer: httpx.AsyncClient, batch_no: str) -> None:
    """An unknown batch, an unknown wait, one without deadline; on paper too."""
    path = f"/batches/{batch_no}/certificates"
    for end in ("", ".html"):
        unknown = assert_problem(
            await officer.get(f"{path}/objection_filed:nobody{end}"), 404, "wait_unknown"
        )
        assert "objection_filed:nobody" in unknown["detail"]
        assert_problem(await officer.get(f"{path}/purchased{end}"), 409, "wait_without_deadline")
    assert_problem(await officer.get(f"/batches/CJ1999-000001/certificates/{WINDOW}"), 404, "batch_unknown")


async def test_who_may_not_see_the_batch_gets_no_certificate(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    """For another laboratory the batch does not exist; without a token nothing does."""
    number = await ordered(officer, laboratory=laboratory("LAB-77"))
    for path in (f"certificates/{WINDOW}", f"certificates/{WINDOW}.html", "waits"):
        assert_problem(await lab.get(f"/batches/{number}/{path}"), 404, "batch_unknown")
        assert_problem(await anybody.get(f"/batches/{number}/{path}"), 401, "unauthenticated")
