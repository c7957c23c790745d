"""Steps of sampling: buying, receiving, unpacking, sealing (§5), and giving it up."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from law.judgements import Capacity
from messages.base import Day, Evidence, Instant, Link, LongText, Message, Text
from messages.order import Platform, Seller
from messages.steps.base import LAB, OFFICER, OFFICER_OR_LAB, OFFICER_OR_SUPERVISOR, Step, StepName

_RECORDING: dict[str, JsonValue] = {
    "reference": "LX-2026-0001",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "keeper": "周保管",
}


# More than anybody pays or buys; a number of any length is read in as it stands.
_MOST_COUNTED = 10**12


def _in_figures(shown: object) -> object:
    return str(shown) if isinstance(shown, int) and not isinstance(shown, bool) and shown < 10**40 else shown


# What a shop shows for a number: 320, 1万+, 有货. A number is as good as its figures.
Shown = Annotated[Text, BeforeValidator(_in_figures), StringConstraints(max_length=40)]


MISMATCH_REASON = "处室负责人同意与下达不一致仍继续的理由"
REPEAT_REASON = "处室负责人同意重复抽检的理由"


class BuyerKind(StrEnum):
    OFFICER = "officer"
    LAB_STAFF = "lab_staff"
    CONSUMER = "consumer"


class Buyer(Message):
    """Who buys the sample: an officer, laboratory staff or a consumer (§5)."""

    name: Text = Field(title="买样人姓名")
    kind: BuyerKind = Field(title="买样人类别")
    username: Text = Field(title="购买账号用户名")


class SellerFacts(Message):
    """The seller as shown at purchase: licence or natural-person details, and the address of the shop."""

    registration: Text = Field(title="营业执照信息或自然人信息；未公示则填“未公示”")
    url: Link = Field(title="网址")


class GoodsFacts(Message):
    name: Text = Field(title="商品名称")
    link: Link = Field(title="商品链接")
    monthly_sales: Shown | None = Field(default=None, title="月销量，照页面填写（如 1万+）；未显示的为空")
    stock: Shown | None = Field(default=None, title="库存量，照页面填写（如 有货）；未显示的为空")
    trademark: Text | None = Field(default=None, title="页面标明的商标；未标明的为空")
    spec_model: Text | None = Field(default=None, title="页面标明的规格型号；未标明的为空")
    producer: Text | None = Field(default=None, title="页面标明的生产者；未标明的为空")


class PurchaseOrder(Message):
    order_no: Text = Field(title="订单编号")
    price: Decimal = Field(ge=0, le=_MOST_COUNTED, max_digits=12, decimal_places=2, title="价格（元）")
    placed_at: Instant = Field(title="下单时间")


class PlatformFacts(Message):
    name: Text = Field(title="第三方交易平台名称")
    url: Link = Field(title="第三方交易平台网址")


class Quantity(Message):
    amount: Decimal = Field(gt=0, le=_MOST_COUNTED, max_digits=12, decimal_places=3, title="数量")
    unit: Text = Field(title="单位")


class Purchased(Step):
    """The sample is bought online, the whole purchase recorded on screen (§5).

    What was not ordered so needs a supervisor's reason, so then a supervisor does this step.
    """

    NAME: ClassVar = StepName.PURCHASED
    TITLE: ClassVar = "网络购样"
    RESTS_ON: ClassVar = "§5"
    ROLES: ClassVar = OFFICER_OR_LAB | OFFICER_OR_SUPERVISOR

    buyer: Buyer = Field(title="买样人")
    seller: SellerFacts = Field(title="网络商品经营者信息")
    goods: GoodsFacts = Field(title="商品信息")
    order: PurchaseOrder = Field(title="订单详情")
    platform: PlatformFacts | None = Field(title="第三方交易平台；未通过平台购买时为空")
    recording: Evidence = Field(title="购买过程屏幕录像")
    test_quantity: Quantity = Field(title="检验用样品数量")
    backup_quantity: Quantity = Field(title="备份样品数量")
    other_seller: Seller | None = Field(default=None, title="实际经营者的登记信息（与下达的相同的不填）")
    other_platform: Platform | None = Field(default=None, title="实际平台的登记信息（与下达的相同的不填）")
    mismatch_reason: LongText | None = Field(default=None, title=MISMATCH_REASON)
    repeat_reason: LongText | None = Field(default=None, title=REPEAT_REASON)

    model_config = ConfigDict(
        title="购样",
        json_schema_extra={
            "example": {
                "buyer": {"name": "王买样", "kind": "officer", "username": "hz_buyer_01"},
                "seller": {"registration": "91330106MA2AAAAA0X", "url": "https://shop.example.com/s/1"},
                "goods": {
                    "name": "儿童保温杯",
                    "link": "https://shop.example.com/i/1001",
                    "monthly_sales": 320,
                    "stock": 1500,
                },
                "order": {
                    "order_no": "DD20260901001",
                    "price": "89.00",
                    "placed_at": "2026-09-01T10:00:00+08:00",
                },
                "platform": {"name": "示例电商平台", "url": "https://shop.example.com"},
                "recording": _RECORDING,
                "test_quantity": {"amount": "3", "unit": "个"},
                "backup_quantity": {"amount": "3", "unit": "个"},
            }
        },
    )


class Parcel(Message):
    courier: Text = Field(title="快递公司")
    tracking_no: Text = Field(title="快递单号")
    received_at: Instant = Field(title="收货时间")
    condition: Text = Field(title="包裹状况")


class LostParcel(Message):
    """A parcel that will not come, by the carrier's word (§5)."""

    courier: Text = Field(title="快递公司")
    tracking_no: Text = Field(title="快递单号")
    known_on: Day = Field(title="得知丢失的日期")
    said: LongText = Field(title="快递公司或者商家的答复")


