"""One text for one value, so that digests of equal values are equal."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from store.errors import NotStorable

_NUL = "\x00"
_REPLACEMENT = "\ufffd"


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces. Raises ``NotStorable`` for what PostgreSQL cannot keep."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        text.encode()
    except ValueError as error:  # includes UnicodeEncodeError
        raise NotStorable from error
    if "\\u0000" in text and _holds_nul(value):
        raise NotStorable
    return text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def storable(value: Any) -> Any:
    """``value`` with NUL characters replaced by U+FFFD.

    For what is already part of a case and must be written down (an operator's signal, say); what comes in
    through the API is refused instead. Other unstorable text cannot come out of a history.
    """
    if isinstance(value, str):
        return value.replace(_NUL, _REPLACEMENT)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def model_json(model: BaseModel) -> str:
    """A model's JSON text, fit to be stored."""
    text = model.model_dump_json()
    return text if "\\u0000" not in text else canonical(storable(model.model_dump(mode="json")))


def as_stored(model: BaseModel) -> Any:
    """A model as the JSON value that is stored."""
    return from_json(model_json(model))


def instant(moment: datetime) -> str:
    """An instant as it enters a digest: UTC with microseconds, the resolution of PostgreSQL."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return _NUL in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(_holds_nul(item) for item in value)
