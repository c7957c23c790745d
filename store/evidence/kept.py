"""Evidence that is kept: a file goes on record with keeper and line on the timeline, or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messages.base import Actor
from messages.evidence import EvidenceFinding
from messages.names import evidence_line, keeper_line
from messages.records import TimelineEntry, TimelineKind
from store.canonical import model_json
from store.engine import autocommit
from store.errors import EvidenceUnknown
from store.evidence.uploads import Upload
from store.ledger import timeline
from store.ledger.lock import LockedBatch, lock_batch

_RESTS_ON = "§5"
_SHOWN = """
    e.evidence_id, e.batch_no, e.sha256, e.sm3, e.size, e.filename, e.media_type, e.profile, e.root_key,
    e.sealed_key, e.uploaded_by, e.received_at, e.disposal_no is not null as is_disposed, k.keeper
    from evidence e cross join lateral (
        select keeper from evidence_keepers where evidence_id = e.evidence_id order by no desc limit 1
    ) k
"""
_KEEP = text("""
    with kept as (
        insert into evidence (evidence_id, batch_no, sha256, sm3, size, filename, media_type, profile,
            root_key, sealed_key, uploaded_by, received_at)
        select upload_id, batch_no, sha256, sm3, size, filename, media_type, profile, root_key, sealed_key,
            actor, :clock
        from uploads where upload_id = :evidence_id and received = size and sha256 is not null
        on conflict (batch_no, sha256) do nothing
        returning evidence_id, batch_no, sha256
    ), ended as (
        delete from uploads where upload_id = :evidence_id
    )
    select evidence_id from kept
""")
_NAME_KEEPER = text("""
    insert into evidence_keepers (evidence_id, keeper, reason, named_by, at)
    values (:evidence_id, :keeper, :reason, cast(:named_by as jsonb), :clock) returning no
""")
_APPEND = text(f"""
    with appended as ({timeline.APPEND}
    )
    update batches set last_seq = :last_seq, last_hash = :last_hash where batch_no = :batch_no
""")
_BY_ID = text(f"select {_SHOWN} where e.evidence_id = :evidence_id")
_BY_DIGEST = text(f"select {_SHOWN} where e.sha256 = :sha256 order by e.received_at")
_OF_BATCH = text(f"select {_SHOWN} where e.batch_no = :batch_no order by e.received_at, e.evidence_id")
_KEEPERS = text("""
    select keeper, reason, named_by, at from evidence_keepers where evidence_id = :evidence_id order by no
""")
_NAMED = text("""
    select d.sha256,
        exists (select from evidence e where e.sha256 = d.sha256 and e.batch_no = :batch_no) as kept,
        exists (select from evidence e where e.sha256 = d.sha256) as anywhere,
        exists (select from uploads u where u.batch_no = :batch_no and u.declared_sha256 = d.sha256) as coming
    from unnest(cast(:digests as text[])) as d(sha256)
""")
_AFTER = text("""
    select evidence_id from evidence
    where disposal_no is null and (cast(:after as uuid) is null or evidence_id > :after)
    order by evidence_id limit :limit
""")
_COUNT = text("select count(*) from evidence where disposal_no is null")
_IDS = text("select evidence_id from evidence where evidence_id = any(:ids) and disposal_no is null")
_GONE = text("select evidence_id from evidence where evidence_id = any(:ids) and disposal_no is not null")


@dataclass(frozen=True)
class KeptEvidence:
    """A file that is kept whole, and who keeps it now; its key is None once it has been disposed of."""

    evidence_id: UUID
    batch_no: str
    sha256: str
    sm3: str | None
    size: int
    filename: str
    media_type: str
    profile: str
    root_key: str
    sealed_key: bytes | None
    uploaded_by: Actor
    received_at: datetime
    is_disposed: bool
    keeper: str


@dataclass(frozen=True)
class Keeping:
    """Who keeps a file from when on, who said so, and why."""

    keeper: str
    reason: str
    named_by: Actor
    at: datetime


async def keep(engine: AsyncEngine, upload: Upload) -> KeptEvidence:
    """Put an upload on record whose file is whole and in its place; its row among the uploads goes.

    Where the batch has the very file already, that one stands, and it is given. Raises ``BatchUnknown``, and
    ``EvidenceUnknown`` where the upload has been given up meanwhile.
    """
    assert upload.sha256 is not None
    async with engine.begin() as connection:
        batch = await lock_batch(connection, upload.batch_no)
        parameters = {"evidence_id": upload.upload_id, "clock": batch.clock}
        if (await connection.execute(_KEEP, parameters)).one_or_none() is not None:
            words = "上传入库时指定"
            await _name_keeper(connection, batch, upload.upload_id, upload.keeper, words, upload.actor)
            await append_line(connection, batch, _received(batch, upload))
        rows = await connection.execute(_OF_BATCH, {"batch_no": upload.batch_no})
        standing = [row for row in rows if row.sha256 == upload.sha256]
    if not standing:
        raise EvidenceUnknown(upload.sha256)
    return _kept(standing[0])


async def change_keeper(engine: AsyncEngine, one: KeptEvidence, keeper: str, reason: str, by: Actor) -> None:
    """From now on somebody else keeps the file; the timeline says so."""
    async with engine.begin() as connection:
        batch = await lock_batch(connection, one.batch_no)
        no = await _name_keeper(connection, batch, one.evidence_id, keeper, reason, by)
        data = {"evidence_id": str(one.evidence_id), "sha256": one.sha256, "keeper": keeper, "reason": reason}
        entry = TimelineEntry(
            key=keeper_line(no),
            at=batch.clock,
            kind=TimelineKind.KEEPER_CHANGED,
            text=f"证据“{one.filename}”改由{keeper}保管：{reason}",
            rests_on=_RESTS_ON,
            actor=by,
            data=data,
        )
        await append_line(connection, batch, entry)


async def by_id(engine: AsyncEngine, evidence_id: UUID) -> KeptEvidence | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_BY_ID, {"evidence_id": evidence_id})).one_or_none()
    return None if row is None else _kept(row)


async def by_digest(engine: AsyncEngine, sha256: str) -> list[KeptEvidence]:
    """In whichever batches, the first to come first."""
    async with autocommit(engine) as connection:
        return [_kept(row) for row in await connection.execute(_BY_DIGEST, {"sha256": sha256})]


async def of_batch(engine: AsyncEngine, batch_no: str) -> list[KeptEvidence]:
    """In the order in which they came."""
    async with autocommit(engine) as connection:
        return [_kept(row) for row in await connection.execute(_OF_BATCH, {"batch_no": batch_no})]


async def keepers(engine: AsyncEngine, evidence_id: UUID) -> list[Keeping]:
    """One after the other."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(_KEEPERS, {"evidence_id": evidence_id})
        return [Keeping(**row._asdict() | {"named_by": Actor.model_validate(row.named_by)}) for row in rows]


