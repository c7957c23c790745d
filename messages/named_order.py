"""An order that names scheme and laboratory from the registers; what it needs of them is frozen into it."""

from typing import Any, Self

from pydantic import ConfigDict, Field, model_validator

from messages.base import Day, Link, LongText, Message, Text
from messages.order import (
    EmergencyGroundCode,
    OrderedGoods,
    OrderKind,
    OtherGround,
    Producer,
    Seller,
    SubordinateCommission,
)
from messages.registers import Code


class DrawnFrom(Message):
    """The random draw, and the candidate of it, that an order comes from."""

    draw_id: Text = Field(title="随机抽查的编号")
    candidate: Text = Field(title="抽中的编号")


class NamedOrder(Message):
    """As :class:`BatchOrder`, but what stands in a scheme or a register is only named."""

    scheme_id: Text = Field(title="抽检实施方案的编号")
    product_kind: Text | None = Field(default=None, title="商品品种；方案只有一种的可以不写")
    laboratory: Code = Field(title="承检机构的代码")
    platform: Code | None = Field(default=None, title="第三方交易平台的代码；不在平台上的为空")
    seller_code: Code | None = Field(default=None, title="经营者的代码；没有登记的写 seller")
    seller: Seller | None = Field(default=None, title="网络商品经营者；已经登记的写 seller_code")
    shop: Link | None = Field(default=None, title="店铺网址；登记的店铺只有一个的可以不写")
    producer_code: Code | None = Field(default=None, title="标称生产者的代码")
    producer: Producer | None = Field(default=None, title="标称生产者；已经登记的写 producer_code")
    goods: OrderedGoods = Field(title="商品")
    drawn_from: DrawnFrom | None = Field(default=None, title="由哪一次随机抽查抽中")
    kind: OrderKind = Field(title="抽检方式")
    emergency_ground: EmergencyGroundCode | None = Field(default=None, title="应急抽检情形")
    other_ground: OtherGround = None
    consumer_complaint_case: bool = Field(default=False, title="是否因消费者投诉举报案件处理")
    authorization: Text | None = Field(default=None, title="其他授权或委托文号")
    commission_id: Code | None = Field(
        default=None, title="据以委托下级局执行的委托的编号；本局自行执行的为空"
    )
    commission: SubordinateCommission | None = Field(
        default=None, title="委托下级局；本系统没有登记的委托，自行写明"
    )
    follows_up: Text | None = Field(default=None, title="跟踪抽检所针对的前一批次编号")
    supervisor_reason: LongText | None = Field(default=None, title="处室负责人同意重复抽检的理由")
    regulation_date: Day | None = Field(default=None, title="规程适用日期；不写为今日")
    regulation: Text | None = Field(default=None, title="适用规程的编号；不填的，适用本局当日生效的规程")

    model_config = ConfigDict(
        title="按方案下单",
        json_schema_extra={
            "example": {
                "scheme_id": "FA2026-0001",
                "laboratory": "LAB-01",
                "platform": "PT-01",
                "seller_code": "J1",
                "producer": {"name": "浙江示例制造有限公司", "address": "浙江省金华市永康市示例工业区6号"},
                "goods": {
                    "name": "儿童保温杯",
                    "trademark": "示例牌",
                    "spec_model": "SL-500",
                    "link": "https://shop.example.com/i/1001",
                },
                "kind": "routine",
            }
        },
    )

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if (self.seller is None) == (self.seller_code is None):
            raise ValueError("登记的经营者的代码和没有登记的经营者，须写其中一项，且只写一项")
        if self.producer is not None and self.producer_code is not None:
            raise ValueError("登记的标称生产者的代码和没有登记的标称生产者，只写其中一项")
        if self.commission is not None and self.commission_id is not None:
            raise ValueError("委托下级局的，已登记的委托和自行写明的委托，只写其中一项")
        if self.shop is not None and self.seller_code is None:
            raise ValueError("登记的经营者才写店铺网址；没有登记的，网址写在经营者之中")
        return self


def is_named(content: Any) -> bool:
    """Whether what was sent is such an order, and not one that says everything itself."""
    return isinstance(content, NamedOrder) or (isinstance(content, dict) and "scheme_id" in content)
