"""Passwords and second factors: how they are kept, judged and slowed down (ASVS 5.0, V6)."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from zxcvbn import zxcvbn

from signing import folder
from store.accounts.people import StaffAccount

SHORTEST, LONGEST = 12, 200
_STRONG = 3
# The cost that OWASP names for Argon2id: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What is checked where there is no such account, so that its absence takes as long to learn.
_NOBODYS = _hasher.hash("nobody's password")
_PERIOD_SECONDS = 30
_SECRET_LENGTH = 32
_BASE32 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_NONCE = 12
_FREE_FAILURES = 5
_LONGEST_WAIT = timedelta(minutes=15)


def refused(password: str, account: StaffAccount) -> str | None:
    """Why this password will not do; None where it will. Long is enough, no mixture is asked for."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码应有{SHORTEST}至{LONGEST}个字符。"
    if zxcvbn(password[:72], [account.sub, account.name, account.unit, "choujian"])["score"] < _STRONG:
        return "这个密码容易被猜到：请不要用常见的词、日期、键盘上相邻的字母，也不要用账号和姓名。"
    return None


def hashed(password: str) -> str:
    return _hasher.hash(password)


def fits(account: StaffAccount | None, password: str) -> bool:
    """Whether it is the account's password; takes as long where there is no account or no password."""
    known = account.password if account is not None and account.password is not None else _NOBODYS
    with suppress(VerificationError, InvalidHashError):
        return _hasher.verify(known, password[:LONGEST]) and known is not _NOBODYS
    return False


def seconds_to_wait(account: StaffAccount, now: datetime) -> int:
    """After a few failures each takes twice as long until the next try, a quarter of an hour at most."""
    if account.failures < _FREE_FAILURES or account.failed_at is None:
        return 0
    wait = min(timedelta(seconds=2 ** min(account.failures - _FREE_FAILURES + 1, 12)), _LONGEST_WAIT)
    return max(0, int((account.failed_at + wait - now).total_seconds()) + 1)


class SecondFactors:
    """Secrets of one-time codes (RFC 6238), which lie in the database sealed under a key that does not."""

    def __init__(self, keys: Path) -> None:
        self._file = keys / "second-factor.key"

    def new(self) -> str:
        return pyotp.random_base32()

    def sealed(self, secret: str, sub: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key()).encrypt(nonce, secret.encode(), sub.encode())

    def period_of(self, account: StaffAccount, code: str) -> int | None:
        """The period that this code of the account belongs to, now or the one before; None where none."""
        if account.totp is None:
            return None
        nonce, sealed = account.totp[:_NONCE], account.totp[_NONCE:]
        secret = AESGCM(self._key()).decrypt(nonce, sealed, account.sub.encode()).decode()
        return period_of(secret, code)

    def ensure(self) -> None:
        """Make the key where there is none: of a service's own folder it only reads."""
        if not self._file.exists():
            with folder.held(self._file.parent):
                if not self._file.exists():
                    folder.write(self._file, os.urandom(32))

    def _key(self) -> bytes:
        self.ensure()
        return self._file.read_bytes()


def period_of(secret: str, code: str) -> int | None:
    """Of a code that holds now, or held in the period before: people type slowly."""
    now = int(time.time()) // _PERIOD_SECONDS
    digits = "".join(code.split())
    for period in (now, now - 1):
        if pyotp.utils.strings_equal(pyotp.TOTP(secret).at(period * _PERIOD_SECONDS), digits):
            return period
    return None


def holds(secret: str, code: str) -> bool:
    """Whether somebody has this secret in an authenticator; False for what is no secret of ours."""
    is_one = len(secret) == _SECRET_LENGTH and set(secret) <= _BASE32
    return is_one and period_of(secret, code) is not None


def picture(secret: str, sub: str) -> str:
    """The secret for an authenticator to read, as a picture for a page (data URI)."""
    address = pyotp.TOTP(secret).provisioning_uri(name=sub, issuer_name="抽检")
    return str(segno.make(address, error="m").svg_data_uri(scale=4))


def now() -> datetime:
    return datetime.now(UTC)
