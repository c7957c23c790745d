"""Drawing up a draw: its list as JSON, or as a file with the terms in the address; tried, or kept."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import ValidationError

from api.draws.making import content_of
from api.draws.refusing import refused_with
from api.draws.views import DraftedView, drafted_view
from api.planning.deciding import DRAFTERS
from api.planning.showing import PlannedId
from api.web.auth import only
from api.web.body import RegisterRoute
from api.web.keys import Key
from api.web.problems import Problem, documented
from api.web.receiving import list_body, received
from api.web.runtime import Deps, Runtime
from api.web.wording import field_message
from lists.draws import CANDIDATE_COLUMNS, candidate_of
from lists.faults import CellFault
from lists.reading import Sheet
from messages.base import Actor, Instant
from messages.draws import (
    MOST_DRAWN,
    DrawDraft,
    DrawSubject,
    ListedCandidate,
    SeedSource,
)
from store.canonical import canonical, sha256
from store.draws import drafting

router = APIRouter(tags=["随机抽查"])
changing_router = APIRouter(route_class=RegisterRoute, tags=["随机抽查"])

_Drafter = Annotated[Actor, Depends(only(DRAFTERS, "起草随机抽查"))]
_DryRun = Annotated[bool, Query(title="试算：只说明将会冻结什么，不保存")]
_IdempotencyKey = Annotated[
    Key | None,
    Header(alias="Idempotency-Key", title="幂等键", description="随机产生的 UUID；重复提交得到同一件。"),
]
_REFUSALS = documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)
_TRIED: dict[int | str, dict[str, Any]] = {200: {"model": DraftedView, "description": "试算的结果，没有保存"}}
_TOLD = 20
_NAMED = "；".join("、".join(names) for names in CANDIDATE_COLUMNS.names.values())


@changing_router.post("/draws", status_code=201, summary="起草随机抽查", responses={**_TRIED, **_REFUSALS})
async def create(
    deps: Deps,
    actor: _Drafter,
    draft: DrawDraft,
    response: Response,
    dry_run: _DryRun = False,
    idempotency_key: _IdempotencyKey = None,
) -> DraftedView:
    """名单、权重、排除的、数量和种子来源一次写齐，此后不再改；冻结以前可以终止、另行起草。"""
    return await _drawn_up(deps, actor, draft, response, idempotency_key, dry_run=dry_run)


@router.post(
    "/schemes/{id_}/draws",
    status_code=201,
    summary="以名单文件起草随机抽查",
    description="正文是候选名单：XLSX（第一个工作表）、CSV 或 JSON，一行一个。一行有误，整份不收，逐行说明。"
    f"各列的名称可以是：{_NAMED}。",
    responses={**_TRIED, **_REFUSALS},
    openapi_extra=list_body({"编号": "J1", "权重": 1, "权重的理由": "", "排除的理由": ""}),
)
async def create_of_sheet(
    request: Request,
    deps: Deps,
    actor: _Drafter,
    id_: PlannedId,
    response: Response,
    title: Annotated[str, Query(title="名称", max_length=200)],
    subject: Annotated[DrawSubject, Query(title="抽取对象")],
    number: Annotated[int, Query(title="抽取数量", ge=1, le=MOST_DRAWN)],
    seed_what: Annotated[str, Query(title="种子取自什么，怎样写成一行", max_length=200)],
    seed_where: Annotated[str, Query(title="种子在何处公布", max_length=200)],
    seed_announced_at: Annotated[Instant, Query(title="种子的公布时间")],
    dry_run: _DryRun = False,
    idempotency_key: _IdempotencyKey = None,
) -> DraftedView:
    listed = _listed(await received(request, CANDIDATE_COLUMNS))
    try:
        source = SeedSource(what=seed_what, where=seed_where, announced_at=seed_announced_at)
        draft = DrawDraft(
            scheme_id=id_,
            title=title,
            subject=subject,
            number=number,
            seed_source=source,
            candidates=listed,
        )
    except ValidationError as error:
        raise Problem(422, "invalid", f"{field_message(DrawDraft, error)}。") from None
    return await _drawn_up(deps, actor, draft, response, idempotency_key, dry_run=dry_run)


async def _drawn_up(
    deps: Runtime, actor: Actor, draft: DrawDraft, response: Response, key: UUID | None, *, dry_run: bool
) -> DraftedView:
    """Kept under ``key``; a trial is not kept."""
    with refused_with(422):
        content = await content_of(deps, draft)
    if dry_run:
        response.status_code = 200
        return drafted_view(None, content)
    asked = sha256(canonical(draft.model_dump(mode="json")))
    new = await drafting.create(deps.engine, content, actor, asked_sha256=asked, key=key)
    response.headers["Location"] = f"/draws/{new}"
    return drafted_view(new, content)


def _listed(sheet: Sheet) -> tuple[ListedCandidate, ...]:
    """All rows, or none: what is frozen is the whole list. Raises :class:`Problem`."""
    found, faults = [], []
    for number, row in sheet.rows:
        try:
            found.append(ListedCandidate.model_validate(candidate_of(row)))
        except CellFault as fault:
            faults.append((number, str(fault)))
        except ValidationError as error:
            faults.append((number, field_message(ListedCandidate, error)))
    if faults:
        errors = [
            {"field": f"第{number}行", "pointer": f"/{number}", "message": said}
            for number, said in faults[:_TOLD]
        ]
        told = "；".join(f"第{number}行：{said}" for number, said in faults[:3])
        more = f"；共{len(faults)}行有误" if len(faults) > 3 else ""
        raise Problem(422, "invalid", f"{told}{more}。", errors=errors)
    if not found:
        raise Problem(422, "invalid", "名单中没有候选。")
    return tuple(found)
