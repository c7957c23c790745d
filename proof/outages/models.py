"""What the report of an outage says; ``choujian outage --json`` and ``GET /outages`` give it as it is."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from law.judgements import FilingMeans
from messages.base import Actor
from messages.envelope import Decision
from messages.snapshot import Wait
from messages.steps import StepName
from proof.base import Proven


class Became(StrEnum):
    """What became of a deadline; to ``WAIVED`` of rights, then of duties, from ``STAYED`` on of either."""

    UNDECIDED = "undecided"
    LAPSED = "lapsed"
    SET_ASIDE = "set_aside"
    EXERCISED = "exercised"
    WAIVED = "waived"
    OWED = "owed"
    DONE_LATE = "done_late"
    DONE_IN_TIME = "done_in_time"
    STAYED = "stayed"
    MOVED = "moved"
    ENDED = "ended"
    RUNNING = "running"


class PartyFiling(Proven):
    """A step of the party that the ledger holds.

    ``counts``: by the rule that silence is decided by (procedure section 5).
    """

    step_id: str = Field(title="步骤编号")
    step: StepName
    received_at: datetime = Field(title="登记时刻")
    filing_day: date | None = Field(title="提交日期；邮寄的为邮戳日期")
    means: FilingMeans | None = Field(title="提交方式")
    counts: bool = Field(title="是否按期提交并按期登记")


class LateAlarm(Proven):
    """A reminder or report that went out late."""

    to: str = Field(title="提醒或报告的对象")
    level: int = Field(title="层级；0 为经办人")
    due: datetime = Field(title="应发时刻")
    at: datetime = Field(title="实发时刻")


class PassedDeadline(Proven):
    """One deadline within the outage, and what became of it.

    ``settled_before``: before the outage began. ``ledger_asked_at``: the ledger's clock when it was asked
    about a silence. ``set_aside_at``: when an application recorded after that proved timely (§6), which is no
    fault of the silence. ``filings``: what the ledger holds of the party now, of the same step.
    """

    batch_no: str = Field(title="批次编号")
    title: str = Field(title="批次名称")
    wait: Wait = Field(title="事项")
    whose: str = Field(title="责任方或权利人")
    last_day: date = Field(title="届满日")
    deadline: datetime = Field(title="届满时刻")
    heard_until: datetime | None = Field(title="在途申请登记截止；只用于权利期限")
    became: Became = Field(title="结果")
    settled_before: bool = Field(title="是否在中断开始之前已经了结")
    words: str = Field(title="全程记录中的说明")
    settled_at: datetime | None = Field(title="了结时刻；由步骤了结的为该步骤的登记时刻")
    recorded_at: datetime | None = Field(title="记入全程记录的时刻")
    step: StepName | None = Field(title="使其了结的步骤")
    ledger_asked_at: datetime | None = Field(title="视为放弃之前，查询登记簿时登记簿的时刻")
    set_aside_at: datetime | None = Field(title="其后证明按期提交，“视为放弃”不再适用的时刻")
    filings: tuple[PartyFiling, ...] = Field(title="登记簿中该当事人的同类步骤")
    late_alarms: tuple[LateAlarm, ...] = Field(title="迟发的提醒和报告")
    faults: tuple[str, ...] = Field(title="核对发现的问题")


class HeldStep(Proven):
    """A step answered with 202: recorded at once, decided later."""

    batch_no: str = Field(title="批次编号")
    title: str = Field(title="批次名称")
    step_id: str = Field(title="步骤编号")
    step: StepName
    step_title: str = Field(title="步骤")
    actor: Actor = Field(title="登记人")
    received_at: datetime = Field(title="登记时刻")
    waited: timedelta = Field(title="从登记到决定的时长；尚未决定的，到现在")
    decision: Decision | None = Field(title="决定；尚未决定的为空")


class OutageReport(Proven):
    """What an outage touched; ``faults`` come first and should be none."""

    begin: datetime = Field(title="起")
    end: datetime = Field(title="止")
    faults: tuple[str, ...] = Field(title="未按事实决定的“视为放弃”；应当没有")
    deadlines: tuple[PassedDeadline, ...] = Field(title="届满时刻或在途申请登记截止在此期间的各项期限")
    steps_received: int = Field(title="此期间登记的步骤数")
    held: tuple[HeldStep, ...] = Field(title="登记后没有立即决定的步骤")
