"""Accounts: who may sign in, in which role; every change of one is kept beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.access.revocations import REVOKE
from store.accounts import units
from store.accounts.changes import note
from store.accounts.units import HELD_UNIT
from store.engine import autocommit
from store.errors import AccountEnded, AccountExists, AccountUnknown, DeputyUnknown, LastAdministrator

_ACCOUNTS = f"""
    select a.sub, a.name, a.role, a.laboratory, coalesce(h.unit, '') as unit, h.bureau, a.password, a.totp,
        a.totp_used, a.external, a.failures, a.failed_at, a.ended_at
    from accounts a {HELD_UNIT.format(account="a", unit="h")}
"""
_ONE = text(f"{_ACCOUNTS} where a.sub = :sub")
_HELD = text(f"{_ACCOUNTS} where a.sub = :sub for update of a")
# All of them, always in this order: of two who end each other at once, the second finds the first's work.
_ADMINISTRATORS = text("""
    select sub, ended_at is null and (password is not null or external is not null) as can_sign_in
    from accounts where role = 'admin' order by sub for update
""")
_OF_PROVIDER = text(f"{_ACCOUNTS} where a.external = :external")
_ALL = text(f"""{_ACCOUNTS}
    order by a.ended_at is not null, h.bureau nulls first, coalesce(h.unit, ''), a.sub limit :limit
""")
_ADD = text("""
    insert into accounts (sub, name, role, laboratory) values (:sub, :name, :role, :laboratory)
""")
_CHANGE = text("""
    update accounts set name = :name, role = :role, laboratory = :laboratory where sub = :sub
""")
_SECRETS = text("""
    update accounts set password = :password, totp = :totp, totp_used = 0, failures = 0, failed_at = null
    where sub = :sub
""")
_RESET = text("""
    update accounts set password = null, totp = null, external = null, failures = 0, failed_at = null
    where sub = :sub
""")
_LINKS_VOID = text("""
    update sign_in_links set used_at = clock_timestamp() where sub = :sub and used_at is null
""")
_BIND = text("update accounts set external = :external where sub = :sub")
_FAILED = text("update accounts set failures = failures + 1, failed_at = clock_timestamp() where sub = :sub")
# A code is good once: of two who send it at once, one finds its period used.
_SUCCEEDED = text("""
    update accounts set failures = 0, failed_at = null, totp_used = :period
    where sub = :sub and totp_used < :period returning sub
""")
_ENDED = text("""
    update accounts set ended_at = case when :ended then clock_timestamp() end where sub = :sub
""")
_LEAVE = text("update sessions set ended_at = clock_timestamp() where sub = :sub and ended_at is null")
_DEPUTIES = """
    select d.no, d.deputy, d.stands_in_for, d.from_day, d.to_day, a.name, a.role, b.name as deputy_name
    from deputies d join accounts a on a.sub = d.stands_in_for join accounts b on b.sub = d.deputy
    where d.ended_at is null and a.ended_at is null and b.ended_at is null
"""
_TODAY = "(clock_timestamp() at time zone 'Asia/Shanghai')::date"
_OF_DEPUTY = text(
    f"{_DEPUTIES} and d.deputy = :sub and {_TODAY} between d.from_day and d.to_day order by d.no"
)
_CURRENT = text(f"{_DEPUTIES} and d.to_day >= {_TODAY} order by d.from_day, d.no limit 200")
_DEPUTISE = text("""
    insert into deputies (deputy, stands_in_for, from_day, to_day, by_sub)
    values (:deputy, :stands_in_for, :from_day, :to_day, :by_sub)
""")
_TAKE_BACK = text("""
    update deputies set ended_at = clock_timestamp() where no = :no and ended_at is null
    returning deputy, stands_in_for
