"""Pages of a listing: a page's end is the start of the next, whatever is written in between."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from messages.storable import is_storable
from store.errors import CursorInvalid

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """``next_cursor`` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


def page_of(
    rows: Sequence[R],
    limit: int,
    make: Callable[[R], T],
    key: Callable[[R], list[str]],
) -> Page[T]:
    """``rows`` were asked for with one more than ``limit``, to learn whether there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(make(row) for row in shown), _cursor(key(shown[-1])) if more else None)


def after(cursor: str | None, *names: str) -> dict[str, str | None]:
    """The cursor's parts under ``names``, all None for the first page. Raises ``CursorInvalid``."""
    if cursor is None:
        return dict.fromkeys(names)
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid from error
    if not isinstance(parts, list) or len(parts) != len(names) or not all(_is_part(part) for part in parts):
        raise CursorInvalid
    return dict(zip(names, parts, strict=True))


def _is_part(part: object) -> bool:
    return isinstance(part, str) and is_storable(part)


def _cursor(parts: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode("ascii")
