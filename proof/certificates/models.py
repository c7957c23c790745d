"""What a certificate says: the sections people read, and the record they are drawn from.

``verify/certificate.py`` reads the same document without any of this; change both together, and ``FORMAT``
when an old certificate could no longer be checked.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from law.rules import TermRule
from law.tracing import TraceDay
from messages.base import Actor
from proof.base import Proven
from proof.checkpoints import Inclusion

FORMAT = "choujian-certificate/1"


class State(StrEnum):
    """How a deadline stands or ended."""

    RUNNING = "running"
    OVERDUE = "overdue"
    LAPSED = "lapsed"
    SET_ASIDE = "set_aside"
    MET = "met"
    MET_LATE = "met_late"
    WAIVED = "waived"
    UNDONE = "undone"
    REPLACED = "replaced"
    DROPPED = "dropped"


STATES = {
    State.RUNNING: "期限正在进行",
    State.OVERDUE: "已逾期，尚未履行",
    State.LAPSED: "届满未行使",
    State.SET_ASIDE: "届满时未行使，其后经审查恢复",
    State.MET: "期限内完成",
    State.MET_LATE: "逾期后完成",
    State.WAIVED: "当事人放弃剩余期限",
    State.UNDONE: "履行或放弃的记录已更正为未发生",
    State.REPLACED: "另行起算，以其后的期限为准",
    State.DROPPED: "不再需要",
}


class Subject(Proven):
    """The deadline that is certified."""

    id: str = Field(title="等待事项编号")
    title: str = Field(title="事项")
    kind: str = Field(title="duty 职责；right 权利")
    term: str = Field(title="期限种类")
    step: str | None = Field(title="所待步骤；由系统自行完成的为空")
    party: str | None = Field(title="当事人")
    holder: str = Field(title="责任方或权利人")
    internal: bool = Field(title="是否内部时限")
    on_silence: str | None = Field(title="逾期后果")


class Run(Proven):
    """A matter may be awaited more than once; a certificate is of the latest time."""

    opened_seq: int = Field(title="开始计算的记录序号")
    earlier: tuple[int, ...] = Field(title="此前各次开始计算的记录序号")


class Trigger(Proven):
    """What the period started from; the step is on the ledger below, the document among the lines."""

    starts_on: date = Field(title="起算日（当日不计入）")
    step_id: str | None = Field(title="起算步骤编号")
    document_id: str | None = Field(title="起算文书编号（公告或寄发的文书）")


class RegulationApplied(Proven):
    id: str
    title: str = Field(title="规程名称")
    sha256: str = Field(title="规程全文的 SHA-256 摘要，载于全程记录第一条")
    text: dict[str, Any] = Field(title="规程全文，批次下达时所适用的")


class Rule(Proven):
    """The term as the batch's regulation has it."""

    term: TermRule = Field(title="期限规定")
    contract_days: int | None = Field(title="合同约定的天数，只用于合同期限")


class ArrangementUsed(Proven):
    """One year's arrangement that days were judged by."""

    version: str = Field(title="来源")
    sha256: str = Field(title="内容摘要")
    content: dict[str, Any] = Field(title="放假和调休安排；announced 为假的是暂定")


class Count(Proven):
    """The deadline as it stands, day by day."""

    start: date = Field(title="起算日（不计入）")
    last_day: date = Field(title="届满日")
    closes_at: datetime = Field(title="届满时刻")
    provisional: bool = Field(title="是否暂定")
    days: tuple[TraceDay, ...] = Field(title="逐日计算")
    explanation: str = Field(title="说明")


class DeadlineMove(Proven):
    """A later change of the last day."""

    seq: int = Field(title="记录序号")
    at: datetime = Field(title="时间")
    how: str = Field(title="stay 中止顺延；set 改定或继续；again 按公布的放假安排重新计算")
    text: str = Field(title="说明和理由")
    actor: Actor = Field(title="决定人")
    last_day: date = Field(title="变动后的届满日")


