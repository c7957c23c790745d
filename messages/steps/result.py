"""Steps of the result before the parties: acceptance, objection, and what is decided on them (§6)."""

from enum import StrEnum
from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from law.judgements import Filing, FilingMeans
from law.vocabulary import Party
from messages.base import Day, Evidence, LongText, Message, Text
from messages.order import MOST_ITEMS
from messages.steps.base import APPROVER, OFFICER, OFFICER_OR_SUPERVISOR, SUPERVISOR, Step, StepName
from messages.steps.report import Short

ObjectingParty = Literal[Party.SELLER, Party.PRODUCER]


class ResultAccepted(Step):
    """A party accepts the result expressly and waives what remains of its window (§6)."""

    NAME: ClassVar = StepName.RESULT_ACCEPTED
    TITLE: ClassVar = "认可检验结果"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    party: ObjectingParty = Field(title="当事人")
    accepted_on: Day = Field(title="认可日期")
    document: Text = Field(title="书面认可材料编号")

    model_config = ConfigDict(
        title="认可结果",
        json_schema_extra={
            "example": {"party": "producer", "accepted_on": "2026-09-21", "document": "RK-2026-0001"}
        },
    )


class ProducerDisowned(Step):
    """The producer named on the goods says that they are not his, and a leader finds so (§6, §7).

    He is no party with a window any more; what is published names the seller only, and says why.
    """

    NAME: ClassVar = StepName.PRODUCER_DISOWNED
    TITLE: ClassVar = "标称生产者否认生产"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = SUPERVISOR | APPROVER

    disowned_on: Day = Field(title="否认日期")
    statement: LongText = Field(title="标称生产者的陈述")
    evidence: tuple[Evidence, ...] = Field(min_length=1, max_length=20, title="证据")
    reason: LongText = Field(title="负责人认定的理由")

    model_config = ConfigDict(
        title="否认生产",
        json_schema_extra={
            "example": {
                "disowned_on": "2026-09-25",
                "statement": "样品的批号、防伪码均非本公司所有，本公司从未生产该批商品",
                "evidence": [{"reference": "FR-2026-0001", "sha256": "c" * 64, "keeper": "周保管"}],
                "reason": "经核对出厂记录和防伪码，陈述属实",
            }
        },
    )


class ApprovalDocument(StrEnum):
    """The five documents the approver decides on (§6)."""

    RESULT_NOTICE_RECEIPT = "result_notice_receipt"
    WRITTEN_APPLICATION = "written_application"
    APPLICANT_QUALIFICATION = "applicant_qualification"
    POWER_OF_ATTORNEY = "power_of_attorney"
    AGENT_IDENTITY = "agent_identity"


class SubmittedDocument(Message):
    kind: ApprovalDocument = Field(title="材料种类")
    reference: Text = Field(title="材料编号")


