"""Whether letters can be made of papers, before these are on record as having left."""

import asyncio
from collections.abc import Sequence

from law.vocabulary import Recipient
from messages.letter import LetterFacts
from messages.records import Paper, RecordInput
from store.canonical import as_stored
from store.documents.letters import LetterMaker

# In the place of what only the record gives a letter; of what they are made of every letter is.
_NUMBER, _SECRET, _DIGEST = "1号", "2" * 26, "0" * 64


async def unprintable(typesetter: LetterMaker, change: RecordInput) -> dict[str, str] | None:
    """Of which papers of a change no letter can be made, and why; None where it says just that already.

    What the public reads is a page of the website, which shows whatever a browser can: its papers are not
    held up.
    """
    papers = [paper for paper in change.papers if paper.recipient is not Recipient.PUBLIC]
    if not papers:
        return None
    faults = await asyncio.to_thread(_faults, typesetter, change, papers)
    return None if faults == {paper.document_id: paper.unprintable for paper in papers} else _said(faults)


def _faults(typesetter: LetterMaker, change: RecordInput, papers: Sequence[Paper]) -> dict[str, str | None]:
    return {paper.document_id: typesetter.fault(_facts(change, paper)) for paper in papers}


def _said(faults: dict[str, str | None]) -> dict[str, str]:
    return {document_id: fault for document_id, fault in faults.items() if fault is not None}


def _facts(change: RecordInput, paper: Paper) -> LetterFacts:
    stored = as_stored(paper)
    same = {name: stored[name] for name in LetterFacts.model_fields if name in stored}
    return LetterFacts(
        **same,
        batch_no=change.snapshot.batch_no,
        number=f"{paper.number_form}{_NUMBER}",
        sha256=_DIGEST,
        secret=_SECRET,
        created_at=change.now,
        corrects_number=paper.corrects and _NUMBER,
    )
