"""Evidence comes in, and comes to its end, while API, worker and PostgreSQL are killed (``CHOUJIAN_SEED``).

No half file counts as whole, no whole file is lost, no key is lost, and a day later nothing lies about.
"""

import asyncio
import hashlib
import os
import random
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence import tidying
from evidence.keyring import RootKeys
from evidence.objects import FolderFiles
from evidence.profiles import Profile
from evidence.room import EvidenceRoom
from evidence.uploading import Uploads
from law.vocabulary import Role
from local.commands import evidence
from local.commands.calling import Caller
from local.errors import CommandError
from messages.records import TimelineKind
from store.engine import make_engine
from store.evidence import kept
from store.evidence.kept import KeptEvidence
from store.ledger import timeline
from tests.databases import tamper
from tests.evidence.builders import picture
from tests.faults.clients import Clients
from tests.faults.stack import Part, Stack, bounded

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("CHOUJIAN_SEED", "14"))
MIB = 1024 * 1024
_KILLED = (Part.API, Part.WORKER, Part.POSTGRES)
_FILES = 5
_LEAST_KILLS = 6
_BATCHES = 8
_WHY = {"reason": "保存期届满"}


def room_of(stack: Stack, engine: AsyncEngine) -> EvidenceRoom:
    """What the API works with, beside it."""
    folder, keys = stack.settings.evidence_folder, stack.settings.evidence_keys_folder
    files = FolderFiles(folder / "kept")
    return EvidenceRoom(engine, RootKeys(keys), files, folder / "incoming", Profile.STANDARD)


async def kill_and_start(stack: Stack, part: Part) -> None:
    stack.kill_9(part)
    await stack.start(part)


async def until_added(caller: Caller, batch_no: str, file: Path) -> None:
    """As somebody who runs the command again as often as it ends without the file being in."""
    while True:
        with suppress(CommandError):
            await asyncio.to_thread(evidence.add, caller, Role.OFFICER, batch_no, file, keeper=None)
            return
        await asyncio.sleep(0.2)


async def digest_of(room: EvidenceRoom, one: KeptEvidence) -> str:
    taken = hashlib.sha256()
    async for piece in room.opened(one, 0, one.size):
        taken.update(piece)
    return taken.hexdigest()


