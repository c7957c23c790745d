"""The Merkle tree of RFC 6962, section 2.1: one digest of a list, and a short proof that a part is in it."""

import hashlib
from collections.abc import Sequence


def leaf_digest(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


class Tree:
    """A list's tree, all of its digests held: 64 bytes a part."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        level = [leaf_digest(part) for part in parts]
        self._levels = [level]
        while len(level) > 1:
            paired = [
                hashlib.sha256(b"\x01" + left + right).digest()
                for left, right in zip(level[::2], level[1::2], strict=False)
            ]
            # The last of an odd number goes up as it is: that is what the RFC's division comes to.
            level = paired + level[len(paired) * 2 :]
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """Of an empty list the digest of nothing."""
        return self._levels[-1][0] if self._levels[-1] else hashlib.sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """The audit path of one part, from the leaf to the root. Raises ``IndexError``."""
        if not 0 <= index < len(self._levels[0]):
            raise IndexError(index)
        path = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        return path
