"""Tasks as 阳光检测 names them: planned, assigned, ordered, and what came of them (§3)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.batches import Cursor, Limit, seen_part
from api.views import Listing, View
from api.web.auth import BUREAU, only_everywhere
from api.web.days import today
from api.web.problems import documented
from api.web.runtime import Deps
from messages.base import Actor
from messages.registers import Register
from store.plans.tasks import PlannedTask, planned_tasks
from store.registers import entries

router = APIRouter(prefix="/tasks", tags=["计划和方案"])


class PlannedTaskView(View):
    """What one scheme gives one bureau to do, and what came of it."""

    plan_id: str = Field(title="任务计划：抽检计划的编号")
    scheme_id: str = Field(title="所依据的抽检实施方案的编号")
    scheme_title: str = Field(title="方案名称")
    commission_id: str | None = Field(title="任务分配：委托的编号；本局自行执行的为空")
    number: str | None = Field(title="委托书的文号")
    matter: str | None = Field(title="委托事项")
    bureau: str | None = Field(title="执行的下级局的代码；本局自行执行的为空")
    bureau_name: str | None = Field(title="下级局的名称；登记簿今日没有的为空")
    until: date | None = Field(title="完成期限")
    overdue: bool = Field(title="期限已过，仍有批次没有得出结果或者没有下达")
    ended_on: date | None = Field(title="方案或者委托终止之日")
    assigned: int = Field(title="分配的批次数量；本局的为方案数量减去委托下级局的数量")
    ordered: int = Field(title="任务下达：已下达的批次（不含终止、撤销的）")
    bought: int = Field(title="其中已购样的")
    sealed: int = Field(title="其中已封样的")
    tested: int = Field(title="其中已收取检验报告的")
    final: int = Field(title="结果处理：其中已有最终结果的")
    given_up: int = Field(title="终止抽样或者撤销的批次，不在以上各数之内")


@router.get("/planned", summary="抽检任务", responses=documented(401, 403, 422, 503))
async def list_planned_tasks(
    deps: Deps,
    actor: Annotated[Actor, Depends(only_everywhere(BUREAU, "查阅抽检任务"))],
    scheme_id: Annotated[str | None, Query(title="方案的编号", max_length=40)] = None,
    bureau: Annotated[str | None, Query(title="执行的下级局的代码", max_length=64)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[PlannedTaskView]:
    """任务计划、分配、下达和结果：每件已批准的方案，由哪个局执行、至何日止、多少批次，各到了哪一步。

    新的方案在前，先列委托下级局的，再列本局自行执行的。批次见 `GET /batches?scheme_id=…` 或者
    `commission_id=…`。下级局的执法人员只看到给本局的任务。
    """
    page = await planned_tasks(
        deps.engine, scheme_id=scheme_id, bureau=bureau, part=seen_part(actor), limit=limit, cursor=cursor
    )
    codes = sorted({one.bureau for one in page.items if one.bureau is not None})
    names = await entries.names(deps.engine, Register.BUREAUS, codes, today())
    items = (_view(one, names.get(one.bureau or "")) for one in page.items)
    return Listing(items=tuple(items), next_cursor=page.next_cursor)


def _view(one: PlannedTask, name: str | None) -> PlannedTaskView:
    undone = one.final < (one.ordered if one.ended_on else one.assigned)
    overdue = undone and one.until is not None and one.until < today()
    return PlannedTaskView(**vars(one), bureau_name=name, overdue=overdue)
