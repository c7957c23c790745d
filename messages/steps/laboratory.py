"""The laboratory that drops out: another one takes its place (procedure section 2)."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from messages.base import LongText
from messages.order import Laboratory
from messages.steps.base import OFFICER_OR_SUPERVISOR, Step, StepName


class LaboratoryReplaced(Step):
    """Another laboratory tests in place of one that drops out, before its report (§6).

    The first laboratory before it has submitted its report; the retest laboratory also after the sample was
    sealed for it. The sample goes along, and the report is due anew within the new contract's period. What a
    retest laboratory must not be "in principle" needs a supervisor's reason, so then a supervisor does this.
    """

    NAME: ClassVar = StepName.LABORATORY_REPLACED
    TITLE: ClassVar = "改定检验机构"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_SUPERVISOR

    laboratory: Laboratory = Field(title="接替的承检机构或复检机构")
    reason: LongText = Field(title="改定理由；由原检验机构复检、选用较低等级的，一并说明")

    model_config = ConfigDict(
        title="改定机构",
        json_schema_extra={
            "example": {
                "laboratory": {
                    "code": "LAB-03",
                    "name": "杭州示例检测研究院",
                    "registration": "12330100470000003J",
                    "grade": "provincial",
                    "qualified_items": ["耐热冲击", "标志"],
                    "contract_no": "JYHT-2026-03",
                    "contract_days": 12,
                },
                "reason": "设备故障，无法承担",
            }
        },
    )
