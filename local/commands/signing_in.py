"""A link that signs in once at the console; who has the stack's data folder may."""

from law.vocabulary import Role
from local.commands.tokens import DEFAULT_LABORATORY, issued_role, standing_name
from local.errors import CommandError
from local.settle import run
from messages.base import Actor
from settings import Settings
from store.accounts import people, sessions
from store.engine import make_engine

_BY = Actor(sub="choujian", name="choujian sign-in", role=Role.ADMIN)


def link(settings: Settings, role_name: str, *, laboratory: str | None) -> str:
    """For the account that ``choujian token`` names as well, made where there is none; good for half an hour.

    Raises ``CommandError`` for a role that nobody has.
    """
    role = issued_role(role_name)
    if laboratory is not None and role is not Role.LAB:
        raise CommandError("只有承检机构人员（lab）才写明机构，请去掉 --laboratory。", exit_code=2)
    actor = standing_name(role, laboratory)
    if actor.laboratory not in (None, DEFAULT_LABORATORY):
        actor = actor.model_copy(update={"sub": f"{actor.sub}@{actor.laboratory}"})

    async def made() -> str:
        engine = make_engine(settings.database_url or "", pool_size=1)
        try:
            if await people.account(engine, actor.sub) is None:
                await people.add(engine, actor, unit="", by=_BY)
            return await sessions.link(engine, actor.sub, "once")
        finally:
            await engine.dispose()

    return f"{settings.api_url}/console/link/{run(made)}"
