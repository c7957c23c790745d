"""A file in one of several places: it is read wherever it lies, and deleted from all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from evidence.objects import FolderFiles, ObjectMissing, SealedFiles
from evidence.room import EvidenceRoom
from evidence.uploading import Uploads
from store.evidence import places
from store.evidence.kept import KeptEvidence
from tests.evidence.uploads import ACTOR, CONTENT, begun, gone_on_with, receive


def copied(one: KeptEvidence, source: SealedFiles, target: SealedFiles) -> None:
    size = source.size(one.evidence_id)
    target.copy(one.evidence_id, iter([source.read(one.evidence_id, 0, size)]))


async def content(room: EvidenceRoom, one: KeptEvidence) -> bytes:
    return b"".join([piece async for piece in room.opened(one, 0, one.size)])


async def test_a_file_is_read_where_it_lies(room: EvidenceRoom, tmp_path: Path) -> None:
    """In a place that was noted, or in the second store; while it is being read as well."""
    one = await gone_on_with(room, await begun(room))
    other = FolderFiles(tmp_path / "other")
    copied(one, room.files, other)
    await places.note(room.engine, [other.name])
    assert await content(room, one) == CONTENT
    room.files.delete(one.evidence_id)
    assert await content(room, one) == CONTENT
    await places.forget(room.engine, [other.name])
    with pytest.raises(ObjectMissing):
        await content(room, one)
    assert await content(replace(room, second=other), one) == CONTENT


async def test_what_is_altered_is_read_from_the_second_store(room: EvidenceRoom, tmp_path: Path) -> None:
    one = await gone_on_with(room, await begun(room))
    room = replace(room, second=FolderFiles(tmp_path / "second"))
    assert room.second is not None
    copied(one, room.files, room.second)
    (path,) = (tmp_path / "kept").glob("*/*")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert await content(room, one) == CONTENT


async def test_a_file_is_deleted_from_everywhere(room: EvidenceRoom, tmp_path: Path) -> None:
    one = await gone_on_with(room, await begun(room))
    room = replace(room, second=FolderFiles(tmp_path / "second"))
    assert room.second is not None
    copied(one, room.files, room.second)
    await room.delete(one.evidence_id)
    assert [*room.files.listed(), *room.second.listed()] == []


async def test_a_whole_upload_is_found_where_it_was_put_before(room: EvidenceRoom, tmp_path: Path) -> None:
    """The process was killed before it was on record, and the settings name another place since."""
    upload_id = await begun(room)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence.uploading.kept.keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            await receive(room, upload_id, 0)
    await places.note(room.engine, [room.files.name])
    moved = replace(room, files=FolderFiles(tmp_path / "new"))
    one = await Uploads(moved).find(upload_id, ACTOR)
    assert isinstance(one, KeptEvidence)
    assert await content(moved, one) == CONTENT
