"""Whether a scheme, a laboratory of the register and a platform bear an order (§3, §6), and what it takes.

Every judgement here raises :class:`law.ordering.OrderRefused` with a stable code and a Chinese explanation.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from law.calendar import chinese_day
from law.names import folded
from law.ordering import OrderRefused
from law.rules import LawValue


class ItemByStandard(LawValue):
    """An item with the standard it is tested by."""

    item: str
    standard: str

    @property
    def key(self) -> tuple[str | None, str | None]:
        return folded(self.item), folded(self.standard)

    @property
    def named(self) -> str:
        return f"{self.item}（{self.standard}）"


class Qualified(ItemByStandard):
    """What a laboratory is qualified for, until a day."""

    valid_until: date


class Priced(ItemByStandard):
    """What a test costs by a contract."""

    price: Decimal


class Contracted(LawValue):
    """A laboratory's contract with the bureau; both of its ends are days of it."""

    contract_no: str
    holds_from: date
    holds_to: date
    testing_days: int
    prices: tuple[Priced, ...]


def check_among_laboratories(code: str, of_scheme: Collection[str]) -> None:
    """The scheme names who tests (§3). Code ``laboratory_not_in_scheme``."""
    if code not in of_scheme:
        raise OrderRefused("laboratory_not_in_scheme", f"承检机构 {code} 不在抽检实施方案所列的承检机构之中")


def check_platform(name: str, code: str, of_scheme: Collection[str]) -> None:
    """The scheme names the platforms (§3); a shop of its own is on none. Code ``platform_not_in_scheme``."""
    if code not in of_scheme:
        raise OrderRefused("platform_not_in_scheme", f"平台“{name}”（{code}）不在抽检实施方案所列的平台之中")


def kind_in_scheme(kind: str | None, of_scheme: Collection[str]) -> str:
    """The kind of product as the scheme names it; its only one where the order names none.

    Codes ``product_kind_missing``, ``product_kind_not_in_scheme``.
    """
    named = "、".join(of_scheme)
    if kind is None:
        if len(of_scheme) == 1:
            return next(iter(of_scheme))
        raise OrderRefused("product_kind_missing", f"请写明商品品种；抽检实施方案所列的有：{named}")
    for known in of_scheme:
        if folded(known) == folded(kind):
            return known
    raise OrderRefused(
        "product_kind_not_in_scheme", f"商品品种“{kind}”不在抽检实施方案之中；方案所列的有：{named}"
    )


def check_qualified(wanted: Iterable[ItemByStandard], qualified: Iterable[Qualified], day: date) -> None:
    """The laboratory is qualified for each item by its standard, on the day (§3).

    Codes ``laboratory_not_qualified``, ``qualification_expired``.
    """
    until: dict[tuple[str | None, str | None], date] = {}
    for one in qualified:
        until[one.key] = max(one.valid_until, until.get(one.key, one.valid_until))
    wanted = list(wanted)
    if missing := [one.named for one in wanted if one.key not in until]:
        raise OrderRefused(
            "laboratory_not_qualified", f"承检机构不具备下列项目、标准的资质：{'、'.join(missing)}"
        )
    if expired := [one for one in wanted if until[one.key] < day]:
        told = "、".join(f"{one.named}至{chinese_day(until[one.key])}" for one in expired)
        raise OrderRefused("qualification_expired", f"承检机构下列项目的资质已经过期：{told}")


def contract_on(contracts: Collection[Contracted], day: date) -> Contracted:
    """The contract that covers the day, of several the one that began last (§3, §6).

    Code ``laboratory_out_of_contract``.
    """
    covering = [one for one in contracts if one.holds_from <= day <= one.holds_to]
    if covering:
        return max(covering, key=lambda one: one.holds_from)
    told = "；".join(
        f"{one.contract_no}自{chinese_day(one.holds_from)}至{chinese_day(one.holds_to)}" for one in contracts
    )
    raise OrderRefused(
        "laboratory_out_of_contract",
        f"承检机构{chinese_day(day)}不在委托检验合同期内（{told or '没有登记合同'}）",
    )


def cost_of(wanted: Iterable[ItemByStandard], contract: Contracted, purchase: Decimal) -> Decimal:
    """What a batch takes of the budget: the purchase, each test by the contract. Code ``price_missing``."""
    prices = {one.key: one.price for one in contract.prices}
    wanted = list(wanted)
    if missing := [one.named for one in wanted if one.key not in prices]:
        raise OrderRefused(
            "price_missing",
            f"合同 {contract.contract_no} 没有约定下列项目的单价，无法核算费用：{'、'.join(missing)}",
        )
    return purchase + sum((prices[one.key] for one in wanted), Decimal(0))


def check_room(kind: str, planned: Mapping[str, int], used: int) -> None:
    """A batch more of this kind is within the scheme's quantity. Code ``quantity_used_up``."""
    most = planned[kind]
    if used >= most:
        raise OrderRefused(
            "quantity_used_up", f"抽检实施方案的“{kind}”共{most}批次，已下达{used}批次，没有剩余"
        )


def check_budget(budget: Decimal, spent: Decimal, cost: Decimal) -> None:
    """The batch is within what is left of the scheme's budget. Code ``budget_used_up``."""
    if spent + cost > budget:
        raise OrderRefused(
            "budget_used_up",
            f"抽检实施方案的预算{budget}元，已使用{spent}元，剩余{budget - spent}元，本批次需要{cost}元",
        )
