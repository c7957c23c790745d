"""The local issuer of bearer tokens: one key pair in the data folder, for trying Choujian out and for tests.

An installation in earnest verifies the tokens of the bureau's own identity provider instead.
"""

import fcntl
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey

from law.vocabulary import Role
from local.errors import CommandError
from messages.base import Actor
from settings import Settings

# The only algorithm the issuer signs with, and so the whole allow-list of whoever verifies (RFC 9864).
ALGORITHM = "Ed25519"
DEFAULT_LABORATORY = "LAB-01"

_ISSUED_ROLES = {
    Role.OFFICER: "执法人员",
    Role.LAB: "承检机构人员",
    Role.APPROVER: "分管负责人",
    Role.SUPERVISOR: "处室负责人",
    Role.ADMIN: "系统管理员",
    Role.AUDITOR: "审计人员",
}


def public_key(home: Path) -> Path:
    """Where the API looks for it."""
    return home / "issuer" / "public.jwk"


def ensure_keys(home: Path, private: Path | None = None) -> Path:
    """Make the key pair if there is none and give the public key's file (JWK); safe to call from anywhere.

    ``private``: where its other half goes; without it beside the public one.
    """
    public = public_key(home)
    folder = public.parent
    private = private or folder / "private.jwk"
    if public.exists():
        return public
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not public.exists():
            key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM})
            key.ensure_kid()
            # The public half last: where it exists, the pair is whole.
            private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(private, key.as_dict(private=True))
            _write(public, key.as_dict(private=False))
    return public


def issue(
    settings: Settings,
    role_name: str,
    *,
    name: str | None = None,
    subject: str | None = None,
    laboratory: str | None = None,
    bureau: str | None = None,
    lifetime: timedelta = timedelta(days=1),
) -> str:
    """A signed token for one person in one role. Raises ``CommandError`` where no key is."""
    role = issued_role(role_name)
    private = _private_key(settings)
    now = int(time.time())
    standing = standing_name(role, laboratory)
    claims: dict[str, object] = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": subject or standing.sub,
        "name": name or standing.name,
        "role": role.value,
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    if role is Role.LAB:
        claims["lab"] = standing.laboratory
    elif laboratory is not None:
        raise CommandError("只有承检机构人员（lab）的令牌才写明机构，请去掉 --laboratory。", exit_code=2)
    if bureau is not None:
        if role is not Role.OFFICER:
            raise CommandError("只有执法人员（officer）的令牌才写明下级局，请去掉 --bureau。", exit_code=2)
        claims["bureau"] = bureau
    return jwt.encode({"alg": ALGORITHM, "kid": private.kid}, claims, private, algorithms=[ALGORITHM])


def _private_key(settings: Settings) -> OKPKey:
    """The stack's own, which ``choujian up`` makes. Raises ``CommandError`` where there is none.

    Only a place that was named for it gets a new one: a token of a key made just anywhere is good nowhere.
    """
    if settings.issuer_key is not None:
        ensure_keys(settings.home_dir, settings.issuer_key)
    try:
        return OKPKey.import_key(json.loads(settings.issuer_private_key.read_bytes()))
    except FileNotFoundError:
        raise CommandError(
            f"数据文件夹 {settings.home_dir} 里没有系统，也没有签发令牌的密钥：请先运行 choujian up，或者用 "
            "CHOUJIAN_HOME 指明系统的数据文件夹；不用 choujian up 的，用 CHOUJIAN_ISSUER_KEY 指明密钥文件。",
            exit_code=2,
        ) from None


def standing_name(role: Role, laboratory: str | None = None) -> Actor:
    """Who acts in this role where nobody is named."""
    sub = f"{role.value}-01"
    if role is not Role.LAB:
        return Actor(sub=sub, name=_ISSUED_ROLES[role], role=role)
    return Actor(sub=sub, name=_ISSUED_ROLES[role], role=role, laboratory=laboratory or DEFAULT_LABORATORY)


def issued_role(role_name: str) -> Role:
    for role in _ISSUED_ROLES:
        if role.value == role_name:
            return role
    known = "、".join(f"{role.value}（{title}）" for role, title in _ISSUED_ROLES.items())
    raise CommandError(f"没有“{role_name}”这个角色。可用的角色：{known}。", exit_code=2)


def _write(path: Path, content: object) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(content, file)
    unfinished.replace(path)
