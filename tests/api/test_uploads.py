"""Uploading evidence: in parts, after a broken line, by whom, how large, of what kind."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import ClientDisconnect

from api.evidence import uploading as limits
from evidence import objects, taking, uploading
from evidence.sealing import CHUNK
from evidence.tidying import tidy
from law.vocabulary import Role
from settings import Settings
from store.ledger import timeline
from tests.api.builders import Tokens, assert_problem, client_of, laboratory, ordered
from tests.api.tus import PART, TUS, begun, checksum_of, create, kept, send, sha256
from tests.evidence.builders import picture


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


def incoming(settings: Settings, address: str) -> Path:
    """Where what has come of an upload lies."""
    return settings.evidence_folder / "incoming" / f"{address.rpartition('/')[2]}.part"


async def lines(client: httpx.AsyncClient, batch_no: str) -> list[dict[str, str]]:
    entries = (await client.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    return [line for line in entries if line["kind"].startswith("evidence")]


async def test_a_file_comes_in_in_parts(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings, migrated: AsyncEngine
) -> None:
    """Its offset is told; the last answer has the digest; the timeline has the file, and its chain holds."""
    content = picture(3 * CHUNK + 17)
    address = await begun(officer, batch_no, len(content), keeper="周保管")
    parts = (0, 100, CHUNK, CHUNK + 1, len(content))
    for begin, end in itertools.pairwise(parts):
        answer = await send(officer, address, content[begin:end], begin)
        assert answer.status_code == 204, answer.text
        assert answer.headers["Upload-Offset"] == str(end)
        assert ("Evidence-Digest" in answer.headers) == (end == len(content))
        standing = await officer.head(address, headers=TUS)
        assert standing.headers["Upload-Offset"] == str(end)
        assert standing.headers["Upload-Length"] == str(len(content))
        assert standing.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"
    assert standing.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"
    (line,) = await lines(officer, batch_no)
    assert line["text"] == "证据入库：购买录像.png，由周保管保管"
    assert line["data"]["sha256"] == sha256(content)  # type: ignore[index]
    assert line["actor"]["sub"] == "officer-01"  # type: ignore[index]
    assert not incoming(settings, address).exists()
    assert await timeline.verify(migrated, batch_no) == []


async def test_a_large_file_is_sealed_in_the_order_in_which_it_comes(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """Sealing goes on beside receiving, and never overtakes itself."""

    async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
        for begin in range(0, len(content), CHUNK):
            yield content[begin : begin + CHUNK]

    for more in range(5):
        content = picture(3 * 1024 * 1024 + more * CHUNK + 17)
        address = await begun(officer, batch_no, len(content))
        answer = await send(officer, address, in_pieces(content))
        assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"
        read = await officer.get(f"/evidence/{sha256(content)}/content")
        assert read.content == content


async def test_a_broken_line_costs_nothing_that_came(officer: httpx.AsyncClient, batch_no: str) -> None:
    """The client is told from where on to send, and goes on there."""
    content = picture(5 * CHUNK)

    async def breaks() -> AsyncIterator[bytes]:
        yield content[: 2 * CHUNK]
        yield content[2 * CHUNK : 2 * CHUNK + 5]
        raise ClientDisconnect

    address = await begun(officer, batch_no, len(content))
    await send(officer, address, breaks())
    standing = await officer.head(address, headers=TUS)
    offset = int(standing.headers["Upload-Offset"])
    assert offset == 2 * CHUNK + 5
    answer = await send(officer, address, content[offset:], offset)
    assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"


async def test_who_comes_back_ends_the_request_that_hangs(officer: httpx.AsyncClient, batch_no: str) -> None:
    """A line that broke without a word holds nobody up; two never write at once."""
    content = picture(4 * CHUNK)
    hangs = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield content[:CHUNK]
        hangs.set()
        await asyncio.sleep(60)

    address = await begun(officer, batch_no, len(content))
    first = asyncio.create_task(send(officer, address, hanging()))
    await hangs.wait()
    standing = await officer.head(address, headers=TUS)
    answer = await send(officer, address, content[CHUNK:], int(standing.headers["Upload-Offset"]))
    if answer.status_code == 409:  # the first had not told the record yet
        answer = await send(officer, address, content[CHUNK:], int(answer.headers["Upload-Offset"]))
    assert answer.headers.get("Evidence-Digest") == f"sha256:{sha256(content)}", answer.text
    assert_problem(await first, 408, "body_not_received")


async def test_whoever_sends_nothing_is_not_waited_for(
    officer: httpx.AsyncClient, batch_no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "PIECE_SECONDS", 0.1)

    async def silent() -> AsyncIterator[bytes]:
        yield b"\x89PNG"
        await asyncio.sleep(60)

    address = await begun(officer, batch_no, 1000)
    assert_problem(await send(officer, address, silent()), 408, "body_not_received")
    assert (await officer.head(address, headers=TUS)).headers["Upload-Offset"] == "4"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_part_with_a_wrong_checksum_is_not_taken(
    officer: httpx.AsyncClient, batch_no: str, algorithm: str
) -> None:
    """Nothing of it; the right one is."""
    content = picture(2 * CHUNK)
    address = await begun(officer, batch_no, len(content))
    wrong = checksum_of(b"other", algorithm)
    assert_problem(await send(officer, address, content[:CHUNK], 0, wrong), 460, "checksum_differs")
    assert (await officer.head(address, headers=TUS)).headers["Upload-Offset"] == "0"
    answer = await send(officer, address, content, 0, checksum_of(content, algorithm))
    assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"


async def test_a_file_that_is_not_what_was_declared_is_given_up(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings
) -> None:
    """Digests are taken on both sides."""
    content = picture(1000)
    address = await begun(officer, batch_no, 1000, sha256=sha256(b"other"))
    assert_problem(await send(officer, address, content), 422, "digest_differs")
    assert_problem(await send(officer, address, content), 404, "upload_unknown")
    assert not incoming(settings, address).exists()
    assert await kept(officer, batch_no, content, sha256=sha256(content))


async def test_the_type_is_what_the_bytes_are(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Not what the name says; what is no evidence is refused with the list, before all of it has come."""
    assert await kept(officer, batch_no, picture(100), filename="报告.pdf")
    (one,) = (await officer.get(f"/batches/{batch_no}/evidence")).json()["items"]
    assert (one["kind"], one["media_type"], one["filename"]) == ("image", "image/png", "报告.pdf")
    address = await begun(officer, batch_no, 10 * CHUNK, filename="录像.mp4")
    problem = assert_problem(await send(officer, address, b"MZ" + bytes(2 * CHUNK)), 415, "kind_refused")
    assert "录像、录音（MP4" in problem["detail"]
    assert (await officer.head(address, headers=TUS)).status_code == 404


