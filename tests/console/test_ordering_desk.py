"""Right after an order: the page of the batch says so, and that it is being set up as long as it is."""

import httpx
import pytest
from fastapi import FastAPI

import api.batches
from api.web.runtime import Runtime
from law.vocabulary import Role
from messages.opening import Opening
from tests.api.builders import ordered
from tests.console.visitors import Visitor, at_the_desk


async def _not_yet(deps: Runtime, opening: Opening) -> None:
    """As long as its workflow has not begun."""


async def test_a_batch_that_is_being_set_up_says_so_and_looks_again(
    clerk: Visitor, officer: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never that there is nothing to do; a laboratory, whose turn it is not yet, is told nothing else."""
    monkeypatch.setattr(api.batches, "start", _not_yet)
    number = await ordered(officer)
    page = await clerk.see(f"/console/batches/{number}", ordered="true")
    assert f"已下达，编号{number}。" in page.text
    assert "正在建立，请稍候" in page.text
    assert "现在没有要由您" not in page.text
    assert page.tree.xpath("//noscript/meta[@http-equiv='refresh']")
    assert page.tree.xpath("//*[@data-again]")
    async with at_the_desk(app, Role.LAB) as lab:
        seen = await lab.see(f"/console/batches/{number}")
        assert "正在建立" not in seen.text
