"""Where an installation's evidence is: the record, the keys, the sealed files, and those that come in."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys, WrappedKey
from evidence.objects import SealedFiles
from evidence.profiles import Profile, SealBroken
from evidence.sealing import CHUNK, ChunkSpan, Sealer, spans
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload

P = ParamSpec("P")
T = TypeVar("T")

# Whatever is sealed, opened, flushed or fetched; others in the process have threads of their own. These take
# the processor, by ``nice``, when nobody else wants it: with four as everybody's equals a step beside ten
# uploads took four times as long (docs/evidence.md).
_THREADS = 2
_LAST = 19
# 1 MiB of a file is in memory at once.
CHUNKS_AT_ONCE = 16


@dataclass(frozen=True)
class EvidenceRoom:
    """One per process."""

    engine: AsyncEngine
    keys: RootKeys
    files: SealedFiles
    incoming: Path
    profile: Profile
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

    async def opened(self, one: KeptEvidence, begin: int, end: int) -> AsyncIterator[bytes]:
        """The bytes ``begin`` to ``end`` of a file, opened on the way; never more than 1 MiB at once.

        Raises ``ObjectMissing``, ``SealBroken`` and ``NoRootKey``.
        """
        sealer = await self.in_thread(self.sealer, one.evidence_id, one)
        for span in spans(begin, end, one.size, CHUNKS_AT_ONCE):

            def fetched(span: ChunkSpan = span) -> bytes:
                sealed = self.files.read(one.evidence_id, span.begin, span.end)
                return b"".join(sealer.open_span(sealed, span, one.size))

            plain = await self.in_thread(fetched)
            at = span.first * CHUNK
            yield plain[max(begin - at, 0) : end - at]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _come_last() -> None:
    """Whoever files a step is served before files: Linux gives each thread a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)
