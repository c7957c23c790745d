"""The course of a draw: frozen and published, drawn by its seed, skipped, corrected by two, ended."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import APIRouter, Depends

from api.draws.making import require_scheme
from api.draws.refusing import refused_with
from api.draws.showing import DrawId, faults_in, shown
from api.draws.views import DrawView
from api.planning.deciding import DRAFTERS, LEADERS, WhyEnded
from api.signed import signer_of
from api.web.auth import only, require
from api.web.body import JsonRoute
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from law import draw_course
from law.draw import drawn, ranked
from law.draw_course import DrawState
from messages.approvals import ApprovalVerdict
from messages.base import Actor
from messages.draws import (
    CandidatePassed,
    CandidateSkipped,
    CorrectionDecision,
    DrawEventKind,
    DrawnFromSeed,
    SeedCorrection,
    SeedRead,
)
from proof.draws import as_frozen, sealed_with
from store.draws import reading, recording
from store.draws.recording import DrawTurn
from store.draws.standing import DrawOnRecord

router = APIRouter(route_class=JsonRoute, tags=["随机抽查"])
_REFUSALS = documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)


@router.post("/draws/{draw_id}/frozen", summary="冻结并公布名单", responses=_REFUSALS)
async def freeze(
    deps: Deps, actor: Annotated[Actor, Depends(only(DRAFTERS, "冻结随机抽查"))], draw_id: DrawId
) -> DrawView:
    """名单、权重、数量、方法和种子来源即行公布，签名存证，此后任何人不能再改；种子的公布时间应在此后。"""
    await require_scheme(deps, (await reading.one(deps.engine, draw_id)).content.scheme_id)
    async with _turn(deps, draw_id) as turn:
        if turn.draw.state is not DrawState.FROZEN:
            content = turn.draw.content
            with refused_with(409):
                draw_course.check_freezable(turn.draw.state, content.seed_source.announced_at, turn.now)
            await turn.record(DrawEventKind.FROZEN, as_frozen(content), actor)
    return await shown(deps, draw_id)


@router.post("/draws/{draw_id}/seed", summary="登记种子，抽取", responses=_REFUSALS)
async def enter_seed(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS, "登记种子"))],
    draw_id: DrawId,
    read: SeedRead,
) -> DrawView:
    """种子公布以后方可登记；随即抽取并公布。登记有误的，由两人更正。"""
    async with _turn(deps, draw_id) as turn:
        made = turn.draw.made
        if made is None or (made.seed, made.read_from) != (read.seed, read.read_from):
            announced = turn.draw.content.seed_source.announced_at
            with refused_with(409):
                draw_course.check_due(turn.draw.state, announced, turn.now)
            await _require_whole(deps, turn.draw)
            await turn.record(DrawEventKind.DRAWN, await _drawn(turn.draw, read), actor)
    return await shown(deps, draw_id)


@router.post("/draws/{draw_id}/skipped", summary="跳过抽中而不能购样的", responses=_REFUSALS)
async def skip(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS, "跳过抽中的"))],
    draw_id: DrawId,
    skipped: CandidateSkipped,
) -> DrawView:
    """由排序在后的下一个递补；名单不改。据以下达的批次终止或者撤销之后，方可跳过。"""
    async with _turn(deps, draw_id) as turn:
        made = turn.draw.made
        passed = {one.id: one for one in made.passed} if made else {}
        if (before := passed.get(skipped.candidate)) is None or before.reason != skipped.reason:
            with refused_with(409):
                following = await _following(deps, turn, skipped.candidate)
            said = CandidatePassed(id=skipped.candidate, next=following, reason=skipped.reason)
            await turn.record(DrawEventKind.SKIPPED, said, actor)
    return await shown(deps, draw_id)


@router.post("/draws/{draw_id}/seed/correction", summary="提出更正种子", responses=_REFUSALS)
async def propose_correction(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS | LEADERS, "提出更正种子"))],
    draw_id: DrawId,
    correction: SeedCorrection,
) -> DrawView:
    """种子登记有误、尚未据以下达批次的，由一人提出，另一人确认；原先的抽取保留可查。"""
    async with _turn(deps, draw_id) as turn:
        is_open = turn.draw.correction
        if is_open is None or is_open.proposed != correction:
            with refused_with(409):
                draw_course.check_drawn(turn.draw.state, is_to_confirm=is_open is not None)
                draw_course.check_unordered(await turn.ordered())
            no = await turn.propose(actor)
            await turn.record(DrawEventKind.CORRECTION_PROPOSED, correction, actor, approval_no=no)
    return await shown(deps, draw_id)


@router.post("/draws/{draw_id}/seed/confirmed", summary="确认或者不予更正种子", responses=_REFUSALS)
async def decide_correction(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(LEADERS, "确认种子的更正"))],
    draw_id: DrawId,
    decision: CorrectionDecision,
) -> DrawView:
    """由提出人以外的人办理；确认的，随即按更正的种子重新抽取并公布。"""
    async with _turn(deps, draw_id) as turn:
        is_open = turn.draw.correction
        if is_open is None:
            raise Problem(409, "draw_nothing_to_confirm", "没有待确认的种子更正。")
        if decision.seed not in (None, is_open.proposed.seed):
            detail = f"待确认的种子是 {is_open.proposed.seed}，不是所看到的；请重新打开，核对以后再办理。"
            raise Problem(409, "draw_other_correction", detail)
        verdict = ApprovalVerdict.APPROVED if decision.confirmed else ApprovalVerdict.RETURNED
        await turn.decide(is_open.approval_no, actor, verdict, decision.reason)
        if decision.confirmed:
            await _require_whole(deps, turn.draw)
            said = await _drawn(turn.draw, is_open.proposed, is_open.proposed.reason)
            await turn.record(DrawEventKind.CORRECTED, said, actor, approval_no=is_open.approval_no)
        else:
            refused = WhyEnded(reason=decision.reason)
            kind = DrawEventKind.CORRECTION_REFUSED
            await turn.record(kind, refused, actor, approval_no=is_open.approval_no)
    return await shown(deps, draw_id)


@router.post("/draws/{draw_id}/ended", summary="终止随机抽查", responses=_REFUSALS)
async def end(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(DRAFTERS | LEADERS, "终止随机抽查"))],
    draw_id: DrawId,
    why: WhyEnded,
) -> DrawView:
    """没有抽取的可以终止，已经公布的连同理由一并公布；种子公布以后只有分管负责人可以终止。"""
    async with _turn(deps, draw_id) as turn:
        if turn.draw.state is not DrawState.ENDED:
            announced = turn.draw.content.seed_source.announced_at
            with refused_with(409):
                enders = draw_course.enders(turn.draw.state, announced, turn.now)
            require(actor, enders, "终止这一次随机抽查")
            await turn.record(DrawEventKind.ENDED, why, actor)
    return await shown(deps, draw_id)


def _turn(deps: Runtime, draw_id: str) -> AbstractAsyncContextManager[DrawTurn]:
    """The draw to oneself; what is put on record is signed. Raises ``DrawUnknown`` and :class:`Problem`."""
    return recording.turn(deps.engine, draw_id, sealed_with(signer_of(deps)))


async def _require_whole(deps: Runtime, draw: DrawOnRecord) -> None:
    """Nothing is drawn from a list that is not the one that was frozen. Raises :class:`Problem`."""
    if faults := await faults_in(deps, draw):
        raise Problem(409, "draw_altered", f"{'；'.join(faults)}。不能据以抽取。")


async def _drawn(draw: DrawOnRecord, read: SeedRead, reason: str | None = None) -> DrawnFromSeed:
    ids = await asyncio.to_thread(drawn, draw.candidates, read.seed, draw.content.number)
    return DrawnFromSeed(seed=read.seed, read_from=read.read_from, drawn=ids, reason=reason)


async def _following(deps: Runtime, turn: DrawTurn, candidate: str) -> str | None:
    """Raises ``DrawRefused`` and :class:`Problem`."""
    draw = turn.draw
    draw_course.check_drawn(draw.state, is_to_confirm=draw.correction is not None)
    await _require_whole(deps, draw)
    assert draw.made is not None, "a draw that was made"
    ranking = await asyncio.to_thread(ranked, draw.candidates, draw.made.seed)
    ordered = await turn.ordered(candidate)
    return draw_course.next_after(candidate, ranking, draw.made.drawn, draw.made.skipped, ordered)
