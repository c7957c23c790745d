"""Values as people read them: moments as Chinese dates, codes and parts under their Chinese titles."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from law.calendar import SHANGHAI, chinese_day
from messages import base, order, steps
from messages.base import Message
from messages.words import CAPACITIES, ITEM_VERDICTS, VERDICTS

NOTHING = "（无）"
# 不合格（不合格，…）: the verdict and an outcome that begins with it.
_TWICE = re.compile(r"(?P<verdict>合格|不合格)（(?P=verdict)(?:，(?P<more>.+))?）")
_CODES: dict[str, dict[str, str]] = {
    "verdict": {verdict.value: title for verdict, title in (VERDICTS | ITEM_VERDICTS).items()},
    "marking": {verdict.value: title for verdict, title in VERDICTS.items()},
    "capacity": {capacity.value: title for capacity, title in CAPACITIES.items()},
}


def plain(value: Any, name: str = "") -> Any:
    """A value for a letter, parts and all: what is a code or a moment by its field's ``name`` in words."""
    if isinstance(value, Mapping):
        return {key: plain(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, name) for part in value]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        return value
    told = _CODES.get(name, {}).get(value) or _moment(value, name) or value
    told = once(told) if name == "conclusion" else told
    # However a line was ended where the text was written.
    return "\n".join(told.splitlines())


def titled(value: Any, name: str = "") -> Any:
    """As :func:`plain`, but each part under its Chinese title: ``{"parts": [[title, value], …]}``."""
    if isinstance(value, Mapping) and value:
        titles = titles_of(frozenset(map(str, value)))
        parts = [[titles.get(str(key), str(key)), titled(part, str(key))] for key, part in value.items()]
        return {"parts": parts}
    if isinstance(value, list | tuple) and value:
        return [titled(part, name) for part in value]
    return NOTHING if value is None or value in ("", [], {}) else plain(value, name)


def once(conclusion: str) -> str:
    """A conclusion that says its verdict once."""
    if twice := _TWICE.fullmatch(conclusion):
        return twice["verdict"] + (f"（{twice['more']}）" if twice["more"] else "")
    return conclusion


def _moment(text: str, name: str) -> str | None:
    """An ISO day or instant (told in Asia/Shanghai) where the field is one by its name."""
    if not name.endswith(("_on", "_at", "_date")):
        return None
    try:
        if "T" not in text:
            return chinese_day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text).astimezone(SHANGHAI)
    except ValueError:
        return None
    return f"{chinese_day(moment.date())}{moment.hour}时{moment.minute:02}分"


def _messages(base: type[Message]) -> Iterator[type[Message]]:
    for model in base.__subclasses__():
        yield model
        yield from _messages(model)


# Those that stand in documents, and no others: which classes a process has loaded besides must not be seen.
_IN_DOCUMENTS = tuple(f"{module.__name__}." for module in (base, order, steps))
_MESSAGES = sorted(
    {model for model in _messages(Message) if f"{model.__module__}.".startswith(_IN_DOCUMENTS)},
    key=lambda model: (len(model.model_fields), model.__name__),
)


@lru_cache(maxsize=256)
def titles_of(names: frozenset[str]) -> dict[str, str]:
    """The titles of a part's fields: those of the smallest message that has them all."""
    having = [model for model in _MESSAGES if names <= model.model_fields.keys()]
    fields = having[0].model_fields if having else {}
    return {name: fields[name].title or name for name in names & fields.keys()}
