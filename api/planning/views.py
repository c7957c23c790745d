"""How plans, schemes and commissions are shown."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import Field

from api.views import View
from messages.approvals import Approval, ApprovalVerdict
from messages.base import Actor
from messages.planning import CommissionContent, CommissionedTo, PlannedContent
from store.plans.reading import DraftSummary
from store.plans.runs import OrderRun, RowAnswered
from store.plans.standing import PlannedStanding

C = TypeVar("C", bound=PlannedContent)
_STATE = "draft 起草中；submitted 待审批；returned 已退回；approved 已批准；ended 已终止"


class PlanningState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ENDED = "ended"


class PlannedSummary(View):
    """One plan, scheme or commission of a list, by its last draft."""

    id: str = Field(title="编号")
    plan_id: str | None = Field(title="所属抽检计划的编号；方案以外的为空")
    scheme_id: str | None = Field(title="所依据的抽检实施方案的编号；委托以外的为空")
    replaces: str | None = Field(title="所替换的委托的编号")
    commissioned: str | None = Field(
        title="受委托的检验机构或者下级局的名称；登记簿今日没有的，以及计划、方案，为空"
    )
    title: str = Field(title="名称")
    state: PlanningState = Field(title=f"最近一稿的状态：{_STATE}")
    version: int = Field(title="最近一稿是第几稿")
    in_force: int | None = Field(title="现行的是第几稿；尚未批准过的为空")
    number: str | None = Field(title="现行一稿的文号")
    sample: bool = Field(title="是否示例数据")


class CommissionSummary(PlannedSummary):
    """One commission of a list, and to whom it is given."""

    to: CommissionedTo = Field(title="委托给：laboratory 检验机构；bureau 下级局")
    code: str = Field(title="受委托的检验机构或者下级局的代码")
    until: date | None = Field(title="完成期限")
    batches: int = Field(title="委托的批次数量")


class DraftView(View):
    """One draft, and what became of it."""

    version: int = Field(title="第几稿")
    reason: str | None = Field(title="调整的理由")
    drafted_by: Actor = Field(title="起草人")
    drafted_at: datetime = Field(title="起草时间")
    state: PlanningState = Field(title=_STATE)
    number: str | None = Field(title="文号；没有批准的为空")
    letter: str | None = Field(title="版式文件（PDF）的地址；没有批准的为空")
    approval: Approval | None = Field(title="提交、审批的人、时间和意见；尚未提交的为空")


class PlannedView(PlannedSummary, Generic[C]):
    """A plan, scheme or commission: the draft asked for, what it still lacks, and every draft."""

    content: C = Field(title="内容：所指明的一稿，不指明的为最近一稿")
    shown_version: int = Field(title="所示内容是第几稿")
    lacks: tuple[str, ...] = Field(title="最近一稿尚缺的内容；齐全的和已经批准的为空")
    remarks: str | None = Field(title="最近一稿的退回意见")
    ended_on: date | None = Field(title="终止之日")
    end_reason: str | None = Field(title="终止的理由")
    versions: tuple[DraftView, ...] = Field(title="各稿，最近的在前，至多200稿")


def state_of(approval: Approval | None) -> PlanningState:
    if approval is None:
        return PlanningState.DRAFT
    if approval.verdict is None:
        return PlanningState.SUBMITTED
    approved = approval.verdict is ApprovalVerdict.APPROVED
    return PlanningState.APPROVED if approved else PlanningState.RETURNED


def summary(standing: PlannedStanding, commissioned: str | None = None) -> PlannedSummary:
    """``commissioned``: the name of whom a commission is given to."""
    return PlannedSummary(
        id=standing.id,
        plan_id=standing.plan_id,
        scheme_id=standing.scheme_id,
        replaces=standing.replaces,
        commissioned=commissioned,
        title=standing.content.title,
        state=PlanningState.ENDED if standing.ended_on else state_of(standing.approval),
        version=standing.version,
        in_force=standing.in_force,
        number=standing.number,
        sample=standing.sample,
    )


def commission_summary(standing: PlannedStanding, commissioned: str | None) -> CommissionSummary:
    content = standing.content
    assert isinstance(content, CommissionContent)
    return CommissionSummary(
        **dict(summary(standing, commissioned)),
        to=content.to,
        code=content.code,
        until=content.until,
        batches=sum(one.batches for one in content.product_kinds),
    )


def draft_view(address: str, draft: DraftSummary) -> DraftView:
    """``address``: of the plan or scheme in the API."""
    return DraftView(
        version=draft.version,
        reason=draft.reason,
        drafted_by=draft.drafted_by,
        drafted_at=draft.drafted_at,
        state=state_of(draft.approval),
        number=draft.number,
        letter=None if draft.number is None else f"{address}/versions/{draft.version}.pdf",
        approval=draft.approval,
    )


class OrderRowStatus(StrEnum):
    ORDERED = "ordered"
    ORDERED_BEFORE = "ordered_before"
    REFUSED = "refused"
    INVALID = "invalid"


class OrderRowAnswer(View):
    """What became of one row of a list of orders."""

    row: int = Field(title="在文件中的行号（JSON 为第几项）")
    status: OrderRowStatus = Field(
        title="ordered 已下达（试算时为将会下达）；ordered_before 此前已经下达；refused 不予下达；"
        "invalid 有误，未下达"
    )
    batch_no: str | None = Field(default=None, title="批次编号；试算时新的批次没有")
    code: str | None = Field(default=None, title="不予下达的情形，同逐个下达时的 code")
    reason: str | None = Field(default=None, title="说明")


class OrdersAnswer(View):
    """What became of a list of orders, row by row."""

    dry_run: bool = Field(title="是否试算；试算不下达")
    run: int | None = Field(default=None, title="本次批量下达的编号，据以再查各行的结果；试算的为空")
    counts: dict[OrderRowStatus, int] = Field(title="各状态的行数")
    unused_columns: tuple[str, ...] = Field(title="没有用到的列")
    rows: tuple[OrderRowAnswer, ...] = Field(title="各行的结果")


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class RunSummary(View):
    """How far a list of orders has come."""

    no: int = Field(title="编号")
    scheme_id: str = Field(title="抽检实施方案的编号")
    started_by: Actor = Field(title="由谁下达")
    started_at: datetime = Field(title="何时开始")
    state: RunState = Field(
        title="running 正在逐行下达；finished 各行都有结果；stopped 一分钟没有新的结果，视为中断："
        "把同一清单再交一次，已经下达的不会重复"
    )
    total: int = Field(title="清单的行数")
    counts: dict[OrderRowStatus, int] = Field(title="已有结果的各行，按状态的行数")
    left: int = Field(title="还没有结果的行数")
    last_at: datetime | None = Field(title="最近一行有结果的时间")
    unused_columns: tuple[str, ...] = Field(title="没有用到的列")


class RunView(RunSummary):
    """One, with its rows."""

    rows: tuple[OrderRowAnswer, ...] = Field(title="已有结果的各行")


def run_summary(run: OrderRun) -> RunSummary:
    state = RunState.FINISHED
    if run.left:
        state = RunState.STOPPED if run.is_quiet else RunState.RUNNING
    said = {name: getattr(run, name) for name in RunSummary.model_fields if name != "state"}
    return RunSummary(**said, state=state)


def run_view(run: OrderRun, rows: Sequence[RowAnswered]) -> RunView:
    return RunView(**dict(run_summary(run)), rows=tuple(map(OrderRowAnswer.model_validate, rows)))
