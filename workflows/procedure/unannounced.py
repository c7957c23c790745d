"""Announcements that a record put right calls for, and that nobody has read yet (§6, section 10)."""

from typing import Any

from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Phase, Recipient
from messages.names import PUBLICATION_WAIT, formalities, window
from messages.snapshot import DocumentState, DocumentStatus
from workflows.procedure.case import Case
from workflows.procedure.referral import REFERRAL_WAITS


def only_from_its_publication(case: Case, right: Case) -> Case:
    """The case as it should be, where a notice that was not announced in truth has not been announced.

    A period runs from the publication that is still to come, not from the day on which it should have been:
    by then the party could know of nothing.
    """
    known = {(one.party, one.about) for one in case.standing(DocumentKind.ANNOUNCEMENT)}
    called_for = [one for one in right.standing(DocumentKind.ANNOUNCEMENT) if one.party in right.parties]
    missing = [one for one in called_for if (one.party, one.about) not in known]
    if not missing:
        return right
    right = right.copied()
    for announcement in missing:
        _not_announced(right, announcement)
    standings = [file.standing for file in right.parties.values() if file.entitled]
    is_open = None in standings or (PartyStanding.RETEST in standings and right.retest.report is None)
    if right.outcome is not None and not right.is_over and is_open:
        right.outcome = right.final_verdict = right.published_on = None
        right.phase = Phase.OBJECTION if right.retest.laboratory is None else Phase.RETEST
        for wait_id in (PUBLICATION_WAIT, *REFERRAL_WAITS):
            right.waits.pop(wait_id, None)
    return right


def _not_announced(right: Case, announcement: DocumentState) -> None:
    """Its notice came back, and that is all; no period of it has begun, and nobody has kept silent in it."""
    party = announcement.party
    assert party is not None
    for letter in list(right.documents.values()):
        is_its_notice = (letter.kind, letter.recipient) == (announcement.about, Recipient(party.value))
        if is_its_notice and letter.status is DocumentStatus.ANNOUNCED:
            came_back = {"status": DocumentStatus.RETURNED, "proof": "退回，尚待公告"}
            right.documents[letter.document_id] = letter.model_copy(update=came_back)
    file = right.parties[party]
    if announcement.about is DocumentKind.RESULT_NOTICE and file.by_announcement:
        is_silent = file.standing is PartyStanding.SILENT
        begun: dict[str, Any] = {
            "received_on": None,
            "received_because": {},
            "by_announcement": False,
            "window": None,
        }
        standing = None if is_silent else file.standing
        right.parties[party] = file.model_copy(update={**begun, "standing": standing})
        right.waits.pop(window(party), None)
    elif announcement.about is DocumentKind.RETEST_LAB_NOTICE and file.objection is not None:
        lapsed = file.standing is PartyStanding.ABANDONED and file.formalities is not None
        if lapsed or file.owes_formalities:
            known = {"standing": PartyStanding.RETEST, "formalities": None}
            right.parties[party] = file.model_copy(update=known)
            right.waits.pop(formalities(party), None)
