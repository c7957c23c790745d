"""Random draws (随机抽查, §3): what is drawn up and frozen, and what is put on record of its course."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from law.draw import METHOD
from law.draw_course import DrawState
from messages.base import Actor, Instant, Message, Text
from messages.registers import Code

MOST_LISTED = 5_000
MOST_DRAWN = 5_000
MOST_WEIGHT_EACH = 100
# A spreadsheet runs a cell that begins so, and the published list is opened in spreadsheets.
_FORMULA = tuple("=+-@＝＋－＠")


def _no_formula(id_: str) -> str:
    if id_.startswith(_FORMULA):
        raise ValueError("编号不能以 = + - @ 开头")
    return id_


CandidateId = Annotated[Text, AfterValidator(_no_formula)]
# On one line of what is signed, and typed into a command.
Seed = Annotated[Text, StringConstraints(max_length=200)]
Short = Annotated[Text, StringConstraints(max_length=200)]


class DrawSubject(StrEnum):
    """What is drawn: businesses of the register, by their codes; or products, by their links or numbers."""

    BUSINESSES = "businesses"
    PRODUCTS = "products"


class SeedSource(Message):
    """The public source of the seed, which nobody can know when the list is frozen."""

    what: Short = Field(title="种子取自什么，怎样写成一行")
    where: Short = Field(title="在何处公布")
    announced_at: Instant = Field(title="公布的时间（应在冻结之后）")


class ListedCandidate(Message):
    """One line of the list: a candidate, or who is excluded and why."""

    id: CandidateId = Field(title="编号：经营者的代码，或者商品的链接、编号（公开，不得写自然人姓名）")
    name: Text | None = Field(default=None, title="商品名称（公开）；经营者的名称以登记簿为准")
    weight: int | None = Field(
        default=None, ge=1, le=MOST_WEIGHT_EACH, title="权重；不写的，按质量档案计（本局自定的规则）"
    )
    weight_reason: Text | None = Field(default=None, title="权重不是1的理由（公开）")
    excluded: Text | None = Field(default=None, title="排除的理由（公开）；写了理由的不参加抽取")


class DrawTerms(Message):
    """A draw without its list."""

    title: Short = Field(title="名称")
    subject: DrawSubject = Field(title="抽取对象：businesses 登记的经营者；products 商品")
    number: int = Field(ge=1, le=MOST_DRAWN, title="抽取数量")
    seed_source: SeedSource = Field(title="种子的公开来源")


_DRAFT: JsonDict = {
    "scheme_id": "FA2026-0001",
    "title": "儿童保温杯经营者随机抽查",
    "subject": "businesses",
    "number": 1,
    "seed_source": {
        "what": "双色球第2027001期中奖号码，红球从小到大，蓝球在后，以连字符相接",
        "where": "中国福利彩票网 https://www.cwl.gov.cn/",
        "announced_at": "2027-01-05T21:30:00+08:00",
    },
    "candidates": [{"id": "J1", "weight": 2, "weight_reason": "上一年度抽检不合格一次"}],
}


class DrawDraft(DrawTerms):
    """A draw as it is drawn up: under which scheme, of whom, how many, by which future seed."""

    model_config = ConfigDict(title="随机抽查", json_schema_extra={"example": _DRAFT})

    scheme_id: Text = Field(title="抽检实施方案的编号")
    of_register: bool = Field(
        default=False, title="是否取登记簿中有店铺的全部经营者（候选只写另定权重的和排除的）"
    )
    platform: Code | None = Field(default=None, title="只取在此平台上有店铺的，平台的代码")
    candidates: tuple[ListedCandidate, ...] = Field(default=(), max_length=MOST_LISTED, title="候选")

    @model_validator(mode="after")
    def _has_a_list(self) -> "DrawDraft":
        if not self.of_register and not self.candidates:
            raise ValueError("缺少候选名单：请写明名单，或者取自登记簿")
        if self.of_register and self.subject is not DrawSubject.BUSINESSES:
            raise ValueError("登记簿中只有经营者；抽取商品的请写候选名单")
        if self.platform is not None and not self.of_register:
            raise ValueError("名单取自登记簿的，才写平台")
        return self


class NamedCandidate(Message):
    """Who is meant by an id."""

    id: str
    name: str | None
    natural_person: bool


class DrawCandidate(NamedCandidate):
    """A candidate as it is frozen."""

    weight: int
    weight_reason: str | None


class ExcludedCandidate(NamedCandidate):
    """Who was left out, and why."""

    reason: str


class DrawContent(DrawTerms):
    """The whole of what is frozen; the candidates in the order of their ids."""

    scheme_id: str
    method: str = METHOD
    candidates: tuple[DrawCandidate, ...]
    excluded: tuple[ExcludedCandidate, ...]


class SeedRead(Message):
    """The seed as it was published."""

    model_config = ConfigDict(
        title="登记种子",
        json_schema_extra={
            "example": {
                "seed": "03-08-17-21-26-30-11",
                "read_from": "https://www.cwl.gov.cn/ 第2027001期公告",
            }
        },
    )

    seed: Seed = Field(title="种子，一字不差")
    read_from: Text = Field(title="在何处读到（公开）")


class SeedCorrection(SeedRead):
    """What the seed should have been, and why it was entered otherwise."""

    model_config = ConfigDict(
        title="更正种子",
        json_schema_extra={
            "example": {
                "seed": "03-08-17-21-26-30-12",
                "read_from": "https://www.cwl.gov.cn/ 第2027001期公告",
                "reason": "蓝球号码误录",
            }
        },
    )

    reason: Text = Field(title="理由（公开）")


class CorrectionDecision(Message):
    """Another person's word on a correction."""

    model_config = ConfigDict(
        title="确认种子的更正", json_schema_extra={"example": {"confirmed": True, "reason": "已核对公告"}}
    )

    confirmed: bool = Field(title="是否确认")
    reason: Text = Field(title="理由（公开）")
    seed: Seed | None = Field(default=None, title="所看到的更正以后的种子；写明的，待确认的不是它就不予办理")


