"""The end of evidence: not before its term, not while it is held or its case goes on, and by two people."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.tidying import tidy
from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import Role
from settings import Settings
from signing.keys import Keyring
from store.evidence.kept import of_batch
from store.ledger import timeline
from tests.api.builders import Tokens, assert_problem, client_of, ordered
from tests.api.tus import create, kept
from tests.databases import tamper
from tests.letters.builders import printed

WHY = {"reason": "保存期届满"}


@pytest.fixture
async def approver(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.APPROVER)) as client:
        yield client


@pytest.fixture
async def digest(officer: httpx.AsyncClient, batch_no: str) -> str:
    return await kept(officer, batch_no)


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


async def closed(engine: AsyncEngine, batch_no: str, keep_until: date, phase: str = "closed") -> None:
    """As the workflow's record would have it."""
    statement = """
        update batches set phase = :phase, snapshot = snapshot
            || jsonb_build_object('phase', cast(:phase as text), 'keep_evidence_until', cast(:day as text))
        where batch_no = :batch_no
    """
    await tamper(engine, statement, phase=phase, day=str(keep_until), batch_no=batch_no)


async def test_how_long_it_is_kept_is_told(
    officer: httpx.AsyncClient, batch_no: str, digest: str, migrated: AsyncEngine
) -> None:
    """Until when, and what stands against its end; before the batch is closed there is no day."""
    path = f"/batches/{batch_no}/evidence/standing"
    before = (await officer.get(path)).json()
    assert (before["keep_until"], before["is_due"], before["files"]) == (None, False, 1)
    await closed(migrated, batch_no, date(2020, 1, 2))
    await officer.post(f"/batches/{batch_no}/evidence/hold", json={"reason": "行政诉讼"})
    after = (await officer.get(path)).json()
    assert (after["keep_until"], after["is_due"], after["held"]) == ("2020-01-02", True, "行政诉讼")
    assert (await officer.get(f"/evidence/{digest}")).json()["reason_needed"] is False


async def dues(client: httpx.AsyncClient, batch_no: str, **more: str) -> list[dict[str, object]]:
    items = (await client.get("/evidence/due", params={"limit": 200} | more)).json()["items"]
    return [one for one in items if one["batch_no"] == batch_no]


async def test_two_people_dispose_of_what_is_due(
    officer: httpx.AsyncClient,
    approver: httpx.AsyncClient,
    batch_no: str,
    digest: str,
    settings: Settings,
    migrated: AsyncEngine,
) -> None:
    """The key and the file are gone; name, digest, keepers and timeline stay, and nothing new comes in."""
    await closed(migrated, batch_no, date(2020, 1, 2))
    (due,) = await dues(officer, batch_no)
    assert (due["keep_until"], due["files"], due["held"], due["proposed_by"]) == ("2020-01-02", 1, None, None)
    assert await dues(officer, batch_no, proposed="true") == []
    address = f"/batches/{batch_no}/evidence/disposal"
    assert_problem(await approver.post(f"{address}/approved"), 409, "disposal_not_proposed")
    assert (await officer.post(address, json=WHY)).status_code == 200
    assert (await officer.post(address, json=WHY)).status_code == 200
    assert_problem(await officer.post(f"{address}/approved"), 403, "role_not_allowed")
    assert len(await dues(officer, batch_no, proposed="true")) == 1
    files = len(list(settings.evidence_folder.rglob("*.sealed")))
    (disposal,) = (await approver.post(f"{address}/approved")).json()["items"]
    assert disposal["proposed_by"]["sub"] == "officer-01"
    assert disposal["approved_by"]["sub"] == "approver-01"
    assert len(list(settings.evidence_folder.rglob("*.sealed"))) == files - 1
    assert_problem(await officer.get(f"/evidence/{digest}/content"), 410, "evidence_disposed")
    one = (await officer.get(f"/evidence/{digest}")).json()
    assert (one["sha256"], one["content"], len(one["keepers"])) == (digest, None, 1)
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"][-2:]
    assert [line["kind"] for line in lines] == ["disposal_proposed", "evidence_disposed"]
    assert lines[-1]["data"]["files"][0]["sha256"] == digest
    assert await timeline.verify(migrated, batch_no) == []
    assert await dues(officer, batch_no) == []
    assert_problem(await officer.post(address, json=WHY), 409, "evidence_not_due")
    assert_problem(await create(officer, batch_no, 1000), 409, "evidence_disposed")


