"""Doing a step: one route for each step of the procedure (DESIGN, "The way of a step")."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api import filing, trying
from api.batches import BatchNo, batch_of, require_own
from api.evidence.naming import not_kept
from api.views import open_waits
from api.web.auth import only_everywhere
from api.web.body import JsonRoute, ReportRoute
from api.web.keys import Key
from api.web.problems import Problem, documented, problem_response
from api.web.runtime import Deps, Runtime
from law.judgements import PartyStanding
from law.vocabulary import Party, Role
from messages.base import Actor, Message
from messages.envelope import Decision, StepEnvelope
from messages.evidence import EvidenceNotKept
from messages.steps import (
    STEPS,
    Step,
    StepName,
    closing,
    correcting,
    laboratory,
    report,
    result,
    retest,
    sampling,
    service,
)
from messages.words import ROLES
from store.reads import read_model

# The procedure's order: the parts of messages/steps, each a heading on the documentation page.
_PARTS = {
    sampling.__name__: ("步骤一 抽样", "网络购样、收货、拆包查验和封样（§5）。"),
    laboratory.__name__: ("检验机构的改定", "承检机构、复检机构不能承担的，改由其他机构检验（§6）。"),
    report.__name__: ("步骤二 检验报告", "承检机构提交，执法人员收取（§6）。"),
    result.__name__: ("步骤二 检验结果和异议", "认可结果、提出异议和审批（§6）。"),
    service.__name__: ("文书寄送和送达", "交寄、送达、退回，以及未能送达的线索（§5、§6）。"),
    retest.__name__: ("步骤三 复检", "确定复检机构、办理手续、重新签封、复检报告（§6）。"),
    closing.__name__: ("步骤四 交办和其他", "交办（§7），以及中止、恢复、延长期限、撤销。"),
    correcting.__name__: ("更正记录", "登记有误的，一人提出，另一人确认，原登记保留（规程第10节）。"),
}
TAGS = [{"name": name, "description": description} for name, description in _PARTS.values()]

# Those that carry a test report, whose text is bounded as such.
_REPORTS = (
    StepName.REPORT_SUBMITTED,
    StepName.REPORT_RECEIVED,
    StepName.RETEST_REPORT_RECEIVED,
    StepName.RECORD_CORRECTED,
)

router = APIRouter(prefix="/batches/{batch_no}/steps")


class StepStatus(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RECORDED = "recorded"


class StepAnswer(Message):
    """A step as it stands: accepted or refused, or recorded and not decided yet."""

    status: StepStatus = Field(title="状态：accepted 已受理；refused 不予受理；recorded 已登记，待决定")
    step_id: UUID = Field(title="步骤编号")
    batch_no: str = Field(title="批次编号")
    step: StepName = Field(title="步骤")
    decision: Decision | None = Field(default=None, title="决定")
    evidence_not_kept: tuple[EvidenceNotKept, ...] = Field(default=(), title="所列证据中，本批次没有入库的")


def answer_of(
    envelope: StepEnvelope, decision: Decision | None, missing: tuple[EvidenceNotKept, ...]
) -> StepAnswer:
    """How a step stands; ``missing`` of the evidence that it names."""
    if decision is None:
        status = StepStatus.RECORDED
    else:
        status = StepStatus.ACCEPTED if decision.accepted else StepStatus.REFUSED
    return StepAnswer(
        status=status,
        step_id=envelope.step_id,
        batch_no=envelope.batch_no,
        step=envelope.step,
        decision=decision,
        evidence_not_kept=missing,
    )


IdempotencyKey = Annotated[
    Key | None,
    Header(
        alias="Idempotency-Key",
        title="幂等键",
        description="随机产生的 UUID，由提交方自定，只归本人使用；同一编号重复提交得到同一答复。"
        "不带则由系统给出，见答复的 step_id。",
    ),
]


DryRunAsked = Annotated[
    bool,
    Query(
        title="试办",
        description="为 true 时只告知会不会受理、会发生什么，不登记；更正记录的，告知确认之后的结果。",
    ),
]


def _endpoint(model: type[Step]) -> Callable[..., Awaitable[Response]]:
    """The handler of one step's route; its body is validated once, against that step's model."""

    async def do(
        request: Request,
        deps: Deps,
        actor: Annotated[Actor, Depends(only_everywhere(model.ROLES, model.TITLE))],
        batch_no: BatchNo,
        body: Any,
        idempotency_key: IdempotencyKey = None,
        dry_run: DryRunAsked = False,
    ) -> Response:
        await require_own(deps, batch_no, actor)
        if isinstance(body, retest.RetestFormalitiesCompleted) and body.party is None:
            body = body.model_copy(update={"party": await _only_applicant(deps, batch_no)})
        envelope = StepEnvelope(
            step_id=idempotency_key or uuid4(),
            batch_no=batch_no,
            step=model.NAME,
            body=body.model_dump(mode="json"),
            actor=actor,
        )
        (missing,) = await not_kept(deps.engine, batch_no, [envelope.body])
        if dry_run:
            trial = await trying.dry_run(deps, envelope, missing)
            return Response(trial.model_dump_json(), media_type="application/json")
        envelope, decision = await filing.file(deps, envelope)
        if decision is not None and not decision.accepted:
            return await _refused(request, deps, envelope, decision)
        answer = answer_of(envelope, decision, missing)
        return Response(
            answer.model_dump_json(),
            202 if decision is None else 200,
            {"Location": f"/batches/{batch_no}/steps/{envelope.step_id}"},
            "application/json",
        )

    do.__annotations__["body"] = model
    return do


async def _only_applicant(deps: Runtime, batch_no: str) -> Party | None:
    """Whose formalities are meant where a batch has one applicant; of several it has to be said."""
    view = await read_model.batch(deps.engine, batch_no)
    applied = (PartyStanding.RETEST, PartyStanding.ABANDONED)
    found = [party.party for party in view.snapshot.parties if party.standing in applied]
    return found[0] if len(found) == 1 else None


async def _refused(
    request: Request, deps: Runtime, envelope: StepEnvelope, decision: Decision
) -> JSONResponse:
    view = await batch_of(deps, envelope.batch_no, envelope.actor)
    problem = Problem(
        409,
        decision.code or "refused",
        decision.reason or "不予受理。",
        rests_on=decision.rests_on,
        step_id=str(envelope.step_id),
        waiting_for=[wait.model_dump(mode="json") for wait in open_waits(view)],
    )
    return problem_response(request, problem)


def _add(model: type[Step]) -> None:
    roles = "、".join(ROLES[role] for role in Role if role in model.ROLES)
    router.add_api_route(
        f"/{model.NAME}",
        _endpoint(model),
        methods=["POST"],
        operation_id=f"do_{model.NAME}",
        summary=model.TITLE,
        description=f"依据：{model.RESTS_ON}。由{roles}办理。",
        tags=[_PARTS[model.__module__][0]],
        response_model=StepAnswer | trying.DryRun,
        response_description="已受理",
        responses={
            202: {"model": StepAnswer, "description": "已登记，稍后作出决定；按 Location 查询"},
            **documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503),
        },
        route_class_override=ReportRoute if model.NAME in _REPORTS else JsonRoute,
    )


for _model in STEPS.values():
    _add(_model)
