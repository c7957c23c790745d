"""The two sets of algorithms that evidence may be kept under: the usual ones, and the national SM ones."""

import hashlib
import os
from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SM3, Hash

NONCE = 12
TAG = 16


class SealBroken(Exception):
    """What was to be opened is not what was sealed: altered, in another place, cut off, or another key's."""


class Profile(StrEnum):
    """``standard``: AES-256-GCM and SHA-256. ``sm``: SM4-GCM, and SM3 beside SHA-256."""

    STANDARD = "standard"
    SM = "sm"

    @property
    def key_bytes(self) -> int:
        return 16 if self is Profile.SM else 32


class Seal(Protocol):
    """Authenticated encryption under one key, a fresh nonce each time."""

    def close_into(self, into: memoryview, plain: bytes | memoryview, about: bytes) -> None:
        """Nonce, ciphertext and tag, which fill ``into``; ``about`` is bound to them, not kept with them."""
        ...

    def open(self, sealed: bytes | memoryview, about: bytes) -> bytes:
        """Raises ``SealBroken``."""
        ...


def closed(seal: Seal, plain: bytes | memoryview, about: bytes) -> bytes:
    """Nonce, ciphertext and tag."""
    sealed = bytearray(NONCE + len(plain) + TAG)
    seal.close_into(memoryview(sealed), plain, about)
    return bytes(sealed)


def seal_of(profile: Profile, key: bytes) -> Seal:
    """Raises ``ValueError`` for a key of another length."""
    if len(key) != profile.key_bytes:
        raise ValueError(f"a key of {profile} has {profile.key_bytes} bytes")
    return _Sm4(key) if profile is Profile.SM else _Aes(key)


class _Aes:
    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)

    def close_into(self, into: memoryview, plain: bytes | memoryview, about: bytes) -> None:
        into[:NONCE] = nonce = os.urandom(NONCE)
        self._gcm.encrypt_into(nonce, plain, about, into[NONCE:])

    def open(self, sealed: bytes | memoryview, about: bytes) -> bytes:
        try:
            return self._gcm.decrypt(bytes(sealed[:NONCE]), sealed[NONCE:], about)
        except (InvalidTag, ValueError):
            raise SealBroken from None


class _Sm4:
    def __init__(self, key: bytes) -> None:
        self._sm4 = algorithms.SM4(key)

    def close_into(self, into: memoryview, plain: bytes | memoryview, about: bytes) -> None:
        into[:NONCE] = nonce = os.urandom(NONCE)
        encryptor = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(about)
        into[NONCE:-TAG] = encryptor.update(plain) + encryptor.finalize()
        into[-TAG:] = encryptor.tag

    def open(self, sealed: bytes | memoryview, about: bytes) -> bytes:
        try:
            mode = modes.GCM(bytes(sealed[:NONCE]), bytes(sealed[-TAG:]))
            decryptor = Cipher(self._sm4, mode).decryptor()
            decryptor.authenticate_additional_data(about)
            return decryptor.update(sealed[NONCE:-TAG]) + decryptor.finalize()
        except (InvalidTag, ValueError):
            raise SealBroken from None


class Digests:
    """The digests of one file, taken as its bytes come: SHA-256, and SM3 beside it where the profile asks."""

    def __init__(self, profile: Profile) -> None:
        self._sha256 = hashlib.sha256()
        self._sm3 = Hash(SM3()) if profile is Profile.SM else None

    def add(self, plain: bytes | memoryview) -> None:
        self._sha256.update(plain)
        if self._sm3 is not None:
            self._sm3.update(plain)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str | None:
        return None if self._sm3 is None else self._sm3.copy().finalize().hex()
