"""Plans, schemes, the commissions under them (§3, §4): what a draft may say, whole or not yet."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from messages.approvals import Matter
from messages.base import Actor, Day, Instant, LongText, Message, Text
from messages.order import MOST_ITEMS
from messages.registers import Code, Money

MOST_BATCHES = 100_000


class PlanGround(StrEnum):
    """From where it is known what should be tested (§4)."""

    COMPLAINTS = "complaints"
    ORGANISATIONS = "organisations"
    MEDIA = "media"
    PLATFORMS = "platforms"
    ENFORCEMENT = "enforcement"
    OTHER = "other"


class GroundTold(Message):
    """One reason for the plan."""

    ground: PlanGround = Field(
        title="来源：complaints 消费者投诉举报；organisations 消费者组织；media 媒体；platforms 平台自查；"
        "enforcement 日常监管执法；other 其他"
    )
    details: LongText = Field(title="情况说明")


class PlannedContent(Message):
    """What plans, schemes and commissions have in common."""

    title: Text = Field(title="名称")

    @property
    def searched(self) -> tuple[str, ...]:
        """What it is looked for by, beside its id."""
        return (self.title,)


class PlanContent(PlannedContent):
    """A year's plan (抽检计划)."""

    budget: Money | None = Field(default=None, title="费用预算（元）")
    year: int = Field(ge=2018, le=2100, title="年度")
    grounds: tuple[GroundTold, ...] = Field(default=(), max_length=50, title="制定依据")
    scope: LongText | None = Field(default=None, title="抽检范围")
    focus: LongText | None = Field(default=None, title="抽检重点")


class KindQuantity(Message):
    """How many batches of one kind of product."""

    kind: Text = Field(title="商品品种")
    batches: int = Field(ge=1, le=MOST_BATCHES, title="批次数量")


class SchemeItem(Message):
    """What is tested, by which standard, and what that requires."""

    name: Text = Field(title="检验项目")
    standard: Text | None = Field(default=None, title="检验标准")
    requirement: LongText | None = Field(default=None, title="标准要求")


class SchemeContent(PlannedContent):
    """A detailed scheme (抽检实施方案) with the elements that §3 names; a draft may still lack any."""

    budget: Money | None = Field(default=None, title="费用预算（元）")
    product_kinds: tuple[KindQuantity, ...] = Field(default=(), max_length=100, title="商品品种及批次数量")
    sample_quantity: Text | None = Field(default=None, title="样品数量")
    buyer: Text | None = Field(default=None, title="买样人")
    username: Text | None = Field(default=None, title="用户名")
    laboratories: tuple[Code, ...] = Field(default=(), max_length=50, title="承检机构的代码")
    delivery_address: Text | None = Field(default=None, title="收货地址")
    procedure: LongText | None = Field(default=None, title="抽检程序")
    items: tuple[SchemeItem, ...] = Field(default=(), max_length=MOST_ITEMS, title="检验项目、标准及要求")
    judgement_principle: LongText | None = Field(default=None, title="判定原则")
    result_notification: LongText | None = Field(default=None, title="检验结果通知")
    retest_arrangement: LongText | None = Field(default=None, title="复检安排")
    purchase_cost: Money | None = Field(default=None, title="每批次购样费（元）")
    contact: Text | None = Field(default=None, title="联系方式")
    platforms: tuple[Code, ...] = Field(default=(), max_length=100, title="第三方交易平台的代码")

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> "SchemeContent":
        for told in (
            [one.kind for one in self.product_kinds],
            [(one.name, one.standard) for one in self.items],
            list(self.laboratories),
            list(self.platforms),
        ):
            if len(set(told)) != len(told):
                raise ValueError("商品品种、检验项目、承检机构或者平台有重复的")
        return self

    @property
    def standards(self) -> tuple[str, ...]:
        """The standards of all items, each once."""
        return tuple(dict.fromkeys(one.standard for one in self.items if one.standard))

    @property
    def searched(self) -> tuple[str, ...]:
        return (self.title, *(one.kind for one in self.product_kinds), *(one.name for one in self.items))


class CommissionedTo(StrEnum):
    """Whom a commission is given to."""

    LABORATORY = "laboratory"
    BUREAU = "bureau"


class CommissionContent(PlannedContent):
    """A commission to a laboratory (委托检验) or a subordinate bureau: one matter each (一事一委托)."""

    title: Text = Field(title="委托事项（一事一委托：只写一事）")
    to: CommissionedTo = Field(title="委托给：laboratory 检验机构（委托检验）；bureau 下级局")
    code: Code = Field(title="受委托的检验机构或者下级局在登记簿中的代码")
    work: LongText | None = Field(default=None, title="委托的工作内容和要求")
    until: Day | None = Field(default=None, title="完成期限：至何日止（含当日）")
    product_kinds: tuple[KindQuantity, ...] = Field(
        default=(), max_length=100, title="商品品种及批次数量，在抽检实施方案的范围内"
    )
    contact: Text | None = Field(default=None, title="委托方的联系方式")

    @model_validator(mode="after")
    def _says_each_kind_once(self) -> "CommissionContent":
        if len({one.kind for one in self.product_kinds}) != len(self.product_kinds):
            raise ValueError("商品品种有重复的")
        return self

    @property
    def searched(self) -> tuple[str, ...]:
        return (self.title, self.code, *(one.kind for one in self.product_kinds))


