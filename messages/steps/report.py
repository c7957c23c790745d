"""Steps of the test report (§6): the laboratory submits it, an officer takes it in."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from law.vocabulary import ItemVerdict, Verdict
from messages.base import Day, Evidence, Message, Text
from messages.order import MOST_ITEMS
from messages.steps.base import LAB, OFFICER, Step, StepName

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
                raise ValueError("未检验的项目应当说明理由")
        elif self.measured is None and self.verdict is not ItemVerdict.NOT_APPLICABLE:
            raise ValueError("缺少实测结果")
        return self

    @property
    def characters(self) -> int:
        texts = (self.name, self.standard, self.requirement, self.measured, self.why)
        return sum(len(text) for text in texts if text)


Items = Annotated[tuple[ReportItem, ...], Field(min_length=1, max_length=MOST_ITEMS)]


def _fits_into_its_case(items: Iterable[ReportItem]) -> None:
    written = sum(item.characters for item in items)
    if written > _MOST_CHARACTERS:
        raise ValueError(f"检验项目及结果合计不能超过{_MOST_CHARACTERS}个字，现有{written}个字")


def _issued_before_received(issued_on: date, received_on: date) -> None:
    if issued_on > received_on:
        raise ValueError("签发日期不能晚于市局收到日期")


class Report(Step):
    """What a laboratory writes in a test report: the first one and the retest's say the same (§6)."""

    laboratory: Text = Field(title="出具报告的机构代码")
    report_no: Text = Field(title="报告编号")
    issued_on: Day = Field(title="签发日期")
    verdict: Verdict = Field(title="综合判定结论")
    marking: Verdict | None = Field(default=None, title="标识判定（报告单独判定标识的填写）")
    items: Items = Field(title="检验项目及结果")
    file: Evidence = Field(title="报告文件")

    @property
    def verdicts(self) -> list[tuple[str, ItemVerdict]]:
        """Each item's name and verdict."""
        return [(item.name, item.verdict) for item in self.items]

    @model_validator(mode="after")
    def _checked(self) -> Self:
        _fits_into_its_case(self.items)
        return self


class ReceivedReport(Report):
    """A report that the bureau has, since the day it received it (§6)."""

    received_on: Day = Field(title="市局收到日期")

    @model_validator(mode="after")
    def _received_after_its_issue(self) -> Self:
        _issued_before_received(self.issued_on, self.received_on)
        return self


SUBMITTED_EXAMPLE: dict[str, JsonValue] = {
    "laboratory": "LAB-01",
    "report_no": "JY-2026-0001",
    "issued_on": "2026-09-16",
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
REPORT_EXAMPLE: dict[str, JsonValue] = {**SUBMITTED_EXAMPLE, "received_on": "2026-09-17"}


class ReportSubmitted(Report):
    """The commissioned laboratory hands its report in, with its file; an officer has yet to take it in (§6).

    Its duty is done with that. Until it is taken in, it may be submitted once more, and the last one counts.
    """

    NAME: ClassVar = StepName.REPORT_SUBMITTED
    TITLE: ClassVar = "提交检验报告"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = LAB

    model_config = ConfigDict(title="提交报告", json_schema_extra={"example": SUBMITTED_EXAMPLE})


class ReportReceived(Step):
    """The commissioned laboratory's report reaches the bureau; the five working days begin (§6).

    An officer takes a submitted report in by naming its submission, or enters one that came on paper.
    """

    NAME: ClassVar = StepName.REPORT_RECEIVED
    TITLE: ClassVar = "收到检验报告"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    submission: UUID | None = Field(
        default=None, title="所收取的提交步骤的编号；填写的，除收到日期外其余各项均不填"
    )
    received_on: Day = Field(title="市局收到日期")
    laboratory: Text | None = Field(default=None, title="出具报告的机构代码（纸质报告必填）")
    report_no: Text | None = Field(default=None, title="报告编号（纸质报告必填）")
    issued_on: Day | None = Field(default=None, title="签发日期（纸质报告必填）")
    verdict: Verdict | None = Field(default=None, title="综合判定结论（纸质报告必填）")
    marking: Verdict | None = Field(default=None, title="标识判定（报告单独判定标识的填写）")
    items: Items | None = Field(default=None, title="检验项目及结果（纸质报告必填）")
    file: Evidence | None = Field(default=None, title="报告文件（纸质报告必填）")

    model_config = ConfigDict(title="检验报告", json_schema_extra={"example": REPORT_EXAMPLE})

    @property
    def on_paper(self) -> ReceivedReport | None:
        """The report as it was entered; None where it names the laboratory's submission."""
        if self.submission is not None:
            return None
        return ReceivedReport.model_validate({name: getattr(self, name) for name in _WRITTEN})

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        given = {name for name in _WRITTEN if getattr(self, name) is not None} - {"received_on"}
        if self.submission is not None:
            if given:
                raise ValueError("收取承检机构提交的报告的，除收到日期外不再填写报告内容")
            return self
        needed = {name: field for name, field in Report.model_fields.items() if field.is_required()}
        if missing := [str(field.title) for name, field in needed.items() if name not in given]:
            raise ValueError(f"缺少{'、'.join(missing)}；收取承检机构提交的报告的，填写其编号")
        assert self.issued_on is not None
        assert self.items is not None
        _issued_before_received(self.issued_on, self.received_on)
        _fits_into_its_case(self.items)
        return self


_WRITTEN = tuple(ReceivedReport.model_fields)