async def test_a_disposal_has_its_certificate(
    app: FastAPI,
    officer: httpx.AsyncClient,
    approver: httpx.AsyncClient,
    batch_no: str,
    digest: str,
    migrated: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not before it is approved and the bytes are gone; then the same each time, as the timeline names it."""
    await closed(migrated, batch_no, date(2020, 1, 2))
    address = f"/batches/{batch_no}/evidence/disposal"
    (proposed,) = (await officer.post(address, json=WHY)).json()["items"]
    assert (proposed["number"], proposed["certificate"]) == (None, None)
    assert_problem(await officer.get(f"{address}/1.pdf"), 404, "disposal_unknown")
    files = app.state.runtime.evidence.files
    with monkeypatch.context() as patch:
        patch.setattr(files, "delete", lambda _: None)
        (disposal,) = (await approver.post(f"{address}/approved")).json()["items"]
    assert disposal["certificate"] == f"{address}/1.pdf"
    assert_problem(await officer.get(disposal["certificate"]), 409, "disposal_unfinished")
    line = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"][-1]
    (one,) = await of_batch(migrated, batch_no)
    files.delete(one.evidence_id)
    answer = await officer.get(disposal["certificate"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    said = printed(answer.content)
    for words in (
        disposal["number"],
        digest,
        "".join(one.filename.split()),
        line["hash"],
        f"第{line['seq']}条",
    ):
        assert words in said, words
    assert disposal["number"] in line["text"]
    assert (await officer.get(disposal["certificate"])).content == answer.content
    assert_problem(await officer.get(f"{address}/2.pdf"), 404, "disposal_unknown")
    assert f"http://127.0.0.1:8000/verify/disposal/{batch_no}/{line['seq']}/{line['hash'][:32]}" in said


@pytest.fixture
async def verified(
    officer: httpx.AsyncClient, approver: httpx.AsyncClient, batch_no: str, digest: str, migrated: AsyncEngine
) -> str:
    """The path behind the QR code of a disposal's certificate."""
    assert digest
    await closed(migrated, batch_no, date(2020, 1, 2))
    address = f"/batches/{batch_no}/evidence/disposal"
    await officer.post(address, json=WHY)
    await approver.post(f"{address}/approved")
    line = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"][-1]
    return f"/verify/disposal/{batch_no}/{line['seq']}/{line['hash'][:32]}"


async def test_whoever_holds_a_certificate_can_verify_it(
    anybody: httpx.AsyncClient, settings: Settings, batch_no: str, digest: str, verified: str
) -> None:
    """Number, day and digests are told, and signed; no name of a file or a person, and nothing to others."""
    page = await anybody.get(verified)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    today = chinese_day(day_in_shanghai(datetime.now(UTC)))
    for words in ("证明真实有效", f"证据销毁〔{batch_no}〕1号", today, "1件", digest, "图片"):
        assert words in page.text, words
    for words in ("购买录像", "张三", "officer-01", "<script"):
        assert words not in page.text, words
    note = (await anybody.get(f"{verified}.txt")).text
    said = Keyring(settings.signing_folder).public()[-1].opened(note).splitlines()
    assert said[:2] == ["choujian-disposal/1", "文书名称 证据销毁证明"]
    assert f"第1件的 SHA-256 摘要 {digest}" in said
    line, _, mark = verified.rpartition("/")
    assert (await anybody.get(f"{line}/{mark.upper()}")).text == page.text
    at, _, seq = line.rpartition("/")
    wrong = [f"{line}/{'0' * 32}", f"{line}/{mark[:-1]}", f"{at}/{int(seq) - 1}/{mark}", f"{at}/x/{mark}"]
    for path in (*wrong, f"{wrong[0]}.txt", f"/verify/disposal/CJ2026-999999/{seq}/{mark}"):
        answer = await anybody.get(path)
        assert answer.status_code == 404, path
        assert "没有这样一份证明" in answer.text


@pytest.mark.parametrize(
    "altered",
    [
        "update timeline set text = text || '。' where kind = 'evidence_disposed' and batch_no = :batch_no",
        # A digest that no other test asks for: what is altered stays altered.
        "update evidence set sha256 = md5(batch_no) || md5(batch_no) where batch_no = :batch_no",
    ],
)
async def test_a_record_that_was_altered_bears_no_certificate_out(
    anybody: httpx.AsyncClient, migrated: AsyncEngine, batch_no: str, verified: str, altered: str
) -> None:
    await tamper(migrated, altered, batch_no=batch_no)
    page = await anybody.get(verified)
    assert page.status_code == 404
    assert "核验不通过" in page.text
    assert "登记" in page.text


async def test_nobody_approves_what_he_proposed(
    approver: httpx.AsyncClient, batch_no: str, digest: str, migrated: AsyncEngine
) -> None:
    await closed(migrated, batch_no, date(2020, 1, 2))
    await approver.post(f"/batches/{batch_no}/evidence/disposal", json=WHY)
    answer = await approver.post(f"/batches/{batch_no}/evidence/disposal/approved")
    assert_problem(answer, 403, "disposal_same_person")
    assert (await approver.get(f"/evidence/{digest}/content")).status_code == 200


@pytest.mark.parametrize(("phase", "day"), [("closed", date(2999, 1, 1)), ("objection", date(2020, 1, 2))])
async def test_nothing_goes_before_its_term_or_from_a_case_that_goes_on(
    officer: httpx.AsyncClient,
    approver: httpx.AsyncClient,
    batch_no: str,
    digest: str,
    migrated: AsyncEngine,
    phase: str,
    day: date,
) -> None:
    """Nor from one that was taken up again after the proposal."""
    address = f"/batches/{batch_no}/evidence/disposal"
    await closed(migrated, batch_no, date(2020, 1, 2))
    await officer.post(address, json=WHY)
    await closed(migrated, batch_no, day, phase)
    assert await dues(officer, batch_no) == []
    assert_problem(await approver.post(f"{address}/approved"), 409, "evidence_not_due")
    assert_problem(await officer.post(address, json=WHY), 409, "evidence_not_due")
    assert (await officer.get(f"/evidence/{digest}/content")).status_code == 200


@pytest.mark.usefixtures("digest")
async def test_what_will_fall_due_is_told_before(
    officer: httpx.AsyncClient, batch_no: str, migrated: AsyncEngine
) -> None:
    """By the day that is asked for, and not as if it were due."""
    await closed(migrated, batch_no, date(2999, 1, 2))
    assert await dues(officer, batch_no, before="2999-01-02") == []
    (coming,) = await dues(officer, batch_no, before="2999-01-03")
    assert (coming["keep_until"], coming["is_due"]) == ("2999-01-02", False)


@pytest.mark.usefixtures("digest")
async def test_what_is_held_stays(
    officer: httpx.AsyncClient, approver: httpx.AsyncClient, batch_no: str, migrated: AsyncEngine
) -> None:
    """Whatever was proposed before; until a leader lifts the hold. Both are on record."""
    await closed(migrated, batch_no, date(2020, 1, 2))
    address = f"/batches/{batch_no}/evidence"
    await officer.post(f"{address}/disposal", json=WHY)
    assert (await officer.post(f"{address}/hold", json={"reason": "行政诉讼"})).status_code == 200
    assert_problem(await officer.post(f"{address}/hold", json=WHY), 409, "evidence_held")
    assert_problem(await approver.post(f"{address}/disposal/approved"), 409, "evidence_held")
    assert (await dues(officer, batch_no))[0]["held"] == "行政诉讼"
    assert_problem(await officer.post(f"{address}/hold/lifted", json=WHY), 403, "role_not_allowed")
    assert (await approver.post(f"{address}/hold/lifted", json={"reason": "已结案"})).status_code == 200
    assert_problem(await approver.post(f"{address}/hold/lifted", json=WHY), 409, "evidence_not_held")
    assert (await approver.post(f"{address}/disposal/approved")).status_code == 200
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    texts = [line["text"] for line in lines]
    assert texts[-3:-1] == ["证据暂缓处置：行政诉讼", "解除证据暂缓处置：已结案"]


@pytest.mark.usefixtures("digest")
async def test_a_file_left_by_a_killed_disposal_is_tidied_up(
    app: FastAPI,
    officer: httpx.AsyncClient,
    approver: httpx.AsyncClient,
    batch_no: str,
    settings: Settings,
    migrated: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The key went with the record; the file, which nobody can open, goes later, however new it is."""
    await closed(migrated, batch_no, date(2020, 1, 2))
    await officer.post(f"/batches/{batch_no}/evidence/disposal", json=WHY)
    room = app.state.runtime.evidence
    with monkeypatch.context() as patch:
        patch.setattr(room.files, "delete", lambda _: None)
        await approver.post(f"/batches/{batch_no}/evidence/disposal/approved")
    before = set(settings.evidence_folder.rglob("*.sealed"))
    await tidy(room, app.state.runtime.uploads)
    assert len(before - set(settings.evidence_folder.rglob("*.sealed"))) == 1


@pytest.mark.usefixtures("digest")
async def test_a_disposal_is_not_undone_past_the_api(batch_no: str, migrated: AsyncEngine) -> None:
    """A service can take a key away once, together with the disposal, and give none back."""
    for statement in (
        "update evidence set sealed_key = null where batch_no = :batch_no",
        "update evidence set sealed_key = '' where batch_no = :batch_no",
        "update evidence set sha256 = '' where batch_no = :batch_no",
        "delete from evidence where batch_no = :batch_no",
    ):
        with pytest.raises(DBAPIError):
            async with migrated.begin() as connection:
                await connection.execute(text(statement), {"batch_no": batch_no})
