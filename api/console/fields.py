"""A form's fields, made from a step's model: what each is called, how it is asked, what may be chosen."""

import re
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, EmailStr
from pydantic.fields import FieldInfo

from law.vocabulary import Role
from messages.base import Evidence
from messages.words import word

# A text that may be longer than this is asked for in a box of several lines; of addresses of pages there is
# one line, however long.
_ONE_LINE = 500
_LINK = 2000
_FEW_CHOICES = 5
# 月销量，照页面填写；… and 邮戳日期（邮寄时必填）: what it is called, and what is said beside.
_HINT = re.compile(r"^(?P<label>.+)（(?P<hint>[^（）]*)）$|^(?P<name>[^（；，]+)[；，](?P<more>.*)$")


class Kind(StrEnum):
    """How a field is asked."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    YES_NO = "yes_no"
    FEW = "few"
    MANY = "many"
    LINES = "lines"
    ROWS = "rows"
    GROUP = "group"
    EVIDENCE = "evidence"
    EVIDENCES = "evidences"
    HIDDEN = "hidden"


# What only a supervisor may say: nobody else is asked.
_OF_SUPERVISOR = frozenset({"mismatch_reason", "repeat_reason", "supervisor_reason"})


@dataclass(frozen=True)
class Field:
    """One question; ``inner`` are those of a group, or of each row.

    What is left empty is sent as null where it is ``nullable``, and else not at all.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = True
    nullable: bool = False
    default: str | bool | None = None
    choices: tuple[tuple[str, str], ...] = ()
    inner: tuple["Field", ...] = ()

    def leaves(self) -> Iterator[tuple[str, "Field"]]:
        """Its own name, or the places of what is in the group."""
        if self.kind is not Kind.GROUP:
            yield self.name, self
            return
        for one in self.inner:
            yield from ((f"{self.name}.{place}", leaf) for place, leaf in one.leaves())


def asked_of(role: Role, fields: Sequence[Field]) -> list[Field]:
    """Those that somebody in this role may fill in."""
    return [one for one in fields if role is Role.SUPERVISOR or one.name not in _OF_SUPERVISOR]


@cache
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """In the model's order. Raises ``TypeError`` for a model that holds what no form asks for."""
    return tuple(_field(name, info) for name, info in model.model_fields.items())


def _field(name: str, info: FieldInfo) -> Field:
    annotation, optional = _bare(info.annotation)
    label, hint = _worded(info.title or name)
    kind, choices, inner = _asked(annotation, info)
    # What may be chosen, a title tells to programs: 地址来源：platform 平台提供；…
    if choices and "：" in label:
        label, hint = label.partition("：")[0], ""
    required = info.is_required() and not optional
    default = info.default if isinstance(info.default, str | bool) else None
    return Field(name, kind, label, hint, required, optional, default, choices, inner)


def _worded(title: str) -> tuple[str, str]:
    """What it is called, and what is said about it beside."""
    found = _HINT.match(title)
    if found is None:
        return title, ""
    return (found["label"], found["hint"]) if found["label"] else (found["name"], found["more"])


def _bare(annotation: Any) -> tuple[Any, bool]:
    """``X`` of ``Annotated[X, …]`` and of ``X | None``; whether None was allowed."""
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            optional = type(None) in get_args(annotation)
            annotation = next(kind for kind in get_args(annotation) if kind is not type(None))
        else:
            return annotation, optional


def _asked(annotation: Any, info: FieldInfo) -> tuple[Kind, tuple[tuple[str, str], ...], tuple[Field, ...]]:
    if get_origin(annotation) is tuple:
        return _asked_many(_bare(get_args(annotation)[0])[0])
    if get_origin(annotation) is Literal or (
        isinstance(annotation, type) and issubclass(annotation, StrEnum)
    ):
        return _choice(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        kind = Kind.EVIDENCE if annotation is Evidence else Kind.GROUP
        return kind, (), fields_of(annotation)
    plain = {
        bool: Kind.YES_NO,
        date: Kind.DAY,
        datetime: Kind.INSTANT,
        AwareDatetime: Kind.INSTANT,
        Decimal: Kind.NUMBER,
        int: Kind.NUMBER,
        UUID: Kind.HIDDEN,
        EmailStr: Kind.LINE,
        str: Kind.LINE if _length(info) <= _ONE_LINE or _length(info) == _LINK else Kind.TEXT,
    }
    if annotation not in plain:
        raise TypeError(f"no form asks for {annotation}")
    return plain[annotation], (), ()


def _asked_many(inner: Any) -> tuple[Kind, tuple[tuple[str, str], ...], tuple[Field, ...]]:
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return (Kind.EVIDENCES if inner is Evidence else Kind.ROWS), (), fields_of(inner)
    return Kind.LINES, (), ()


def _choice(annotation: Any) -> tuple[Kind, tuple[tuple[str, str], ...], tuple[Field, ...]]:
    values = _values(annotation)
    choices = tuple((str(value), word(value)) for value in values)
    return (Kind.FEW if len(choices) <= _FEW_CHOICES else Kind.MANY), choices, ()


def _values(annotation: Any) -> tuple[Any, ...]:
    """Of a list of choices, or of a ``Literal`` that may hold others."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    return tuple(
        value
        for one in get_args(annotation)
        for value in (_values(one) if get_origin(one) is Literal else (one,))
    )


def _length(info: FieldInfo) -> int:
    """The longest text that it takes; the shortest of what its annotation says at several places."""
    said = [*info.metadata]
    annotation = info.annotation
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is Annotated:
            said += get_args(part)[1:]
    bounds = [one.max_length for one in said if getattr(one, "max_length", None) is not None]
    return min(bounds, default=_ONE_LINE)