async def not_kept(engine: AsyncEngine, batch_no: str, digests: Sequence[str]) -> dict[str, EvidenceFinding]:
    """Those of the digests of which the batch has no whole file, and what is there in its place."""
    if not digests:
        return {}
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_NAMED, {"batch_no": batch_no, "digests": list(digests)})).all()
    return {row.sha256: _finding(row) for row in rows if not row.kept}


async def after(engine: AsyncEngine, evidence_id: UUID | None, limit: int) -> Sequence[UUID]:
    """Those that have not been disposed of, in the order of their ids, beginning after one of them."""
    async with autocommit(engine) as connection:
        asked = {"after": evidence_id, "limit": limit}
        return (await connection.execute(_AFTER, asked)).scalars().all()


async def count(engine: AsyncEngine) -> int:
    """How many have not been disposed of."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_COUNT)).scalar_one())


async def known(engine: AsyncEngine, ids: Collection[UUID]) -> set[UUID]:
    """Those that are on record and have not been disposed of."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_IDS, {"ids": list(ids)})).scalars())


async def disposed_of(engine: AsyncEngine, ids: Collection[UUID]) -> set[UUID]:
    """Those whose key is gone: wherever their sealed bytes lie, they are to be deleted."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_GONE, {"ids": list(ids)})).scalars())


def _finding(row: Any) -> EvidenceFinding:
    if row.coming:
        return EvidenceFinding.NOT_WHOLE
    return EvidenceFinding.ANOTHER_BATCH if row.anywhere else EvidenceFinding.MISSING


async def _name_keeper(
    connection: AsyncConnection, batch: LockedBatch, evidence_id: UUID, keeper: str, reason: str, by: Actor
) -> int:
    parameters = {"evidence_id": evidence_id, "keeper": keeper, "reason": reason, "clock": batch.clock}
    named = await connection.execute(_NAME_KEEPER, parameters | {"named_by": model_json(by)})
    return int(named.scalar_one())


async def append_line(connection: AsyncConnection, batch: LockedBatch, entry: TimelineEntry) -> None:
    """One more line on the timeline of a batch whose lock this transaction holds."""
    chained = timeline.chain(batch, [entry])
    await connection.execute(_APPEND, chained.parameters | {"batch_no": batch.batch_no})


def _received(batch: LockedBatch, upload: Upload) -> TimelineEntry:
    digests = {"sha256": upload.sha256, "sm3": upload.sm3}
    return TimelineEntry(
        key=evidence_line(upload.upload_id),
        at=batch.clock,
        kind=TimelineKind.EVIDENCE_RECEIVED,
        text=f"证据入库：{upload.filename}，由{upload.keeper}保管",
        rests_on=_RESTS_ON,
        actor=upload.actor,
        data={
            "evidence_id": str(upload.upload_id),
            "filename": upload.filename,
            "size": upload.size,
            "media_type": upload.media_type,
            "keeper": upload.keeper,
            **{name: digest for name, digest in digests.items() if digest is not None},
        },
    )


def _kept(row: Row[Any]) -> KeptEvidence:
    return KeptEvidence(**row._asdict() | {"uploaded_by": Actor.model_validate(row.uploaded_by)})
