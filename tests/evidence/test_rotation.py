"""Another root key: every file opens as before, whatever is interrupted, and no key is lost."""

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence import rotation
from evidence.keyring import NoRootKey, RootKeys
from evidence.room import EvidenceRoom
from evidence.uploading import Uploads
from store.evidence import wrapping
from store.evidence.kept import KeptEvidence
from tests.evidence.effects import Died, Watch, die, watched
from tests.evidence.uploads import FIRST, begun, gone_on_with, receive, require_whole


async def test_everything_opens_under_the_new_root(room: EvidenceRoom, tmp_path: Path) -> None:
    """What is kept, and what is coming in; the root before is needed no more."""
    one = await gone_on_with(room, await begun(room))
    coming = await begun(room)
    await receive(room, coming, 0, FIRST)
    before = room.keys.current()
    root, done = await rotation.rotate(room.engine, room.keys)
    assert (root != before, done) == (True, 2)
    assert await wrapping.needed_roots(room.engine) == {root}
    (tmp_path / "keys" / f"root-{before}.key").unlink()
    again = await Uploads(room).find(one.evidence_id, one.uploaded_by)
    assert isinstance(again, KeptEvidence)
    assert again.root_key == root
    assert b"".join([piece async for piece in room.opened(again, 0, 10)])
    await gone_on_with(room, coming)


async def test_an_interrupted_rotation_is_finished(
    room: EvidenceRoom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the root key that it had made; meanwhile both are there."""
    one = await gone_on_with(room, await begun(room))
    other = await gone_on_with(room, await begun(room))
    real, calls = wrapping.rewrap, 0

    async def dies(engine: AsyncEngine, before: wrapping.KeyOfFile, root: str, sealed: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError
        await real(engine, before, root, sealed)

    with monkeypatch.context() as patch:
        patch.setattr(wrapping, "rewrap", dies)
        with pytest.raises(ConnectionError):
            await rotation.rotate(room.engine, room.keys)
    made = room.keys.current()
    for file_id in (one.evidence_id, other.evidence_id):
        found = await Uploads(room).find(file_id, one.uploaded_by)
        assert isinstance(found, KeptEvidence)
        assert [piece async for piece in room.opened(found, 0, 10)]
    assert await rotation.rotate(room.engine, room.keys) == (made, 1)
    assert room.keys.current() == made


async def test_a_root_that_is_missing_is_told(room: EvidenceRoom, tmp_path: Path) -> None:
    """And nothing is changed."""
    one = await gone_on_with(room, await begun(room))
    path = tmp_path / "keys" / f"root-{one.root_key}.key"
    root = path.read_text()
    path.unlink()
    with pytest.raises(NoRootKey, match=one.root_key):
        await rotation.rotate(room.engine, room.keys)
    path.write_text(root)
    await rotation.rotate(room.engine, RootKeys(tmp_path / "keys"))
    found = await Uploads(room).find(one.evidence_id, one.uploaded_by)
    assert isinstance(found, KeptEvidence)
    await require_whole(room, found)


async def test_killed_at_any_point_it_loses_no_key(
    room: EvidenceRoom, patched: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before each key that is written, each statement and each commit; the next run brings it to its end."""
    assert patched
    one, coming = await gone_on_with(room, await begun(room)), await begun(room)
    await receive(room, coming, 0, FIRST)
    nth, seen = 0, ["as if it had died"]
    while len(seen) >= nth:
        nth += 1
        before, watch = room.keys.current(), Watch(nth, die)
        seen = watch.seen
        with suppress(Died), watched(watch):
            await rotation.rotate(room.engine, room.keys)
        for file_id in (one.evidence_id, coming):
            found = await Uploads(room).find(file_id, one.uploaded_by)
            assert await room.in_thread(room.sealer, file_id, found), seen
        root, _ = await rotation.rotate(room.engine, room.keys)
        assert root != before
        assert await wrapping.needed_roots(room.engine) == {root}
    assert {"commit", "write: current"} <= set(seen)
    (tmp_path / "keys" / f"root-{before}.key").unlink()
    await gone_on_with(room, coming)
