"""A file sealed in chunks: each can be opened alone, and none can be moved, cut off or altered unseen.

The sealed file is a head (form, profile, the file's id) and its chunks: nonce, ciphertext, tag. Bound to each
chunk are the head, the chunk's number and whether it is the last. Why the nonces are random: decision 42.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from evidence.profiles import NONCE, TAG, Profile, SealBroken, closed, seal_of

CHUNK = 64 * 1024
SEALED_CHUNK = NONCE + CHUNK + TAG
_FORM = b"choujian-sealed1"
_PROFILES = {Profile.STANDARD: b"\x01", Profile.SM: b"\x02"}
HEAD = len(_FORM) + 1 + 16


def sealed_size(size: int) -> int:
    """How many bytes a file of ``size`` bytes has once it is sealed."""
    whole, rest = divmod(size, CHUNK)
    return HEAD + whole * SEALED_CHUNK + (NONCE + rest + TAG if rest else 0)


@dataclass(frozen=True)
class ChunkSpan:
    """The chunks ``first`` to ``last`` (included), and the bytes of the sealed file where they lie."""

    first: int
    last: int
    begin: int
    end: int


class Sealer:
    """Seals and opens the chunks of one file."""

    def __init__(self, file_id: UUID, profile: Profile, key: bytes) -> None:
        self.head = _FORM + _PROFILES[profile] + file_id.bytes
        self._seal = seal_of(profile, key)

    def close(self, plain: bytes | memoryview, number: int, *, last: bool) -> bytes:
        """A chunk as it is kept."""
        return closed(self._seal, plain, self._about(number, _place(last)))

    def close_into(
        self, into: memoryview, plain: bytes | memoryview, number: int, *, last: bool
    ) -> memoryview:
        """As :meth:`close`, at the beginning of ``into``; what is left of that behind it."""
        end = NONCE + len(plain) + TAG
        self._seal.close_into(into[:end], plain, self._about(number, _place(last)))
        return into[end:]

    def open(self, sealed: bytes | memoryview, number: int, *, last: bool) -> bytes:
        """Raises ``SealBroken``."""
        return self._seal.open(sealed, self._about(number, _place(last)))

    def close_rest(self, plain: bytes, number: int) -> bytes:
        """The beginning of a chunk that has not come whole yet; never part of the sealed file."""
        return closed(self._seal, plain, self._about(number, b"T"))

    def open_rest(self, sealed: bytes, number: int) -> bytes:
        """Raises ``SealBroken``."""
        return self._seal.open(sealed, self._about(number, b"T"))

    def open_span(self, sealed: bytes, span: ChunkSpan, size: int) -> Iterator[bytes]:
        """The chunks of a span of a file of ``size`` bytes. Raises ``SealBroken``."""
        view = memoryview(sealed)
        final = (size - 1) // CHUNK
        for number in range(span.first, span.last + 1):
            at = (number - span.first) * SEALED_CHUNK
            yield self.open(view[at : at + SEALED_CHUNK], number, last=number == final)

    def require_head(self, head: bytes) -> None:
        """Raises ``SealBroken`` where a sealed file begins otherwise than this one."""
        if head != self.head:
            raise SealBroken

    def _about(self, number: int, place: bytes) -> bytes:
        return self.head + number.to_bytes(8, "big") + place


def _place(last: bool) -> bytes:
    return b"L" if last else b"-"


def spans(begin: int, end: int, size: int, chunks_at_once: int) -> Iterator[ChunkSpan]:
    """The spans to be read for the bytes ``begin`` to ``end`` of a file of ``size`` bytes, in their order."""
    final = (end - 1) // CHUNK
    for first in range(begin // CHUNK, final + 1, chunks_at_once):
        last = min(first + chunks_at_once - 1, final)
        until = min(HEAD + (last + 1) * SEALED_CHUNK, sealed_size(size))
        yield ChunkSpan(first, last, HEAD + first * SEALED_CHUNK, until)
