"""Uploads without HTTP, for the tests of what happens to them."""

from collections.abc import AsyncIterator
from uuid import UUID

from evidence.room import EvidenceRoom
from evidence.sealing import CHUNK
from evidence.uploading import Offered, Uploads
from law.vocabulary import Role
from messages.base import Actor
from store.evidence import uploads
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload
from tests.evidence.builders import picture
from tests.store.builders import open_one

ACTOR = Actor(sub="officer-01", name="张三", role=Role.OFFICER)
CONTENT = picture(3 * CHUNK + 1000)
FIRST = 2 * CHUNK + 500


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
