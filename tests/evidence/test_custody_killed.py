"""Rotation, moving and repair in processes that are killed again and again: no key and no file is lost."""

import asyncio
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.checking import Pace, look
from evidence.objects import FolderFiles, SealedFiles
from evidence.opening import evidence_room
from evidence.room import EvidenceRoom
from evidence.uploading import Offered, Uploads
from messages.evidence import EvidenceCondition
from settings import Settings
from store.engine import autocommit
from store.evidence import checks, kept, uploads, wrapping
from store.evidence.kept import KeptEvidence
from tests.databases import tamper
from tests.evidence.builders import picture
from tests.evidence.test_sweeping import alter, lies
from tests.evidence.uploads import ACTOR, FIRST, begun, receive
from tests.store.builders import open_one

pytestmark = pytest.mark.faults
SEED = int(os.environ.get("CHOUJIAN_SEED", "14"))
FILES = 60
Progress = Callable[[], Awaitable[int]]
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Custody:
    """An installation without servers: its settings, its room, and what is kept in it."""

    settings: Settings
    room: EvidenceRoom
    files: list[KeptEvidence]
    chance: random.Random

    async def killed_again_and_again(self, *words: str, progress: Progress, check: Check) -> None:
        """A command is killed after every few of its steps and run again, until it says that it is done."""
        kills = 0
        while True:
            before, steps = await progress(), self.chance.randrange(1, 9)
            process = await asyncio.to_thread(self.begun, words)
            while process.poll() is None and await progress() < before + steps:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            await asyncio.sleep(self.chance.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            if await asyncio.to_thread(process.wait) != -signal.SIGKILL:
                assert process.returncode == 0, f"seed {SEED}"
                assert kills >= 3, f"seed {SEED}: it was over before it was killed"
                return
            kills += 1
            await check()

    def begun(self, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "CHOUJIAN_HOME": str(self.settings.home),
            "CHOUJIAN_EVIDENCE_KEYS": str(self.settings.evidence_keys),
            "CHOUJIAN_EVIDENCE_SECOND": self.settings.evidence_second or "",
            "DATABASE_URL": self.settings.database_url or "",
            "TEMPORAL_ADDRESS": "127.0.0.1:9",
        }
        argv = [sys.executable, "-m", "local.commands.cli", *words]
        with (self.settings.home / "command.log").open("ab") as log:
            return subprocess.Popen(argv, env=environment, stdout=log, stderr=log)

    async def require_all_read(self) -> None:
        """Every file, as it is on record now, wherever it lies."""
        for one in self.files:
            now = await kept.by_id(self.room.engine, one.evidence_id)
            assert now is not None
            digest = hashlib.sha256()
            async for piece in self.room.opened(now, 0, now.size):
                digest.update(piece)
            assert digest.hexdigest() == one.sha256, f"seed {SEED}"

    async def is_whole(self, one: KeptEvidence, files: SealedFiles) -> bool:
        sealer = self.room.sealer(one.evidence_id, one)
        found = await self.room.in_thread(look, one, sealer, files, Pace())
        return found is EvidenceCondition.WHOLE


@pytest.fixture
async def custody(engine: AsyncEngine, database_url: str, tmp_path: Path) -> AsyncIterator[Custody]:
    (tmp_path / "second").mkdir()
    settings = Settings(
        home=tmp_path,
        database_url=database_url,
        evidence_keys=tmp_path / "keys",
        evidence_second=str(tmp_path / "second"),
    )
    room, chance = evidence_room(settings, engine), random.Random(SEED)
    room.keys.ensure()
    batch_no = (await open_one(engine)).batch_no
    files = [await upload(room, batch_no, chance.randrange(1, 3_000_000)) for _ in range(FILES)]
    yield Custody(settings, room, files, chance)
    room.close()


async def upload(room: EvidenceRoom, batch_no: str, size: int) -> KeptEvidence:
    content, taking_in = picture(size + 8), Uploads(room, lambda _: 2**50)

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    offered = Offered(batch_no, "照片.png", len(content), None, "周保管", ACTOR)
    begun = await taking_in.begin(offered, 5)
    one = await taking_in.receive(begun.upload_id, ACTOR, 0, pieces())
    assert isinstance(one, KeptEvidence)
    return one


def listed(files: SealedFiles) -> set[object]:
    return {file_id for file_id, _ in files.listed()}


async def number(engine: AsyncEngine, question: str, **parameters: object) -> int:
    async with autocommit(engine) as connection:
        return int((await connection.execute(text(question), parameters)).scalar_one())


async def test_no_key_is_lost_while_root_keys_are_rotated(custody: Custody) -> None:
    """Nor that of a file which is coming in; in the end the root key before is needed no more."""
    room = custody.room
    coming = await begun(room)
    await receive(room, coming, 0, FIRST)
    first = room.keys.current()

    async def under_another() -> int:
        asked = "select count(*) from evidence where root_key = :root and root_key <> :first"
        return await number(room.engine, asked, root=room.keys.current(), first=first)

    await custody.killed_again_and_again(
        "keys", "rotate-evidence", progress=under_another, check=custody.require_all_read
    )
    assert await wrapping.needed_roots(room.engine) == {room.keys.current()}
    for path in custody.settings.evidence_keys_folder.glob("root-*.key"):
        if room.keys.current() not in path.name:
            path.unlink()
    await custody.require_all_read()
    assert (await uploads.upload(room.engine, coming)) is not None
    await receive(room, coming, FIRST)


async def test_no_file_is_lost_while_all_are_moved(custody: Custody, tmp_path: Path) -> None:
    """Each is read at every moment, and in the end lies whole in its new place alone."""
    target = FolderFiles(tmp_path / "other" / "kept")

    async def moved() -> int:
        return len(listed(target))

    await custody.killed_again_and_again(
        "evidence", "move", "--to", str(tmp_path / "other"), progress=moved, check=custody.require_all_read
    )
    assert listed(custody.room.files) == set()
    assert listed(target) == {one.evidence_id for one in custody.files}
    for one in custody.files:
        assert await custody.is_whole(one, target), f"seed {SEED}"
    target.forget_copies(2**40)
    assert list(tmp_path.rglob("*.copy")) == []  # noqa: ASYNC240


async def test_nothing_half_counts_as_whole_while_it_is_repaired(
    custody: Custody, superuser: AsyncEngine
) -> None:
    """What is on record as whole is whole, and in the end all of it is, in both stores."""
    room, engine = custody.room, custody.room.engine
    assert room.second is not None
    second = room.second
    process = await asyncio.to_thread(custody.begun, ("evidence", "sweep"))
    assert await asyncio.to_thread(process.wait) == 0
    assert len(listed(second)) == FILES
    await tamper(superuser, "update evidence_checks set looked_at = looked_at - interval '31 days'")
    begun_at = await checks.now(engine)
    for one in custody.files:
        path = lies(custody.chance.choice([room.files, second]), one)
        custody.chance.choice([alter, Path.unlink])(path)

    async def looked() -> int:
        return await number(engine, "select count(*) from evidence_checks where looked_at > :at", at=begun_at)

    async def require_true() -> None:
        asked = "select evidence_id, place from evidence_checks where condition = 'whole' and looked_at > :at"
        async with autocommit(engine) as connection:
            said = {tuple(row) for row in await connection.execute(text(asked), {"at": begun_at})}
        for one in custody.files:
            for files in (room.files, second):
                if (one.evidence_id, files.name) in said:
                    assert await custody.is_whole(one, files), f"seed {SEED}"
        await custody.require_all_read()

    await custody.killed_again_and_again("evidence", "sweep", progress=looked, check=require_true)
    for one in custody.files:
        assert await custody.is_whole(one, room.files), f"seed {SEED}"
        assert await custody.is_whole(one, second), f"seed {SEED}"
    kinds = "select count(*) from timeline where kind = :kind"
    damaged = await number(engine, kinds, kind="evidence_damaged")
    assert damaged == FILES == await number(engine, kinds, kind="evidence_whole_again"), f"seed {SEED}"