async def assert_nothing_lies_about_a_day_later(room: EvidenceRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the store lies what has a key and nothing else, and what is coming in has its row."""
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(tidying.time, "time", lambda: now + 25 * 3600)
        await tidying.tidy(room, Uploads(room))
    async with room.engine.connect() as connection:
        rows = await connection.execute(text("select evidence_id from evidence where sealed_key is not null"))
        assert {file_id for file_id, _ in room.files.listed()} == set(rows.scalars())
        coming = set((await connection.execute(text("select upload_id from uploads"))).scalars())
    assert {UUID(path.stem) for path in room.incoming.glob("*")} <= coming


@bounded(420)
async def test_files_come_in_whole_whatever_is_killed(
    stack: Stack, clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people upload one file after the other; each is there in the end, once, and opens to its digest."""
    chance, batch_no = random.Random(SEED), await clients.open()
    files = []
    for number in range(_FILES):
        path = tmp_path / f"{number}.png"
        path.write_bytes(picture(chance.randrange(30, 120) * MIB + chance.randrange(100_000)))
        files.append(path)
    caller, kills = Caller(stack.settings), 0

    async def upload(mine: list[Path]) -> None:
        for path in mine:
            await until_added(caller, batch_no, path)

    async with asyncio.TaskGroup() as group:
        uploading = [group.create_task(upload(files[nth::2])) for nth in range(2)]
        while not all(task.done() for task in uploading) or kills < _LEAST_KILLS:
            await asyncio.sleep(chance.random() * 1.5)
            await kill_and_start(stack, chance.choice(_KILLED))
            kills += 1
            await asyncio.sleep(chance.random() * 3)
    await clients.working()
    engine = make_engine(stack.settings.database_url or "", pool_size=2)
    room = room_of(stack, engine)
    found = await kept.of_batch(engine, batch_no)
    expected = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    assert sorted(one.sha256 for one in found) == expected, f"seed {SEED}"
    for one in found:
        assert await digest_of(room, one) == one.sha256, f"seed {SEED}"
    lines = "select count(*) from timeline where batch_no = :no and kind = :kind"
    async with engine.connect() as connection:
        said = {"no": batch_no, "kind": TimelineKind.EVIDENCE_RECEIVED}
        assert (await connection.execute(text(lines), said)).scalar_one() == _FILES
    assert await timeline.verify(engine, batch_no) == []
    await assert_nothing_lies_about_a_day_later(room, monkeypatch)
    # An upload whose address was lost with the line is given up a week later.
    await tamper(engine, "update uploads set touched_at = touched_at - interval '8 days'")
    await assert_nothing_lies_about_a_day_later(room, monkeypatch)
    assert list(room.incoming.iterdir()) == []
    await engine.dispose()


async def closed_with_files(stack: Stack, clients: Clients, engine: AsyncEngine, folder: Path) -> str:
    """A batch with two files whose term is over, as the workflow's record would have it."""
    batch_no = await clients.open()
    for number in range(2):
        path = folder / f"{batch_no}-{number}.png"
        path.write_bytes(picture(200_000))
        await until_added(Caller(stack.settings), batch_no, path)
    closing = """
        update batches set phase = 'closed', snapshot = snapshot
            || '{"phase": "closed", "keep_evidence_until": "2020-01-02"}' where batch_no = :batch_no
    """
    await tamper(engine, closing, batch_no=batch_no)
    return batch_no


@bounded(420)
async def test_a_disposal_is_whole_whatever_is_killed(
    stack: Stack, clients: Clients, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a batch's keys go with the line that says so, or none; what is held keeps every one."""
    chance = random.Random(SEED)
    batch_nos = [await closed_with_files(stack, clients, engine, tmp_path) for _ in range(_BATCHES)]
    held = batch_nos[0]
    for batch_no in batch_nos:
        await clients.until_answered("POST", f"/batches/{batch_no}/evidence/disposal", body=_WHY)
    await clients.until_answered("POST", f"/batches/{held}/evidence/hold", body=_WHY)
    await engine.dispose()
    for batch_no in batch_nos:
        address = f"/batches/{batch_no}/evidence/disposal/approved"
        approving = asyncio.create_task(clients.until_answered("POST", address, Role.APPROVER))
        await asyncio.sleep(chance.random() * 0.06)
        await kill_and_start(stack, chance.choice(_KILLED))
        answer = await approving
        refused = {held: "evidence_held"}.get(batch_no, "evidence_not_due")
        # Not due any more where it was done and the answer lost.
        assert answer.status_code == 200 or answer.json()["code"] == refused, answer.text
    await clients.working()
    room = room_of(stack, engine)
    for batch_no in batch_nos:
        files = await kept.of_batch(engine, batch_no)
        is_gone = batch_no != held
        assert [(one.is_disposed, one.sealed_key is None) for one in files] == [(is_gone, is_gone)] * 2
        async with engine.connect() as connection:
            lines = await connection.execute(
                text("select data from timeline where batch_no = :no and kind = :kind"),
                {"no": batch_no, "kind": TimelineKind.EVIDENCE_DISPOSED},
            )
            told = [{one["sha256"] for one in data["files"]} for data in lines.scalars()]
        assert told == ([{one.sha256 for one in files}] if is_gone else []), f"seed {SEED}"
        assert await timeline.verify(engine, batch_no) == []
    for one in await kept.of_batch(engine, held):
        assert await digest_of(room, one) == one.sha256
    await assert_nothing_lies_about_a_day_later(room, monkeypatch)
    for batch_no in batch_nos[1:]:
        certificate = await clients.until_answered("GET", f"/batches/{batch_no}/evidence/disposal/1.pdf")
        assert certificate.status_code == 200, certificate.text