""")
MOST_ACCOUNTS = 1000


@dataclass(frozen=True)
class StaffAccount:
    """``totp`` is sealed; ``password`` is a PHC string; what is None was never set."""

    sub: str
    name: str
    role: Role
    laboratory: str | None
    unit: str
    bureau: str | None
    password: str | None
    totp: bytes | None
    totp_used: int
    external: str | None
    failures: int
    failed_at: datetime | None
    ended_at: datetime | None

    @property
    def actor(self) -> Actor:
        return Actor(
            sub=self.sub, name=self.name, role=self.role, laboratory=self.laboratory, bureau=self.bureau
        )

    @property
    def can_sign_in(self) -> bool:
        """Whether an invitation was taken up, or anything else was set since."""
        return self.password is not None or self.external is not None


@dataclass(frozen=True)
class Deputy:
    """``deputy`` acts in the role of whom they stand in for; both days are included, Asia/Shanghai."""

    no: int
    deputy: str
    deputy_name: str
    stands_in_for: str
    name: str
    role: Role
    from_day: date
    to_day: date


async def account(engine: AsyncEngine, sub: str) -> StaffAccount | None:
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, {"sub": sub})).one_or_none()
    return None if row is None else _account(row)


async def account_of_provider(engine: AsyncEngine, external: str) -> StaffAccount | None:
    """Whom the bureau's own provider means by this subject."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_OF_PROVIDER, {"external": external})).one_or_none()
    return None if row is None else _account(row)


async def accounts(engine: AsyncEngine) -> list[StaffAccount]:
    async with autocommit(engine) as connection:
        return [_account(row) for row in await connection.execute(_ALL, {"limit": MOST_ACCOUNTS})]


async def add(
    engine: AsyncEngine, actor: Actor, *, unit: str, unit_from: date | None = None, by: Actor
) -> None:
    """Raises ``AccountExists``: an account's steps are on record, so its name is never given again."""
    try:
        async with engine.begin() as connection:
            await connection.execute(_ADD, _fields(actor))
            await note(connection, actor.sub, by, "建立账号", {**_fields(actor), "unit": unit})
            if unit or actor.bureau:
                await units.put(connection, actor, unit=unit, holds_from=unit_from, by=by)
    except IntegrityError:
        raise AccountExists(actor.sub) from None


async def change(
    engine: AsyncEngine, actor: Actor, *, unit: str, unit_from: date | None = None, by: Actor
) -> None:
    """Name and role from now on, the unit from a day on; whoever is signed in, or has a token, signs in anew.

    Raises ``AccountUnknown``, and ``LastAdministrator`` where nobody else could keep the accounts then.
    """
    async with engine.begin() as connection:
        if actor.role is not Role.ADMIN:
            await _leaves_an_administrator(connection, actor.sub)
        known = await _held(connection, actor.sub)
        was, now = _fields(known.actor), _fields(actor)
        changed = {name: [was[name], now[name]] for name in was if was[name] != now[name]}
        if changed:
            await connection.execute(_CHANGE, now)
            await note(connection, actor.sub, by, "更改账号", changed)
        moved = await units.put(connection, actor, unit=unit, holds_from=unit_from, by=by)
        if changed or moved:
            await _sign_out(connection, actor.sub)


async def end(engine: AsyncEngine, sub: str, *, ended: bool, by: Actor) -> None:
    """It cannot be used any more, or can be again; what is signed in ends, and so do tokens and links.

    Raises ``AccountUnknown``, and ``LastAdministrator`` where nobody else could keep the accounts then.
    """
    async with engine.begin() as connection:
        if ended:
            await _leaves_an_administrator(connection, sub)
        known = await _held(connection, sub)
        if ended is (known.ended_at is not None):
            return
        await connection.execute(_ENDED, {"sub": sub, "ended": ended})
        await connection.execute(_LINKS_VOID, {"sub": sub})
        await _sign_out(connection, sub)
        await note(connection, sub, by, "停用账号" if ended else "恢复账号", {})


async def reset(engine: AsyncEngine, sub: str, *, by: Actor) -> None:
    """Before it is invited: nobody signs in with what was set before, nor with an older link.

    So an invitation that its owner did not want is noticed. Raises ``AccountUnknown``, ``AccountEnded``.
    """
    async with engine.begin() as connection:
        known = await _held(connection, sub)
        if known.ended_at is not None:
            raise AccountEnded(sub)
        await connection.execute(_RESET, {"sub": sub})
        await connection.execute(_LINKS_VOID, {"sub": sub})
        await connection.execute(_LEAVE, {"sub": sub})
        what = "发出邀请链接，原有的登录方式作废" if known.can_sign_in else "发出邀请链接"
        await note(connection, sub, by, what, {})


async def sign_out(engine: AsyncEngine, sub: str, *, by: Actor) -> None:
    """All that is signed in, and all tokens until now. Raises ``AccountUnknown``."""
    async with engine.begin() as connection:
        await _held(connection, sub)
        await _sign_out(connection, sub)
        await note(connection, sub, by, "结束全部登录", {})


