"""Reading what is kept: by whom, with what reason, which bytes; and who keeps it."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from evidence.sealing import CHUNK
from law.vocabulary import Role
from settings import Settings
from store.ledger import timeline
from store.schema import metadata
from tests.api.builders import Tokens, assert_problem, client_of, ordered, running
from tests.api.tus import begun, kept, send, sha256
from tests.evidence.builders import picture, zipped

MP4 = b"\x00\x00\x00\x20ftypisom"


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


async def test_what_was_sent_is_what_is_read(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Byte for byte, as the type that it is, under its name; what the browser cannot show is saved."""
    content = picture(20 * CHUNK + 3)
    digest = await kept(officer, batch_no, content, filename="样品 照片.png")
    answer = await officer.get(f"/evidence/sha256:{digest}/content")
    assert answer.content == content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"] == f'"sha256:{digest}"'
    named = "filename*=UTF-8''%E6%A0%B7%E5%93%81%20%E7%85%A7%E7%89%87.png"
    assert answer.headers["content-disposition"] == f"inline; {named}"
    other = await kept(officer, batch_no, zipped("one.txt"), filename="资料.zip")
    answer = await officer.get(f"/evidence/{other}/content")
    assert answer.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=65535-65536", 65535, 65537),
        (f"bytes={CHUNK}-", CHUNK, 3 * CHUNK + 9),
        ("bytes=-10", 3 * CHUNK - 1, 3 * CHUNK + 9),
        ("bytes=5-99999999", 5, 3 * CHUNK + 9),
    ],
)
async def test_a_range_is_opened_alone(
    officer: httpx.AsyncClient, batch_no: str, asked: str, begin: int, end: int
) -> None:
    content = picture(3 * CHUNK + 9)
    digest = await kept(officer, batch_no, content)
    answer = await officer.get(f"/evidence/{digest}/content", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == content[begin:end]
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=0-1", "bytes=-", "bytes=9-3"])
async def test_a_range_that_is_not_understood_is_answered_with_the_whole(
    officer: httpx.AsyncClient, batch_no: str, asked: str
) -> None:
    """So is one of another version of the file."""
    digest = await kept(officer, batch_no)
    address = f"/evidence/{digest}/content"
    assert (await officer.get(address, headers={"Range": asked})).status_code == 200
    stale = {"Range": "bytes=0-1", "If-Range": '"another"'}
    assert (await officer.get(address, headers=stale)).status_code == 200


async def test_a_range_beyond_the_end_is_refused(officer: httpx.AsyncClient, batch_no: str) -> None:
    digest = await kept(officer, batch_no)
    for asked in ("bytes=1000-", "bytes=-0"):
        answer = await officer.get(f"/evidence/{digest}/content", headers={"Range": asked})
        assert_problem(answer, 416, "range_missing")
        assert answer.headers["content-range"] == "bytes */1000"


async def test_a_recording_is_seen_with_a_reason_which_is_kept(
    app: FastAPI, tokens: Tokens, officer: httpx.AsyncClient, batch_no: str
) -> None:
    """Where the regulation asks for one; each look is on the access log."""
    digest = await kept(officer, batch_no, MP4 + bytes(1000), filename="录像.mp4")
    address = f"/evidence/{digest}/content"
    for reason in ({}, {"reason": " "}):
        problem = assert_problem(await officer.get(address, params=reason), 403, "reason_needed")
        assert problem["rests_on"] == "§5"
    answer = await officer.get(address, params={"reason": "核对购买过程"})
    assert answer.status_code == 200
    async with client_of(app, tokens.header(Role.AUDITOR)) as auditor:
        log = (await auditor.get("/access-log", params={"batch_no": batch_no})).json()["items"]
    looks = [one for one in log if one["path"] == address]
    assert [one["status"] for one in looks] == [200]
    assert "reason=%E6%A0%B8%E5%AF%B9" in looks[0]["query"]
    assert looks[0]["batch_nos"] == [batch_no]


async def test_what_is_known_of_a_file(officer: httpx.AsyncClient, batch_no: str) -> None:
    content = picture(500)
    digest = await kept(officer, batch_no, content, keeper="周保管")
    one = (await officer.get(f"/evidence/sha256:{digest}")).json()
    assert one["sha256"] == digest == sha256(content)
    assert (one["batch_no"], one["size"], one["kind"]) == (batch_no, 500, "image")
    assert one["uploaded_by"]["sub"] == "officer-01"
    assert one["keeper"] == "周保管"
    assert (await officer.get(one["content"])).content == content
    assert_problem(await officer.get(f"/evidence/{'0' * 64}"), 404, "evidence_unknown")
    elsewhere = {"batch_no": "CJ2026-999999"}
    assert_problem(await officer.get(f"/evidence/{digest}", params=elsewhere), 404, "evidence_unknown")
    assert_problem(await officer.get("/evidence/sha256:xyz"), 422, "invalid")


async def test_a_keeper_is_changed_on_record(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient, batch_no: str, migrated: AsyncEngine
) -> None:
    """Who kept it before stays; the timeline has it."""
    digest = await kept(officer, batch_no, keeper="周保管")
    change = {"keeper": "李保管", "reason": "岗位调整"}
    address = f"/evidence/sha256:{digest}/keeper"
    assert_problem(await lab.post(address, json=change), 403, "role_not_allowed")
    one = (await officer.post(address, json=change)).json()
    assert one["keeper"] == "李保管"
    assert [keeping["keeper"] for keeping in one["keepers"]] == ["周保管", "李保管"]
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    assert lines[-1]["text"] == "证据“购买录像.png”改由李保管保管：岗位调整"
    assert lines[-1]["kind"] == "keeper_changed"
    assert await timeline.verify(migrated, batch_no) == []


async def test_what_is_altered_or_gone_is_told(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Never served as if it were the evidence."""
    digest = await kept(officer, batch_no)
    newest = max(settings.evidence_folder.rglob("*.sealed"), key=lambda found: found.stat().st_mtime_ns)
    sealed = bytearray(newest.read_bytes())
    sealed[-1] ^= 1
    newest.write_bytes(sealed)
    assert_problem(await officer.get(f"/evidence/{digest}/content"), 500, "evidence_damaged")
    newest.unlink()
    assert_problem(await officer.get(f"/evidence/{digest}/content"), 500, "evidence_damaged")
    assert batch_no in caplog.text


async def test_nothing_of_the_content_is_found_without_the_key(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings, migrated: AsyncEngine
) -> None:
    """Neither in the folder nor in any table, while it comes in and afterwards; the keys lie elsewhere."""
    secret = b"buyer's account 4711-0815"
    content = picture(100) + secret * 6000
    address = await begun(officer, batch_no, len(content))
    await send(officer, address, content[:100_000])
    await _require_unseen(secret, settings, migrated)
    await send(officer, address, content[100_000:], 100_000)
    await _require_unseen(secret, settings, migrated)
    root = RootKeys(settings.evidence_keys_folder).current()
    key = (settings.evidence_keys_folder / f"root-{root}.key").read_text()
    await _require_unseen(bytes.fromhex(key), settings, migrated)
    assert not settings.evidence_keys_folder.is_relative_to(settings.home_dir)


async def _require_unseen(secret: bytes, settings: Settings, engine: AsyncEngine) -> None:
    files = [path for path in settings.home_dir.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]
    async with engine.connect() as connection:
        for table in metadata.tables:
            rows = f"select count(*) from {table} t where t::text like :text or t::text like :hex"
            parameters = {"text": f"%{secret.decode('latin-1')}%", "hex": f"%{secret.hex()}%"}
            parameters["text"] = parameters["text"].replace("\0", "")
            assert (await connection.execute(text(rows), parameters)).scalar_one() == 0, table


async def test_without_the_root_key_nothing_is_taken_in_or_read(
    settings: Settings, tokens: Tokens, officer: httpx.AsyncClient, batch_no: str
) -> None:
    """And whose task that is, is told; reading and taking in go on with the key."""
    digest = await kept(officer, batch_no)
    without = settings.model_copy(update={"evidence_keys": settings.home_dir / "no-keys"})
    async with running(without) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        assert_problem(await client.get(f"/evidence/{digest}/content"), 503, "evidence_key_missing")
        with pytest.raises(AssertionError, match="evidence_key_missing"):
            await begun(client, batch_no, 1000)


async def test_the_national_algorithms(
    settings: Settings, tokens: Tokens, officer: httpx.AsyncClient, batch_no: str
) -> None:
    """SM4 and SM3 where they are set; what was kept before is read as before."""
    content, earlier = picture(3 * CHUNK), await kept(officer, batch_no)
    national = settings.model_copy(update={"evidence_profile": "sm"})
    async with running(national) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        answer = await send(client, await begun(client, batch_no, len(content)), content)
        one = (await client.get(f"/evidence/{sha256(content)}")).json()
        assert len(one["sm3"]) == 64
        assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}, sm3:{one['sm3']}"
        assert (await client.get(one["content"])).content == content
        assert (await client.get(f"/evidence/{earlier}/content")).status_code == 200
    assert (await officer.get(one["content"])).content == content
