"""An order by names made whole: scheme, laboratory, seller and platform as they stand on its day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.planning.commissioned import CommissionNamed, commission_of
from api.planning.held import contract_to_test, tested_by
from api.web.days import today
from api.web.problems import Problem
from api.web.runtime import Runtime
from api.web.wording import field_message
from law import draw_course, scheme_orders
from law.calendar import chinese_day
from law.draw import DrawRefused
from law.ordering import OrderRefused
from law.scheme_orders import Contracted
from messages.approvals import Matter
from messages.draws import DrawSubject
from messages.named_order import NamedOrder
from messages.opening import UnderScheme
from messages.order import BatchOrder
from messages.planning import SchemeContent, money
from messages.registers import (
    AddressSource,
    BusinessEntry,
    LaboratoryEntry,
    PlatformEntry,
    Register,
    RegisterEntry,
)
from store.draws import reading as draws
from store.plans import reading
from store.plans.standing import PlannedStanding
from store.plans.uses import Claim, Taken
from store.registers import entries

_NAMES = {
    Register.LABORATORIES: "承检机构",
    Register.PLATFORMS: "第三方交易平台",
    Register.BUSINESSES: "经营者或者生产者",
}
# What an order takes over from a scheme as it stands there.
_OF_SCHEME = (
    *("sample_quantity", "buyer", "username", "delivery_address", "procedure", "judgement_principle"),
    *("result_notification", "retest_arrangement", "contact"),
)
_OF_ORDER = {
    *("goods", "kind", "emergency_ground", "other_ground", "consumer_complaint_case", "authorization"),
    *("commission", "follows_up", "supervisor_reason", "regulation"),
}


@dataclass(frozen=True)
class MadeWhole:
    """The order as the batch carries it, and what it takes of its scheme."""

    order: BatchOrder
    claim: Claim


@dataclass(frozen=True)
class _Named:
    """What an order names: the scheme in force, and the entries that hold on the day."""

    order: NamedOrder
    scheme: SchemeContent
    standing: PlannedStanding
    platforms: tuple[str, ...]
    laboratory: LaboratoryEntry
    platform: PlatformEntry | None
    seller: BusinessEntry | None
    producer: BusinessEntry | None


async def made_whole(deps: Runtime, order: NamedOrder) -> MadeWhole:
    """Raises ``OrderRefused``, ``PlannedUnknown``, and :class:`Problem` for what cannot be made an order."""
    day = today()
    drawn_at = await _check_drawn(deps, order)
    named = await _named(deps, order, day)
    scheme = named.scheme
    kind = scheme_orders.kind_in_scheme(order.product_kind, [one.kind for one in scheme.product_kinds])
    scheme_orders.check_among_laboratories(order.laboratory, scheme.laboratories)
    if order.platform is not None and named.platform is not None:
        scheme_orders.check_platform(named.platform.name, order.platform, scheme.platforms)
    tested = tested_by(scheme)
    contract = contract_to_test(named.laboratory, tested, day)
    by = None
    if order.commission_id is not None:
        by = await commission_of(deps, order.commission_id, named.standing.id, kind, day)
    under = UnderScheme(
        scheme_id=named.standing.id,
        scheme_version=named.standing.in_force or 0,
        kind=kind,
        cost=scheme_orders.cost_of(tested, contract, scheme.purchase_cost or Decimal(0)),
        laboratory=order.laboratory,
        seller=order.seller_code,
        platform=order.platform,
        producer=order.producer_code,
        commission=order.commission_id,
        bureau=by and by.bureau,
        **(order.drawn_from.model_dump() if order.drawn_from else {}),
    )
    whole = _whole(named, contract, day, by)
    return MadeWhole(whole, Claim(under, partial(_judge, under, scheme, by, drawn_at)))


async def _check_drawn(deps: Runtime, order: NamedOrder) -> int | None:
    """The last line on record of the draw that is named. Raises ``OrderRefused`` and ``DrawUnknown``."""
    if order.drawn_from is None:
        return None
    draw = await draws.one(deps.engine, order.drawn_from.draw_id)
    if draw.content.scheme_id != order.scheme_id:
        raise OrderRefused("draw_of_another_scheme", f"随机抽查 {draw.id} 不属于方案 {order.scheme_id}")
    try:
        draw_course.check_drawn(draw.state, is_to_confirm=draw.correction is not None)
    except DrawRefused as refusal:
        raise OrderRefused(refusal.code, f"随机抽查 {draw.id}：{refusal.detail}") from None
    candidate = order.drawn_from.candidate
    if draw.made is None or candidate not in draw.made.chosen:
        raise OrderRefused("draw_not_chosen", f"“{candidate}”在随机抽查 {draw.id} 中没有抽中，或者已经跳过")
    if draw.content.subject is DrawSubject.BUSINESSES and order.seller_code != candidate:
        raise OrderRefused("draw_of_another_seller", f"抽中的经营者是 {candidate}，与订单的经营者代码不同")
    return draw.events[-1].no


async def _named(deps: Runtime, order: NamedOrder, day: date) -> _Named:
    standing = await reading.one(deps.engine, Matter.SCHEME, order.scheme_id)
    scheme = standing.content_in_force
    if not isinstance(scheme, SchemeContent):
        raise OrderRefused("scheme_not_approved", f"抽检实施方案 {standing.id} 尚未批准")
    async with deps.engine.connect() as connection:
        platforms = await entries.holding(connection, Register.PLATFORMS, scheme.platforms, day)
        laboratory = await _held(connection, Register.LABORATORIES, order.laboratory, day)
        platform = await _held(connection, Register.PLATFORMS, order.platform, day)
        seller = await _held(connection, Register.BUSINESSES, order.seller_code, day)
        producer = await _held(connection, Register.BUSINESSES, order.producer_code, day)
    assert isinstance(laboratory, LaboratoryEntry)
    return _Named(
        order=order,
        scheme=scheme,
        standing=standing,
        platforms=tuple(one.entry.name for one in platforms.values()),
        laboratory=laboratory,
        platform=platform if isinstance(platform, PlatformEntry) else None,
        seller=seller if isinstance(seller, BusinessEntry) else None,
        producer=producer if isinstance(producer, BusinessEntry) else None,
    )


async def _held(
    connection: AsyncConnection, register: Register, code: str | None, day: date
) -> RegisterEntry | None:
    """The entry as it holds on the day; none where none is named. Raises ``OrderRefused``."""
    if code is None:
        return None
    found = await entries.holding(connection, register, [code], day)
    if code not in found:
        raise OrderRefused(
            "entry_not_held", f"{_NAMES[register]} {code} 没有登记，或者{chinese_day(day)}不再有效"
        )
    return found[code].entry


def _whole(named: _Named, contract: Contracted, day: date, by: CommissionNamed | None) -> BatchOrder:
    """The order that says everything itself, so that the batch stands alone. Raises :class:`Problem`."""
    order = named.order
    said = order.model_dump(include=_OF_ORDER)
    seller = order.seller.model_dump() if order.seller else _seller(named)
    producer = order.producer.model_dump() if order.producer else _producer(named.producer)
    whole = {
        **said,
        "regulation_date": order.regulation_date or day,
        "seller": seller,
        "platform": _platform(named),
        "producer": producer,
        "commission": by.said.model_dump() if by else said["commission"],
        "scheme": _scheme(named),
        "laboratory": _laboratory(named, contract),
    }
    try:
        return BatchOrder.model_validate(whole)
    except ValidationError as error:
        told = field_message(BatchOrder, error)
        raise Problem(409, "named_order_incomplete", f"登记库或者方案中的内容不足以下单：{told}。") from None


def _scheme(named: _Named) -> dict[str, Any]:
    scheme = named.scheme
    return {
        **{name: getattr(scheme, name) for name in _OF_SCHEME},
        "reference": named.standing.number,
        "product_kinds": [one.kind for one in scheme.product_kinds],
        "standards": scheme.standards,
        "items": list(dict.fromkeys(one.name for one in scheme.items)),
        "budget": f"共{money(scheme.budget)}，每批次购样费{money(scheme.purchase_cost)}",
        "platforms": named.platforms,
    }


def _laboratory(named: _Named, contract: Contracted) -> dict[str, Any]:
    laboratory = named.laboratory
    return {
        **laboratory.model_dump(include={"name", "registration", "grade", "email"}),
        "code": named.order.laboratory,
        "qualified_items": list(dict.fromkeys(one.name for one in named.scheme.items)),
        "contract_no": contract.contract_no,
        "contract_days": contract.testing_days,
    }


def _platform(named: _Named) -> dict[str, Any] | None:
    """With the address of the seller that the platform supplied (§5)."""
    if named.platform is None:
        return None
    addresses = named.seller.addresses if named.seller else ()
    supplied = [
        one.address
        for one in addresses
        if one.source is AddressSource.PLATFORM and one.platform in (None, named.order.platform)
    ]
    platform = named.platform.model_dump(include={"name", "url", "place", "email"})
    return platform | {"seller_address": supplied[0] if supplied else None}


def _seller(named: _Named) -> dict[str, Any]:
    assert named.seller is not None, "an order has a seller, or names one"
    said = named.seller.model_dump(include={"name", "registration", "natural_person", "place", "email"})
    seller = {name: value for name, value in said.items() if value is not None}
    return seller | {"url": named.order.shop or _only_shop(named.seller, named.order.platform)}


def _only_shop(seller: BusinessEntry, platform: str | None) -> str:
    """The shop on the platform, where there is one only. Raises ``OrderRefused``."""
    shops = [one.url for one in seller.shops if one.platform == platform]
    if len(shops) == 1:
        return shops[0]
    told = "、".join(shops) if shops else "没有登记"
    raise OrderRefused("shop_missing", f"请写明店铺网址：“{seller.name}”在该平台的店铺：{told}")


def _producer(producer: BusinessEntry | None) -> dict[str, Any] | None:
    """Where the goods say that it is, else as on its licence."""
    if producer is None:
        return None
    on_goods = [one.address for one in producer.addresses if one.source is AddressSource.GOODS]
    on_licence = [producer.place.in_full] if producer.place else []
    said = producer.model_dump(include={"name", "natural_person", "email"})
    return said | {"address": next(iter(on_goods + on_licence), None)}


def _judge(
    under: UnderScheme, scheme: SchemeContent, by: CommissionNamed | None, drawn_at: int | None, left: Taken
) -> None:
    """What is left of the scheme and the commission, under their locks. Raises ``OrderRefused``."""
    if left.ended_on is not None:
        raise OrderRefused(
            "scheme_ended", f"抽检实施方案 {under.scheme_id} 已于{chinese_day(left.ended_on)}终止"
        )
    if left.in_force != under.scheme_version:
        raise OrderRefused("scheme_changed", f"抽检实施方案 {under.scheme_id} 刚刚调整，请重新下达")
    if left.drawn_at != drawn_at:
        raise OrderRefused("draw_changed", f"随机抽查 {under.draw_id} 刚刚有变动，请重新下达")
    planned = {one.kind: one.batches for one in scheme.product_kinds}
    scheme_orders.check_room(under.kind, planned, left.used)
    scheme_orders.check_budget(scheme.budget or Decimal(0), left.spent, under.cost)
    if by is not None:
        by.judge(left)
