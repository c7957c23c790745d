"""What lies on a disk shows nothing without the key: looked for byte by byte, wherever a file has been."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.moving import move
from evidence.objects import FolderFiles, SealedFiles, sealed_files
from evidence.room import EvidenceRoom
from store.evidence.kept import KeptEvidence
from tests.evidence import uploads
from tests.evidence.builders import picture
from tests.evidence.test_sweeping import swept
from tests.evidence.uploads import FIRST, begun, gone_on_with, receive

SECRET = b"buyer's account 4711-0817"


def shows(folder: Path, words: bytes) -> list[str]:
    """The files that have these words in them, whatever else they are."""
    command = ["grep", "--recursive", "--text", "--fixed-strings", "--files-with-matches"]
    found = subprocess.run([*command, words.decode(), str(folder)], capture_output=True, text=True)
    return found.stdout.splitlines()


async def of_the_server(superuser: AsyncEngine) -> Path:
    """PostgreSQL's own files, with all that it has in memory; its log of changes is among them."""
    async with superuser.connect() as connection:
        await connection.execute(text("checkpoint"))
        return Path((await connection.execute(text("show data_directory"))).scalar_one())


async def test_nothing_is_seen_in_any_place_a_file_has_been(
    room: EvidenceRoom, superuser: AsyncEngine, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coming in with a chunk half there, kept, copied into the second store, moved to folder and bucket."""
    content = picture(100) + SECRET * 9000
    monkeypatch.setattr(uploads, "CONTENT", content)
    (tmp_path / "second").mkdir()
    (tmp_path / "moved").mkdir()
    room = replace(room, second=FolderFiles(tmp_path / "second"))
    upload_id = await begun(room)
    await receive(room, upload_id, 0, FIRST)
    await require_unseen(superuser, tmp_path)
    one = await gone_on_with(room, upload_id)
    assert (await swept(room)).looked
    await require_unseen(superuser, tmp_path)
    for target in (FolderFiles(tmp_path / "moved"), sealed_files(bucket)):
        await move(room, target)
        room = replace(room, files=target)
        await require_unseen(superuser, tmp_path)
        assert SECRET not in sealed(target, one)
    assert SECRET in b"".join([piece async for piece in room.opened(one, 0, one.size)])
    assert shows(await of_the_server(superuser), one.filename.encode()), "what is written there is found"


async def require_unseen(superuser: AsyncEngine, folder: Path) -> None:
    assert list(folder.rglob("*.part")) or list(folder.rglob("*.sealed"))  # noqa: ASYNC240
    assert shows(folder, SECRET) == []
    assert shows(await of_the_server(superuser), SECRET) == []


def sealed(files: SealedFiles, one: KeptEvidence) -> bytes:
    return files.read(one.evidence_id, 0, files.size(one.evidence_id))
