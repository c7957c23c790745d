"""A document's fields as plain text for people, under their Chinese titles."""

from typing import Any

from letters.words import titled
from store.documents.outbox import Outgoing


def plain_text(document: Outgoing) -> str:
    """Heading, addressee, then each field in the letter's order; a part within a part is indented."""
    lines = [document.title, "", f"文号：{document.number}", f"编号：{document.document_id}"]
    lines += [f"批次：{document.batch_no}", f"致：{document.recipient_name}"]
    if document.address:
        lines.append(f"地址：{document.address}")
    lines.append("")
    for name, title in document.field_titles.items():
        lines += _field(title, titled(document.fields.get(name), name), indent="")
    return "\n".join([*lines, "", f"依据：{document.rests_on}", ""])


def _field(title: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict):
        parts = value["parts"]
    elif isinstance(value, list):
        parts = [(str(number), item) for number, item in enumerate(value, 1)]
    else:
        return [f"{indent}{title}：{value}"]
    inner = [line for name, item in parts for line in _field(name, item, indent + "  ")]
    return [f"{indent}{title}：", *inner]
