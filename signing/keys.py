"""The installation's signing keys: one in use, and the public half of each that ever was.

A folder of its own. ``private-ID.pem`` (0600) is there for the key in use alone; ``public.txt`` is what is
published, a verifier key a line, the one in use last, above each a comment with its days (Asia/Shanghai).
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from signing.folder import held, write
from signing.notes import PublicKey, Signer

_PUBLISHED = "public.txt"
_NOT_IN_A_NAME = re.compile(r"[\s+]")
_DAYS = re.compile(r"# from (?P<begin>\S+)(?: until (?P<until>\S+))?")
_SHANGHAI = timezone(timedelta(hours=8))


class NoSigningKey(Exception):
    """The installation has no key that could be read; ``str()`` is its folder."""


@dataclass(frozen=True)
class KnownKey:
    """A public key and the days on which it signed, both included; ``until`` is None for the one in use."""

    key: PublicKey
    begin: date
    until: date | None

    def __str__(self) -> str:
        until = f" until {self.until}" if self.until else ""
        return f"# from {self.begin}{until}\n{self.key}\n"

    def as_jwk(self) -> dict[str, Any]:
        """RFC 8037; ``kid``, ``name`` and the days are the ones that signed notes and the text form have."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "Ed25519",
            "kid": self.key.id,
            "x": urlsafe_b64encode(self.key.raw).rstrip(b"=").decode(),
            "name": self.key.name,
            "from": self.begin.isoformat(),
            "until": self.until and self.until.isoformat(),
        }


class Keyring:
    """The keys of one folder, read anew each time: another process may have changed the one in use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def published(self) -> str:
        """All public keys, as they are published. Raises ``NoSigningKey``."""
        try:
            return (self._folder / _PUBLISHED).read_text("utf-8")
        except OSError as error:
            raise NoSigningKey(str(self._folder)) from error

    def known(self) -> list[KnownKey]:
        """From the oldest to the one in use. Raises ``NoSigningKey``."""
        lines = self.published().splitlines()
        return [_known(said, line) for said, line in zip(lines[::2], lines[1::2], strict=True)]

    def known_if_any(self) -> list[KnownKey]:
        """The same; none where the keys are lost: then nothing fits them."""
        try:
            return self.known()
        except NoSigningKey:
            return []

    def public(self) -> list[PublicKey]:
        """The keys alone. Raises ``NoSigningKey``."""
        return [one.key for one in self.known()]

    def signer(self) -> Signer:
        """The key in use. Raises ``NoSigningKey``."""
        current = self.public()[-1]
        try:
            private = load_pem_private_key(self._private(current).read_bytes(), password=None)
        except OSError as error:
            raise NoSigningKey(str(self._folder)) from error
        assert isinstance(private, Ed25519PrivateKey), "we make no other"
        return Signer(current, private)

    def ensure(self, name: str) -> PublicKey:
        """The key in use, made if there is none yet; safe to call from anywhere."""
        with held(self._folder):
            return self.public()[-1] if (self._folder / _PUBLISHED).exists() else self._make(name, [])

    def rotate(self, name: str) -> PublicKey:
        """Another key takes the place of the one in use, whose private half is destroyed.

        What was signed with it still verifies: its public half stays published.
        """
        with held(self._folder):
            before = self.known() if (self._folder / _PUBLISHED).exists() else []
            made = self._make(name, before)
            for old in before:
                self._private(old.key).unlink(missing_ok=True)
            return made

    def _make(self, name: str, before: list[KnownKey]) -> PublicKey:
        if not name or _NOT_IN_A_NAME.search(name):
            raise ValueError("a key's name is not empty and has neither spaces nor a plus sign")
        private = Ed25519PrivateKey.generate()
        made = PublicKey(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write(self._private(made), pem)
        # The public half last: where it is named, the pair is whole.
        today = datetime.now(_SHANGHAI).date()
        ended = [replace(old, until=old.until or today) for old in before]
        published = "".join(map(str, [*ended, KnownKey(made, today, None)]))
        write(self._folder / _PUBLISHED, published.encode())
        return made

    def _private(self, key: PublicKey) -> Path:
        return self._folder / f"private-{key.id}.pem"


def _known(said: str, line: str) -> KnownKey:
    days = _DAYS.fullmatch(said)
    assert days, "we write no other comment"
    until = days["until"] and date.fromisoformat(days["until"])
    return KnownKey(PublicKey.read(line), date.fromisoformat(days["begin"]), until or None)
