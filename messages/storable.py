"""What text can be kept: PostgreSQL's text holds neither NUL nor half of a surrogate pair."""

import re
from typing import Any

_NUL = "\x00"
_REPLACEMENT = "\ufffd"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep the text."""
    return not _UNSTORABLE.search(text)


def path_to_unstorable(content: Any, path: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """Where in a JSON value the first text stands that cannot be kept; None where there is none.

    For a key this is the path of its object.
    """
    if isinstance(content, str):
        return None if is_storable(content) else path
    items: Any = ()
    if isinstance(content, list | tuple):
        items = enumerate(content)
    elif isinstance(content, dict):
        items = content.items()
        if not all(map(is_storable, content)):
            return path
    for key, item in items:
        if (found := path_to_unstorable(item, (*path, str(key)))) is not None:
            return found
    return None


def storable(value: Any) -> Any:
    """A JSON value with U+FFFD in the place of NUL.

    For a value that is already part of a case and must be written down, such as an operator's signal; what
    comes in through the API is refused instead. A history holds no other text that cannot be kept.
    """
    if isinstance(value, str):
        return value.replace(_NUL, _REPLACEMENT)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
