"""Revoking tokens of the local issuer; who has the database may."""

import json

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from local.commands.tokens import ALGORITHM, public_key
from local.errors import CommandError
from local.settle import run
from settings import Settings
from store.access import revocations
from store.engine import make_engine


def revoke(settings: Settings, *, token: str | None, subject: str | None) -> str:
    """One token, given as it stands or by its ``jti``, or all that an account has been issued; says which.

    The API knows of it within seconds.
    """
    if (token is None) == (subject is None):
        raise CommandError("请写明 --sub（某人的全部令牌）或 --jti（一个令牌），二者择一。", exit_code=2)
    jti = None if token is None else _id_of(settings, token)

    async def keep() -> None:
        engine = make_engine(settings.database_url or "", pool_size=1)
        try:
            await revocations.revoke(engine, jti=jti, sub=subject)
        finally:
            await engine.dispose()

    run(keep)
    return f"已撤销令牌 {jti}。" if jti else f"已撤销 {subject} 此前取得的全部令牌。"


def _id_of(settings: Settings, token: str) -> str:
    """The ``jti`` of a token of ours; what is no token is taken for one."""
    if token.count(".") != 2:
        return token
    try:
        public = OKPKey.import_key(json.loads(public_key(settings.home_dir).read_bytes()))
        return str(jwt.decode(token, public, algorithms=[ALGORITHM]).claims["jti"])
    except (JoseError, OSError, ValueError, KeyError):
        raise CommandError("这不是本机签发的令牌。", exit_code=2) from None
