"""What is sampled, as goods are told apart (§3), and whether what was bought or sealed was ordered."""

from collections.abc import Iterable
from typing import Self

from law.names import (
    is_other_model,
    is_other_platform,
    is_other_producer,
    is_other_seller,
    is_other_trademark,
    model,
    trademarks,
)
from law.rules import LawValue

_NONE = "未使用第三方交易平台"


class Goods(LawValue):
    """Trademark and model as compared for the repeat limit: folded, sorted; none where unknown."""

    trademarks: tuple[str, ...]
    spec_model: str | None

    @classmethod
    def named(cls, trademark: str | None, spec_model: str | None) -> Self:
        """The goods of these words."""
        return cls(trademarks=tuple(sorted(trademarks(trademark))), spec_model=model(spec_model))

    @property
    def are_known(self) -> bool:
        return bool(self.trademarks) and self.spec_model is not None

    def are_other_than(self, other: "Goods") -> bool:
        """Whether they differ in what is known of both."""
        ours, theirs = set(self.trademarks), set(other.trademarks)
        if ours and theirs and ours.isdisjoint(theirs):
            return True
        return None not in (self.spec_model, other.spec_model) and self.spec_model != other.spec_model

    def tell_as_much_as(self, other: "Goods") -> bool:
        """Whether the same is known and unknown of both, and they are not other goods."""
        return (
            bool(self.trademarks) == bool(other.trademarks)
            and (self.spec_model is None) == (other.spec_model is None)
            and not self.are_other_than(other)
        )


class Difference(LawValue):
    """What was bought or sealed is not what was ordered."""

    what: str
    wanted: str
    found: str

    @property
    def sentence(self) -> str:
        return f"{self.what}应为“{self.wanted}”，实为“{self.found}”"


class Marks(LawValue):
    """What goods say of themselves, as written; None where nothing was noted."""

    trademark: str | None
    spec_model: str | None
    producer: str | None


def marks_differences(wanted: Marks, found: Marks) -> tuple[Difference, ...]:
    """Another trademark, model or producer than was wanted; what is unknown of either tells nothing."""
    told = (
        ("商标", wanted.trademark, found.trademark, is_other_trademark),
        ("规格型号", wanted.spec_model, found.spec_model, is_other_model),
        ("标称生产者", wanted.producer, found.producer, is_other_producer),
    )
    return tuple(
        Difference(what=what, wanted=one, found=other)
        for what, one, other, is_other in told
        if one is not None and other is not None and is_other(one, other)
    )


def seller_differences(wanted: tuple[str, str], found: tuple[str, str]) -> tuple[Difference, ...]:
    """Another seller; each is its registration and the address of its shop."""
    if not is_other_seller(wanted, found):
        return ()
    return (Difference(what="网络商品经营者", wanted="，".join(wanted), found="，".join(found)),)


def platform_differences(
    wanted: tuple[str, str] | None, found: tuple[str, str] | None
) -> tuple[Difference, ...]:
    """Another platform, or one where none was ordered, or none; each is its name and its address."""
    if wanted == found or (wanted and found and not is_other_platform(wanted, found)):
        return ()
    names = ("，".join(one) if one else _NONE for one in (wanted, found))
    return (Difference(what="第三方交易平台", wanted=next(names), found=next(names)),)


def in_words(differences: Iterable[Difference]) -> str:
    return "；".join(difference.sentence for difference in differences)
