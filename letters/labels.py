"""What address labels say: one for each letter and address, and which letters have none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
class LabelSheet:
    """Labels in this order; what has no address is told of on a last page. ``more``: not all are in it."""

    letters: tuple[ToPost, ...]
    made_at: datetime
    more: bool = False

    def facts(self) -> dict[str, Any]:
        """As the template takes it in."""
        return {
            "labels": [label for letter in self.letters for label in _labels(letter)],
            "without": [_told(letter) for letter in self.letters if not letter.addresses],
            "letters": len(self.letters),
            "more": self.more,
        }

    def saying(self, characters: str) -> str:
        """The id of the first letter whose label has one of the characters on it."""
        wanted = set(characters)
        return next(
            letter.document_id
            for letter in self.letters
            if wanted & set("".join((*letter.addresses, *_told(letter).values())))
        )


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