class Received(Step):
    """The laboratory takes in the parcels; sealing waits until all are in (§5).

    One that was lost is recorded as lost: the others suffice (``all_in``), or an officer gives sampling up.
    """

    NAME: ClassVar = StepName.RECEIVED
    TITLE: ClassVar = "样品收货"
    RESTS_ON: ClassVar = "§5"
    ROLES: ClassVar = LAB

    parcels: tuple[Parcel, ...] = Field(default=(), max_length=100, title="收到的包裹")
    lost: tuple[LostParcel, ...] = Field(default=(), max_length=100, title="丢失的包裹")
    all_in: bool = Field(title="是否收齐；有包裹丢失、其余样品足够的，也填是")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.parcels or self.lost or self.all_in):
            raise ValueError("应当填写收到或者丢失的包裹")
        return self

    model_config = ConfigDict(
        title="收货",
        json_schema_extra={
            "example": {
                "parcels": [
                    {
                        "courier": "顺丰速运",
                        "tracking_no": "SF1000000001",
                        "received_at": "2026-09-04T15:00:00+08:00",
                        "condition": "外包装完好",
                    }
                ],
                "all_in": True,
            }
        },
    )


class SealingScheduled(Step):
    """The bureau sets time and place for unpacking and sealing; may be set again (§5)."""

    NAME: ClassVar = StepName.SEALING_SCHEDULED
    TITLE: ClassVar = "确定拆包封样时间和场所"
    RESTS_ON: ClassVar = "§5"
    ROLES: ClassVar = OFFICER

    at: Instant = Field(title="拆包封样时间")
    place: Text = Field(title="拆包封样场所")
    called: tuple[Text, ...] = Field(min_length=1, max_length=50, title="通知到场人员")

    model_config = ConfigDict(
        title="确定拆封",
        json_schema_extra={
            "example": {
                "at": "2026-09-07T09:30:00+08:00",
                "place": "市局样品室",
                "called": ["王买样", "李执法", "张执法", "赵检验", "钱检验"],
            }
        },
    )


class Participant(Message):
    name: Text = Field(title="姓名")
    capacity: Capacity = Field(title="身份")
    organisation: Text = Field(title="所属单位")


class Holder(StrEnum):
    LABORATORY = "laboratory"
    BUREAU = "bureau"


class Custody(Message):
    """Where a sealed sample is and who keeps it."""

    holder: Holder = Field(title="保管单位")
    place: Text = Field(title="存放地点")
    keeper: Text = Field(title="保管人")


class SealedSample(Message):
    seal_no: Text = Field(title="封条编号")
    signed_by: tuple[Text, ...] = Field(max_length=50, title="封条签名人")
    custody: Custody = Field(title="保管")


class Worksheet(Message):
    """The inspection worksheet filled in and signed together after sealing (§5)."""

    reference: Text = Field(title="工作单编号")
    signed_by: tuple[Text, ...] = Field(max_length=50, title="工作单签字人")


