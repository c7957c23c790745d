"""What may be disposed of, what is held, and disposal by two people."""

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field

from api.batches import BatchNo, batch_of
from api.evidence.certificates import Reader, address_of
from api.views import Listing, View
from api.web.auth import only
from api.web.body import JsonRoute
from api.web.problems import documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime
from evidence.objects import UNREADABLE
from law.vocabulary import Role
from messages.base import Actor, Day, Message, Text
from store.evidence import disposing
from store.evidence.certificates import number_of
from store.evidence.disposing import Disposal

_KEEPERS = {Role.OFFICER, Role.SUPERVISOR, Role.APPROVER}
_LEADERS = {Role.SUPERVISOR, Role.APPROVER}
_REFUSALS = documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)

router = APIRouter(tags=["证据"])
changing_router = APIRouter(prefix="/batches/{batch_no}/evidence", route_class=JsonRoute, tags=["证据"])


class WithReason(Message):
    """Why."""

    model_config = ConfigDict(
        title="理由", json_schema_extra={"example": {"reason": "保存期届满，案件已经了结"}}
    )

    reason: Text = Field(title="理由")


class KeptUntilView(View):
    """Until when the evidence of a batch is kept, and what stands against its end."""

    batch_no: str = Field(title="批次编号")
    keep_until: date | None = Field(title="至少保存至；尚未办结的为空")
    is_due: bool = Field(title="保存期是否已经届满")
    files: int = Field(title="件数")
    size: int = Field(title="大小（字节）")
    held: str | None = Field(title="暂缓处置的理由；没有暂缓的为空")
    proposed_by: Actor | None = Field(title="处置的提出人；尚未提出的为空")


class DueView(KeptUntilView):
    """A closed batch with evidence."""

    keep_until: date = Field(title="至少保存至")


class DisposalView(View):
    """Who proposed a disposal and who approved it; with the approval the keys are gone."""

    reason: str = Field(title="理由")
    proposed_by: Actor = Field(title="提出人")
    proposed_at: datetime = Field(title="提出时间")
    approved_by: Actor | None = Field(title="批准人；尚未批准的为空")
    approved_at: datetime | None = Field(title="批准时间，密钥即行销毁")
    number: str | None = Field(default=None, title="证据销毁证明的文号；尚未批准的为空")
    certificate: str | None = Field(default=None, title="证据销毁证明（PDF）的地址；尚未批准的为空")


@router.get("/evidence/due", summary="保存期届满的证据", responses=documented(401, 403, 422, 503))
async def list_due(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(_KEEPERS | {Role.AUDITOR}, "查看保存期届满的证据"))],
    limit: Annotated[int, Query(title="至多几个批次", ge=1, le=200)] = 50,
    before: Annotated[
        Day | None, Query(title="连同此日之前届满的", description="不写则只列已经届满的。")
    ] = None,
    proposed: Annotated[bool, Query(title="只列已经提出处置、待批准的")] = False,
) -> Listing[DueView]:
    """已办结、保存期届满或者将要届满的批次，最早届满的在前；重新启动的批次不在其中。"""
    due = await disposing.due(deps.engine, limit, before, proposed=proposed)
    found = tuple(map(DueView.model_validate, due))
    seen(one.batch_no for one in found)
    return Listing(items=found, next_cursor=None)


@router.get(
    "/batches/{batch_no}/evidence/standing",
    summary="批次证据的保存情况",
    responses=documented(401, 403, 404, 422, 503),
)
async def show_standing(deps: Deps, actor: Reader, batch_no: BatchNo) -> KeptUntilView:
    """保存至何日，是否届满，有没有暂缓处置，处置由谁提出。"""
    await batch_of(deps, batch_no, actor)
    return KeptUntilView.model_validate(await disposing.standing(deps.engine, batch_no))


@router.get(
    "/batches/{batch_no}/evidence/disposal",
    summary="批次证据的处置",
    responses=documented(401, 403, 404, 422, 503),
)
async def list_disposals(deps: Deps, actor: Reader, batch_no: BatchNo) -> Listing[DisposalView]:
    """提出的和批准的，依次。"""
    await batch_of(deps, batch_no, actor)
    return await _disposals(deps, batch_no)


@changing_router.post("/hold", summary="暂缓处置证据", responses=_REFUSALS)
async def hold(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(_KEEPERS, "暂缓处置证据"))],
    batch_no: BatchNo,
    why: WithReason,
) -> None:
    """诉讼、复议等需要时，批次的证据一律保留，直到解除。"""
    await disposing.hold(deps.engine, batch_no, why.reason, actor)


@changing_router.post("/hold/lifted", summary="解除暂缓处置", responses=_REFUSALS)
async def lift(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(_LEADERS, "解除暂缓处置"))],
    batch_no: BatchNo,
    why: WithReason,
) -> None:
    """其后保存期届满的，方可提出处置。"""
    await disposing.lift(deps.engine, batch_no, why.reason, actor)


@changing_router.post("/disposal", summary="提出处置证据", responses=_REFUSALS)
async def propose(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(_KEEPERS, "提出处置证据"))],
    batch_no: BatchNo,
    why: WithReason,
) -> Listing[DisposalView]:
    """批次办结、保存期届满、没有暂缓的，方可提出；由另一人批准。"""
    await disposing.propose(deps.engine, batch_no, why.reason, actor)
    return await _disposals(deps, batch_no)


@changing_router.post("/disposal/approved", summary="批准处置证据", responses=_REFUSALS)
async def approve(
    deps: Deps, actor: Annotated[Actor, Depends(only(_LEADERS, "批准处置证据"))], batch_no: BatchNo
) -> Listing[DisposalView]:
    """密钥即行销毁，文件从此无法打开；文件名、摘要、保管和查阅的记录保留。"""
    for evidence_id in await disposing.approve(deps.engine, batch_no, actor):
        # The tidying finds what is left where this process dies now, or a place is away.
        with suppress(*UNREADABLE):
            await deps.evidence.delete(evidence_id)
    return await _disposals(deps, batch_no)


async def _disposals(deps: Runtime, batch_no: str) -> Listing[DisposalView]:
    found = await disposing.disposals(deps.engine, batch_no)
    items = tuple(_view(batch_no, nth, one) for nth, one in enumerate(found, start=1))
    return Listing(items=items, next_cursor=None)


def _view(batch_no: str, nth: int, one: Disposal) -> DisposalView:
    """There is never more than one that nobody has approved, the last: the order is that of the numbers."""
    is_done = one.approved_at is not None
    return DisposalView(
        reason=one.reason,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        approved_by=one.approved_by,
        approved_at=one.approved_at,
        number=number_of(batch_no, nth) if is_done else None,
        certificate=address_of(batch_no, nth) if is_done else None,
    )
