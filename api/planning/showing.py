"""Reading plans, schemes and commissions: the list, one with its drafts, the letter of an approved one."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response

from api.batches import Cursor, Limit, fixes_letters
from api.documents import PDF
from api.planning import judging
from api.planning.held import commissioned_names
from api.planning.views import PlannedSummary, PlannedView, draft_view, summary
from api.views import Listing
from api.web.auth import BUREAU, only, only_everywhere
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from messages.approvals import Matter
from messages.base import Actor
from messages.letter import LetterFaulty
from messages.planning import CommissionContent, CommissionedTo
from store.errors import PlannedUnknown
from store.plans import papers, reading, uses
from store.plans.standing import PlannedStanding

PLACES = {Matter.PLAN: "plans", Matter.SCHEME: "schemes", Matter.COMMISSION: "commissions"}
TITLES = {Matter.PLAN: "抽检计划", Matter.SCHEME: "抽检实施方案", Matter.COMMISSION: "委托"}
Submitted = Annotated[bool, Query(title="只列待审批的")]
PlannedId = Annotated[str, Path(title="编号", max_length=40, examples=["FA2026-0001"])]


async def shown(deps: Runtime, matter: Matter, id_: str) -> PlannedView[Any]:
    """Raises ``PlannedUnknown``."""
    return await _shown(deps, await reading.one(deps.engine, matter, id_), None)


async def _shown(deps: Runtime, standing: PlannedStanding, version: int | None) -> PlannedView[Any]:
    id_, matter = standing.id, standing.matter
    # What was approved was whole that day; that its term has passed since is nothing that it lacks.
    lacks: tuple[str, ...] = ()
    if standing.in_force != standing.version:
        lacks = judging.lacks(matter, standing.content, await uses.around(deps.engine, standing))
    content = standing.content
    if version is not None and version != standing.version:
        content = await reading.content(deps.engine, matter, id_, version)
    address = f"/{PLACES[matter]}/{id_}"
    (name,) = await commissioned_names(deps, [standing.content])
    drafts = await reading.drafts(deps.engine, id_)
    return PlannedView[Any](
        **dict(summary(standing, name)),
        content=content,
        shown_version=standing.version if version is None else version,
        lacks=lacks,
        remarks=standing.approval.remarks if standing.approval else None,
        ended_on=standing.ended_on,
        end_reason=standing.end_reason,
        versions=tuple(draft_view(address, one) for one in drafts),
    )


def readers(matter: Matter) -> Any:
    """Dependency: a subordinate bureau's officers read the commissions that are given to it."""
    allowed = only_everywhere if matter is Matter.COMMISSION else only
    return Depends(allowed(BUREAU, f"查阅{TITLES[matter]}"))


async def _readable(deps: Runtime, matter: Matter, id_: str, actor: Actor) -> PlannedStanding:
    """Raises ``PlannedUnknown``, too where a commission is not this subordinate bureau's."""
    standing = await reading.one(deps.engine, matter, id_)
    content = standing.content_in_force
    given = isinstance(content, CommissionContent) and (content.to, content.code)
    if actor.bureau is not None and given != (CommissionedTo.BUREAU, actor.bureau):
        raise PlannedUnknown(id_)
    return standing


def add_reading(router: APIRouter, matter: Matter, whole: Any) -> None:
    """One and its letter; ``whole``: the model of one with its content."""
    place, title = PLACES[matter], TITLES[matter]
    _add_one(router, matter, place, title, whole)
    _add_paper(router, matter, place, title)


def add_list(router: APIRouter, matter: Matter) -> None:
    """Of plans or schemes."""
    place, title = PLACES[matter], TITLES[matter]

    @router.get(
        f"/{place}", operation_id=f"list_{place}", summary=title, responses=documented(401, 403, 422, 503)
    )
    async def list_planned(
        deps: Deps,
        _actor: Annotated[Actor, Depends(only(BUREAU, f"查阅{title}"))],
        q: Annotated[
            str | None, Query(title="查找", description="编号、名称等的一段。", max_length=100)
        ] = None,
        plan_id: Annotated[str | None, Query(title="所属抽检计划的编号", max_length=40)] = None,
        in_force: Annotated[bool | None, Query(title="是否现行：已批准、没有终止")] = None,
        submitted: Submitted = False,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listing[PlannedSummary]:
        page = await reading.listed(
            deps.engine,
            matter,
            q=q,
            plan_id=plan_id,
            in_force=in_force,
            submitted=submitted,
            limit=limit,
            cursor=cursor,
        )
        return Listing(items=tuple(map(summary, page.items)), next_cursor=page.next_cursor)


def _add_one(router: APIRouter, matter: Matter, place: str, title: str, whole: Any) -> None:
    @router.get(
        f"/{place}/{{id_}}",
        operation_id=f"show_{matter}",
        response_model=whole,
        summary=f"一件{title}",
        description="内容、尚缺的内容、审批情况和各稿。",
        responses=documented(401, 403, 404, 422, 503),
    )
    async def show(
        deps: Deps,
        actor: Annotated[Actor, readers(matter)],
        id_: PlannedId,
        version: Annotated[int | None, Query(title="第几稿", ge=1, le=2**31 - 1)] = None,
    ) -> PlannedView[Any]:
        return await _shown(deps, await _readable(deps, matter, id_, actor), version)


def _add_paper(router: APIRouter, matter: Matter, place: str, title: str) -> None:
    @router.get(
        f"/{place}/{{id_}}/versions/{{version}}.pdf",
        operation_id=f"open_{matter}",
        summary=f"{title}的版式文件（PDF/A）",
        response_class=Response,
        responses={
            200: {"content": {PDF: {}}, "description": "版式文件；第一次打开时固定，此后不再改变"},
            **documented(401, 403, 404, 409, 422, 503),
        },
    )
    async def open_paper(
        deps: Deps,
        actor: Annotated[Actor, readers(matter)],
        id_: PlannedId,
        version: Annotated[int, Path(title="第几稿", ge=1, le=2**31 - 1)],
    ) -> Response:
        await _readable(deps, matter, id_, actor)
        paper = await papers.paper(deps.engine, id_, version)
        try:
            kept = await papers.opened(deps.engine, id_, version, deps.typesetter, keep=fixes_letters(actor))
        except LetterFaulty as fault:
            raise Problem(409, "letter_faulty", f"{fault}。") from None
        name = quote(f"{title}（{paper.number}）.pdf")
        headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}", "ETag": f'"{kept.sha256}"'}
        return Response(kept.pdf, media_type=PDF, headers=headers)
