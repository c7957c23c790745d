"""Submitting plans, schemes and commissions, and what leaders decide on them: approved, returned, ended."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field

from api.planning import judging
from api.planning.held import from_registers
from api.planning.showing import PLACES, TITLES, PlannedId, shown
from api.planning.views import PlannedView
from api.web.auth import only, require
from api.web.days import today
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from law.vocabulary import Role
from messages.approvals import Matter
from messages.base import Actor, LongText, Message, Text
from messages.letter import LetterFaulty
from messages.planning import PlanningLetter
from store.plans import drafting, reading, uses
from store.plans.standing import PlannedStanding

SeenDraft = Annotated[
    int | None,
    Query(
        title="所看到的是第几稿",
        description="写明的，最近一稿不是它就答复 409：没有看过的，不能据以修改、提交、批准或者退回。",
        alias="version",
        ge=1,
        le=2**31 - 1,
    ),
]
DRAFTERS = frozenset({Role.OFFICER, Role.SUPERVISOR})
LEADERS = frozenset({Role.SUPERVISOR, Role.APPROVER})
REFUSALS = documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)


class Remarks(Message):
    """Why something is returned."""

    model_config = ConfigDict(title="退回意见", json_schema_extra={"example": {"remarks": "预算依据不足"}})

    remarks: LongText = Field(title="意见")


class WhyEnded(Message):
    """Why nothing more is ordered under it."""

    model_config = ConfigDict(title="终止", json_schema_extra={"example": {"reason": "年度任务已经完成"}})

    reason: Text = Field(title="理由")


async def _submit(deps: Runtime, actor: Actor, matter: Matter, id_: str, seen: int | None) -> None:
    standing = await reading.one(deps.engine, matter, id_)
    await _require_printable(deps, actor, standing)
    await drafting.submit(deps.engine, matter, id_, actor, judging.require_whole, seen=seen)


async def _approve(deps: Runtime, actor: Actor, matter: Matter, id_: str, seen: int | None) -> None:
    rules = judging.rules_of(judging.regulation_today(), matter)
    require(actor, rules.approved_by, f"批准{rules.title}")
    standing = await reading.one(deps.engine, matter, id_)
    held = await from_registers(deps, standing)
    await drafting.approve(
        deps.engine,
        matter,
        id_,
        actor,
        judging.require_whole,
        partial(judging.facts_of, held, actor),
        rules.number_form,
        seen=seen,
    )


async def _require_printable(deps: Runtime, actor: Actor, standing: PlannedStanding) -> None:
    """The letter is tried before anybody approves it; 409 names the character that no font has."""
    held = await from_registers(deps, standing)
    above = (await uses.around(deps.engine, standing)).above
    facts = judging.facts_of(held, actor, standing, above)
    letter = PlanningLetter(facts=facts, number="（未编号）", replaces=None, made_out_at=standing.drafted_at)
    try:
        await asyncio.to_thread(deps.typesetter.planning, letter)
    except LetterFaulty as fault:
        raise Problem(409, "letter_faulty", f"{fault.reason}。") from None


def add_deciding(changing_router: APIRouter, matter: Matter, whole: Any) -> None:
    """``whole``: the model of one with its content."""
    address, title = f"/{PLACES[matter]}/{{id_}}", TITLES[matter]
    _add_approval(changing_router, matter, address, title, whole)
    _add_refusals(changing_router, matter, address, title, whole)


def _add_approval(changing_router: APIRouter, matter: Matter, address: str, title: str, whole: Any) -> None:
    @changing_router.post(
        f"{address}/submitted",
        operation_id=f"submit_{matter}",
        response_model=whole,
        summary=f"提交{title}",
        description="请审批最近一稿。内容不齐全的答复 409，`missing` 逐项列明尚缺什么。",
        responses=REFUSALS,
    )
    async def submitted(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(DRAFTERS, f"提交{title}"))],
        id_: PlannedId,
        seen: SeenDraft = None,
    ) -> PlannedView[Any]:
        await _submit(deps, actor, matter, id_, seen)
        return await shown(deps, matter, id_)

    @changing_router.post(
        f"{address}/approved",
        operation_id=f"approve_{matter}",
        response_model=whole,
        summary=f"批准{title}",
        description="由分管负责人办理，起草和提交的人不能批准。批准即为现行，编列文号，制作版式文件。",
        responses=REFUSALS,
    )
    async def approved(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(LEADERS, f"批准{title}"))],
        id_: PlannedId,
        seen: SeenDraft = None,
    ) -> PlannedView[Any]:
        await _approve(deps, actor, matter, id_, seen)
        return await shown(deps, matter, id_)


def _add_refusals(changing_router: APIRouter, matter: Matter, address: str, title: str, whole: Any) -> None:
    @changing_router.post(
        f"{address}/returned",
        operation_id=f"return_{matter}",
        response_model=whole,
        summary=f"退回{title}",
        description="附意见退回起草人修改；修改后再提交。",
        responses=REFUSALS,
    )
    async def returned(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(LEADERS, f"退回{title}"))],
        id_: PlannedId,
        remarks: Remarks,
        seen: SeenDraft = None,
    ) -> PlannedView[Any]:
        require(actor, judging.rules_of(judging.regulation_today(), matter).approved_by, f"退回{title}")
        await drafting.send_back(deps.engine, matter, id_, actor, remarks.remarks, seen=seen)
        return await shown(deps, matter, id_)

    @changing_router.post(
        f"{address}/ended",
        operation_id=f"end_{matter}",
        response_model=whole,
        summary=f"终止{title}",
        description="自今日起不再据以下达；已经下达的批次不受影响。由处室负责人或者分管负责人办理。",
        responses=REFUSALS,
    )
    async def ended(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(LEADERS, f"终止{title}"))],
        id_: PlannedId,
        why: WhyEnded,
    ) -> PlannedView[Any]:
        await drafting.end(deps.engine, matter, id_, actor, today(), why.reason)
        return await shown(deps, matter, id_)
