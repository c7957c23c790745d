"""Forms that somebody began and left: what each is called, since when it lies there, and where it goes on."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.console.desk import Desk, batch_path
from messages.names import order_id
from messages.steps import STEPS, StepName
from store.desk import drafts

_STEP = re.compile(r"/steps/([a-z_]+)/new")
_CORRECTION = re.compile(r"/steps/([0-9a-f-]{36})/correct")
_UNDER = re.compile(r"under/([^/]+)")
_Title = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True)
class Begun:
    """A draft as a page lists it."""

    title: str
    path: str
    saved_at: datetime


async def begun_of_batch(desk: Desk, batch_no: str) -> list[Begun]:
    """This person's drafts of the batch's steps and of corrections, the latest first."""

    async def title(rest: str) -> str | None:
        if (step := _STEP.fullmatch(rest)) and step[1] in STEPS:
            return STEPS[StepName(step[1])].TITLE
        wrong = _CORRECTION.fullmatch(rest)
        return f"更正“{await _wrong(desk, batch_no, UUID(wrong[1]))}”" if wrong else None

    return await _begun(desk, batch_path(batch_no), title)


async def begun_orders(desk: Desk) -> list[Begun]:
    """This person's drafts of orders, the latest first."""

    async def title(rest: str) -> str | None:
        if rest == "whole":
            return "自行填写的下达"
        under = _UNDER.fullmatch(rest)
        return f"按方案下达：{await _called(desk, f'/schemes/{under[1]}', under[1])}" if under else None

    return await _begun(desk, "/console/orders/", title)


async def _begun(desk: Desk, under: str, title: _Title) -> list[Begun]:
    """What lies in another place than a form's is no draft to go on with."""
    kept = await drafts.places(desk.deps.engine, desk.session.sub, under)
    named = [(await title(one.place.removeprefix(under)), one) for one in kept]
    return [Begun(said, one.place, one.saved_at) for said, one in named if said]


async def _wrong(desk: Desk, batch_no: str, step_id: UUID) -> str:
    if step_id == order_id(batch_no):
        return "下达抽检批次"
    return await _called(desk, f"/batches/{batch_no}/steps/{step_id}", "登记")


async def _called(desk: Desk, path: str, otherwise: str) -> str:
    """As the API calls it; a list is shown without."""
    answer = await desk.door.ask("GET", path)
    found: dict[str, Any] = {} if answer.is_error else answer.json()
    return found.get("title") or found.get("content", {}).get("title") or otherwise
