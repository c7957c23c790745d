"""What an outside platform is told, under its own names: data (``law/told/*.yaml``), applied to an event.

No published interface of 智慧网监 or 阳光检测 was found: the names in the files are the bureau's to change,
and no compatibility is claimed (procedure section 13).
"""

from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from messages.told import TOLD, ToldEvent, ToldKind

_EACH = {"each", "tells"}


class ToldAs(BaseModel):
    """How one kind of event is told: the type it is sent as, and where each value is found.

    A value is a path into the event's content (``goods.name``), an object of such, or ``each`` entry of a
    list with what it ``tells``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = Field(min_length=1, max_length=200)
    data: dict[str, Any] = Field(min_length=1)


class ToldProfile(BaseModel):
    """What one receiver is told, kind by kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    events: dict[ToldKind, ToldAs] = Field(min_length=1)


def given() -> Collection[str]:
    """The names of the profiles that come with the product."""
    return sorted(file.name.removesuffix(".yaml") for file in files("law").joinpath("told").iterdir())


def read_profile(named: str) -> ToldProfile:
    """One of the product's, by its name, or else the file at that path. Raises ``ValueError`` in words."""
    place = files("law").joinpath("told", f"{named}.yaml") if named in given() else Path(named)
    try:
        profile = ToldProfile.model_validate(yaml.safe_load(place.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"读不了对应表 {named}（{type(error).__name__}）；自带的有：{'、'.join(given())}"
        ) from None
    except yaml.YAMLError as error:
        raise ValueError(f"对应表 {named} 不是 YAML：{error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place_in = ".".join(map(str, first["loc"]))
        raise ValueError(f"对应表 {named} 的 {place_in} 不对：{first['msg']}") from None
    for kind, told_as in profile.events.items():
        schema = TOLD[kind].model_json_schema()
        for path in _astray(told_as.data, schema, schema):
            raise ValueError(f"对应表 {named} 的 {kind} 中没有 {path} 这一项")
    return profile


def cloud_event(event: ToldEvent, told_as: ToldAs, public_url: str) -> dict[str, Any]:
    """As CloudEvents 1.0 has it, in JSON; ``sequence`` is its extension of that name."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"{public_url}/events/{event.source}",
        "type": told_as.type,
        "subject": event.source,
        "time": event.at.isoformat(),
        "sequence": str(event.sequence),
        "datacontenttype": "application/json",
        "data": _told(told_as.data, event.content),
    }


def _told(pattern: Any, content: Any) -> Any:
    if isinstance(pattern, str):
        return _at(content, pattern)
    if set(pattern) == _EACH:
        return [_told(pattern["tells"], one) for one in _at(content, pattern["each"]) or ()]
    return {name: _told(of, content) for name, of in pattern.items()}


def _at(content: Any, path: str) -> Any:
    for name in path.split("."):
        content = content.get(name) if isinstance(content, Mapping) else None
    return content


def _astray(pattern: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    """The paths that lead nowhere in a content of this schema."""
    if isinstance(pattern, str):
        if _below(schema, pattern, whole) is None:
            yield pattern
    elif not isinstance(pattern, Mapping):
        yield str(pattern)
    elif set(pattern) == _EACH:
        entries = _below(schema, str(pattern["each"]), whole)
        entry = _one_of(entries or {}, whole, "items")
        if entry is None:
            yield str(pattern["each"])
        else:
            yield from _astray(pattern["tells"], entry["items"], whole)
    else:
        for of in pattern.values():
            yield from _astray(of, schema, whole)


def _below(schema: Mapping[str, Any], path: str, whole: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for name in path.split("."):
        found = _one_of(schema, whole, "properties")
        if found is None or name not in found["properties"]:
            # Of a table by codes any code may be asked for.
            named = _one_of(schema, whole, "additionalProperties")
            if named is None or not isinstance(named["additionalProperties"], Mapping):
                return None
            schema = named["additionalProperties"]
        else:
            schema = found["properties"][name]
    return schema


def _one_of(schema: Mapping[str, Any], whole: Mapping[str, Any], having: str) -> Mapping[str, Any] | None:
    """The schema itself, or the one of its alternatives, that says ``having``."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if having in schema:
        return schema
    found = (_one_of(other, whole, having) for other in schema.get("anyOf", ()))
    return next((one for one in found if one is not None), None)
