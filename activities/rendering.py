"""A document's fields as plain text for people, under their Chinese titles."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from law.judgements import Capacity
from law.vocabulary import Verdict
from messages.base import Message
from messages.words import VERDICTS
from store.documents import Outgoing

_NOTHING = "（无）"
_WORDS: dict[str, str] = {
    Verdict.CONFORMING: VERDICTS[Verdict.CONFORMING],
    Verdict.NONCONFORMING: VERDICTS[Verdict.NONCONFORMING],
    Capacity.BUYER: "买样人",
    Capacity.OFFICER: "执法人员",
    Capacity.LAB_STAFF: "承检机构人员",
    Capacity.APPLICANT: "复检申请人",
    Capacity.ORIGINAL_LABORATORY: "原检验机构",
    Capacity.RETEST_LABORATORY: "复检机构",
}


def plain_text(document: Outgoing) -> str:
    """Heading, addressee, then each field in the letter's order; a part within a part is indented."""
    lines = [document.title, "", f"编号：{document.document_id}", f"批次：{document.batch_no}"]
    lines.append(f"致：{document.recipient_name}")
    if document.address:
        lines.append(f"地址：{document.address}")
    lines.append("")
    for name, title in document.field_titles.items():
        lines += _field(title, document.fields.get(name), indent="")
    return "\n".join([*lines, "", f"依据：{document.rests_on}", ""])


def _field(title: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        titles = _titles(frozenset(value))
        parts = [(titles.get(str(name), str(name)), item) for name, item in value.items()]
    elif isinstance(value, list) and value:
        parts = [(str(number), item) for number, item in enumerate(value, 1)]
    else:
        return [f"{indent}{title}：{_word(value)}"]
    inner = [line for name, item in parts for line in _field(name, item, indent + "  ")]
    return [f"{indent}{title}：", *inner]


def _word(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return _WORDS.get(value, value) if isinstance(value, str) else str(value)


@lru_cache(maxsize=256)
def _titles(names: frozenset[str]) -> dict[str, str]:
    """The titles of a part's fields: those of the smallest message that has them all."""
    having = [model for model in set(_messages(Message)) if names <= model.model_fields.keys()]
    smallest = min(having, key=lambda model: (len(model.model_fields), model.__name__), default=Message)
    fields = smallest.model_fields
    return {name: fields[name].title or name for name in names & fields.keys()}


def _messages(base: type[Message]) -> Iterator[type[Message]]:
    for model in base.__subclasses__():
        yield model
        yield from _messages(model)
