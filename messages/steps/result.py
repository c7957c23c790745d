"""Steps of the result: the report, service of notices, acceptance and objection (§6)."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from law.judgements import FilingMeans
from law.vocabulary import ItemVerdict, Party, Verdict
from messages.base import Day, Evidence, LongText, Message, Text
from messages.order import MOST_ITEMS
from messages.steps.base import APPROVER, OFFICER, OFFICER_OR_LAB, Step, StepName

_REPORT_ITEM: dict[str, JsonValue] = {
    "name": "耐热冲击",
    "standard": "GB/T 29606-2013",
    "requirement": "无裂纹",
    "measured": "出现裂纹",
    "verdict": "nonconforming",
}


Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Clause = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
# Characters of all items together, nearly all of three bytes. A case holds two reports and goes into the next
# history as one value, of which Temporal carries two MiB: two reports are a third of that.
_MOST_CHARACTERS = 80_000


class ReportItem(Message):
    """One item of a report: its verdict, or why it has none."""

    name: Short = Field(title="检验项目")
    standard: Short = Field(title="检验标准")
    requirement: Clause = Field(title="标准要求")
    measured: Clause | None = Field(default=None, title="实测结果；未检验、不适用的可以为空")
    verdict: ItemVerdict = Field(title="单项判定")
    why: Clause | None = Field(default=None, title="未检验的理由；或者不作判定、不适用的说明")

    @model_validator(mode="after")
    def _says_what_was_found(self) -> Self:
        if self.verdict is ItemVerdict.NOT_TESTED:
            if self.why is None:
                raise ValueError("未检验的项目应当说明理由（why）")
        elif self.measured is None and self.verdict is not ItemVerdict.NOT_APPLICABLE:
            raise ValueError("缺少实测结果（measured）")
        return self

    @property
    def characters(self) -> int:
        texts = (self.name, self.standard, self.requirement, self.measured, self.why)
        return sum(len(text) for text in texts if text)


class Report(Step):
    """A test report: the first one and the retest's carry the same (§6)."""

    laboratory: Text = Field(title="出具报告的机构代码")
    report_no: Text = Field(title="报告编号")
    issued_on: Day = Field(title="签发日期")
    received_on: Day = Field(title="市局收到日期")
    verdict: Verdict = Field(title="综合判定结论")
    marking: Verdict | None = Field(default=None, title="标识判定（报告单独判定标识的填写）")
    items: tuple[ReportItem, ...] = Field(min_length=1, max_length=MOST_ITEMS, title="检验项目及结果")
    file: Evidence = Field(title="报告文件")

    @property
    def verdicts(self) -> list[tuple[str, ItemVerdict]]:
        """Each item's name and verdict."""
        return [(item.name, item.verdict) for item in self.items]

    @model_validator(mode="after")
    def _issued_before_received(self) -> Self:
        if self.issued_on > self.received_on:
            raise ValueError("签发日期不能晚于市局收到日期")
        return self

    @model_validator(mode="after")
    def _fits_into_its_case(self) -> Self:
        written = sum(item.characters for item in self.items)
        if written > _MOST_CHARACTERS:
            raise ValueError(f"检验项目及结果合计不能超过{_MOST_CHARACTERS}个字，现有{written}个字")
        return self


REPORT_EXAMPLE: dict[str, JsonValue] = {
    "laboratory": "LAB-01",
    "report_no": "JY-2026-0001",
    "issued_on": "2026-09-16",
    "received_on": "2026-09-17",
    "verdict": "nonconforming",
    "items": [
        _REPORT_ITEM,
        {
            **_REPORT_ITEM,
            "name": "标志",
            "requirement": "清晰",
            "measured": "清晰",
            "verdict": "conforming",
        },
    ],
    "file": {"reference": "BG-2026-0001", "sha256": "b" * 64, "keeper": "周保管"},
}


class ReportReceived(Report):
    """The commissioned laboratory's report reaches the bureau; the five working days begin (§6)."""

    NAME: ClassVar = StepName.REPORT_RECEIVED
    TITLE: ClassVar = "收到检验报告"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_LAB

    model_config = ConfigDict(
        title="检验报告",
        json_schema_extra={"example": REPORT_EXAMPLE},
    )


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
    """A party applies in writing for a retest; by post it counts from the postmark (§6).

    A late one is recorded and not accepted, never dropped.
    """

    NAME: ClassVar = StepName.OBJECTION_FILED
    TITLE: ClassVar = "提出异议（书面复检申请）"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    party: ObjectingParty = Field(title="申请人")
    filed_on: Day = Field(title="提交日期")
    how: FilingMeans = Field(title="提交方式")
    postmark: Day | None = Field(default=None, title="邮戳日期（邮寄时必填）")
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

    @model_validator(mode="after")
    def _postmark_with_post(self) -> Self:
        if self.how is FilingMeans.POST and self.postmark is None:
            raise ValueError("邮寄提交的，应当填写邮戳日期")
        if self.how is not FilingMeans.POST and self.postmark is not None:
            raise ValueError("非邮寄提交的，不填写邮戳日期")
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
