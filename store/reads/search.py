"""By what batches are found: kept with their record, indexed by characters, pairs and triples of them."""

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from law.names import sought, without_trademarks_ending
from messages.found import FoundBy, FoundKind
from store.direct import Connection

# By what a laboratory does not find: under which order was bought, the number of a person's papers, and
# what was written and posted to others (decision 51).
_NOT_A_LABORATORYS = (FoundKind.PURCHASE, FoundKind.REGISTRATION, FoundKind.LETTER, FoundKind.POST)

# A letter's number and the numbers that it was posted under stay, whatever becomes of the letter.
_KEEP = text("""
    with given as (
        select * from json_to_recordset(cast(:found as json))
            as one(kind text, sought text, document_id text, said text)
    ), gone as (
        delete from batch_search old where :whole and old.batch_no = :batch_no and old.document_id = ''
            and not exists (select from given where given.kind = old.kind and given.sought = old.sought)
    )
    insert into batch_search (batch_no, kind, sought, document_id, said)
    select :batch_no, kind, sought, document_id, said from given
    on conflict do nothing
""")


async def keep(connection: Connection, batch_no: str, found: Iterable[FoundBy], *, whole: bool) -> None:
    """Let the batch be found by these; ``whole``: and by no others but its letters' numbers."""
    rows = [{**one.model_dump(mode="json"), "sought": sought(one.said)} for one in found]
    parameters = {"batch_no": batch_no, "found": json.dumps(rows, ensure_ascii=False), "whole": whole}
    await connection.execute(_KEEP, parameters)


def is_sought(q: str) -> bool:
    """Whether there is anything to look for: not of marks alone."""
    return bool(sought(q))


def holds(word: str, row: str, nth: int = 0) -> str:
    """The condition that a row holds the ``nth`` word, whose parameters are ``asked``.

    A trademark is found with 牌 behind it and without.
    """
    held = f"choujian_terms({row}.sought) @> :terms{nth} and position(:word{nth} in {row}.sought) > 0"
    if without_trademarks_ending(word) == sought(word):
        return held
    return f"""({held} or {row}.kind = '{FoundKind.TRADEMARK}'
        and choujian_terms({row}.sought) @> :mark_terms{nth} and position(:mark{nth} in {row}.sought) > 0)"""


def asked(word: str, nth: int = 0) -> dict[str, Any]:
    """The parameters of ``holds``."""
    whole, mark = sought(word), without_trademarks_ending(word)
    return {
        f"word{nth}": whole,
        f"terms{nth}": query_terms(whole),
        f"mark{nth}": mark,
        f"mark_terms{nth}": query_terms(mark),
    }


def hidden_from(laboratory: str | None) -> list[str]:
    """By what a laboratory does not find its batches."""
    return [] if laboratory is None else list(_NOT_A_LABORATORYS)


def searchable(text: str) -> str:
    """A text as it is looked for where no index helps: width and case made equal, blanks part its words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def query_terms(word: str) -> list[str]:
    """What a text must be indexed under to contain ``word``."""
    return [word] if len(word) < 3 else sorted({word[at : at + 3] for at in range(len(word) - 2)})