class Sealed(Step):
    """Unpacked, checked and sealed before witnesses, recorded on video (§5).

    What was not ordered so needs a supervisor's reason, so then a supervisor does this step.
    """

    NAME: ClassVar = StepName.SEALED
    TITLE: ClassVar = "拆包查验、封样"
    RESTS_ON: ClassVar = "§5"
    ROLES: ClassVar = OFFICER_OR_SUPERVISOR

    sealed_at: Instant = Field(title="封样时间")
    place: Text = Field(title="封样场所")
    participants: tuple[Participant, ...] = Field(max_length=50, title="参加人员")
    recording: Evidence = Field(title="拆包封样过程录像")
    courier_label: Text = Field(title="快递单面信息")
    trademark: Text = Field(title="标称商标；有几个的用“、”分隔，无则填“无”")
    producer: Text = Field(title="标称生产者名称；无则填“无”")
    producer_address: Text | None = Field(default=None, title="标称生产者地址")
    producer_natural_person: bool = Field(default=False, title="标称生产者是否自然人")
    product_standard: Text = Field(title="产品标准")
    spec_model: Text = Field(title="规格型号；无则填“无”")
    production_date: Text = Field(title="生产日期；未标注则填“未标注”")
    test_sample: SealedSample = Field(title="检验用样品")
    backup_sample: SealedSample = Field(title="备份样品")
    worksheet: Worksheet = Field(title="抽查检验工作单")
    mismatch_reason: LongText | None = Field(default=None, title=MISMATCH_REASON)
    repeat_reason: LongText | None = Field(default=None, title=REPEAT_REASON)

    model_config = ConfigDict(
        title="封样",
        json_schema_extra={
            "example": {
                "sealed_at": "2026-09-07T10:30:00+08:00",
                "place": "市局样品室",
                "participants": [
                    {"name": "王买样", "capacity": "buyer", "organisation": "杭州市市场监督管理局"},
                    {"name": "李执法", "capacity": "officer", "organisation": "杭州市市场监督管理局"},
                    {"name": "张执法", "capacity": "officer", "organisation": "杭州市市场监督管理局"},
                    {"name": "赵检验", "capacity": "lab_staff", "organisation": "浙江省示例检验院"},
                    {"name": "钱检验", "capacity": "lab_staff", "organisation": "浙江省示例检验院"},
                ],
                "recording": {**_RECORDING, "reference": "LX-2026-0002"},
                "courier_label": "顺丰 SF1000000001，寄件人：示例旗舰店",
                "trademark": "示例牌",
                "producer": "浙江示例制造有限公司",
                "product_standard": "GB/T 29606-2013",
                "spec_model": "SL-500",
                "production_date": "2026-06-01",
                "test_sample": {
                    "seal_no": "FT-0001",
                    "signed_by": ["李执法", "张执法", "赵检验", "钱检验"],
                    "custody": {"holder": "laboratory", "place": "检验院样品库", "keeper": "赵检验"},
                },
                "backup_sample": {
                    "seal_no": "FT-0002",
                    "signed_by": ["李执法", "张执法", "赵检验", "钱检验"],
                    "custody": {"holder": "bureau", "place": "市局样品库", "keeper": "周保管"},
                },
                "worksheet": {
                    "reference": "GZD-2026-0001",
                    "signed_by": ["王买样", "李执法", "张执法", "赵检验", "钱检验"],
                },
            }
        },
    )


class AbandonmentGround(StrEnum):
    NEVER_SHIPPED = "never_shipped"
    WRONG_GOODS = "wrong_goods"
    SPOILED = "spoiled"
    TOO_FEW = "too_few"
    PARCEL_LOST = "parcel_lost"
    OTHER = "other"


class SamplingAbandoned(Step):
    """Sampling is given up before sealing; the batch closes and nobody is notified."""

    NAME: ClassVar = StepName.SAMPLING_ABANDONED
    TITLE: ClassVar = "终止抽样"
    RESTS_ON: ClassVar = "§5"
    ROLES: ClassVar = OFFICER

    ground: AbandonmentGround = Field(title="终止情形")
    reason: LongText = Field(title="终止理由")

    model_config = ConfigDict(
        title="终止抽样",
        json_schema_extra={"example": {"ground": "never_shipped", "reason": "商家逾期未发货，订单已关闭"}},
    )
