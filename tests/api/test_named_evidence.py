"""Steps that name evidence: what the batch does not have is told, and nothing is refused for it."""

import httpx
import pytest

from messages.evidence import named_in
from messages.steps import StepName
from tests.api.builders import body_of, ordered
from tests.api.tus import begun, kept, sha256
from tests.evidence.builders import picture

pytestmark = pytest.mark.usefixtures("working")


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


async def purchased(
    officer: httpx.AsyncClient, batch_no: str, digest: str, query: str = ""
) -> dict[str, object]:
    body = await body_of(officer, batch_no, StepName.PURCHASED)
    body["recording"] |= {"sha256": digest, "reference": "LX-1"}
    answer = await officer.post(f"/batches/{batch_no}/steps/purchased{query}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_what_is_kept_needs_no_word(officer: httpx.AsyncClient, batch_no: str) -> None:
    answer = await purchased(officer, batch_no, await kept(officer, batch_no))
    assert answer["status"] == "accepted"
    assert answer["evidence_not_kept"] == []


@pytest.mark.parametrize("finding", ["missing", "another_batch", "not_whole"])
async def test_what_is_not_kept_is_told(officer: httpx.AsyncClient, batch_no: str, finding: str) -> None:
    """By whoever tries it out, files it, or reads it; once the file has come, no more."""
    content = picture(1000)
    digest = sha256(content)
    if finding == "another_batch":
        await kept(officer, await ordered(officer), content)
    if finding == "not_whole":
        await begun(officer, batch_no, 1000, sha256=digest)
    told = [{"sha256": digest, "reference": "LX-1", "finding": finding}]
    trial = await purchased(officer, batch_no, digest, "?dry_run=true")
    assert trial["evidence_not_kept"] == told
    answer = await purchased(officer, batch_no, digest)
    assert answer["status"] == "accepted"
    assert answer["evidence_not_kept"] == told
    address = f"/batches/{batch_no}/steps/{answer['step_id']}"
    assert (await officer.get(address)).json()["evidence_not_kept"] == told
    await kept(officer, batch_no, content)
    assert (await officer.get(address)).json()["evidence_not_kept"] == []


def test_evidence_is_found_wherever_a_body_names_it() -> None:
    """In lists, and in what a correction puts in a step's place."""
    one, two = ({"reference": "A", "sha256": letter * 64, "keeper": "周保管"} for letter in "ab")
    body = {"reason": "笔误", "evidence": [one], "body": {"recording": two, "buyer": {"name": "钱买样"}}}
    assert [named.sha256 for named in named_in(body)] == ["a" * 64, "b" * 64]
