"""What every message has in common, and the small parts that many of them are made of."""

from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    model_validator,
)

from law.names import is_unknown
from law.places import address_in_full
from law.vocabulary import Role
from messages.text import on_one_line

D = TypeVar("D", bound=date)


def _of_our_time(day: D) -> D:
    """At the ends of the calendar are days with none beyond, and instants that no other zone can write."""
    if not 2000 <= day.year <= 2999:
        raise ValueError("年份应在2000年至2999年之间")
    return day


def _without_lines(value: object) -> object:
    return on_one_line(value) if isinstance(value, str) else value


# What is cleaned where it comes in (``messages.text``); a text is one line, a long one may have several.
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    BeforeValidator(_without_lines),
]


def _says_who(name: str) -> str:
    if is_unknown(name):
        raise ValueError("应填写名称；“/”“无”“不详”“见包装”之类等于没有填写")
    return name


# Of somebody who is written to, so that a stroke or a "see the box" is nobody.
Name = Annotated[Text, AfterValidator(_says_who)]
# With all that shops hang on it.
Link = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    BeforeValidator(_without_lines),
]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Email = Annotated[EmailStr, Field(max_length=254)]
Day = Annotated[date, AfterValidator(_of_our_time)]
Instant = Annotated[AwareDatetime, AfterValidator(_of_our_time)]


class Message(BaseModel):
    """An immutable message; a field nobody knows is an error, so that nothing is lost unseen."""

    # What somebody wrote is nothing for a log: an error says where it is wrong, not what it says.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Actor(Message):
    """Who did a step; through the API it comes from the bearer token only."""

    sub: str = Field(title="账号")
    name: str = Field(title="姓名")
    role: Role = Field(title="角色")
    laboratory: str | None = Field(default=None, title="所属承检机构代码")
    # Not said where there is none: what was recorded and signed of others stays as it is, to the byte.
    bureau: str | None = Field(
        default=None,
        title="所属下级局的代码（下级局执法人员）；本局人员和承检机构人员不写",
        exclude_if=lambda code: code is None,
    )


SYSTEM = Actor(sub="system", name="系统", role=Role.SYSTEM)
# Whoever signals a batch past the API; nobody knows who it is.
OPERATOR = Actor(sub="temporal", name="Temporal 操作员", role=Role.ADMIN)


class Evidence(Message):
    """A piece of evidence kept elsewhere, pinned by its digest (§5: recordings kept two years at least)."""

    reference: Text = Field(title="证据编号")
    sha256: Sha256 = Field(title="SHA-256 摘要")
    keeper: Text = Field(title="保管人")


class Place(Message):
    """Where somebody is domiciled, as the jurisdiction rules of §2 and §7 need it.

    Abroad it has a country, and the whole address as it is written there.
    """

    country: Text | None = Field(default=None, title="国家（境外的填写；境内和港澳台为空）")
    province: Text | None = Field(default=None, title="省（境外的不填）")
    city: Text | None = Field(default=None, title="市（境外的不填）")
    district: Text | None = Field(default=None, title="区、县（市）（境外的不填）")
    detail: Text = Field(title="详细地址（境外的为完整地址）")

    @model_validator(mode="after")
    def _is_here_or_abroad(self) -> Self:
        levels = {"省": self.province, "市": self.city, "区、县（市）": self.district}
        if self.country is None and (missing := [name for name, level in levels.items() if level is None]):
            raise ValueError(f"境内的地址缺少{'、'.join(missing)}；境外的地址请填写国家")
        if self.country is not None and any(levels.values()):
            raise ValueError("境外的地址只填写国家和完整地址，不填写省、市、区县")
        return self

    @property
    def in_full(self) -> str:
        """The address as written on a letter; abroad as it is written there."""
        if self.country is None:
            return address_in_full(self, self.detail)
        return self.detail if self.country in self.detail else f"{self.detail}，{self.country}"
