"""What was ordered, bought and sealed, side by side, as goods and names are compared (section 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from law.names import (
    is_other_model,
    is_other_platform,
    is_other_producer,
    is_other_seller,
    is_other_trademark,
)
from messages.steps import StepName

_Said = Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """One feature; ``differs`` where two of what is known are not the same."""

    title: str
    ordered: str
    bought: str
    sealed: str
    differs: bool


def compared(order: _Said, bought: _Said, sealed: _Said) -> list[Compared]:
    """Of a batch as far as it has come; what nobody has noted yet is empty."""
    goods, shown = _part(order, "goods"), _part(bought, "goods")
    producer = _part(order, "producer")

    def feature(title: str, name: str, is_other: Callable[[str, str], bool]) -> Compared:
        wanted = producer.get("name") if name == "producer" else goods.get(name)
        return _row(title, wanted, shown.get(name), sealed.get(name), is_other)

    return [
        feature("商标", "trademark", is_other_trademark),
        feature("规格型号", "spec_model", is_other_model),
        feature("标称生产者", "producer", is_other_producer),
        _pair("经营者登记号", "registration", order, bought, "seller", is_other_seller),
        _pair("平台", "name", order, bought, "platform", is_other_platform),
    ]


def beside(step: StepName, body: _Said, order: _Said, bought: _Said) -> list[Compared]:
    """Of a purchase or a sealing that is being entered; of other steps there is nothing to compare."""
    if step is StepName.PURCHASED:
        return compared(order, body, {})
    return compared(order, bought, body) if step is StepName.SEALED else []


def _row(
    title: str, ordered: Any, bought: Any, sealed: Any, is_other: Callable[[str, str], bool]
) -> Compared:
    known = [one for one in (ordered, bought, sealed) if one]
    differs = any(is_other(one, other) for one, other in combinations(known, 2))
    return Compared(title, ordered or "", bought or "", sealed or "", differs)


def _pair(
    title: str,
    name: str,
    order: _Said,
    bought: _Said,
    whose: str,
    is_other: Callable[[tuple[str, str], tuple[str, str]], bool],
) -> Compared:
    """Of somebody who is known by a name or a number, and by the address of their pages."""
    wanted, found = _part(order, whose), _part(bought, whose)
    known = [(one.get(name) or "", one.get("url") or "") for one in (wanted, found) if one]
    differs = len(known) == 2 and is_other(*known)
    return Compared(title, wanted.get(name) or "", found.get(name) or "", "", differs)


def _part(said: _Said, name: str) -> _Said:
    return said.get(name) or {}
