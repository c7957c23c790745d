"""Which files' keys are wrapped under which root key, and putting one under another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import autocommit

# What is disposed of has no key; what is coming in will need its own.
_UNDER_OTHERS = text("""
    select evidence_id as file_id, profile, root_key, sealed_key from evidence
    where root_key <> :root and disposal_no is null
    union all
    select upload_id, profile, root_key, sealed_key from uploads where root_key <> :root
    limit :limit
""")
# By the root key it was under: two that rotate at once do not undo each other.
_REWRAP = [
    text(f"""
        update {table} set root_key = :root, sealed_key = :sealed
        where {name} = :file_id and root_key = :before and sealed_key = :sealed_before
    """)
    for table, name in (("evidence", "evidence_id"), ("uploads", "upload_id"))
]
_NEEDED = text("""
    select root_key from evidence where disposal_no is null union select root_key from uploads
""")


@dataclass(frozen=True)
class KeyOfFile:
    """A file's own key as it is kept."""

    file_id: UUID
    profile: str
    root_key: str
    sealed_key: bytes


async def under_others(engine: AsyncEngine, root: str, limit: int) -> Sequence[KeyOfFile]:
    """Keys that are not wrapped under this root key."""
    async with autocommit(engine) as connection:
        rows = (await connection.execute(_UNDER_OTHERS, {"root": root, "limit": limit})).all()
    return [KeyOfFile(**row._asdict()) for row in rows]


async def rewrap(engine: AsyncEngine, before: KeyOfFile, root: str, sealed: bytes) -> None:
    """The same key under another root key, wherever its file is by now."""
    parameters: dict[str, Any] = {
        "file_id": before.file_id,
        "before": before.root_key,
        "sealed_before": before.sealed_key,
        "root": root,
        "sealed": sealed,
    }
    async with engine.begin() as connection:
        for statement in _REWRAP:
            await connection.execute(statement, parameters)


async def needed_roots(engine: AsyncEngine) -> set[str]:
    """The root keys without which some file could not be opened."""
    async with autocommit(engine) as connection:
        return set((await connection.execute(_NEEDED)).scalars())