CONTENTS: dict[Matter, type[PlannedContent]] = {
    Matter.PLAN: PlanContent,
    Matter.SCHEME: SchemeContent,
    Matter.COMMISSION: CommissionContent,
}


_PLAN: JsonDict = {
    "title": "2026年度网络交易商品质量抽检计划",
    "budget": "500000.00",
    "year": 2026,
    "grounds": [{"ground": "complaints", "details": "儿童用品投诉举报集中"}],
    "scope": "本市平台和经营者销售的儿童用品、家用电器",
    "focus": "安全性能指标",
}
_SCHEME: JsonDict = {
    "title": "儿童保温杯质量抽检实施方案",
    "budget": "72000.00",
    "product_kinds": [{"kind": "儿童保温杯", "batches": 20}],
    "sample_quantity": "检验用样品3个，备份样品3个",
    "buyer": "王买样",
    "username": "hz_buyer_01",
    "laboratories": ["LAB-01"],
    "delivery_address": "浙江省示例检验院收样室",
    "procedure": "网络购样，收货后拆包查验、封样，送承检机构检验",
    "items": [
        {"name": "耐热冲击", "standard": "GB/T 29606-2013", "requirement": "不应有裂纹"},
        {"name": "标志", "standard": "GB/T 29606-2013", "requirement": "应有名称、型号和材质"},
    ],
    "judgement_principle": "任一检验项目不符合标准要求的，综合判定为不合格",
    "result_notification": "收到检验报告后五个工作日内通知网络商品经营者、标称生产者和平台",
    "retest_arrangement": "对检验结果有异议的，可自收到通知之日起十五日内书面申请复检",
    "purchase_cost": "600.00",
    "contact": "市局网监处 0571-00000000，杭州市示例路1号",
    "platforms": ["PT-01"],
}
_COMMISSION: JsonDict = {
    "title": "西湖区儿童保温杯网络抽检",
    "to": "bureau",
    "code": "QX-03",
    "work": "按抽检实施方案网络购样，收货后会同承检机构拆包查验、封样，寄送文书并登记送达",
    "until": "2026-12-31",
    "product_kinds": [{"kind": "儿童保温杯", "batches": 5}],
    "contact": "市局网监处 0571-00000000",
}


class PlanDraft(Message):
    """A plan as it is saved; ``reason`` for what changes an approved one."""

    model_config = ConfigDict(title="抽检计划", json_schema_extra={"example": {"content": _PLAN}})

    content: PlanContent = Field(title="计划内容")
    reason: Text | None = Field(default=None, title="调整的理由；首次批准之前可以不写")


class SchemeDraft(Message):
    """A scheme as it is saved."""

    model_config = ConfigDict(title="抽检实施方案", json_schema_extra={"example": {"content": _SCHEME}})

    content: SchemeContent = Field(title="方案内容")
    reason: Text | None = Field(default=None, title="调整的理由；首次批准之前可以不写")


class NewScheme(SchemeDraft):
    """A scheme under its plan."""

    model_config = ConfigDict(
        title="新的抽检实施方案",
        json_schema_extra={"example": {"plan_id": "JH2026-001", "content": _SCHEME}},
    )

    plan_id: Text = Field(title="所属抽检计划的编号")


class CommissionDraft(Message):
    """A commission as it is saved until it is approved; then it is not edited, but ended or replaced."""

    model_config = ConfigDict(title="委托", json_schema_extra={"example": {"content": _COMMISSION}})

    content: CommissionContent = Field(title="委托内容")
    reason: Text | None = Field(default=None, title="替换另一件委托的理由")


class NewCommission(CommissionDraft):
    """A commission under a scheme; ``replaces``: the one that ends when this one is approved."""

    model_config = ConfigDict(
        title="新的委托", json_schema_extra={"example": {"scheme_id": "FA2026-0001", "content": _COMMISSION}}
    )

    scheme_id: Code = Field(title="所依据的抽检实施方案的编号")
    replaces: Code | None = Field(default=None, title="所替换的委托的编号；本件批准时该件终止")

    @model_validator(mode="after")
    def _is_replaced_with_a_reason(self) -> "NewCommission":
        if (self.replaces is None) != (self.reason is None):
            raise ValueError("替换另一件委托的，须写明所替换的编号和理由")
        return self


class PlanningFacts(Message):
    """What the letter of an approved plan, scheme or commission is made of.

    ``above``: the plan of a scheme, the scheme of a commission, which is ``under`` in full. ``names``: of
    laboratories, platforms and bureaus by their codes. ``contract``: the number of the laboratory's.
    """

    matter: Matter
    id: str
    version: int
    content: dict[str, Any]
    content_sha256: str
    above_title: str | None
    above_number: str | None
    reason: str | None
    names: dict[str, str]
    under: dict[str, Any] | None = None
    contract: str | None = None
    drafted_by: Actor
    approved_by: Actor
    bureau: str
    regulation: str
    rests_on: str
    title: str


class PlanningLetter(Message):
    """An approved plan, scheme or commission as it is printed."""

    facts: PlanningFacts
    number: str
    replaces: str | None
    made_out_at: Instant


def money(amount: Decimal | str | None) -> str:
    """As people read it: 72,000.00元."""
    return "" if amount is None else f"{Decimal(amount):,.2f}元"
