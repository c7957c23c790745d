"""Lists to be filled in: what is to be posted, and what became of what was."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lists.carriers import read_carriers
from lists.columns import FINDING_COLUMNS, Column
from store.documents.dispatches import Dispatch, DispatchState


@dataclass(frozen=True)
class Form:
    """A list of letters with columns that people fill in, which the import knows by the same names."""

    title: str
    state: DispatchState
    header: tuple[str, ...]
    filled_in: frozenset[str]
    rows_of: Callable[[Dispatch], Iterable[Sequence[str]]]

    def rows(self, letters: Iterable[Dispatch]) -> list[Sequence[str]]:
        return [row for letter in letters for row in self.rows_of(letter)]


def _to_post(letter: Dispatch) -> Iterable[Sequence[str]]:
    """A row for each address, since each parcel has a number."""
    post_by = str(letter.post_by or "")
    for address in letter.addresses or ("",):
        yield [
            *(letter.document_id, letter.number, letter.title, letter.recipient_name, address, post_by),
            letter.encloses or "",
            *("", "", ""),
        ]


def _went_to(letter: Dispatch) -> str:
    return letter.posted_to or "；".join(letter.addresses)


def _posted(letter: Dispatch) -> Iterable[Sequence[str]]:
    yield [
        *(letter.document_id, letter.number, letter.title, letter.recipient_name),
        *(_went_to(letter), letter.tracking_no or "", str(letter.posted_on or "")),
        *("", "", "", "", ""),
    ]


def _to_decide(letter: Dispatch) -> Iterable[Sequence[str]]:
    """With the sign that stands against the letter, and its day."""
    yield [
        *(letter.document_id, letter.number, letter.title, letter.recipient_name),
        *(_went_to(letter), letter.tracking_no or ""),
        letter.failure or letter.proof or "",
        *("", str(letter.came_back_on or letter.settled_on or ""), "", ""),
    ]


_SHIPPED = read_carriers(None)
_FACTS = ("文书名称", "受送达人")
_NUMBERS = _SHIPPED.posting_columns.ours(Column.DOCUMENT_ID, Column.NUMBER)
_ADDRESS = _SHIPPED.posting_columns.ours(Column.ADDRESS)
_POST = _SHIPPED.posting_columns.ours(Column.TRACKING_NO, Column.POSTED_ON, Column.CARRIER)
_RESULT = _SHIPPED.receipt_columns.ours(
    Column.RESULT, Column.DAY, Column.SIGNER, Column.RECEIPT_NO, Column.REASON
)
POSTINGS = Form(
    "待交寄文书",
    DispatchState.TO_POST,
    (*_NUMBERS, *_FACTS, *_ADDRESS, "最迟交寄日", "随附文件", *_POST),
    frozenset(_POST),
    _to_post,
)
RECEIPTS = Form(
    "已交寄文书",
    DispatchState.POSTED,
    (*_NUMBERS, *_FACTS, *_ADDRESS, *_POST[:2], *_RESULT),
    frozenset(_RESULT),
    _posted,
)
_FINDING = FINDING_COLUMNS.ours(Column.FINDING, Column.DAY, Column.REASON, Column.RECEIPT_NO)
FINDINGS = Form(
    "待认定文书",
    DispatchState.TO_DECIDE,
    (*_NUMBERS, *_FACTS, *_ADDRESS, _POST[0], "线索", *_FINDING),
    frozenset(_FINDING),
    _to_decide,
)
