"""What is printed for the post: address labels, and the letters themselves in one file."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from api.web.problems import Problem
from api.web.runtime import Runtime
from letters.labels import LabelSheet, ToPost, Unprintable
from letters.printing import print_run
from messages.letter import LetterFaulty
from store.documents import letters as kept_letters
from store.documents.dispatches import Dispatch


async def labels(deps: Runtime, letters: Sequence[Dispatch], *, more: bool) -> bytes:
    """What cannot be printed is named on a last page. Raises :class:`Problem` where that is all there is."""
    sheet = LabelSheet(tuple(map(_to_post, letters)), datetime.now(UTC), more)
    try:
        return await asyncio.to_thread(deps.typesetter.labels, sheet)
    except LetterFaulty as fault:
        raise _faulty(fault) from None


async def letters(deps: Runtime, letters: Sequence[Dispatch], *, fixes: bool) -> bytes:
    """Each letter as it is kept, made now if nobody has opened it before, and kept if the look ``fixes`` it.

    Raises as :func:`labels`.
    """
    pdfs: list[bytes] = []
    unprintable: list[Unprintable] = []
    faulty = None
    for letter in letters:
        try:
            kept = await kept_letters.opened(deps.engine, letter.document_id, deps.typesetter, keep=fixes)
            pdfs.append(kept.pdf)
        except LetterFaulty as fault:
            faulty = fault
            unprintable.append(Unprintable(letter.document_id, letter.number, fault.code_points))
    if faulty is not None and not pdfs:
        raise _faulty(faulty) from None
    if unprintable:
        left_out = LabelSheet((), datetime.now(UTC), unprintable=tuple(unprintable))
        pdfs.append(await asyncio.to_thread(deps.typesetter.labels, left_out))
    return await asyncio.to_thread(print_run, pdfs)


def _faulty(fault: LetterFaulty) -> Problem:
    return Problem(409, "letter_faulty", f"{fault}。")


def _to_post(letter: Dispatch) -> ToPost:
    return ToPost(
        document_id=letter.document_id,
        batch_no=letter.batch_no,
        number=letter.number,
        title=letter.title,
        recipient_name=letter.recipient_name,
        addresses=letter.addresses,
        bureau=letter.bureau,
        contact=letter.contact,
    )
