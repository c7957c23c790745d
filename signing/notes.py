"""Signed notes (https://c2sp.org/signed-note): text that people can read, and whose it is in its last line.

    text, ends with a line feed
    (empty line)
    — NAME BASE64(key id, signature)

Signed is the text alone, with Ed25519. Its first line says of what kind it is, so that a note of one kind is
never taken for one of another.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_ID_BYTES = 4


class NoteFaulty(Exception):
    """It is no note, or not this key's."""


@dataclass(frozen=True)
class PublicKey:
    """A signer to whoever checks; ``str()`` is its verifier key, ``NAME+ID+BASE64``."""

    name: str
    raw: bytes

    @property
    def id(self) -> str:
        """A short digest of name and key, hexadecimal."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_ID_BYTES].hex()

    def __str__(self) -> str:
        return f"{self.name}+{self.id}+{b64encode(_ED25519 + self.raw).decode()}"

    @classmethod
    def read(cls, verifier_key: str) -> Self:
        """Raises ``ValueError`` for what is no verifier key."""
        name, key_id, encoded = verifier_key.split("+", 2)
        raw = b64decode(encoded, validate=True)
        key = cls(name, raw[1:])
        if raw[:1] != _ED25519 or key.id != key_id:
            raise ValueError("not a verifier key for Ed25519")
        return key

    def opened(self, note: str) -> str:
        """The text of a note that this key signed. Raises ``NoteFaulty``."""
        text, separator, signatures = note.rpartition("\n\n")
        for line in signatures.splitlines() if separator else ():
            dash, name, encoded = [*line.split(" "), "", ""][:3]
            try:
                signature = b64decode(encoded, validate=True)
            except ValueError:
                continue
            if (dash, name, signature[:_ID_BYTES].hex()) != ("—", self.name, self.id):
                continue
            try:
                signed = f"{text}\n".encode()
                Ed25519PublicKey.from_public_bytes(self.raw).verify(signature[_ID_BYTES:], signed)
            except InvalidSignature:
                raise NoteFaulty("the text is not what was signed") from None
            return f"{text}\n"
        raise NoteFaulty("not signed with this key")


@dataclass(frozen=True)
class Signer:
    """A key in use."""

    public: PublicKey
    private: Ed25519PrivateKey

    def note(self, *lines: str) -> str:
        """These lines, signed. Raises ``ValueError`` where one would be read as several."""
        if any("\n" in line or not line for line in lines):
            raise ValueError("a line of a note is one line, and not an empty one")
        text = "".join(f"{line}\n" for line in lines)
        signature = bytes.fromhex(self.public.id) + self.private.sign(text.encode())
        return f"{text}\n— {self.public.name} {b64encode(signature).decode()}\n"
