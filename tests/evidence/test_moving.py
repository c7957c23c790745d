"""Moving to another place: whoever dies when, each file lies whole in one of the two, and is read there."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import moving
from evidence.moving import Moved, move
from evidence.objects import BucketFiles, FolderFiles, PlaceAway, SealedFiles, sealed_files
from evidence.room import EvidenceRoom
from store.evidence import checks, places
from store.evidence.kept import KeptEvidence
from store.evidence.places import AlreadyMoving
from tests.evidence.effects import Died, Watch, die, watched
from tests.evidence.test_sweeping import alter, lies, lines, swept
from tests.evidence.uploads import CONTENT, begun, gone_on_with


@pytest.fixture
async def three(room: EvidenceRoom) -> list[KeptEvidence]:
    return [await gone_on_with(room, await begun(room)) for _ in range(3)]


def folder(path: Path) -> SealedFiles:
    path.mkdir()
    return FolderFiles(path)


async def read(room: EvidenceRoom, one: KeptEvidence) -> bytes:
    return b"".join([piece async for piece in room.opened(one, 0, one.size)])


def listed(files: SealedFiles) -> set[object]:
    return {file_id for file_id, _ in files.listed()}


async def test_all_files_are_moved_and_the_old_place_is_forgotten(
    room: EvidenceRoom, three: list[KeptEvidence], bucket: str
) -> None:
    """Into a bucket and back; new files go where the settings say, whenever those are changed."""
    target = sealed_files(bucket)
    assert await move(room, target) == Moved(moved=3)
    assert (len(listed(target)), len(listed(room.files))) == (3, 0)
    late = await gone_on_with(room, await begun(room))
    now = replace(room, files=target)
    for one in (*three, late):
        assert await read(room, one) == await read(now, one) == CONTENT
    assert await move(now, target) == Moved(moved=1, is_over=True)
    assert await places.known(room.engine) == []
    assert (await swept(now)).damaged == 0
    assert await move(now, room.files) == Moved(moved=4)
    assert await move(room, room.files) == Moved(is_over=True)
    assert (len(listed(target)), len(listed(room.files))) == (0, 4)
    assert await lines(room.engine) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        (places, "note"),
        (FolderFiles, "copy"),
        (checks, "note"),
        (FolderFiles, "delete"),
        (checks, "forget"),
    ],
)
async def test_interrupted_it_goes_on(
    room: EvidenceRoom,
    three: list[KeptEvidence],
    tmp_path: Path,
    target: object,
    name: str,
    after: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At each of its steps with the second file; meanwhile every file is read."""
    other, calls = folder(tmp_path / "other"), 0
    real: Callable[..., object] = getattr(target, name)
    dies_at = 1 if target is places else 2

    def dying(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == dies_at and not after:
            raise Died
        found = real(*args, **kwargs)
        if calls == dies_at:
            raise Died
        return found

    async def dying_later(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == dies_at and not after:
            raise Died
        found = await real(*args, **kwargs)  # type: ignore[misc]
        if calls == dies_at:
            raise Died
        return found

    with monkeypatch.context() as patch:
        patch.setattr(target, name, dying_later if target in (places, checks) else dying)
        with pytest.raises(Died):
            await move(room, other)
    for one in three:
        assert await read(room, one) == CONTENT
    found = await move(room, other)
    assert (found.left, listed(room.files)) == ({}, set())
    for one in three:
        assert await read(replace(room, files=other), one) == CONTENT


async def test_killed_at_any_point_it_loses_no_file(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path, patched: pytest.MonkeyPatch
) -> None:
    """There and back, before each statement, commit and touch of a file; the next run ends what was begun."""
    assert patched
    other, seen, nth, dead = folder(tmp_path / "other"), set(), 0, 2
    while dead:
        nth, dead = nth + 1, 0
        for aim in (other, room.files):
            watch = Watch(nth, die)
            with suppress(Died), watched(watch):
                await move(room, aim)
            dead += len(watch.seen) == nth
            for one in three:
                assert await read(room, one) == CONTENT, watch.seen
            assert (await move(room, aim)).left == {}
            assert len(listed(aim)) == 3
            seen |= set(watch.seen)
        assert listed(other) == set()
        assert await places.known(room.engine) == []
    assert nth > 30
    assert "thread: FolderFiles.delete" in seen


async def test_a_file_is_read_while_it_is_moved(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first part in the old place, the others in the new one."""
    monkeypatch.setattr("evidence.room.CHUNKS_AT_ONCE", 1)
    pieces = room.opened(three[0], 0, three[0].size)
    read_by_now = await anext(pieces)
    await move(room, folder(tmp_path / "other"))
    assert read_by_now + b"".join([piece async for piece in pieces]) == CONTENT


async def test_a_damaged_file_stays_and_is_told(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path
) -> None:
    """Whether it is altered, missing, or its copy does not come to be whole; the others are moved."""
    altered, missing, _ = three
    alter(lies(room.files, altered))
    room.files.delete(missing.evidence_id)
    found = await move(room, folder(tmp_path / "other"))
    assert found.moved == 1
    assert found.left[altered.evidence_id].endswith("与登记的摘要不符")
    assert found.left[missing.evidence_id].endswith("缺失")
    assert lies(room.files, altered).exists()


async def test_a_copy_that_is_not_whole_deletes_nothing(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder(tmp_path / "other")
    monkeypatch.setattr(other, "copy", lambda file_id, _: FolderFiles.copy(other, file_id, iter([b"half"])))  # type: ignore[arg-type]
    found = await move(room, other)
    assert (found.moved, len(found.left)) == (0, 3)
    for one in three:
        assert await read(room, one) == CONTENT


async def test_what_lies_half_in_the_new_place_is_copied_anew(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path
) -> None:
    other = folder(tmp_path / "other")
    other.copy(three[0].evidence_id, iter([b"half"]))
    assert (await move(room, other)).moved == 3
    assert await read(replace(room, files=other), three[0]) == CONTENT


async def test_one_moves_at_a_time(
    room: EvidenceRoom, three: list[KeptEvidence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything moved where nobody answers."""
    assert len(three) == 3
    other, tried = folder(tmp_path / "other"), 0

    def meanwhile() -> None:
        nonlocal tried
        tried += 1

    async def second(*_: object) -> None:
        with pytest.raises(AlreadyMoving):
            await move(room, room.files)

    with monkeypatch.context() as patch:
        patch.setattr(moving.checks, "forget", second)
        await move(room, other, meanwhile)
    assert tried >= 3
    for nowhere in (FolderFiles(tmp_path / "nowhere"), BucketFiles("s3://nobodys/evidence")):
        with pytest.raises(PlaceAway):
            await move(room, nowhere)
