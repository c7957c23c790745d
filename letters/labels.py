"""What address labels say: one for each letter and address, and which letters have none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True)
class ToPost:
    """A letter that is to be posted, with where it goes and who sends it."""

    document_id: str
    batch_no: str
    number: str
    title: str
    recipient_name: str
    addresses: tuple[str, ...]
    bureau: str
    contact: str


@dataclass(frozen=True)
class Unprintable:
    """A letter that says something no font has; ``why`` names that by its code point, not showing it."""

    document_id: str
    number: str
    why: str


@dataclass(frozen=True)
class LabelSheet:
    """Labels in this order; what has none is told of on a last page. ``more``: not all are in it."""

    letters: tuple[ToPost, ...]
    made_at: datetime
    more: bool = False
    unprintable: tuple[Unprintable, ...] = ()

    def facts(self) -> dict[str, Any]:
        """As the template takes it in."""
        return {
            "labels": [label for letter in self.letters for label in _labels(letter)],
            "without": [_told(letter) for letter in self.letters if not letter.addresses],
            "unprintable": [[one.number, one.document_id, one.why] for one in self.unprintable],
            "letters": len(self.letters),
            "more": self.more,
        }

    def without(self, characters: str, code_points: str) -> Self:
        """The sheet without the labels that have one of these characters, which no font has, on them."""
        faulty = [letter for letter in self.letters if set(characters) & set("".join(_texts(letter)))]
        told = tuple(Unprintable(letter.document_id, letter.number, code_points) for letter in faulty)
        letters = tuple(letter for letter in self.letters if letter not in faulty)
        return replace(self, letters=letters, unprintable=(*self.unprintable, *told))


def _texts(letter: ToPost) -> tuple[str, ...]:
    return (*letter.addresses, *_told(letter).values())


def _labels(letter: ToPost) -> Iterator[dict[str, Any]]:
    for place, address in enumerate(letter.addresses, start=1):
        yield _told(letter) | {"address": address, "place": place, "places": len(letter.addresses)}


def _told(letter: ToPost) -> dict[str, str]:
    return {
        "document_id": letter.document_id,
        "batch_no": letter.batch_no,
        "number": letter.number,
        "title": letter.title,
        "recipient_name": letter.recipient_name,
        "bureau": letter.bureau,
        "contact": letter.contact,
    }
