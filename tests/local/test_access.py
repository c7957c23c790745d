"""``choujian access-log`` and ``choujian token revoke`` on a running stack."""

import asyncio

import pytest

from law.vocabulary import Role
from local.commands import reads
from local.commands.calling import Caller
from local.commands.revoking import revoke
from local.commands.tokens import issue
from local.errors import CommandError
from settings import Settings
from tests.store.builders import until

Said = pytest.CaptureFixture[str]


async def test_the_auditor_sees_who_has_read(
    stack: None,  # noqa: ARG001 (running)
    settings: Settings,
    capsys: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who, in which role, what, from where; of one person only, where that is asked."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("王查阅", "赵查阅"):
        await asyncio.to_thread(Caller(settings, name=name).ask, Role.OFFICER, "GET", "/tasks?limit=5")

    def show() -> None:
        reads.show(Caller(settings), batch_no=None, sub="王查阅", day=None, limit=5)

    await asyncio.to_thread(show)
    said = capsys.readouterr().out
    for word in ("王查阅", "执法人员", "/tasks?limit=5", "127.0.0.1"):
        assert word in said
    assert "赵查阅" not in said


async def test_a_token_is_revoked_by_itself_or_with_all_of_its_account(
    stack: None,  # noqa: ARG001 (running)
    settings: Settings,
) -> None:
    """Within seconds; another one of another account goes on."""
    first, second, other = (issue(settings, Role.OFFICER, subject=sub) for sub in ("zhang", "zhang", "li"))
    said = await asyncio.to_thread(revoke, settings, token=first, subject=None)
    assert said.startswith("已撤销令牌 ")
    await _refused(settings, first)
    assert await _status(settings, second) == 200
    await asyncio.to_thread(revoke, settings, token=None, subject="zhang")
    await _refused(settings, second)
    assert await _status(settings, other) == 200


@pytest.mark.parametrize(("token", "subject"), [(None, None), ("a", "b"), ("a.b.c", None)])
def test_what_is_revoked_must_be_said(settings: Settings, token: str | None, subject: str | None) -> None:
    """One of the two, and a token of ours."""
    with pytest.raises(CommandError) as refused:
        revoke(settings, token=token, subject=subject)
    assert refused.value.exit_code == 2


async def _status(settings: Settings, token: str) -> int:
    answer = await asyncio.to_thread(Caller(settings, token).call, Role.OFFICER, "GET", "/batches")
    return answer.status


async def _refused(settings: Settings, token: str) -> None:
    async def refused() -> bool:
        return await _status(settings, token) == 401

    await until(refused, patience_seconds=20)
