"""What Temporal shows in clear: nothing that somebody wrote, for a person's name may stand anywhere in it.

Summaries and details are not encrypted, and whoever reaches the Temporal pages reads them. So whatever the
step that is told of has in a person's own words, and whoever the order names, is taken out; what is left are
our words.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from messages.records import RecordInput
from messages.snapshot import DocumentState
from workflows.procedure.case import Case

_LEFT_OUT = "…"
# Days, moments, numbers and codes are nobody's words.
_NOT_WORDS = re.compile(r"[\d\s.,:+/TZ-]*|[a-z_]+|.")
# What is said of goods and laboratories is about no person.
_OF_THINGS = frozenset({"items", "laboratory", "goods_name", "sample"})


def in_clear(words: str, change: RecordInput) -> str:
    """Words about a record, fit to be shown in clear."""
    written = set(_persons(change.kept)) if isinstance(change.kept, Case) else set()
    if change.step is not None:
        written |= set(_written(change.step.body))
        written.add(change.step.actor.name)
    for one in sorted(written, key=lambda text: (-len(text), text)):
        words = words.replace(one, _LEFT_OUT)
    return words


def sign_in_clear(document: DocumentState) -> str:
    """Of a sign that a letter does not arrive its kind only, not what a server or an officer wrote."""
    return (document.failure or "").partition("：")[0]


def _persons(case: Case) -> Iterator[str]:
    order, bought = case.opening.order, case.purchased
    really = bought.other_seller if bought else None
    yield from (file.name for file in case.parties.values() if file.natural_person)
    yield from (
        party.name for party in (order.seller, order.producer, really) if party and party.natural_person
    )
    yield from (order.scheme.buyer, order.scheme.username, order.scheme.contact, case.opening.opened_by.name)


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name not in _OF_THINGS:
                yield from _written(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _written(part)
    elif isinstance(value, str) and not _NOT_WORDS.fullmatch(value):
        yield value
