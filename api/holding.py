"""Who has a batch in hand: taken, handed on to a colleague, let go. It decides nothing about the case."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field

from api.batches import A_PART, BatchNo, Cursor, PartLimit, batch_of
from api.views import HolderView, Listing, View, holder_view
from api.web.auth import EveryCaller, only_everywhere
from api.web.body import JsonRoute
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from law.vocabulary import Role
from messages.base import Actor, Message, Text
from store.accounts import people
from store.desk import holding
from store.plans import uses

router = APIRouter(route_class=JsonRoute, tags=["批次"])

_Staff = Annotated[Actor, Depends(only_everywhere(frozenset(holding.HOLDING), "变更批次的经办人"))]


class Handing(Message):
    """Who has the batch in hand from now on."""

    model_config = ConfigDict(
        title="变更经办人",
        json_schema_extra={"example": {"to": "officer", "instead_of": None, "note": "由本人经办"}},
    )

    to: Text | None = Field(title="由谁经办：账号；写本人的账号即为接手，为空即不再经办")
    instead_of: Text | None = Field(title="现在的经办人账号，没有的为空；已经变了的不予受理")
    note: Text | None = Field(default=None, title="说明")


class HandoverView(View):
    """One change of whoever has a batch in hand."""

    name: str | None = Field(title="自此的经办人；没有的为空")
    sub: str | None = Field(title="其账号")
    by_name: str = Field(title="办理人")
    by_sub: str = Field(title="办理人账号")
    note: str = Field(title="说明")
    at: datetime = Field(title="时间")


class Holding(Listing[HandoverView]):
    """Who has it in hand now, and every change, the latest first."""

    holder: HolderView | None = Field(title="现在的经办人；没有的为空")


class ColleagueView(View):
    """Somebody who can have batches in hand."""

    sub: str = Field(title="账号")
    name: str = Field(title="姓名")
    role: Role = Field(title="角色")
    unit: str = Field(title="科室")


@router.get("/batches/{batch_no}/holder", summary="批次的经办人", responses=documented(401, 404, 422, 503))
async def show_holder(
    deps: Deps, actor: EveryCaller, batch_no: BatchNo, limit: PartLimit = A_PART, cursor: Cursor = None
) -> Holding:
    """现在由谁经办，以及历次接手和移交，最近的在前。经办人只表示由谁跟进，与各步骤由何种角色办理无关。"""
    await batch_of(deps, batch_no, actor)
    page = await holding.handovers(deps.engine, batch_no, limit=limit, cursor=cursor)
    return Holding(
        holder=holder_view(await holding.holder(deps.engine, batch_no)),
        items=tuple(map(HandoverView.model_validate, page.items)),
        next_cursor=page.next_cursor,
    )


@router.post(
    "/batches/{batch_no}/holder",
    summary="接手或者移交批次",
    responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
)
async def change_holder(deps: Deps, actor: _Staff, batch_no: BatchNo, handing: Handing) -> Holding:
    """接手、移交给本局的另一人（附说明），或者不再经办；每次都有记录。由本局人员办理。"""
    await batch_of(deps, batch_no, actor)
    if handing.to == handing.instead_of:
        raise Problem(409, "holder_unchanged", "经办人没有变化。")
    await holding.pass_on(
        deps.engine,
        batch_no,
        to=await _whom(deps, actor, handing.to, batch_no),
        instead_of=handing.instead_of,
        by=actor,
        note=handing.note or "",
    )
    return await show_holder(deps, actor, batch_no)


async def _whom(deps: Runtime, actor: Actor, sub: str | None, batch_no: str) -> tuple[str, str] | None:
    """Account and name; whoever takes it themselves is known by their token. Raises :class:`Problem` 409."""
    if sub is None:
        return None
    if sub == actor.sub:
        return actor.sub, actor.name
    account = await people.account(deps.engine, sub)
    if account is None or account.ended_at is not None or account.role not in holding.HOLDING:
        detail = "只能移交给本局在用账号的执法人员、处室负责人或者分管负责人。"
        raise Problem(409, "holder_unsuitable", detail)
    # Whoever has it in hand must be able to see it.
    if account.bureau not in (None, await uses.executing_bureau(deps.engine, batch_no)):
        raise Problem(409, "holder_elsewhere", "这个批次不由该账号所在的下级局执行，不能移交。")
    return account.sub, account.name


@router.get("/colleagues", summary="可以经办批次的人员", responses=documented(401, 403, 422, 503))
async def list_colleagues(
    deps: Deps,
    actor: Annotated[Actor, Depends(only_everywhere(frozenset(holding.HOLDING), "查阅可以经办批次的人员"))],
) -> Listing[ColleagueView]:
    """本人所在的局在用账号的执法人员、处室负责人和分管负责人，按科室、姓名。"""
    found = await holding.colleagues(deps.engine, actor.bureau)
    return Listing(items=tuple(map(ColleagueView.model_validate, found)))
