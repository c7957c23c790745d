"""Whether a commission can be given, and whether an order can be carried out under it (§3 一事一委托)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from law.calendar import chinese_day
from law.names import folded
from law.ordering import OrderRefused
from law.rules import LawValue


class Commissioned(LawValue):
    """An approved commission as it stands when an order names it.

    ``until``: the last day on which is ordered under it; ``kinds``: how many batches of which product.
    """

    id: str
    scheme_id: str
    to_bureau: bool
    until: date
    kinds: dict[str, int]


def scope_lacking(
    kinds: Mapping[str, int], of_scheme: Mapping[str, int], taken: Mapping[str, int]
) -> tuple[str, ...]:
    """What of a commission is not in its scheme: a kind of product, or so many batches of it.

    ``taken``: batches of each kind that are others' to do already, or ordered.
    """
    by_name = {folded(kind): batches for kind, batches in of_scheme.items()}
    gone = Counter[str | None]()
    for kind, batches in taken.items():
        gone[folded(kind)] += batches
    lacking = []
    for kind, batches in kinds.items():
        planned = by_name.get(folded(kind))
        if planned is None:
            lacking.append(f"商品品种“{kind}”不在抽检实施方案之中")
        elif batches > planned:
            lacking.append(f"商品品种“{kind}”委托{batches}批次，抽检实施方案只有{planned}批次")
        elif batches > (left := max(0, planned - gone[folded(kind)])):
            lacking.append(
                f"商品品种“{kind}”委托{batches}批次，抽检实施方案的{planned}批次中只余{left}批次"
                "（其余已经委托给下级局，或者已经下达）"
            )
    return tuple(lacking)


def term_lacking(until: date | None, day: date) -> tuple[str, ...]:
    """Whether what is commissioned can still be done."""
    if until is None or until >= day:
        return ()
    return (f"尚未届满的完成期限（所写的{chinese_day(until)}已经过去）",)


def check_commissioned(commission: Commissioned, scheme_id: str, day: date) -> None:
    """A subordinate bureau has it for this scheme, and its term has not passed; the last day is within.

    Codes ``commission_not_to_bureau``, ``commission_of_other_scheme``, ``commission_expired``.
    """
    if not commission.to_bureau:
        raise OrderRefused(
            "commission_not_to_bureau", f"委托 {commission.id} 是给检验机构的，不能据以由下级局执行"
        )
    if commission.scheme_id != scheme_id:
        raise OrderRefused(
            "commission_of_other_scheme",
            f"委托 {commission.id} 依据的是抽检实施方案 {commission.scheme_id}，不是 {scheme_id}",
        )
    if day > commission.until:
        raise OrderRefused(
            "commission_expired",
            f"委托 {commission.id} 的完成期限{chinese_day(commission.until)}已经过去",
        )


def kind_commissioned(commission: Commissioned, kind: str) -> int:
    """How many batches of this kind are commissioned. Code ``product_kind_not_commissioned``."""
    for known, batches in commission.kinds.items():
        if folded(known) == folded(kind):
            return batches
    told = "、".join(commission.kinds)
    raise OrderRefused(
        "product_kind_not_commissioned",
        f"商品品种“{kind}”不在委托 {commission.id} 的范围内；所委托的有：{told}",
    )


def check_commission_left(commission: Commissioned, kind: str, used: int) -> None:
    """A batch more of this kind is within what is commissioned. Code ``commission_used_up``."""
    most = kind_commissioned(commission, kind)
    if used >= most:
        raise OrderRefused(
            "commission_used_up",
            f"委托 {commission.id} 的“{kind}”共{most}批次，已下达{used}批次，没有剩余",
        )


def check_commission_stands(id_: str, ended_on: date | None) -> None:
    """It has neither ended nor been replaced. Code ``commission_ended``."""
    if ended_on is not None:
        raise OrderRefused("commission_ended", f"委托 {id_} 已于{chinese_day(ended_on)}终止")
