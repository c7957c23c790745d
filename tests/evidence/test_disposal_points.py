"""An API that is killed at each point of a disposal in turn: between any two statements, deletions, answers.

Nothing is ever half done, what is held keeps its keys, and the API that comes next brings it to its end.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from evidence.objects import FolderFiles
from evidence.opening import evidence_room
from evidence.room import EvidenceRoom
from law.vocabulary import Role
from local.commands.tokens import ensure_keys, issue
from local.embedded.ports import free_port
from settings import Settings
from store.evidence import kept
from store.evidence.kept import KeptEvidence
from store.ledger import timeline
from tests.databases import tamper
from tests.evidence.dying import DyingApi
from tests.evidence.test_custody_killed import upload
from tests.faults.stack import bounded
from tests.letters.builders import printed
from tests.store.builders import open_one

pytestmark = pytest.mark.faults

WHY = {"reason": "保存期届满"}
_LINES = text("select kind from timeline where batch_no = :no and kind = any(:kinds) order by seq")
_KINDS = ["disposal_proposed", "evidence_disposed", "evidence_held"]
_CLOSED = """
    update batches set phase = 'closed', snapshot = snapshot
        || '{"phase": "closed", "keep_evidence_until": "2020-01-02"}' where batch_no = :batch_no
"""


@dataclass
class Custody:
    """An API of its own, with a second store, and what is kept there."""

    settings: Settings
    room: EvidenceRoom
    second: Path
    api: DyingApi | None = None

    async def due(self) -> str:
        """A batch with two files, in both stores, whose term is over."""
        batch_no = (await open_one(self.room.engine)).batch_no
        for _ in range(2):
            await upload(self.room, batch_no, 100_000)
        shutil.copytree(Path(self.room.files.name), self.second, dirs_exist_ok=True)
        await tamper(self.room.engine, _CLOSED, batch_no=batch_no)
        return batch_no

    async def post(self, batch_no: str, what: str) -> httpx.Response | None:
        """None where the API has died over it."""
        role = Role.APPROVER if what == "disposal/approved" else Role.OFFICER
        try:
            return await self._call("POST", f"/batches/{batch_no}/evidence/{what}", role, json=WHY)
        except httpx.TransportError:
            return None

    async def get(self, path: str) -> httpx.Response:
        return await self._call("GET", path, Role.OFFICER)

    async def _call(self, method: str, path: str, role: Role, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {issue(self.settings, role)}"}
        async with httpx.AsyncClient(base_url=self.settings.api_url, trust_env=False) as client:
            return await client.request(method, path, headers=headers, timeout=20, **more)

    async def start(self, batch_no: str, what: str, nth: int) -> None:
        """It will die before the nth effect of this act."""
        path = f"/batches/{batch_no}/evidence/{what}"
        self.api = await asyncio.to_thread(DyingApi, self.settings, path, nth)

    def has_died(self) -> bool:
        assert self.api is not None
        return self.api.has_died()

    async def lines(self, batch_no: str) -> list[str]:
        async with self.room.engine.connect() as connection:
            found = await connection.execute(_LINES, {"no": batch_no, "kinds": _KINDS})
            return list(found.scalars())

    async def require_kept(self, batch_no: str) -> None:
        """Every file has its key, and opens to what it was, in either store."""
        for one in await kept.of_batch(self.room.engine, batch_no):
            assert not one.is_disposed
            for files in (self.room.files, FolderFiles(self.second)):
                assert self._lies(files, one)
            assert len(b"".join([piece async for piece in self.room.opened(one, 0, one.size)])) == one.size

    async def is_gone(self, batch_no: str) -> bool:
        """Whether the keys are; all of them with the line that says so, or none."""
        files, lines = await kept.of_batch(self.room.engine, batch_no), await self.lines(batch_no)
        gone = {one.is_disposed for one in files} | {one.sealed_key is None for one in files}
        assert gone == {lines.count("evidence_disposed") == 1}
        assert await timeline.verify(self.room.engine, batch_no) == []
        return gone == {True}

    async def require_at_its_end(self, batch_no: str) -> None:
        """By itself: no bytes anywhere, and a certificate that says which these were."""
        files = await kept.of_batch(self.room.engine, batch_no)
        stores = (self.room.files, FolderFiles(self.second))
        async with asyncio.timeout(15):
            while any(self._lies(store, one) for store in stores for one in files):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        answer = await self.get(f"/batches/{batch_no}/evidence/disposal/1.pdf")
        assert answer.status_code == 200, answer.text
        said = printed(answer.content)
        assert all(one.sha256 in said for one in files)
        assert "共2件" in said

    @staticmethod
    def _lies(files: Any, one: KeptEvidence) -> bool:
        return any(file_id == one.evidence_id for file_id, _ in files.listed())


@pytest.fixture
async def custody(engine: AsyncEngine, database_url: str, tmp_path: Path) -> AsyncIterator[Custody]:
    settings = Settings(
        home=tmp_path,
        api_port=free_port(),
        database_url=database_url,
        evidence_keys=tmp_path / "keys",
        evidence_second=str(tmp_path / "second"),
    )
    ensure_keys(settings.home_dir)
    RootKeys(settings.evidence_keys_folder).ensure()
    (tmp_path / "second").mkdir()
    made = Custody(settings, evidence_room(settings, engine), tmp_path / "second")
    yield made
    if made.api is not None:
        made.api.kill()
    made.room.close()


@bounded(300)
@pytest.mark.parametrize("what", ["disposal", "hold", "disposal/approved"])
async def test_killed_at_any_point_it_is_done_or_not(custody: Custody, what: str) -> None:
    """Done again by people where it was not; and a batch that is held keeps everything all the while."""
    held, earlier, nth, done = await custody.due(), "", 0, set()
    while True:
        nth += 1
        batch_no = await custody.due()
        await custody.start(batch_no, what, nth)
        if earlier:
            await finish(custody, earlier, what)
        else:
            await custody.post(held, "disposal")
            await custody.post(held, "hold")
        refused = await custody.post(held, "disposal/approved")
        assert refused is not None
        assert refused.json()["code"] == "evidence_held"
        if what != "disposal":
            await custody.post(batch_no, "disposal")
        answer = await custody.post(batch_no, what)
        await custody.require_kept(held)
        if answer is not None:
            break
        assert custody.has_died()
        done.add(await is_done(custody, batch_no, what))
        earlier = batch_no
    assert answer.status_code == 200
    await finish(custody, batch_no, what)
    assert done == {True, False}, "points before its commit and after"


async def is_done(custody: Custody, batch_no: str, what: str) -> bool:
    gone, lines = await custody.is_gone(batch_no), await custody.lines(batch_no)
    if what == "disposal/approved":
        assert lines == ["disposal_proposed", *(["evidence_disposed"] if gone else [])]
        return gone
    await custody.require_kept(batch_no)
    return lines[-1:] == [{"disposal": "disposal_proposed", "hold": "evidence_held"}[what]]


async def finish(custody: Custody, batch_no: str, what: str) -> None:
    """As people go on who have had no answer: with the same once more, and then with what comes next."""
    if what == "hold":
        again = await custody.post(batch_no, "hold")
        assert again is not None
        assert again.status_code == 200 or again.json()["code"] == "evidence_held"
        refused = await custody.post(batch_no, "disposal/approved")
        assert refused is not None
        assert refused.json()["code"] == "evidence_held"
        assert await custody.lines(batch_no) == ["disposal_proposed", "evidence_held"]
        await custody.require_kept(batch_no)
        return
    if not await custody.is_gone(batch_no):
        certificate = await custody.get(f"/batches/{batch_no}/evidence/disposal/1.pdf")
        assert certificate.json()["code"] == "disposal_unknown"
        for act in ("disposal", "disposal/approved"):
            answer = await custody.post(batch_no, act)
            assert answer is not None
            assert answer.status_code == 200, answer.text
        assert await custody.is_gone(batch_no)
    assert await custody.lines(batch_no) == ["disposal_proposed", "evidence_disposed"]
    await custody.require_at_its_end(batch_no)
