"""A letter's facts, as a batch of the courses would give them, and how a letter is read back."""

import io
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from law.vocabulary import DocumentKind, Recipient
from letters.typesetting import Typesetter
from messages.letter import LetterFacts

TYPESETTER = Typesetter("https://bureau.example")
ITEM = {
    "name": "耐热冲击",
    "standard": "GB/T 29606-2013",
    "requirement": "无裂纹",
    "measured": "出现裂纹",
    "verdict": "nonconforming",
}
CASE = {
    "bureau": "杭州市市场监督管理局",
    "regulation": "杭州市市场监督管理局网络交易商品质量抽查检验操作规程（试行）",
    "seller": "示例旗舰店",
    "goods": "儿童保温杯",
    "spec_model": "SL-500",
    "laboratory": "浙江省示例检验院",
    "report_no": "JY-2026-0001",
    "report_issued_on": "2026-09-18",
    "ask": "联系方式：网监处 0571-00000000",
}


def result_notice(**changes: Any) -> LetterFacts:
    """A result notice to the seller; ``fields`` and ``facts`` are laid over the usual ones."""
    fields: dict[str, Any] = {
        "verdict": "不合格",
        "items": [ITEM],
        "right_to_retest": "有异议的，可以向本局提出书面复检申请；逾期未提出的，视为无异议。",
        "last_day": "自收到之日的次日起15日内",
        "how_counted": "收到之日不计入，至最后一日24:00届满。",
        "report": {"report_no": "JY-2026-0001"},
    }
    values: dict[str, Any] = {
        "document_id": "CJ2026-000001-result_notice-seller-1",
        "batch_no": "CJ2026-000001",
        "kind": DocumentKind.RESULT_NOTICE,
        "number": "杭市监网抽结〔2026〕12号",
        "title": "抽检结果通知书",
        "recipient": Recipient.SELLER,
        "recipient_name": "示例旗舰店",
        "field_titles": {"verdict": "综合判定结论", "items": "检验项目及结果", "last_day": "届满日"},
        "rests_on": "§6",
        "sha256": "0" * 64,
        "secret": "abcdefghjkmnpqrstuvwxyz234",
        "created_at": datetime(2026, 9, 18, 2, tzinfo=UTC),
    }
    fields |= changes.pop("fields", {})
    facts = CASE | changes.pop("facts", {})
    return LetterFacts.model_validate(values | {"fields": fields, "facts": facts} | changes)


def pages(pdf: bytes) -> list[str]:
    """What a reader of the PDF gets of each page, without spaces and line breaks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def printed(pdf: bytes) -> str:
    return "".join(pages(pdf))
