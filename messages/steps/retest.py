"""Steps of the retest: laboratory, formalities, re-sealing, report (§6)."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from messages.base import Day, Instant, LongText, Text
from messages.order import Laboratory
from messages.steps.base import OFFICER, OFFICER_OR_LAB, OFFICER_OR_SUPERVISOR, Step, StepName
from messages.steps.report import REPORT_EXAMPLE, ReceivedReport
from messages.steps.result import ObjectingParty
from messages.steps.sampling import Participant


class RetestLabAppointed(Step):
    """The retest laboratory is fixed: qualified, in principle another one, a higher grade preferred (§6).

    A departure "in principle" needs a supervisor's reason, so then a supervisor does this step.
    """

    NAME: ClassVar = StepName.RETEST_LAB_APPOINTED
    TITLE: ClassVar = "确定复检机构"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_SUPERVISOR

    laboratory: Laboratory = Field(title="复检机构")
    reason: LongText | None = Field(default=None, title="例外理由（由原检验机构复检、选用较低等级时必填）")

    model_config = ConfigDict(
        title="复检机构",
        json_schema_extra={
            "example": {
                "laboratory": {
                    "code": "LAB-02",
                    "name": "国家示例产品质量检验检测中心",
                    "grade": "national",
                    "qualified_items": ["耐热冲击", "标志"],
                    "contract_no": "FJHT-2026-01",
                    "contract_days": 15,
                }
            }
        },
    )


class RetestFormalitiesCompleted(Step):
    """An applicant completes the retest formalities within seven days of its receipt (§6)."""

    NAME: ClassVar = StepName.RETEST_FORMALITIES_COMPLETED
    TITLE: ClassVar = "办理复检手续"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_LAB

    party: ObjectingParty | None = Field(default=None, title="复检申请人；只有一名复检申请人的，可以不填")
    completed_on: Day = Field(title="办理日期")
    receipt: Text | None = Field(default=None, title="收件回执编号（期限届满后才登记的，凭此证明按期办理）")

    model_config = ConfigDict(
        title="复检手续",
        json_schema_extra={"example": {"party": "seller", "completed_on": "2026-10-12"}},
    )


class RetestedSample(StrEnum):
    TEST = "test"
    BACKUP = "backup"


class RetestSealed(Step):
    """Applicant, both laboratories and officers sign and seal the sample again (§6)."""

    NAME: ClassVar = StepName.RETEST_SEALED
    TITLE: ClassVar = "复检样品重新签封"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    sealed_at: Instant = Field(title="签封时间")
    sample: RetestedSample = Field(title="复检样品（原检验用样品或备份样品）")
    seal_no: Text = Field(title="新封条编号")
    participants: tuple[Participant, ...] = Field(max_length=50, title="签封人员")

    model_config = ConfigDict(
        title="复检签封",
        json_schema_extra={
            "example": {
                "sealed_at": "2026-10-13T09:30:00+08:00",
                "sample": "backup",
                "seal_no": "FT-0003",
                "participants": [
                    {"name": "孙代理", "capacity": "applicant", "organisation": "示例旗舰店"},
                    {"name": "赵检验", "capacity": "original_laboratory", "organisation": "浙江省示例检验院"},
                    {
                        "name": "吴复检",
                        "capacity": "retest_laboratory",
                        "organisation": "国家示例产品质量检验检测中心",
                    },
                    {"name": "李执法", "capacity": "officer", "organisation": "杭州市市场监督管理局"},
                ],
            }
        },
    )


class RetestReportReceived(ReceivedReport):
    """The retest laboratory's report; the retest result is final (§6)."""

    NAME: ClassVar = StepName.RETEST_REPORT_RECEIVED
    TITLE: ClassVar = "收到复检报告"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER_OR_LAB

    model_config = ConfigDict(
        title="复检报告",
        json_schema_extra={
            "example": {
                **REPORT_EXAMPLE,
                "laboratory": "LAB-02",
                "report_no": "FJ-2026-0001",
                "issued_on": "2026-10-26",
                "received_on": "2026-10-27",
            }
        },
    )
