"""Plans, schemes and commissions: drafted, submitted, returned, approved by another, adjusted, ended."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import Field

from api.batches import Cursor, Limit, seen_part
from api.planning.deciding import DRAFTERS, REFUSALS, SeenDraft, add_deciding
from api.planning.held import commissioned_names
from api.planning.showing import (
    PLACES,
    TITLES,
    PlannedId,
    Submitted,
    add_list,
    add_reading,
    readers,
    shown,
)
from api.planning.views import CommissionSummary, PlannedView, commission_summary
from api.views import Listing, View
from api.web.auth import only
from api.web.body import OrderRoute
from api.web.keys import Key
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import (
    CommissionContent,
    CommissionDraft,
    NewCommission,
    NewScheme,
    PlanContent,
    PlanDraft,
    PlannedContent,
    SchemeContent,
    SchemeDraft,
)
from store.plans import drafting, reading

router = APIRouter(tags=["计划和方案"])
changing_router = APIRouter(route_class=OrderRoute, tags=["计划和方案"])

IdempotencyKey = Annotated[
    Key | None,
    Header(alias="Idempotency-Key", title="幂等键", description="随机产生的 UUID；重复提交得到同一件。"),
]


_SAVING = "存为新的一稿，以前各稿都保留；与最近一稿相同的不重复保存。正在审批的不能修改；"
_ADJUSTED = "调整已经批准的，须写明理由，批准以前仍以原稿为准。"
_SETTLED = "已经批准的不能修改，只能终止或者另立一件替换。"
Draft = PlanDraft | SchemeDraft | CommissionDraft


class NewPlanned(View):
    id: str = Field(title="编号")


def _add(matter: Matter, model: type[PlannedContent], draft_model: type[Draft]) -> None:
    place, title = PLACES[matter], TITLES[matter]
    whole: Any = PlannedView[model]  # type: ignore[valid-type]
    add_reading(router, matter, whole)
    add_deciding(changing_router, matter, whole)

    @changing_router.put(
        f"/{place}/{{id_}}",
        operation_id=f"save_{matter}",
        response_model=whole,
        summary=f"修改{title}",
        description=_SAVING + (_SETTLED if matter is Matter.COMMISSION else _ADJUSTED),
        responses=REFUSALS,
    )
    async def save(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(DRAFTERS, f"起草{title}"))],
        id_: PlannedId,
        draft: draft_model,  # type: ignore[valid-type]
        seen: SeenDraft = None,
    ) -> PlannedView[Any]:
        said: Any = draft
        await drafting.save(deps.engine, matter, id_, said.content, said.reason, actor, seen=seen)
        return await shown(deps, matter, id_)


@changing_router.post("/plans", status_code=201, summary="起草抽检计划", responses=REFUSALS)
async def create_plan(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS, "起草抽检计划"))],
    draft: PlanDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewPlanned:
    """尚不齐全的也可以先存；提交时说明尚缺什么。"""
    new = await drafting.create(deps.engine, Matter.PLAN, draft.content, actor, key=idempotency_key)
    response.headers["Location"] = f"/plans/{new}"
    return NewPlanned(id=new)


@changing_router.post("/schemes", status_code=201, summary="起草抽检实施方案", responses=REFUSALS)
async def create_scheme(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS, "起草抽检实施方案"))],
    draft: NewScheme,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewPlanned:
    """在一件抽检计划之下起草；尚不齐全的也可以先存，提交时说明尚缺什么。"""
    new = await drafting.create(
        deps.engine,
        Matter.SCHEME,
        draft.content,
        actor,
        under=drafting.Under(plan_id=draft.plan_id),
        key=idempotency_key,
    )
    response.headers["Location"] = f"/schemes/{new}"
    return NewPlanned(id=new)


@changing_router.post("/commissions", status_code=201, summary="起草委托", responses=REFUSALS)
async def create_commission(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS, "起草委托"))],
    draft: NewCommission,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NewPlanned:
    """在一件抽检实施方案之下，委托检验机构或者下级局，一事一委托；批准后不能修改，只能终止或者另立一件替换。"""
    if draft.replaces is not None:
        await _require_replaceable(deps, draft.replaces, draft.scheme_id)
    under = drafting.Under(scheme_id=draft.scheme_id, replaces=draft.replaces, reason=draft.reason)
    new = await drafting.create(
        deps.engine, Matter.COMMISSION, draft.content, actor, under=under, key=idempotency_key
    )
    response.headers["Location"] = f"/commissions/{new}"
    return NewPlanned(id=new)


async def _require_replaceable(deps: Runtime, id_: str, scheme_id: str) -> None:
    """Raises ``PlannedUnknown``, and :class:`Problem` for one that is not in force under this scheme."""
    replaced = await reading.one(deps.engine, Matter.COMMISSION, id_)
    if replaced.in_force is None:
        raise Problem(409, "commission_not_approved", f"委托 {id_} 尚未批准，可以直接修改，不必替换。")
    if replaced.scheme_id != scheme_id:
        detail = f"委托 {id_} 依据的是抽检实施方案 {replaced.scheme_id}，不能由另一方案的委托替换。"
        raise Problem(409, "commission_of_other_scheme", detail)


@router.get("/commissions", summary="委托", responses=documented(401, 403, 422, 503))
async def list_commissions(
    deps: Deps,
    actor: Annotated[Actor, readers(Matter.COMMISSION)],
    q: Annotated[
        str | None, Query(title="查找", description="编号、委托事项、代码等的一段。", max_length=100)
    ] = None,
    scheme_id: Annotated[str | None, Query(title="所依据的方案的编号", max_length=40)] = None,
    in_force: Annotated[bool | None, Query(title="是否现行：已批准、没有终止")] = None,
    submitted: Submitted = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[CommissionSummary]:
    """新起草的在前；下级局的执法人员只看到给本局的、已经批准的。"""
    page = await reading.listed(
        deps.engine,
        Matter.COMMISSION,
        q=q,
        scheme_id=scheme_id,
        part=seen_part(actor),
        in_force=in_force,
        submitted=submitted,
        limit=limit,
        cursor=cursor,
    )
    names = await commissioned_names(deps, [one.content for one in page.items])
    return Listing(items=tuple(map(commission_summary, page.items, names)), next_cursor=page.next_cursor)


for _matter in (Matter.PLAN, Matter.SCHEME):
    add_list(router, _matter)
_add(Matter.PLAN, PlanContent, PlanDraft)
_add(Matter.SCHEME, SchemeContent, SchemeDraft)
_add(Matter.COMMISSION, CommissionContent, CommissionDraft)
