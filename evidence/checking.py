"""Reading a kept file again, and copying it to another place. All of it blocks: call it in a thread."""

import logging
import math
import threading
from collections.abc import Iterator

from evidence.objects import UNREADABLE, ObjectMissing, SealedFiles
from evidence.profiles import Digests, Profile, SealBroken
from evidence.room import CHUNKS_AT_ONCE
from evidence.sealing import HEAD, Sealer, sealed_size, spans
from messages.evidence import EvidenceCondition
from store.evidence.kept import KeptEvidence

_log = logging.getLogger(__name__)
_AT_ONCE = 1024 * 1024


class CheckStopped(Exception):
    """Whoever reads is to stop; nothing has come of it."""


class Pace:
    """How fast is read at most, so that others get on; can be stopped from elsewhere."""

    def __init__(self, bytes_per_second: float = math.inf) -> None:
        self._rate = bytes_per_second
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def passed(self, size: int) -> None:
        """Wait for as long as so many bytes may take. Raises ``CheckStopped``."""
        if self._stopped.wait(size / self._rate):
            raise CheckStopped


def look(one: KeptEvidence, sealer: Sealer, files: SealedFiles, pace: Pace) -> EvidenceCondition:
    """Open every chunk of a file and take its digests anew. Raises ``CheckStopped``."""
    digests = Digests(Profile(one.profile))
    try:
        if files.size(one.evidence_id) != sealed_size(one.size):
            return EvidenceCondition.ALTERED
        sealer.require_head(files.read(one.evidence_id, 0, HEAD))
        for span in spans(0, one.size, one.size, CHUNKS_AT_ONCE):
            sealed = files.read(one.evidence_id, span.begin, span.end)
            for chunk in sealer.open_span(sealed, span, one.size):
                digests.add(chunk)
            pace.passed(len(sealed))
    except ObjectMissing:
        return EvidenceCondition.MISSING
    except SealBroken:
        return EvidenceCondition.ALTERED
    except UNREADABLE:
        return EvidenceCondition.UNREADABLE
    is_what_it_was = (digests.sha256, digests.sm3) == (one.sha256, one.sm3)
    return EvidenceCondition.WHOLE if is_what_it_was else EvidenceCondition.ALTERED


def copy(
    one: KeptEvidence, sealer: Sealer, source: SealedFiles, target: SealedFiles, pace: Pace
) -> EvidenceCondition:
    """Put a copy in the place of what may be there, and read what is there then. Raises ``CheckStopped``."""
    try:
        target.copy(one.evidence_id, _pieces(one, source, pace))
    except (ObjectMissing, *UNREADABLE) as error:
        _log.warning("evidence %s cannot be copied to %s: %s", one.evidence_id, target.name, error)
    return look(one, sealer, target, pace)


def _pieces(one: KeptEvidence, source: SealedFiles, pace: Pace) -> Iterator[bytes]:
    size = sealed_size(one.size)
    for begin in range(0, size, _AT_ONCE):
        piece = source.read(one.evidence_id, begin, min(begin + _AT_ONCE, size))
        yield piece
        pace.passed(len(piece))