async def test_the_same_file_twice_is_one(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings
) -> None:
    """In one batch; another batch has it of its own."""
    content = picture(1000)
    before = len(list(settings.evidence_folder.rglob("*.sealed")))
    assert await kept(officer, batch_no, content) == await kept(officer, batch_no, content)
    assert len((await officer.get(f"/batches/{batch_no}/evidence")).json()["items"]) == 1
    assert len(await lines(officer, batch_no)) == 1
    await kept(officer, await ordered(officer), content)
    assert len(list(settings.evidence_folder.rglob("*.sealed"))) == before + 2


async def test_what_is_sent_goes_on_where_the_file_stands(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Not before, not after, and not beyond its end."""
    content = picture(1000)
    address = await begun(officer, batch_no, 1000)
    answer = await send(officer, address, content, 5)
    assert_problem(answer, 409, "offset_differs")
    assert answer.headers["Upload-Offset"] == "0"
    assert_problem(await send(officer, address, content + b"x"), 413, "evidence_too_long")
    assert (await send(officer, address, content)).status_code == 204
    assert_problem(await send(officer, address, b"x", 1000), 404, "upload_unknown")


async def test_the_protocol_is_kept(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient, batch_no: str
) -> None:
    """Its version is asked for; what there is of it is told to everybody."""
    offers = await anybody.options("/evidence/uploads")
    assert offers.status_code == 204
    assert offers.headers["Tus-Extension"] == "creation,checksum,expiration,termination"
    assert (await anybody.post("/evidence/uploads", headers=TUS)).status_code == 401
    answer = await officer.post("/evidence/uploads")
    assert_problem(answer, 412, "tus_version")
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    address = await begun(officer, batch_no, 1000)
    assert_problem(await officer.patch(address, headers=TUS), 415, "unsupported_media_type")
    assert_problem(await officer.patch(address, headers=PART), 400, "tus_malformed")
    bad = PART | {"Upload-Offset": "0", "Upload-Checksum": "md5 abc"}
    assert_problem(await officer.patch(address, headers=bad), 400, "tus_malformed")
    for metadata in ("batch_no !", "batch_no /w==", "filename 购样录像.mp4"):
        told = TUS | {"Upload-Length": "1", "Upload-Metadata": metadata}
        headers = {name.encode(): value.encode() for name, value in told.items()}
        assert_problem(await officer.post("/evidence/uploads", headers=headers), 400, "tus_malformed")


async def test_an_upload_is_given_up(officer: httpx.AsyncClient, batch_no: str, settings: Settings) -> None:
    """By its owner, and gone; what is kept stays."""
    address = await begun(officer, batch_no, 1000)
    await send(officer, address, b"\x89PNG")
    assert incoming(settings, address).exists()
    assert (await officer.delete(address, headers=TUS)).status_code == 204
    assert (await officer.head(address, headers=TUS)).status_code == 404
    assert not incoming(settings, address).exists()
    address = await begun(officer, batch_no, 100)
    await send(officer, address, picture(100))
    assert_problem(await officer.delete(address, headers=TUS), 403, "evidence_kept")


async def test_what_one_has_begun_can_be_found_again(officer: httpx.AsyncClient, batch_no: str) -> None:
    """Without the address, which a closed browser may have lost."""
    address = await begun(officer, batch_no, 1000, sha256="a" * 64)
    await send(officer, address, b"\x89PNG")
    (one,) = (await officer.get(f"/batches/{batch_no}/evidence/uploads")).json()["items"]
    assert address.endswith(one["upload_id"])
    assert (one["received"], one["declared_sha256"]) == (4, "a" * 64)


async def test_a_laboratory_uploads_for_its_own_batches(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """And sees no other's; nobody sees another person's uploads."""
    theirs, others = await ordered(officer), await ordered(officer, laboratory=laboratory("LAB-02"))
    await kept(lab, theirs)
    assert_problem(await create(lab, others, 1000), 404, "batch_unknown")
    digest = await kept(officer, others)
    assert_problem(await lab.get(f"/evidence/sha256:{digest}"), 404, "evidence_unknown")
    assert_problem(await lab.get(f"/evidence/{digest}/content"), 404, "evidence_unknown")
    address = await begun(officer, theirs, 1000)
    assert (await lab.head(address, headers=TUS)).status_code == 404
    assert_problem(await send(lab, address, picture(1000)), 404, "upload_unknown")


async def test_who_may_upload_and_how_much(
    app: FastAPI,
    tokens: Tokens,
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    batch_no: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By role; an auditor reads only."""
    async with client_of(app, tokens.header(Role.AUDITOR)) as auditor:
        assert_problem(await create(auditor, batch_no, 1000), 403, "role_not_allowed")
    assert_problem(await create(lab, batch_no, limits.LARGEST[Role.LAB] + 1), 413, "evidence_too_large")
    assert (await create(officer, batch_no, limits.LARGEST[Role.LAB] + 1)).status_code == 201
    assert_problem(await create(officer, batch_no, 0), 422, "evidence_empty")
    assert_problem(await create(officer, "CJ2026-999999", 1), 404, "batch_unknown")
    assert_problem(await create(officer, batch_no, 1, filename="\u202e"), 422, "invalid")
    assert_problem(await create(officer, batch_no, 1, filename="a/"), 422, "invalid")
    assert_problem(await create(officer, batch_no, 1, sha256="A" * 64), 422, "invalid")
    async with client_of(app, tokens.header(Role.LAB, sub="lab-busy")) as busy:
        for _ in range(5):
            await begun(busy, batch_no, 1000)
        answer = await create(busy, batch_no, 1000)
    assert_problem(answer, 429, "too_many_uploads")
    monkeypatch.setattr(limits, "MOST_OF_A_BATCH", 0)
    assert_problem(await create(officer, batch_no, 1), 409, "evidence_full")


async def test_a_disk_that_runs_low_takes_no_more(
    app: FastAPI, officer: httpx.AsyncClient, batch_no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No new upload, and none that is under way; it goes on once there is room."""
    content = picture(3 * CHUNK)
    address = await begun(officer, batch_no, len(content))
    room = app.state.runtime.uploads
    with monkeypatch.context() as low:
        low.setattr(room, "_free", lambda _: uploading.RESERVE_BYTES)
        assert_problem(await create(officer, batch_no, 1), 507, "disk_low")
        assert (await send(officer, address, content[:10])).status_code == 204
        low.setattr(room, "_free", lambda _: objects.LEAST_BYTES - 1)
        assert_problem(await send(officer, address, content[10:20], 10), 507, "disk_low")
    assert (await send(officer, address, content[20:], 20)).headers["Evidence-Digest"]


async def test_what_was_left_behind_is_tidied_up(
    app: FastAPI, officer: httpx.AsyncClient, batch_no: str, settings: Settings, migrated: AsyncEngine
) -> None:
    """An upload nobody goes on with; files that stand for nothing, after a day; what is kept stays."""
    address = await begun(officer, batch_no, 1000)
    await send(officer, address, b"\x89PNG")
    digest = await kept(officer, batch_no)
    folder = settings.evidence_folder
    fresh, old = folder / "incoming" / f"{uuid4()}.part", folder / "incoming" / f"{uuid4()}.part"
    unknown = uuid4()
    orphan = folder / "kept" / unknown.hex[-2:] / f"{unknown}.sealed"
    orphan.parent.mkdir(exist_ok=True)
    for path in (fresh, old, orphan, *folder.rglob("*.sealed")):
        path.touch()
        if path != fresh:
            os.utime(path, (0, 0))
    async with migrated.begin() as connection:
        expire = "update uploads set touched_at = touched_at - interval '8 days' where batch_no = :batch_no"
        await connection.execute(text(expire), {"batch_no": batch_no})
    await tidy(app.state.runtime.evidence, app.state.runtime.uploads)
    assert (await officer.head(address, headers=TUS)).status_code == 404
    assert fresh.exists()
    assert not old.exists()
    assert not orphan.exists()
    assert (await officer.get(f"/evidence/{digest}/content")).status_code == 200
    fresh.unlink()


async def test_a_file_that_lost_what_had_come_is_sent_again(
    officer: httpx.AsyncClient, batch_no: str, settings: Settings
) -> None:
    content = picture(3 * CHUNK)
    address = await begun(officer, batch_no, len(content))
    await send(officer, address, content[: 2 * CHUNK])
    shutil.copy("/dev/null", incoming(settings, address))
    assert_problem(await send(officer, address, content[2 * CHUNK :], 2 * CHUNK), 410, "upload_lost")
    assert (await officer.head(address, headers=TUS)).status_code == 404