class ObjectionFiled(Step):
    """A party applies for a retest, in writing or orally and written down; by post the postmark counts (§6).

    Where it cannot be read: the carrier's record of acceptance, else the day of receipt less the carrier's
    usual time. That needs a supervisor's reason, so then a supervisor does this step. A late one is recorded
    and not accepted, never dropped.
    """

    NAME: ClassVar = StepName.OBJECTION_FILED
    TITLE: ClassVar = "提出异议（书面复检申请）"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_SUPERVISOR

    party: ObjectingParty = Field(title="申请人")
    filed_on: Day = Field(title="提交日期；邮寄的为收件日期，口头的为笔录制作日期")
    how: FilingMeans = Field(title="提交方式")
    postmark: Day | None = Field(default=None, title="邮戳日期（邮寄时必填，无法辨认的除外）")
    postmark_illegible: bool = Field(default=False, title="邮戳是否无法辨认")
    accepted_on: Day | None = Field(default=None, title="寄递企业记录的收寄日期（邮戳无法辨认的填写）")
    supervisor_reason: LongText | None = Field(
        default=None, title="处室负责人的理由（邮戳无法辨认、又没有收寄记录时必填）"
    )
    written_record: Text | None = Field(default=None, title="笔录编号（口头提出时必填）")
    grounds: LongText = Field(title="异议理由")
    items: tuple[Short, ...] = Field(
        default=(), max_length=MOST_ITEMS, title="有异议的检验项目；不填的为全部不合格项目"
    )
    documents: tuple[SubmittedDocument, ...] = Field(default=(), max_length=50, title="申请材料")
    agent: Text | None = Field(default=None, title="代理人；无则为空")
    receipt: Text | None = Field(
        default=None, title="收件回执编号（期限届满后才登记、且无邮戳的，凭此证明按期提交）"
    )

    model_config = ConfigDict(
        title="异议",
        json_schema_extra={
            "example": {
                "party": "seller",
                "filed_on": "2026-09-28",
                "how": "counter",
                "grounds": "对耐热冲击项目的检验方法有异议",
                "documents": [
                    {"kind": "result_notice_receipt", "reference": "HZ-2026-0001"},
                    {"kind": "written_application", "reference": "SQ-2026-0001"},
                    {"kind": "applicant_qualification", "reference": "ZG-2026-0001"},
                    {"kind": "power_of_attorney", "reference": "WT-2026-0001"},
                    {"kind": "agent_identity", "reference": "SF-2026-0001"},
                ],
                "agent": "孙代理",
            }
        },
    )

    @property
    def filing(self) -> Filing:
        """What tells the day it counts from."""
        return Filing(
            means=self.how,
            filed_on=self.filed_on,
            postmark=self.postmark,
            accepted_on=self.accepted_on,
            record=self.written_record,
        )

    @model_validator(mode="after")
    def _postmark_with_post(self) -> Self:
        by_post = self.how is FilingMeans.POST
        if by_post and self.postmark is None and not self.postmark_illegible:
            raise ValueError("邮寄提交的，应当填写邮戳日期；邮戳无法辨认的，应当写明")
        if not by_post and self.postmark is not None:
            raise ValueError("非邮寄提交的，不填写邮戳日期")
        if self.postmark_illegible and (not by_post or self.postmark is not None):
            raise ValueError("邮戳无法辨认仅限邮寄提交、且未填写邮戳日期的")
        if self.accepted_on is not None and not self.postmark_illegible:
            raise ValueError("收寄日期仅在邮戳无法辨认时填写")
        return self

    @model_validator(mode="after")
    def _reason_for_an_estimate(self) -> Self:
        if self.filing.is_estimated is not (self.supervisor_reason is not None):
            raise ValueError("邮戳无法辨认、又没有收寄记录的，应当由处室负责人说明理由；其他情形不填写")
        return self

    @model_validator(mode="after")
    def _written_down_if_oral(self) -> Self:
        if (self.how is FilingMeans.ORAL) is not (self.written_record is not None):
            raise ValueError("口头提出的，应当填写笔录编号；其他方式不填写")
        return self


class ObjectionSupplemented(Step):
    """Further documents for an application already filed (§6)."""

    NAME: ClassVar = StepName.OBJECTION_SUPPLEMENTED
    TITLE: ClassVar = "补充异议材料"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    party: ObjectingParty = Field(title="申请人")
    documents: tuple[SubmittedDocument, ...] = Field(min_length=1, max_length=50, title="补充材料")

    model_config = ConfigDict(
        title="补充材料",
        json_schema_extra={
            "example": {
                "party": "seller",
                "documents": [{"kind": "applicant_qualification", "reference": "ZG-2026-0002"}],
            }
        },
    )


class ObjectionWithdrawn(Step):
    """The applicant withdraws its application (§6)."""

    NAME: ClassVar = StepName.OBJECTION_WITHDRAWN
    TITLE: ClassVar = "撤回异议"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    party: ObjectingParty = Field(title="申请人")
    withdrawn_on: Day = Field(title="撤回日期")
    document: Text = Field(title="书面撤回材料编号")

    model_config = ConfigDict(
        title="撤回异议",
        json_schema_extra={
            "example": {"party": "seller", "withdrawn_on": "2026-09-29", "document": "CH-2026-0001"}
        },
    )


class ObjectionDecided(Step):
    """The approver decides whether there is a retest; a refusal needs reasons (§6)."""

    NAME: ClassVar = StepName.OBJECTION_DECIDED
    TITLE: ClassVar = "审批是否复检"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = APPROVER

    party: ObjectingParty = Field(title="申请人")
    approved: bool = Field(title="是否批准复检")
    decided_on: Day = Field(title="审批日期")
    reasons: LongText | None = Field(default=None, title="理由（不批准时必填）")

    model_config = ConfigDict(
        title="复检审批",
        json_schema_extra={
            "example": {
                "party": "seller",
                "approved": True,
                "decided_on": "2026-09-30",
                "reasons": "材料齐全，同意复检",
            }
        },
    )


class ReopeningDecided(Step):
    """The approver decides whether an application recorded after silence was filed in time after all (§6)."""

    NAME: ClassVar = StepName.REOPENING_DECIDED
    TITLE: ClassVar = "审查是否恢复异议程序"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = APPROVER

    party: ObjectingParty = Field(title="申请人")
    approved: bool = Field(title="是否认定按期提交并恢复程序")
    decided_on: Day = Field(title="审查日期")
    reasons: LongText = Field(title="理由")

    model_config = ConfigDict(
        title="恢复审查",
        json_schema_extra={
            "example": {
                "party": "seller",
                "approved": True,
                "decided_on": "2026-10-12",
                "reasons": "邮戳显示于期限内交邮，登记迟延系本局收发所致",
            }
        },
    )
