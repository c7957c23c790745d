"""Steps after the result is final (§7), and what a leader may do at any time (procedure section 2)."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from law.vocabulary import Role
from messages.base import Day, LongText, Name, Text
from messages.steps.base import APPROVER, OFFICER, SUPERVISOR, Step, StepName

_TAKES_OVER = "由其他机关接办的说明（签收、办结的不是所交办的机关时必填）"


class ReferralRoute(StrEnum):
    INSTRUCTION = "instruction"
    ENFORCEMENT_DETACHMENT = "enforcement_detachment"
    ONLINE_SUPERVISION_OFFICE = "online_supervision_office"


class ReferralDirected(Step):
    """A person fixes the authority: the province's instruction, or an urgent or assigned case (§7)."""

    NAME: ClassVar = StepName.REFERRAL_DIRECTED
    TITLE: ClassVar = "指定交办"
    RESTS_ON: ClassVar = "§7"
    ROLES: ClassVar = frozenset({Role.OFFICER, Role.APPROVER})

    route: ReferralRoute = Field(title="交办依据")
    authority: Text | None = Field(default=None, title="承办机关（按要求交办时必填）")
    reason: LongText = Field(title="省局或授权机关的要求文号，或紧急、领导交办的理由")

    model_config = ConfigDict(
        title="指定交办",
        json_schema_extra={
            "example": {
                "route": "enforcement_detachment",
                "reason": "涉及儿童用品安全，属重大紧急情况，领导批示交办",
            }
        },
    )


class ReferralAcknowledged(Step):
    """The authority that it was referred to acknowledges the referral (§7); another one says why it does."""

    NAME: ClassVar = StepName.REFERRAL_ACKNOWLEDGED
    TITLE: ClassVar = "交办签收"
    RESTS_ON: ClassVar = "§7"
    ROLES: ClassVar = OFFICER

    by: Text = Field(title="签收机关")
    acknowledged_on: Day = Field(title="签收日期")
    takes_over: LongText | None = Field(default=None, title=_TAKES_OVER)

    model_config = ConfigDict(
        title="交办签收",
        json_schema_extra={"example": {"by": "杭州市滨江区市场监督管理局", "acknowledged_on": "2026-10-20"}},
    )


class ReferralPassedOn(Step):
    """The authority that has the case passes it on; the other one gets a letter and acknowledges it (§7)."""

    NAME: ClassVar = StepName.REFERRAL_PASSED_ON
    TITLE: ClassVar = "移送其他机关办理"
    RESTS_ON: ClassVar = "§7"
    ROLES: ClassVar = OFFICER

    passed_by: Text = Field(title="移送机关")
    passed_to: Name = Field(title="接办机关")
    passed_on: Day = Field(title="移送日期")
    reason: LongText = Field(title="移送理由")

    model_config = ConfigDict(
        title="移送",
        json_schema_extra={
            "example": {
                "passed_by": "杭州市滨江区市场监督管理局",
                "passed_to": "杭州市余杭区市场监督管理局",
                "passed_on": "2026-10-22",
                "reason": "经查，平台实际经营地在余杭区",
            }
        },
    )


class ReferralConcluded(Step):
    """The authority that has the case reports what it did (§7); another one says why it does."""

    NAME: ClassVar = StepName.REFERRAL_CONCLUDED
    TITLE: ClassVar = "交办办结"
    RESTS_ON: ClassVar = "§7"
    ROLES: ClassVar = OFFICER

    by: Text = Field(title="办结机关")
    concluded_on: Day = Field(title="办结日期")
    action: LongText = Field(title="处理情况")
    takes_over: LongText | None = Field(default=None, title=_TAKES_OVER)

    model_config = ConfigDict(
        title="交办办结",
        json_schema_extra={
            "example": {
                "by": "杭州市滨江区市场监督管理局",
                "concluded_on": "2026-11-10",
                "action": "责令改正，罚款并下架相关商品",
            }
        },
    )


class Suspended(Step):
    """A stay: no window runs out while it lasts (procedure section 2)."""

    NAME: ClassVar = StepName.SUSPENDED
    TITLE: ClassVar = "中止"
    RESTS_ON: ClassVar = "规程第2节"
    ROLES: ClassVar = SUPERVISOR

    reason: LongText = Field(title="中止理由")

    model_config = ConfigDict(
        title="中止", json_schema_extra={"example": {"reason": "涉及行政诉讼，等待法院裁定"}}
    )


class Resumed(Step):
    """The stay ends; running windows are extended by the suspended days, never shortened."""

    NAME: ClassVar = StepName.RESUMED
    TITLE: ClassVar = "恢复"
    RESTS_ON: ClassVar = "规程第2节"
    ROLES: ClassVar = SUPERVISOR

    reason: LongText = Field(title="恢复理由")

    model_config = ConfigDict(title="恢复", json_schema_extra={"example": {"reason": "法院已作出裁定"}})


class DeadlineExtended(Step):
    """A running deadline is moved; a right's only to a later day (procedure section 2)."""

    NAME: ClassVar = StepName.DEADLINE_EXTENDED
    TITLE: ClassVar = "延长期限"
    RESTS_ON: ClassVar = "规程第2节"
    ROLES: ClassVar = APPROVER

    wait: Text = Field(title="等待事项编号（见 waiting_for 的 id）")
    to: Day = Field(title="延长至（含当日）")
    reason: LongText = Field(title="延长理由")

    model_config = ConfigDict(
        title="延长期限",
        json_schema_extra={
            "example": {
                "wait": "objection_filed:seller",
                "to": "2026-10-30",
                "reason": "不可抗力，当事人无法按期申请",
            }
        },
    )


class Voided(Step):
    """The batch is ended, at any time before publication (procedure section 2)."""

    NAME: ClassVar = StepName.VOIDED
    TITLE: ClassVar = "撤销批次"
    RESTS_ON: ClassVar = "规程第2节"
    ROLES: ClassVar = APPROVER

    reason: LongText = Field(title="撤销理由")

    model_config = ConfigDict(
        title="撤销", json_schema_extra={"example": {"reason": "抽样程序存在瑕疵，结果不宜采用"}}
    )
