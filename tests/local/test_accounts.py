"""``choujian account``: the first administrator is made where the database is."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.commands import accounts
from local.errors import CommandError
from settings import Settings
from store.accounts import people, sessions

FIRST = {"sub": "zhang.san", "name": "张三", "role": "admin", "laboratory": None, "unit": "办公室"}


async def test_the_first_administrator_is_invited(engine: AsyncEngine, settings: Settings) -> None:
    """Under the address that people use; a second invitation ends the first."""
    public = settings.model_copy(update={"public_url": "https://choujian.example.gov.cn/"})
    link = await asyncio.to_thread(accounts.add, public, FIRST)
    at, _, token = link.rpartition("/")
    assert at == "https://choujian.example.gov.cn/console/invitation"
    assert await sessions.invited(engine, token) == "zhang.san"
    known = await people.account(engine, "zhang.san")
    assert known is not None
    assert (known.name, known.role, known.unit) == ("张三", Role.ADMIN, "办公室")
    again = await asyncio.to_thread(accounts.invite, public, "zhang.san")
    assert await sessions.invited(engine, token) is None
    assert await sessions.invited(engine, again.rpartition("/")[2]) == "zhang.san"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "king"}, "身份：应为下列之一"),
        ({"role": "system"}, "身份：应为下列之一"),
        ({"role": "lab"}, "检验机构人员应填写检验机构代码"),
        ({"sub": "张三"}, "格式不正确"),
        ({"sub": "system"}, "系统自用"),
        ({"name": "无"}, "姓名：应填写名称"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(
    settings: Settings, given: dict[str, str], said: str
) -> None:
    """As the API refuses it."""
    with pytest.raises(CommandError) as refused:
        accounts.add(settings, FIRST | given)
    assert said in refused.value.sentence


async def test_an_account_is_made_once(engine: AsyncEngine, settings: Settings) -> None:  # noqa: ARG001 (empty)
    """And nobody is invited who is not there."""
    await asyncio.to_thread(accounts.add, settings, FIRST)
    with pytest.raises(CommandError, match="已经有了"):
        await asyncio.to_thread(accounts.add, settings, FIRST)
    with pytest.raises(CommandError, match="没有“nobody”这个账号"):
        await asyncio.to_thread(accounts.invite, settings, "nobody")
