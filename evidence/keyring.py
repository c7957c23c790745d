"""The root keys: they wrap each file's own key, lie in a folder of their own, and are never beside the data.

``current`` names the root key that new files' keys are wrapped under; a ``root-NAME.key`` (0600) is needed as
long as any is wrapped under it.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evidence.profiles import Profile, Seal, closed, seal_of
from signing.folder import held, write

_CURRENT = "current"
_ROOT_BYTES = 32
_NAME = re.compile(r"[0-9a-f]{16}")
_FOR = b"choujian evidence: wrapping the keys of files"


class NoRootKey(Exception):
    """A root key cannot be read; ``str()`` is where it was looked for."""


@dataclass(frozen=True)
class WrappedKey:
    """A file's own key as it is kept: under which root key, for which profile."""

    profile: Profile
    root: str
    sealed: bytes


class RootKeys:
    """The keys of one folder, read when they are needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ensure(self) -> str:
        """The name of the key in use, made if the folder has none yet; safe to call from anywhere."""
        with held(self._folder):
            return self.current() if (self._folder / _CURRENT).exists() else self._make()

    def rotate(self) -> str:
        """Another key takes the place of the one in use; its name. The one before is still there."""
        with held(self._folder):
            return self._make()

    def current(self) -> str:
        """The name of the key in use. Raises ``NoRootKey``."""
        path = self._folder / _CURRENT
        try:
            name = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise NoRootKey(str(path)) from None
        if not _NAME.fullmatch(name):
            raise NoRootKey(str(path))
        return name

    def new_key(self, file_id: UUID, profile: Profile) -> WrappedKey:
        """A fresh key for a file, wrapped under the key in use. Raises ``NoRootKey``."""
        return self._wrapped(file_id, profile, os.urandom(profile.key_bytes))

    def rewrapped(self, file_id: UUID, wrapped: WrappedKey) -> WrappedKey:
        """The same key under the root key in use. Raises ``NoRootKey`` and ``SealBroken``."""
        return self._wrapped(file_id, wrapped.profile, self.unwrap(file_id, wrapped))

    def unwrap(self, file_id: UUID, wrapped: WrappedKey) -> bytes:
        """A file's own key. Raises ``NoRootKey``, and ``SealBroken`` where it is another file's."""
        return self._wrapping(wrapped.root, wrapped.profile).open(wrapped.sealed, _about(file_id))

    def _wrapped(self, file_id: UUID, profile: Profile, key: bytes) -> WrappedKey:
        root = self.current()
        return WrappedKey(profile, root, closed(self._wrapping(root, profile), key, _about(file_id)))

    def _wrapping(self, root: str, profile: Profile) -> Seal:
        digest = SM3() if profile is Profile.SM else SHA256()
        derived = HKDF(digest, profile.key_bytes, salt=None, info=_FOR).derive(self._root(root))
        return seal_of(profile, derived)

    def _root(self, name: str) -> bytes:
        path = self._path(name)
        try:
            root = bytes.fromhex(path.read_text("ascii"))
        except (OSError, ValueError):
            raise NoRootKey(str(path)) from None
        if _name_of(root) != name:
            raise NoRootKey(str(path))
        return root

    def _make(self) -> str:
        root = os.urandom(_ROOT_BYTES)
        name = _name_of(root)
        write(self._path(name), root.hex().encode())
        # Named last: where it is named, it is whole.
        write(self._folder / _CURRENT, name.encode())
        return name

    def _path(self, name: str) -> Path:
        return self._folder / f"root-{name}.key"


def _name_of(root: bytes) -> str:
    return hashlib.sha256(root).hexdigest()[:16]


def _about(file_id: UUID) -> bytes:
    return _FOR + file_id.bytes
