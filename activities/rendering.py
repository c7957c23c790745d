"""A document's fields as plain text for people."""

from typing import Any

from store.documents import Outgoing

_NOTHING = "（无）"


def plain_text(document: Outgoing) -> str:
    """Title, addressee, then each field on its own line under the Chinese title it was made out with."""
    lines = [document.title, "", f"编号：{document.document_id}", f"批次：{document.batch_no}"]
    lines.append(f"致：{document.recipient_name}")
    if document.address:
        lines.append(f"地址：{document.address}")
    lines.append("")
    for name, value in document.fields.items():
        lines += _field(document.field_titles.get(name, name), value, indent="")
    return "\n".join([*lines, "", f"依据：{document.rests_on}", ""])


def _field(title: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and value:
        inner = [line for key, item in value.items() for line in _field(key, item, indent + "  ")]
        return [f"{indent}{title}：", *inner]
    if isinstance(value, list) and value:
        inner = [
            line for number, item in enumerate(value, 1) for line in _field(str(number), item, indent + "  ")
        ]
        return [f"{indent}{title}：", *inner]
    return [f"{indent}{title}：{_word(value)}"]


def _word(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