class CandidateSkipped(Message):
    """A drawn candidate that cannot be bought."""

    model_config = ConfigDict(
        title="跳过", json_schema_extra={"example": {"candidate": "J1", "reason": "店铺已经关闭，无法购样"}}
    )

    candidate: CandidateId = Field(title="抽中的编号")
    reason: Text = Field(title="理由（公开）")


class DrawEventKind(StrEnum):
    """What is put on record of a draw."""

    FROZEN = "frozen"
    DRAWN = "drawn"
    SKIPPED = "skipped"
    CORRECTION_PROPOSED = "correction_proposed"
    CORRECTED = "corrected"
    CORRECTION_REFUSED = "correction_refused"
    ENDED = "ended"


# What the lines and where a draw stands are called.
DRAW_EVENTS: dict[DrawEventKind, str] = {
    DrawEventKind.FROZEN: "冻结、公布",
    DrawEventKind.DRAWN: "登记种子，抽取",
    DrawEventKind.SKIPPED: "跳过",
    DrawEventKind.CORRECTION_PROPOSED: "提出更正种子",
    DrawEventKind.CORRECTED: "更正种子，重新抽取",
    DrawEventKind.CORRECTION_REFUSED: "不予更正种子",
    DrawEventKind.ENDED: "终止",
}
DRAW_STATES: dict[DrawState, str] = {
    DrawState.DRAFT: "起草中",
    DrawState.FROZEN: "已公布名单，待种子",
    DrawState.DRAWN: "已抽取",
    DrawState.ENDED: "已终止",
}
# A draw was made: its line says what was drawn from which seed.
MADE = (DrawEventKind.DRAWN, DrawEventKind.CORRECTED)


class ListFrozen(Message):
    """What is published of the list before the seed is known."""

    content_sha256: str
    list_sha256: str
    candidates: int
    weight: int
    number: int
    method: str
    seed_source: SeedSource


class DrawnFromSeed(Message):
    """A draw as it was made; ``reason``: of a correction."""

    seed: str
    read_from: str
    drawn: tuple[str, ...]
    reason: str | None = None


class CandidatePassed(Message):
    """Who was skipped and who follows; None where nobody is left."""

    id: str
    next: str | None
    reason: str


class UnsignedDrawEvent(Message):
    """One line of the record of all draws before it is signed; ``before``: the note of the line before."""

    no: int
    draw_id: str
    kind: DrawEventKind
    at: Instant
    by: Actor
    said: dict[str, Any]
    approval_no: int | None
    before: str | None


class DrawEvent(UnsignedDrawEvent):
    """A line on record with its signed note."""

    note: str
