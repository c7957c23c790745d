"""One batch from order to closing. ``run`` is the table of contents of the regulation."""

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue

from law.vocabulary import Outcome, Role, Verdict
from messages.base import Actor, Message
from messages.envelope import StepEnvelope
from messages.opening import CALENDAR_ANNOUNCED, WORKFLOW_TYPE, Opening
from messages.records import TimelineKind
from messages.snapshot import Snapshot
from messages.steps import StepName
from workflows import closing, result, sampling
from workflows.case import Case
from workflows.projection import attributes_at_start, snapshot_of
from workflows.waiting import Ended, Waiting

_OPERATOR = Actor(sub="temporal", name="Temporal 操作员", role=Role.ADMIN)


class Closing(Message):
    """How a batch ended; the workflow's result."""

    batch_no: str
    outcome: Outcome
    final_verdict: Verdict | None
    closed_at: datetime


@workflow.defn(name=WORKFLOW_TYPE)
class BatchWorkflow:
    """A batch. Steps arrive as signals named as in procedure section 2, each with an envelope."""

    @workflow.init
    def __init__(self, opening: Opening, carried: Case | None = None) -> None:
        now = workflow.now()
        self.case = carried or Case(opening=opening, now=now)
        self.is_new = carried is None
        # A batch carried over sets its attributes all anew.
        self.waiting = Waiting(self.case, attributes_at_start() if self.is_new else {})

    @workflow.run
    async def run(self, opening: Opening, carried: Case | None = None) -> Closing:  # noqa: ARG002 (as __init__)
        case, until = self.case, self.waiting.until
        if self.is_new:
            sampling.begin(case)  # §3  下达任务、委托承检机构
        closed = False
        while not closed:  # §6  办结后仍可证明按期提交的申请，使批次恢复办理
            try:
                await until(sampling.is_sampled)  # §5  购样、收货、拆包查验、封样
                await until(sampling.is_tested)  # §6  检验、出具报告
                await until(result.is_served)  # §6  五个工作日内通知结果
                while not closing.is_final(case):  # §6  恢复异议程序的，自此再来
                    await until(result.is_settled)  # §6  异议、审批、复检
                    closing.conclude(case)  # §6  结果确定
                    await until(closing.is_published)  # §7  公示
                    await until(closing.is_referred)  # §7  不合格的，交办、签收、办结
            except Ended:
                pass  # 终止抽样或撤销批次：不再通知，直接办结
            closing.close(case)  # §5  证据至少保存两年
            closed = await self.waiting.finish()
        assert case.outcome is not None
        return Closing(
            batch_no=case.batch_no,
            outcome=case.outcome,
            final_verdict=case.final_verdict,
            closed_at=workflow.now(),
        )

    @workflow.signal(dynamic=True)
    def take(self, name: str, args: Sequence[RawValue]) -> None:
        """Every signal: takes what comes with it and no more, so that none can fail the workflow."""
        try:
            if name == CALENDAR_ANNOUNCED:
                return self.waiting.calendar_announced(self._revision(args))
            self.waiting.take(self._envelope(StepName(name), args))
        except Exception as error:  # whatever it is, it must not hold up the batch
            self.case.note(
                f"unreadable:{workflow.uuid4()}",
                TimelineKind.STEP_REFUSED,
                f"收到无法识别的信号“{name[:50]}”，未予受理",
                "规程第2节",
                actor=_OPERATOR,
                data={"error": str(error)[:500]},
            )

    def _revision(self, args: Sequence[RawValue]) -> int:
        """Of the calendar to count on; an operator may leave it out."""
        return int(workflow.payload_converter().from_payload(args[0].payload, int)) if args else 0

    def _envelope(self, step: StepName, args: Sequence[RawValue]) -> StepEnvelope:
        """An envelope from the API, or what an operator sent from the Temporal UI: at least a body."""
        raw = workflow.payload_converter().from_payload(args[0].payload, dict) if args else {}
        if not isinstance(raw, dict):
            raise ValueError("not an envelope")
        given = {"step_id": str(workflow.uuid4()), "actor": _OPERATOR.model_dump(), "body": {}} | raw
        return StepEnvelope.model_validate(given | {"step": step, "batch_no": self.case.batch_no})

    @workflow.query
    def snapshot(self) -> Snapshot:
        """The case as it stands in memory; the read model is reconciled against this."""
        return snapshot_of(self.case)
