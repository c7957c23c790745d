"""The order that opens a batch (§2, §3): seller, goods, platform, scheme, laboratory with its contract."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from law.laboratories import LabGrade, Registered
from messages.base import Day, Email, Link, LongText, Message, Name, Place, Text

# Of one scheme or report: more than any standard asks for of one product.
MOST_ITEMS = 300
# What of an order can be put right once it was given (procedure section 10): names, addresses, contacts.
WHO_AND_WHERE = (
    "seller.name",
    "seller.place",
    "seller.email",
    "platform.name",
    "platform.place",
    "platform.seller_address",
    "platform.email",
    "producer.name",
    "producer.address",
    "producer.email",
    "laboratory.name",
    "laboratory.email",
    "scheme.contact",
    "goods.name",
)


class OrderKind(StrEnum):
    ROUTINE = "routine"
    EMERGENCY = "emergency"


EmergencyGroundCode = Literal["concentrated_complaints", "authority_notification", "safety_incident", "other"]
# Not said where there is none: what was ordered otherwise stays as it is, to the byte.
OtherGround = Annotated[
    Text | None,
    Field(
        title="其他应急情形的说明；应急抽检情形为“其他”的须写明，此外不填",
        exclude_if=lambda said: said is None,
    ),
]


class Seller(Message):
    """The online seller as registered; the address on the licence is the notice address (§5)."""

    name: Name = Field(title="网络商品经营者名称")
    registration: Text = Field(title="统一社会信用代码或自然人证件登记号")
    natural_person: bool = Field(default=False, title="是否自然人")
    place: Place = Field(title="住所或经营场所")
    url: Link = Field(title="店铺网址")
    email: Email | None = Field(default=None, title="电子邮箱")


class Platform(Message):
    """The marketplace operator, and the seller's address it supplied (§5)."""

    name: Name = Field(title="第三方交易平台经营者名称")
    url: Link = Field(title="平台网址")
    place: Place = Field(title="平台住所")
    seller_address: Text | None = Field(default=None, title="平台提供的经营者地址")
    email: Email | None = Field(default=None, title="电子邮箱")


_ALSO_AT = "；平台提供的地址："


def notice_addresses(on_licence: Place, supplied: str | None) -> tuple[str, ...]:
    """Where a seller is written to: as on its licence, and as the platform supplied it (§5)."""
    licence = on_licence.in_full
    return (licence, supplied) if supplied else (licence,)


def notice_address(addresses: tuple[str, ...]) -> str:
    """A seller's addresses as they stand on a document."""
    return _ALSO_AT.join(addresses)


def addresses_in_order(address: str) -> tuple[str, ...]:
    """The addresses that stand on a seller's document: the licence's, the platform's."""
    return tuple(address.split(_ALSO_AT))


def addresses_apart(address: str) -> tuple[str, ...]:
    """Each address that stands on a seller's document, once."""
    return tuple(dict.fromkeys(addresses_in_order(address)))


class Producer(Message):
    """The producer named on the goods; one that is unknown ("/", 无) is no party."""

    name: Text = Field(title="标称生产者名称；无则填“无”")
    natural_person: bool = Field(default=False, title="是否自然人")
    address: Text | None = Field(default=None, title="标称生产者地址")
    email: Email | None = Field(default=None, title="电子邮箱")


class OrderedGoods(Message):
    """What is to be sampled; trademark and model decide on the repeat limit (§3)."""

    name: Text = Field(title="商品名称")
    trademark: Text | None = Field(title="商标；有几个的用“、”分隔，不明时为空")
    spec_model: Text | None = Field(title="规格型号；不明时为空")
    link: Link = Field(title="商品链接")


class Laboratory(Message):
    """A qualified institution under a contract with a stated testing period (§3, §6)."""

    code: Text = Field(title="机构代码")
    name: Text = Field(title="机构名称")
    registration: Text | None = Field(default=None, title="统一社会信用代码；据以认定是否同一机构")
    grade: LabGrade = Field(title="资质等级")
    qualified_items: tuple[Text, ...] = Field(min_length=1, max_length=500, title="具备资质的检验项目")
    contract_no: Text = Field(title="委托检验合同编号")
    contract_days: int = Field(ge=1, le=365, title="合同约定的检验周期（自然日）")
    email: Email | None = Field(default=None, title="电子邮箱")

    @property
    def registered(self) -> Registered:
        """By what it is told from other laboratories."""
        return Registered(code=self.code, name=self.name, registration=self.registration)


