"""One text for one value, so that digests of equal values are equal."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from messages.storable import path_to_unstorable, storable
from store.errors import NotStorable


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces. Raises ``NotStorable`` for what PostgreSQL cannot keep."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        text.encode()
    except ValueError as error:  # includes UnicodeEncodeError, for half of a surrogate pair
        raise NotStorable from error
    # A NUL is written as its escape; so is a text about one, therefore the value decides.
    if "\\u0000" in text and path_to_unstorable(value) is not None:
        raise NotStorable
    return text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
