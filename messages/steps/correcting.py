"""Putting a record right (procedure section 10): one person proposes, another confirms."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from law.vocabulary import Role
from messages.base import Evidence, LongText
from messages.steps.base import Step, StepName

_Name = Annotated[str, StringConstraints(max_length=100)]


class RecordCorrected(Step):
    """A step that is on record was wrong: what it should have said, or that it never happened.

    Nothing is erased. The batch is judged anew, as it would stand had the record been right from the start.
    """

    NAME: ClassVar = StepName.RECORD_CORRECTED
    TITLE: ClassVar = "更正记录"
    RESTS_ON: ClassVar = "规程第10节"
    ROLES: ClassVar = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.APPROVER})

    corrects: UUID = Field(
        title="所更正步骤的编号（见全程记录或 GET …/steps）；下达内容的编号见 GET …/order 答复的 Step-Id"
    )
    body: dict[_Name, Any] | None = Field(max_length=100, title="该步骤应有的完整内容；从未发生的填 null")
    reason: LongText = Field(title="更正理由")
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=20, title="证据")

    model_config = ConfigDict(
        title="更正记录",
        json_schema_extra={
            "example": {
                "corrects": "6f2d6d1e-6c1c-4a53-9a50-3d2b6f0f4f10",
                "body": {
                    "notice": "result_notice",
                    "recipient": "seller",
                    "delivered_on": "2026-09-18",
                    "means": "post",
                    "receipt": "EMS 1234567890123 签收回执",
                },
                "reason": "回执所载签收日期为18日，登记时误写为16日",
                "evidence": [
                    {
                        "reference": "HZ-2026-0918-02",
                        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                        "keeper": "市局网监处档案室",
                    }
                ],
            }
        },
    )


class CorrectionConfirmed(Step):
    """Another person than who proposed it confirms a correction, or turns it down with reasons."""

    NAME: ClassVar = StepName.CORRECTION_CONFIRMED
    TITLE: ClassVar = "确认更正"
    RESTS_ON: ClassVar = "规程第10节"
    ROLES: ClassVar = frozenset({Role.SUPERVISOR, Role.APPROVER})

    correction: UUID = Field(title="更正记录这一步骤的编号")
    confirmed: bool = Field(title="是否确认")
    reason: LongText = Field(title="理由")

    model_config = ConfigDict(
        title="确认更正",
        json_schema_extra={
            "example": {
                "correction": "0b6f7d0a-52a1-4c8e-8d3c-7a1f3b1d9c55",
                "confirmed": True,
                "reason": "经核对签收回执原件，更正属实",
            }
        },
    )
