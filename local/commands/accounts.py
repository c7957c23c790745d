"""Accounts made where the database is: without a first administrator nobody could let anybody in."""

from collections.abc import Awaitable, Callable, Mapping

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.account_views import NewAccount
from api.web.wording import message
from law.vocabulary import Role
from local.errors import CommandError
from local.settle import run
from messages.base import Actor
from settings import Settings
from store.accounts import people, sessions
from store.engine import make_engine
from store.errors import StoreError

_BY = Actor(sub="choujian", name="choujian account", role=Role.ADMIN)


def add(settings: Settings, given: Mapping[str, str | None]) -> str:
    """The invitation of a new account. Raises ``CommandError`` for one that cannot be."""
    try:
        new = NewAccount.model_validate(given)
    except ValidationError as error:
        titles = {name: field.title or name for name, field in NewAccount.model_fields.items()}
        wrong = [(titles.get(str(next(iter(one["loc"]), "")), ""), message(one)) for one in error.errors()]
        said = "；".join(f"{field}：{words}" if field else words for field, words in wrong)
        raise CommandError(f"{said}。", exit_code=2) from None

    async def made(engine: AsyncEngine) -> str:
        await people.add(engine, new.actor(new.sub), unit=new.unit or "", by=_BY)
        return await sessions.link(engine, new.sub, "invitation")

    return _address(settings, made)


def invite(settings: Settings, sub: str) -> str:
    """A new invitation; what the account signed in by before is void."""

    async def made(engine: AsyncEngine) -> str:
        await people.reset(engine, sub, by=_BY)
        return await sessions.link(engine, sub, "invitation")

    return _address(settings, made)


def _address(settings: Settings, made: Callable[[AsyncEngine], Awaitable[str]]) -> str:
    async def linked() -> str:
        engine = make_engine(settings.database_url or "", pool_size=1)
        try:
            return await made(engine)
        finally:
            await engine.dispose()

    try:
        token = run(linked)
    except StoreError as refused:
        raise CommandError(f"{refused}。") from None
    return f"{settings.public_address.rstrip('/')}/console/invitation/{token}"
