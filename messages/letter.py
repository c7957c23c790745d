"""What a letter is typeset from: a document's facts as the store holds them, and nothing else."""

from typing import Any

from pydantic import Field

from law.vocabulary import DocumentKind, Recipient
from messages.base import Instant, Message


class LetterFacts(Message):
    """A document as made out, with its number; ``secret`` is what a holder of the letter verifies it with.

    ``numbers``: those of the letters that it lists, by their ids; they were given before it or with it.
    """

    document_id: str
    batch_no: str
    kind: DocumentKind
    number: str
    title: str
    recipient: Recipient
    recipient_name: str
    address: str | None = None
    fields: dict[str, Any]
    field_titles: dict[str, str]
    facts: dict[str, Any]
    rests_on: str
    sha256: str
    secret: str
    created_at: Instant
    corrects: str | None = None
    corrects_number: str | None = None
    numbers: dict[str, str] = Field(default_factory=dict)


class LetterFaulty(Exception):
    """No letter can be made of a document: something it says cannot be printed. The text is Chinese."""

    def __init__(self, document_id: str, reason: str, code_points: str = "") -> None:
        """``code_points``: of the characters that no font has, for where these cannot be shown."""
        super().__init__(f"文书 {document_id} 无法生成版式文件：{reason}")
        self.document_id = document_id
        self.reason = reason
        self.code_points = code_points