class Scheme(Message):
    """The detailed scheme a batch is ordered under, with the elements §3 names."""

    reference: Text = Field(title="抽检实施方案编号")
    product_kinds: tuple[Text, ...] = Field(min_length=1, max_length=100, title="商品品种")
    sample_quantity: Text = Field(title="样品数量")
    buyer: Text = Field(title="买样人")
    username: Text = Field(title="用户名")
    delivery_address: Text = Field(title="收货地址")
    procedure: LongText = Field(title="抽检程序")
    standards: tuple[Text, ...] = Field(min_length=1, max_length=100, title="检验标准")
    items: tuple[Text, ...] = Field(min_length=1, max_length=MOST_ITEMS, title="检验项目")
    judgement_principle: LongText = Field(title="判定原则")
    result_notification: LongText = Field(title="检验结果通知")
    retest_arrangement: LongText = Field(title="复检安排")
    budget: Text = Field(title="费用预算")
    contact: Text = Field(title="联系方式")
    platforms: tuple[Text, ...] = Field(default=(), max_length=100, title="第三方交易平台经营者")


class SubordinateCommission(Message):
    """One commission for one matter to a subordinate bureau (§3 一事一委托)."""

    bureau: Text = Field(title="受委托的下级局")
    commission_no: Text = Field(title="委托书编号")
    matter: Text = Field(title="委托事项")


class BatchOrder(Message):
    """Everything the bureau fixes before anything is bought. Errors: see ``law.ordering``."""

    regulation_date: Day = Field(title="规程适用日期")
    regulation: Text | None = Field(default=None, title="适用规程的编号；不填的，适用本局当日生效的规程")
    kind: OrderKind = Field(title="抽检方式")
    emergency_ground: EmergencyGroundCode | None = Field(default=None, title="应急抽检情形")
    other_ground: OtherGround = None
    consumer_complaint_case: bool = Field(default=False, title="是否因消费者投诉举报案件处理")
    authorization: Text | None = Field(default=None, title="其他授权或委托文号")
    commission: SubordinateCommission | None = Field(default=None, title="委托下级局")
    seller: Seller = Field(title="网络商品经营者")
    platform: Platform | None = Field(default=None, title="第三方交易平台")
    producer: Producer | None = Field(default=None, title="标称生产者")
    goods: OrderedGoods = Field(title="商品")
    scheme: Scheme = Field(title="抽检实施方案")
    laboratory: Laboratory = Field(title="承检机构")
    follows_up: Text | None = Field(default=None, title="跟踪抽检所针对的前一批次编号")
    supervisor_reason: LongText | None = Field(default=None, title="处室负责人同意重复抽检的理由")

    model_config = ConfigDict(
        title="抽检下单",
        json_schema_extra={
            "example": {
                "regulation_date": "2026-09-01",
                "kind": "routine",
                "seller": {
                    "name": "示例旗舰店",
                    "registration": "91330106MA2AAAAA0X",
                    "place": {
                        "province": "浙江省",
                        "city": "杭州市",
                        "district": "西湖区",
                        "detail": "示例路1号",
                    },
                    "url": "https://shop.example.com/s/1",
                    "email": "seller@example.com",
                },
                "platform": {
                    "name": "示例电商平台",
                    "url": "https://shop.example.com",
                    "place": {
                        "province": "浙江省",
                        "city": "杭州市",
                        "district": "滨江区",
                        "detail": "示范大道8号",
                    },
                    "seller_address": "浙江省杭州市西湖区示例路1号",
                    "email": "platform@example.com",
                },
                "producer": {"name": "浙江示例制造有限公司", "address": "浙江省金华市永康市示例工业区6号"},
                "goods": {
                    "name": "儿童保温杯",
                    "trademark": "示例牌",
                    "spec_model": "SL-500",
                    "link": "https://shop.example.com/i/1001",
                },
                "scheme": {
                    "reference": "HZCJ-2026-03",
                    "product_kinds": ["儿童保温杯"],
                    "sample_quantity": "检验用样品3个，备份样品3个",
                    "buyer": "王买样",
                    "username": "hz_buyer_01",
                    "delivery_address": "浙江省示例检验院收样室",
                    "procedure": "网络购样，收货后拆包查验、封样，送承检机构检验",
                    "standards": ["GB/T 29606-2013"],
                    "items": ["耐热冲击", "标志"],
                    "judgement_principle": "任一检验项目不符合标准要求的，综合判定为不合格",
                    "result_notification": "收到检验报告后五个工作日内通知网络商品经营者、标称生产者和平台",
                    "retest_arrangement": "对检验结果有异议的，可自收到通知之日起十五日内书面申请复检",
                    "budget": "购样费600元，检验费3000元",
                    "contact": "市局网监处 0571-00000000，杭州市示例路1号",
                    "platforms": ["示例电商平台"],
                },
                "laboratory": {
                    "code": "LAB-01",
                    "name": "浙江省示例检验院",
                    "grade": "provincial",
                    "qualified_items": ["耐热冲击", "标志"],
                    "contract_no": "JYHT-2026-01",
                    "contract_days": 20,
                    "email": "lab@example.com",
                },
            }
        },
    )
