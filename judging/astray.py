"""Letters that came back because the bureau itself had written down wrongly where they go (section 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from law.names import folded
from messages.order import addresses_in_order
from messages.snapshot import DocumentState


@dataclass(frozen=True)
class Posting:
    """Where a parcel went, and where it should have gone; None: to where its letter is addressed."""

    went: str | None
    right: str | None

    @classmethod
    def of(cls, filed: dict[str, Any], right: dict[str, Any]) -> "Posting":
        """As it was filed, and put right since. With the source of an address, that is where the party was
        taken to be; without one it only tells where the parcel went."""
        is_partys = filed.get("address_source") or right.get("address_source")
        return cls((filed if is_partys else right).get("address"), right.get("address"))


def went_astray(letter: DocumentState, should_be: DocumentState, postings: Sequence[Posting]) -> bool:
    """Whether a letter went where only the wrong record said that its addressee is, or not to an address that
    the record had left out.

    ``letter`` as it was made out, ``should_be`` as it would have been; ``postings``: by people, each parcel.
    Not where the wrong address is none to which it went.
    """
    if any(folded(one.went) != folded(one.right) for one in postings):
        return True
    before, after = _addresses(letter), _addresses(should_be)
    changed = {old for old, new in zip_longest(before, after) if new is not None and old != new}
    if not postings and not letter.by_hand:  # it went by e-mail
        return letter.email is not None and letter.email != should_be.email
    went = {folded(one.went) for one in postings} - {None}
    if not postings or any(one.went is None for one in postings):
        went |= {*before}
    return None in changed or bool(went & changed)


def _addresses(letter: DocumentState) -> list[str | None]:
    return [folded(one) for one in addresses_in_order(letter.address or "") if one]
