"""What is wrong with a list, or with one cell of it."""

from enum import StrEnum


class ListFaultCode(StrEnum):
    """Why a list cannot be taken in; these are the ``code`` of the API's problem documents."""

    UNREADABLE = "table_unreadable"
    HEADER_UNKNOWN = "table_header_unknown"
    TOO_LONG = "table_too_long"
    TOO_LARGE = "body_too_large"


class ListFault(Exception):
    """A list that cannot be taken in at all; the text is a Chinese sentence."""

    def __init__(self, code: ListFaultCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class CellFault(ValueError):
    """A cell does not say what it should; the text is Chinese."""
