"""Where an installation's evidence is: the record, the keys, the sealed files, and those that come in."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys, WrappedKey
from evidence.objects import UNREADABLE, ObjectMissing, SealedFiles, sealed_files
from evidence.profiles import Profile, SealBroken
from evidence.sealing import CHUNK, ChunkSpan, Sealer, spans
from store.evidence import places
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload

P = ParamSpec("P")
T = TypeVar("T")

# Whatever is sealed, opened, flushed or fetched; others in the process have threads of their own. These take
# the processor, by ``nice``, when nobody else wants it: with four as everybody's equals a step beside ten
# uploads took four times as long (docs/evidence.md).
_THREADS = 2
_LAST = 19
_ELSEWHERE_PERHAPS = (ObjectMissing, SealBroken, *UNREADABLE)
# 1 MiB of a file is in memory at once.
CHUNKS_AT_ONCE = 16


@dataclass(frozen=True)
class EvidenceRoom:
    """One per process. ``files`` is where new files go, ``second`` where each has a copy."""

    engine: AsyncEngine
    keys: RootKeys
    files: SealedFiles
    incoming: Path
    profile: Profile
    second: SealedFiles | None = None
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(
            _THREADS, thread_name_prefix="evidence", initializer=_come_last
        )
    )

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what blocks. Whoever is cancelled meanwhile waits for its end: no file is closed under it."""
        loop = asyncio.get_running_loop()
        doing = loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise

    def sealer(self, file_id: UUID, one: Upload | KeptEvidence) -> Sealer:
        """Blocks. Raises ``NoRootKey``, and ``SealBroken`` also where the key is gone with a disposal."""
        if one.sealed_key is None:
            raise SealBroken
        profile = Profile(one.profile)
        wrapped = WrappedKey(profile, one.root_key, one.sealed_key)
        return Sealer(file_id, profile, self.keys.unwrap(file_id, wrapped))

    async def elsewhere(self) -> list[SealedFiles]:
        """Where files lie beside ``files``, as while they are moved; not the second store."""
        own = {self.files.name} | ({self.second.name} if self.second else set())
        names = await places.known(self.engine)
        return [await self.in_thread(sealed_files, name) for name in names if name not in own]

    async def everywhere(self) -> list[SealedFiles]:
        """Wherever a file may lie, the likeliest place first."""
        return [self.files, *await self.elsewhere(), *([self.second] if self.second else [])]

    async def delete(self, file_id: UUID) -> None:
        """From everywhere."""
        for files in await self.everywhere():
            await self.in_thread(files.delete, file_id)

    async def opened(self, one: KeptEvidence, begin: int, end: int) -> AsyncIterator[bytes]:
        """The bytes ``begin`` to ``end`` of a file, opened on the way; never more than 1 MiB at once.

        What one place does not have, or not as it was, is looked for in the others. Raises ``ObjectMissing``,
        ``SealBroken`` and ``NoRootKey``.
        """
        sealer = await self.in_thread(self.sealer, one.evidence_id, one)
        files = self.files

        def fetched(files: SealedFiles, span: ChunkSpan) -> bytes:
            sealed = files.read(one.evidence_id, span.begin, span.end)
            return b"".join(sealer.open_span(sealed, span, one.size))

        for span in spans(begin, end, one.size, CHUNKS_AT_ONCE):
            try:
                plain = await self.in_thread(fetched, files, span)
            except _ELSEWHERE_PERHAPS:
                found = await self._from_another(files, partial(fetched, span=span))
                if found is None:
                    raise
                files, plain = found
            at = span.first * CHUNK
            yield plain[max(begin - at, 0) : end - at]

    async def _from_another(
        self, than: SealedFiles, fetched: Callable[[SealedFiles], bytes]
    ) -> tuple[SealedFiles, bytes] | None:
        """From the first place that has it."""
        for files in await self.everywhere():
            if files.name != than.name:
                with suppress(*_ELSEWHERE_PERHAPS):
                    return files, await self.in_thread(fetched, files)
        return None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _come_last() -> None:
    """Whoever files a step is served before files: Linux gives each thread a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)
