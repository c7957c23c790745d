"""Uploads whose process dies at each place in turn: nothing half counts as whole, nothing whole is lost."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.incoming import Incoming
from evidence.keyring import RootKeys
from evidence.objects import FolderFiles
from evidence.profiles import Profile
from evidence.room import EvidenceRoom
from evidence.sealing import CHUNK
from evidence.tidying import tidy
from evidence.uploading import Offered, Uploads
from law.vocabulary import Role
from messages.base import Actor
from store.evidence import kept, uploads
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload
from tests.evidence.builders import picture
from tests.store.builders import open_one

ACTOR = Actor(sub="officer-01", name="张三", role=Role.OFFICER)
CONTENT = picture(3 * CHUNK + 1000)
FIRST = 2 * CHUNK + 500


class Died(BaseException):
    """The process was killed here, as far as anybody can tell from outside."""


@pytest.fixture
def room(engine: AsyncEngine, tmp_path: Path) -> EvidenceRoom:
    keys = RootKeys(tmp_path / "keys")
    keys.ensure()
    return EvidenceRoom(engine, keys, FolderFiles(tmp_path / "kept"), tmp_path / "incoming", Profile.STANDARD)


async def begun(room: EvidenceRoom) -> UUID:
    batch_no = (await open_one(room.engine)).batch_no
    offered = Offered(batch_no, "照片.png", len(CONTENT), None, "周保管", ACTOR)
    return (await Uploads(room, lambda _: 2**50).begin(offered, 5)).upload_id


async def pieces(begin: int, end: int | None = None) -> AsyncIterator[bytes]:
    yield CONTENT[begin:end]


async def receive(
    room: EvidenceRoom, upload_id: UUID, begin: int, end: int | None = None
) -> Upload | KeptEvidence:
    """In a process of its own, as it were: nothing is remembered but what is on record and on the disk."""
    return await Uploads(room, lambda _: 2**50).receive(upload_id, ACTOR, begin, pieces(begin, end))


async def gone_on_with(room: EvidenceRoom, upload_id: UUID) -> KeptEvidence:
    standing = await Uploads(room, lambda _: 2**50).find(upload_id, ACTOR)
    if isinstance(standing, Upload):
        standing = await receive(room, upload_id, standing.received)
    assert isinstance(standing, KeptEvidence)
    return standing


async def require_whole(room: EvidenceRoom, one: KeptEvidence) -> None:
    content = b"".join([piece async for piece in room.opened(one, 0, one.size)])
    assert content == CONTENT
    assert [found for found, _ in room.files.listed()] == [one.evidence_id]
    assert list(room.incoming.iterdir()) == []
    assert await uploads.upload(room.engine, one.evidence_id) is None


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
