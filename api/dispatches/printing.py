"""What is printed for the post: address labels, and the letters themselves in one file."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from api.problems import Problem
from api.runtime import Runtime
from letters.labels import LabelSheet, ToPost
from letters.printing import print_run
from messages.letter import LetterFaulty
from store import letters as kept_letters
from store.dispatches import Dispatch


async def labels(deps: Runtime, letters: Sequence[Dispatch], *, more: bool) -> bytes:
    """Raises :class:`Problem` where something cannot be printed, naming the letter and the character."""
    sheet = LabelSheet(tuple(map(_to_post, letters)), datetime.now(UTC), more)
    try:
        return await asyncio.to_thread(deps.typesetter.labels, sheet)
    except LetterFaulty as fault:
        raise _faulty(fault) from None


async def letters(deps: Runtime, letters: Sequence[Dispatch]) -> bytes:
    """Each letter as it is kept, made now if nobody has opened it before. Raises as :func:`labels`."""
    try:
        opened = [
            await kept_letters.opened(deps.engine, letter.document_id, deps.typesetter) for letter in letters
        ]
    except LetterFaulty as fault:
        raise _faulty(fault) from None
    return await asyncio.to_thread(print_run, [one.pdf for one in opened])


def _faulty(fault: LetterFaulty) -> Problem:
    detail = f"{fault}。可以用 document_id 逐件指明其余文书，先行打印。"
    return Problem(409, "letter_faulty", detail)


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