class Examination(Proven):
    """What became of a step that was recorded after silence and accepted to be examined (§6)."""

    opened_seq: int = Field(title="开始审查的记录序号")
    step_id: str | None = Field(title="审查决定的步骤编号；尚未决定的为空")
    approved: bool | None = Field(title="是否认定按期提交；尚未决定的为空")
    set_aside_seq: int | None = Field(title="逾期的认定不再适用的记录序号")


class LookedAt(Proven):
    """A step on the ledger, or a document that left, looked at for this deadline."""

    title: str = Field(title="步骤或文书")
    step_id: str | None
    document_id: str | None
    at: datetime = Field(title="登记时间（登记簿时钟）；文书为发出时间")
    day: date | None = Field(title="据以判断的日期：提交、办理或邮戳日期；无法读取的为空")
    in_time: bool = Field(title="是否在期限内")
    accepted: bool | None = Field(title="是否受理；尚未决定的和文书为空")
    reason: str | None = Field(title="不予受理的理由")
    withdrawn: bool = Field(title="后来是否撤回")
    ended_it: bool = Field(title="本期限是否由此结束")
    seq: int | None = Field(title="记录序号；尚未记录的为空")
    corrected_by: int | None = Field(default=None, title="更正的记录序号；未经更正的为空")
    examination: Examination | None = Field(default=None, title="届满后登记的，审查的情况；未经审查的为空")


class LedgerState(Proven):
    """What the ledger was asked, and its rows that matter here."""

    asked_at: datetime | None = Field(title="届满后查询登记簿的时间；未查询的为空")
    heard_until: datetime | None = Field(title="在途申请登记截止；只用于权利期限")
    rows: tuple[dict[str, Any], ...] = Field(title="登记簿各条：内容、摘要、登记人、登记时间")


class Conclusion(Proven):
    state: State = Field(title="结论")
    title: str = Field(title="结论名称")
    text: str | None = Field(title="全程记录所载的说明；仍在进行的为空")
    at: datetime | None = Field(title="结束时间；仍在进行的为空")
    seq: int | None = Field(title="结束的记录序号")


class Chain(Proven):
    """Lines in full where they matter, links for all others: together from the first to the last."""

    head: dict[str, Any] = Field(title="末条：序号和摘要")
    lines: tuple[dict[str, Any], ...] = Field(title="与本期限有关的记录全文")
    links: tuple[dict[str, Any], ...] = Field(title="其余各条的序号和摘要")


class Certificate(Proven):
    """Self-contained: whoever has it and our public key can check it with ``verify/certificate.py`` alone.

    Nothing is in it that could be changed without being noticed there; what the printed page says in words
    is made from this.
    """

    format: str = FORMAT
    batch_no: str = Field(title="批次编号")
    batch_title: str = Field(title="批次名称")
    issued_at: datetime = Field(title="出具时间（登记簿时钟）")
    wait: Subject = Field(title="期限")
    run: Run = Field(title="第几次计算")
    trigger: Trigger = Field(title="起算")
    regulation: RegulationApplied = Field(title="适用规程")
    rule: Rule = Field(title="规则")
    arrangements: tuple[ArrangementUsed, ...] = Field(title="工作日历")
    count: Count = Field(title="计算")
    moves: tuple[DeadlineMove, ...] = Field(title="期限变动")
    considered: tuple[LookedAt, ...] = Field(title="审查的步骤和文书")
    ledger: LedgerState = Field(title="登记簿")
    decision: Conclusion = Field(title="结论")
    chain: Chain = Field(title="全程记录的摘要链")


class SignedCertificate(Certificate):
    """As it is handed out: whose word it is stands beside the content, which it is of."""

    checkpoint: Inclusion | None = Field(title="检查点：本批次的记录何时已经固定；此前还没有检查点的为空")
    signature: str = Field(title="签名：有签名的文本（C2SP signed-note），所签为其余全文的 SHA-256 摘要")
