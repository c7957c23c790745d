"""Uploads whose process dies at each place in turn: nothing half counts as whole, nothing whole is lost."""

from collections.abc import AsyncIterator, Callable

import pytest

from evidence.incoming import Incoming
from evidence.objects import FolderFiles
from evidence.room import EvidenceRoom
from evidence.sealing import CHUNK
from evidence.tidying import tidy
from evidence.uploading import Uploads
from store.evidence import kept, uploads
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload
from tests.evidence.effects import Died
from tests.evidence.uploads import ACTOR, CONTENT, FIRST, begun, gone_on_with, receive, require_whole


def dies(patch: pytest.MonkeyPatch, target: object, name: str, *, after: bool) -> None:
    """Whoever calls it is killed, before it is done or afterwards."""
    real: Callable[..., object] = getattr(target, name)

    def synchronous(*args: object, **kwargs: object) -> object:
        if after:
            real(*args, **kwargs)
        raise Died

    async def asynchronous(*args: object, **kwargs: object) -> object:
        if after:
            await real(*args, **kwargs)  # type: ignore[misc]
        raise Died

    is_async = target in (uploads, kept)
    patch.setattr(target, name, asynchronous if is_async else synchronous)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("target", "name"),
    [(Incoming, "write"), (Incoming, "flush"), (uploads, "arrived")],
)
async def test_killed_in_the_middle(
    room: EvidenceRoom, target: object, name: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record never says more than is on the disk, and it goes on from there."""
    upload_id = await begun(room)
    await receive(room, upload_id, 0, FIRST)
    with monkeypatch.context() as patch:
        dies(patch, target, name, after=after)
        with pytest.raises(Died):
            await receive(room, upload_id, FIRST, FIRST + CHUNK)
    standing = await Uploads(room).find(upload_id, ACTOR)
    assert isinstance(standing, Upload)
    is_on_record = (target, after) == (uploads, True)
    assert standing.received == (FIRST + CHUNK if is_on_record else FIRST)
    await require_whole(room, await gone_on_with(room, upload_id))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Incoming, "flush"),
        (uploads, "arrived"),
        (FolderFiles, "put"),
        (kept, "keep"),
    ],
)
@pytest.mark.parametrize("comes_back", [True, False])
async def test_killed_at_the_end(
    room: EvidenceRoom,
    target: object,
    name: str,
    after: bool,
    comes_back: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whole is what was on record as whole: kept by the client's next word, or by the tidying without it."""
    upload_id = await begun(room)
    await receive(room, upload_id, 0, FIRST)
    with monkeypatch.context() as patch:
        dies(patch, target, name, after=after)
        with pytest.raises(Died):
            await receive(room, upload_id, FIRST)
    if not comes_back:
        await tidy(room, Uploads(room))
        if (target, after) in ((Incoming, False), (Incoming, True), (uploads, False)):
            standing = await uploads.upload(room.engine, upload_id)
            assert standing is not None
            assert standing.received == FIRST
            assert await kept.by_id(room.engine, upload_id) is None
            return
    one = await kept.by_id(room.engine, upload_id) if not comes_back else await gone_on_with(room, upload_id)
    assert one is not None
    await require_whole(room, one)


async def test_whole_files_are_kept_again_without_harm(room: EvidenceRoom) -> None:
    """By two at once, or by the tidying beside the client."""
    upload_id = await begun(room)
    one = await receive(room, upload_id, 0)
    assert isinstance(one, KeptEvidence)
    assert await Uploads(room).keep_whole(upload_id) == one
    await tidy(room, Uploads(room))
    await require_whole(room, one)


async def test_uploads_take_turns_while_somebody_waits_for_a_decision(room: EvidenceRoom) -> None:
    """Whoever files a step comes first; what is uploaded meanwhile is whole all the same."""
    upload_id, asked = await begun(room), 0

    def is_busy() -> bool:
        nonlocal asked
        asked += 1
        return True

    async def in_small_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(CONTENT), 256):
            yield CONTENT[at : at + 256]

    taken = await Uploads(room, lambda _: 2**50, is_busy).receive(upload_id, ACTOR, 0, in_small_pieces())
    assert isinstance(taken, KeptEvidence)
    assert asked > 1
    await require_whole(room, taken)
