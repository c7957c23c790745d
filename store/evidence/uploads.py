"""Uploads on record: how much of each file has come for certain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.base import Actor
from store.canonical import model_json
from store.engine import autocommit
from store.errors import TooManyUploads

# After its last byte; a browser that was closed on a Friday goes on on Monday.
KEPT_OPEN_DAYS = 7

_SHOWN = f"""
    upload_id, batch_no, filename, size, declared_sha256, keeper, actor, profile, root_key, sealed_key,
    received, rest, media_type, sha256, sm3, touched_at + interval '{KEPT_OPEN_DAYS} days' as expires_at
"""
_OPEN = f"touched_at > clock_timestamp() - interval '{KEPT_OPEN_DAYS} days'"
_CREATE = text(f"""
    insert into uploads (upload_id, batch_no, filename, size, declared_sha256, keeper, actor, profile,
        root_key, sealed_key)
    select :upload_id, :batch_no, :filename, :size, :declared_sha256, :keeper, cast(:actor as jsonb),
        :profile, :root_key, :sealed_key
    where (select count(*) from uploads where actor ->> 'sub' = :sub) < :most
    returning {_SHOWN}
""")
_ONE = text(f"select {_SHOWN} from uploads where upload_id = :upload_id")
_OF_BATCH = text(f"""
    select {_SHOWN} from uploads where batch_no = :batch_no and actor ->> 'sub' = :sub and {_OPEN}
    order by touched_at desc
""")
_ARRIVED = text("""
    update uploads set received = :received, rest = :rest, media_type = :media_type, sha256 = :sha256,
        sm3 = :sm3, touched_at = clock_timestamp()
    where upload_id = :upload_id
""")
_END = text("delete from uploads where upload_id = :upload_id")
_EXPIRED = text(f"select upload_id from uploads where sha256 is null and not {_OPEN}")
_WHOLE = text(f"select {_SHOWN} from uploads where sha256 is not null")
_IDS = text("select upload_id from uploads where upload_id = any(:ids)")
_TO_COME = text("select coalesce(sum(size - received), 0) from uploads")


@dataclass(frozen=True)
class Upload:
    """A file that is coming in; ``sha256`` is known once all of it has come."""

    upload_id: UUID
    batch_no: str
    filename: str
    size: int
    declared_sha256: str | None
    keeper: str
    actor: Actor
    profile: str
    root_key: str
    sealed_key: bytes
    received: int
    rest: bytes | None
    media_type: str | None
    sha256: str | None
    sm3: str | None
    expires_at: datetime


@dataclass(frozen=True)
class NewUpload:
    """What is to come in, under which wrapped key."""

    upload_id: UUID
    batch_no: str
    filename: str
    size: int
    declared_sha256: str | None
    keeper: str
    actor: Actor
    profile: str
    root_key: str
    sealed_key: bytes


async def create(engine: AsyncEngine, new: NewUpload, most: int) -> Upload:
    """Raises ``TooManyUploads`` where the person has ``most`` open already."""
    row = {**vars(new), "actor": model_json(new.actor), "sub": new.actor.sub, "most": most}
    async with autocommit(engine) as connection:
        made = (await connection.execute(_CREATE, row)).one_or_none()
    if made is None:
        raise TooManyUploads(most)
    return _upload(made)


async def upload(engine: AsyncEngine, upload_id: UUID) -> Upload | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"upload_id": upload_id})).one_or_none()
    return None if row is None else _upload(row)


async def of_batch(engine: AsyncEngine, batch_no: str, sub: str) -> list[Upload]:
    """A person's own that can be gone on with, the last touched first."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_OF_BATCH, {"batch_no": batch_no, "sub": sub})
        return [_upload(row) for row in rows]


async def arrived(
    engine: AsyncEngine,
    upload_id: UUID,
    *,
    received: int,
    rest: bytes | None,
    media_type: str | None,
    sha256: str | None = None,
    sm3: str | None = None,
) -> bool:
    """Note what has come; it is on the disk already. False where the upload has been given up meanwhile."""
    row = {"received": received, "rest": rest, "media_type": media_type, "sha256": sha256, "sm3": sm3}
    async with autocommit(engine) as connection:
        return (await connection.execute(_ARRIVED, row | {"upload_id": upload_id})).rowcount == 1


async def end(engine: AsyncEngine, upload_id: UUID) -> None:
    """Give up what has come."""
    async with autocommit(engine) as connection:
        await connection.execute(_END, {"upload_id": upload_id})


async def expired(engine: AsyncEngine) -> Sequence[UUID]:
    """Those that nobody has gone on with in time."""
    async with autocommit(engine) as connection:
        return (await connection.execute(_EXPIRED)).scalars().all()


async def whole(engine: AsyncEngine) -> list[Upload]:
    """Those of which all has come, and that are not kept yet: their process was killed in between."""
    async with autocommit(engine) as connection:
        return [_upload(row) for row in await connection.execute(_WHOLE)]


async def known(engine: AsyncEngine, ids: Collection[UUID]) -> set[UUID]:
    """Those that are on record."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_IDS, {"ids": list(ids)})).scalars())


async def bytes_to_come(engine: AsyncEngine) -> int:
    """What all open uploads still need."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_TO_COME)).scalar_one())


def _upload(row: Row[Any]) -> Upload:
    return Upload(**row._asdict() | {"actor": Actor.model_validate(row.actor)})
