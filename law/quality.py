"""Who and what a quality record is about (procedure section 13, 反向建档), and what hangs on one.

A seller or producer is its unified social credit code, else its folded name, as in the registers; a product
is its trademark and model, as the repeat limit compares them (§3).
"""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

import yaml
from pydantic import Field

from law.goods import Goods
from law.names import credit_code, is_unknown
from law.registers import name_key, registration_key
from law.rules import LawValue

# Stands in no folded name: folding makes a full stop of it.
_BETWEEN = "·"
# Before a natural person's key; no folded name has a hyphen there.
_NATURAL = "np-"
_LEAP_DAY = (2, 29)


class SubjectKind(StrEnum):
    """Of whom or what a record is kept."""

    SELLER = "seller"
    PRODUCER = "producer"
    PRODUCT = "product"
    PLATFORM = "platform"


class RecordState(StrEnum):
    """How the result of a batch stands in the records: it holds, is open again, or came to nothing."""

    FINAL = "final"
    OPEN_AGAIN = "open_again"
    ENDED = "ended"


def person_key(name: str, registration: str | None = None, *, natural: bool = False) -> str | None:
    """By what a seller, a producer or a platform is told from others; None where nothing tells it.

    Several natural persons may share a name, so that only a registration tells them; its number stands in no
    address, only its digest does.
    """
    code = credit_code(registration)
    known = code or registration_key(registration)
    if natural:
        return None if known is None else f"{_NATURAL}{sha256(known.encode()).hexdigest()[:24]}"
    return known or (None if is_unknown(name) else name_key(name))


def person_keys(name: str, registration: str | None, *, natural: bool = False) -> tuple[str, ...]:
    """All keys by which the records may have somebody of the registers.

    Goods and platforms tell a name alone, so a legal person is in the records by its name as well.
    """
    by_name = None if natural or is_unknown(name) else name_key(name)
    keys = (person_key(name, registration, natural=natural), by_name)
    return tuple(dict.fromkeys(key for key in keys if key))


def product_keys(trademark: str | None, spec_model: str | None) -> tuple[str, ...]:
    """One for each trademark with the model; none where either is unknown: then nothing tells the product."""
    goods = Goods.named(trademark, spec_model)
    if not goods.are_known:
        return ()
    return tuple(f"{mark}{_BETWEEN}{goods.spec_model}" for mark in goods.trademarks)


def keys_sought(said: str, kind: SubjectKind) -> tuple[str, ...]:
    """The keys that somebody may mean who writes this: a key as it stands, a code or a name as spelled."""
    if kind is SubjectKind.PRODUCT:
        mark, between, model = said.partition(_BETWEEN)
        return product_keys(mark, model)[:1] if between else ()
    if said.startswith(_NATURAL):
        return (said,)
    found = (credit_code(said), registration_key(said), name_key(said))
    return tuple(dict.fromkeys(key for key in found if key))


def key_in_full(key: str) -> str:
    """As people have it in hand: a code as it stands on a licence, a name as it is compared."""
    return key.upper() if credit_code(key) else key


class WeightRule(LawValue):
    """How earlier results weigh in a random draw: the bureau's own rule, as its statement says."""

    statement: str
    years: int = Field(ge=1, description="how far back final results count, calendar years")
    base: int = Field(ge=1, description="the weight of whoever has no nonconforming final result")
    each: int = Field(ge=0, description="what one nonconforming final result adds")
    at_most: int = Field(ge=1)

    def since(self, on: date) -> date:
        """The first day whose final results count in a draw of that day."""
        day = 28 if (on.month, on.day) == _LEAP_DAY else on.day
        return on.replace(year=on.year - self.years, day=day)


def weight_of(rule: WeightRule, nonconforming: int) -> int:
    """The weight of a candidate with so many nonconforming final results since the rule's first day."""
    return min(rule.base + rule.each * nonconforming, max(rule.at_most, rule.base))


@lru_cache(maxsize=1)
def weight_rule() -> WeightRule:
    """The rule of the file ``law/weights.yaml``, read once."""
    return WeightRule.model_validate(yaml.safe_load(files("law").joinpath("weights.yaml").read_text("utf-8")))