async def keep_secrets(engine: AsyncEngine, sub: str, *, password: str, totp: bytes, by: Actor) -> None:
    """A new password and second factor; whoever was signed in with the old ones is signed out."""
    async with engine.begin() as connection:
        await connection.execute(_SECRETS, {"sub": sub, "password": password, "totp": totp})
        await connection.execute(_LEAVE, {"sub": sub})
        await note(connection, sub, by, "设定密码和动态口令", {})


async def bind(engine: AsyncEngine, sub: str, external: str, *, by: Actor) -> None:
    """From now on the provider's word is good for this account. Raises ``AccountExists``."""
    try:
        async with engine.begin() as connection:
            await connection.execute(_BIND, {"sub": sub, "external": external})
            await note(connection, sub, by, "绑定统一身份认证", {})
    except IntegrityError:
        raise AccountExists(sub) from None


async def failed(engine: AsyncEngine, sub: str) -> None:
    async with autocommit(engine) as connection:
        await connection.execute(_FAILED, {"sub": sub})


async def succeeded(engine: AsyncEngine, sub: str, period: int) -> bool:
    """Note a sign-in with the second factor of this period; False where that code was used before."""
    async with autocommit(engine) as connection:
        return (await connection.execute(_SUCCEEDED, {"sub": sub, "period": period})).first() is not None


async def deputies_of(engine: AsyncEngine, sub: str) -> list[Deputy]:
    """For whom they may act today."""
    async with autocommit(engine) as connection:
        return [_deputy(row) for row in await connection.execute(_OF_DEPUTY, {"sub": sub})]


async def deputies(engine: AsyncEngine) -> list[Deputy]:
    """All that stand today or later."""
    async with autocommit(engine) as connection:
        return [_deputy(row) for row in await connection.execute(_CURRENT)]


async def deputise(
    engine: AsyncEngine, *, deputy: str, stands_in_for: str, from_day: date, to_day: date, by: Actor
) -> None:
    """Raises ``AccountUnknown``."""
    said = {"deputy": deputy, "stands_in_for": stands_in_for, "from_day": from_day, "to_day": to_day}
    try:
        async with engine.begin() as connection:
            await connection.execute(_DEPUTISE, {**said, "by_sub": by.sub})
            detail = {"deputy": deputy, "from_day": str(from_day), "to_day": str(to_day)}
            await note(connection, stands_in_for, by, "指定代理", detail)
    except IntegrityError:
        raise AccountUnknown(deputy) from None


async def take_back(engine: AsyncEngine, no: int, *, by: Actor) -> None:
    """It ends now. Raises ``DeputyUnknown``."""
    async with engine.begin() as connection:
        row = (await connection.execute(_TAKE_BACK, {"no": no})).one_or_none()
        if row is None:
            raise DeputyUnknown
        await note(connection, row.stands_in_for, by, "收回代理", {"deputy": row.deputy})


async def _held(connection: AsyncConnection, sub: str) -> StaffAccount:
    """The account, which nobody else changes meanwhile. Raises ``AccountUnknown``."""
    row = (await connection.execute(_HELD, {"sub": sub})).one_or_none()
    if row is None:
        raise AccountUnknown(sub)
    return _account(row)


async def _leaves_an_administrator(connection: AsyncConnection, sub: str) -> None:
    """Raises ``LastAdministrator`` where this is one, and no other can sign in."""
    rows = (await connection.execute(_ADMINISTRATORS)).all()
    if any(row.sub == sub for row in rows) and not any(row.can_sign_in for row in rows if row.sub != sub):
        raise LastAdministrator


async def _sign_out(connection: AsyncConnection, sub: str) -> None:
    await connection.execute(_LEAVE, {"sub": sub})
    await connection.execute(REVOKE, {"jti": None, "sub": sub})


def _fields(actor: Actor) -> dict[str, object]:
    """But for where they belong, which has its own day."""
    return actor.model_dump(mode="json", exclude={"bureau"})


def _account(row: Row[Any]) -> StaffAccount:
    return StaffAccount(**row._asdict() | {"role": Role(row.role)})


def _deputy(row: Row[Any]) -> Deputy:
    return Deputy(**row._asdict() | {"role": Role(row.role)})
