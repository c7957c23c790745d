"""What the API says of accounts, and what an administrator says to it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from api.views import View
from law.separation import SYSTEM_ACCOUNTS
from law.vocabulary import Role
from messages.base import Actor, Day, Message, Name
from messages.registers import Code

_SHORT = StringConstraints(strip_whitespace=True, min_length=1, max_length=100)


def _is_a_persons(sub: str) -> str:
    if sub in SYSTEM_ACCOUNTS:
        raise ValueError("这个账号为系统自用")
    return sub


_PersonRole = Literal[Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR]


class AccountFields(Message):
    """Who an account belongs to; what of it can change."""

    model_config = ConfigDict(
        title="账号的姓名、身份和科室",
        json_schema_extra={"example": {"name": "王某", "role": "officer", "unit": "网监办"}},
    )

    name: Annotated[Name, Field(max_length=100)] = Field(title="姓名")
    role: _PersonRole = Field(title="身份")
    laboratory: Annotated[str, _SHORT] | None = Field(
        default=None, title="检验机构代码（检验机构人员填写，与下达任务时的代码相同；其他人员不填）"
    )
    bureau: Code | None = Field(
        default=None, title="所属下级局在登记簿中的代码（下级局执法人员填写；本局人员不填）"
    )
    unit: Annotated[str, _SHORT] | None = Field(default=None, title="科室")
    unit_from: Day | None = Field(default=None, title="自何日起在该单位、科室（不填的为今日）")

    @model_validator(mode="after")
    def _officers_only_elsewhere(self) -> Self:
        if self.bureau is not None and self.role is not Role.OFFICER:
            raise ValueError("下级局的账号只能是执法人员；审批、监督由委托的市局办理")
        return self

    @model_validator(mode="after")
    def _laboratory_of_its_staff(self) -> Self:
        if (self.role is Role.LAB) != (self.laboratory is not None):
            raise ValueError("检验机构人员应填写检验机构代码，其他人员不填")
        return self

    def actor(self, sub: str) -> Actor:
        return Actor(sub=sub, name=self.name, role=self.role, laboratory=self.laboratory, bureau=self.bureau)


class NewAccount(AccountFields):
    """A new one."""

    model_config = ConfigDict(
        title="新的账号",
        json_schema_extra={
            "example": {"sub": "wang.mou", "name": "王某", "role": "officer", "unit": "网监办"}
        },
    )

    sub: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$", min_length=1, max_length=100
        ),
        AfterValidator(_is_a_persons),
    ] = Field(title="账号（字母、数字和 . _ - @，登录时输入；建立以后不能改）")


class DeputyNew(Message):
    """Who stands in for whom, and when."""

    model_config = ConfigDict(
        title="代理",
        json_schema_extra={
            "example": {
                "stands_in_for": "li.mou",
                "deputy": "wang.mou",
                "from_day": "2026-12-01",
                "to_day": "2026-12-10",
            }
        },
    )

    stands_in_for: Annotated[str, _SHORT] = Field(title="被代理人（账号）")
    deputy: Annotated[str, _SHORT] = Field(title="代理人（账号）")
    from_day: Day = Field(title="自何日起")
    to_day: Day = Field(title="至何日止（含当日）")

    @model_validator(mode="after")
    def _two_people_and_days_in_order(self) -> Self:
        if self.deputy == self.stands_in_for:
            raise ValueError("代理人不能是被代理人自己")
        if self.to_day < self.from_day:
            raise ValueError("截止日期早于开始日期")
        return self


class AccountView(View):
    """An account as it stands."""

    sub: str = Field(title="账号")
    name: str = Field(title="姓名")
    role: Role = Field(title="身份")
    laboratory: str | None = Field(title="检验机构代码")
    bureau: str | None = Field(title="所属下级局的代码；本局人员和检验机构人员为空")
    unit: str = Field(title="科室；未填写的为空")
    can_sign_in: bool = Field(title="已经设定登录方式；没有的，等待本人使用邀请链接")
    ended_at: datetime | None = Field(title="停用时间；在用的为空")


class UnitHeldView(View):
    """Where an account belonged from a day on."""

    holds_from: date = Field(title="自何日起")
    bureau: str | None = Field(title="所属下级局的代码；本局为空")
    unit: str = Field(title="科室")
    by_name: str = Field(title="登记人")
    at: datetime = Field(title="登记时间")


class UnitView(View):
    """A unit that has staff."""

    bureau: str | None = Field(title="下级局的代码；本局为空")
    bureau_name: str | None = Field(title="下级局的名称；登记簿当日没有的为空")
    unit: str = Field(title="科室；未填写的为空")
    staff: int = Field(title="在用账号数")


class AccountInvitation(View):
    """Shown once; whoever has it sets the password."""

    link: str = Field(title="邀请链接")
    days: int = Field(title="有效天数")


class SignedInView(View):
    """A browser in which somebody is signed in."""

    how: str = Field(title="登录方式")
    agent: str = Field(title="浏览器")
    client: str = Field(title="来源地址")
    begun_at: datetime = Field(title="登录时间")
    seen_at: datetime = Field(title="最近使用")


class AccountChangeView(View):
    """Something that was done with an account."""

    no: int
    at: datetime = Field(title="时间")
    sub: str = Field(title="账号")
    by_sub: str = Field(title="办理人账号")
    by_name: str = Field(title="办理人")
    what: str = Field(title="事项")
    detail: dict[str, Any] = Field(title="内容：更改的为原值和现值，其他为所设定的值")


class DeputyView(View):
    """Who acts in whose role, until when."""

    no: int = Field(title="代理编号")
    deputy: str = Field(title="代理人账号")
    deputy_name: str = Field(title="代理人")
    stands_in_for: str = Field(title="被代理人账号")
    name: str = Field(title="被代理人")
    role: Role = Field(title="被代理的身份")
    from_day: date = Field(title="自何日起")
    to_day: date = Field(title="至何日止")
