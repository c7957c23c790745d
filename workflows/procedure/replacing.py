"""Letters that rest on a wrong record: made anew, replaced by one that names the old, or withdrawn."""

from law.vocabulary import DocumentKind, Party, Recipient
from messages.names import confirmation, delivery, posting, withdrawn_line
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps import StepName
from workflows.procedure.case import Case
from workflows.procedure.change import Addressee, Change
from workflows.procedure.leaving import await_posting, named
from workflows.procedure.waits import end_wait

Addressees = dict[Recipient, Addressee]
Key = tuple[DocumentKind, Recipient, Party | None, DocumentKind | None]

# The course itself makes these out: at its conclusion, and where a result is set aside.
_BY_THE_COURSE = frozenset(
    {
        DocumentKind.PUBLICATION,
        DocumentKind.PUBLICATION_CORRECTION,
        DocumentKind.REFERRAL_LETTER,
        DocumentKind.REFERRAL_CORRECTION,
        DocumentKind.WITHDRAWAL_NOTICE,
    }
)
# What has become of a letter, as people have recorded it.
_SERVICE = (
    *("status", "sent_on", "settled_on", "posted_on", "carrier", "tracking_no", "posted_to"),
    *("came_back_on", "proof"),
)


def settle_letters(
    change: Change, right: Case, reason: str, before: Addressees, *, is_same_party: bool
) -> None:
    """Each letter stands as it would have been made out: the same, another, one that is new, or none.

    ``before``: where those can be written to who were told. ``is_same_party``: another name is the same
    party's. A letter that has arrived is not sent again for another address alone.
    """
    mine, should_be = _latest(change.case), _latest(right)
    for key, letter in should_be.items():
        stands = mine.get(key)
        if stands is None:
            _send(change, letter)
        elif stands.recipient_name != letter.recipient_name and not is_same_party:
            withdraw(change, stands, reason, before)
            _send(change, letter)
        elif stands.content != letter.content or (
            _is_to_be_sent(stands) and _goes_elsewhere(change, stands, letter, before)
        ):
            replace(change, stands, reason)
        else:
            _note_what_became_of(change, stands, letter)
    for key, letter in mine.items():
        if key not in should_be:
            withdraw(change, letter, reason, before)


def _is_to_be_sent(letter: DocumentState) -> bool:
    """It lies in the post queue, or has not arrived: it is sent to the right address."""
    came_back = letter.status in (DocumentStatus.RETURNED, DocumentStatus.ANNOUNCED)
    is_failing = letter.came_back_on is not None or letter.failure is not None
    return letter.sent_on is None or came_back or is_failing


def _goes_elsewhere(change: Change, stands: DocumentState, letter: DocumentState, before: Addressees) -> bool:
    """It is addressed to another place, or was posted to one where the party was wrongly taken to be."""
    if (stands.address, stands.email) != (letter.address, letter.email):
        return True
    to, now = before.get(letter.recipient), change.addressee(letter.recipient)
    return stands.posted_to != letter.posted_to and to is not None and to[1] != now[1]


def replace_result_notices(change: Change, reason: str) -> None:
    """A new result notice to all who had the first, and to who is to be told now (§6)."""
    kind = DocumentKind.RESULT_NOTICE
    had = {letter.recipient: letter for letter in change.case.standing(kind)}
    for letter in had.values():
        replace(change, letter, reason)
    for recipient in change.case.recipients(kind):
        if recipient not in had:
            change.send(kind, recipient)


def replace(change: Change, letter: DocumentState, reason: str) -> None:
    """One that has left is replaced by a letter that names it; one in the post queue is made anew, and names
    the one that it was to replace."""
    step, names = _step(change.case, letter), letter
    if letter.sent_on is None:
        take_back(change, letter, reason)
        before = change.case.documents.get(letter.replaces or "")
        if before is None:
            change.send(letter.kind, letter.recipient, letter.party, letter.about, step)
            return
        names = before
    change.send(letter.kind, letter.recipient, letter.party, letter.about, step, names, reason)


def withdraw(change: Change, letter: DocumentState, reason: str, before: Addressees) -> None:
    """One that has left is withdrawn by a letter that names it; an announcement is taken down."""
    had_left = letter.sent_on is not None
    take_back(change, letter, reason)
    if letter.kind is DocumentKind.ANNOUNCEMENT:
        _not_announced_any_more(change, letter)
    if had_left and letter.recipient is not Recipient.PUBLIC:
        kind, party = DocumentKind.WITHDRAWAL_NOTICE, letter.party
        to = before.get(letter.recipient)
        change.send(kind, letter.recipient, party, corrects=letter, reason=reason, addressee=to)


def _not_announced_any_more(change: Change, announcement: DocumentState) -> None:
    """The notice that it stood for came back, and that is all that has become of it."""
    for letter in list(change.case.documents.values()):
        served = (letter.kind, letter.recipient.party) == (announcement.about, announcement.party)
        if served and letter.status is DocumentStatus.ANNOUNCED:
            words = f"退回；公告（{announcement.document_id}）已撤回"
            change.note_service(letter, status=DocumentStatus.RETURNED, proof=words)


def withdraw_late_notices(change: Change) -> None:
    """An application counts after all: who was told that it came too late hears that this does not hold."""
    for party, file in list(change.case.parties.items()):
        objection, to = file.objection, Recipient(party.value)
        counts = {
            StepName.OBJECTION_FILED: objection is not None,
            StepName.RETEST_FORMALITIES_COMPLETED: objection is not None and bool(objection.formalities_on),
        }
        still = {step: late for step, late in file.too_late.items() if not counts[step]}
        if still == file.too_late:
            continue
        change.party(party, too_late=still)
        for letter in change.case.standing(DocumentKind.LATE_FILING_NOTICE):
            if letter.recipient is to:
                withdraw(change, letter, "该申请经核实按期提交，予以受理", {to: change.addressee(to)})


def take_back(change: Change, letter: DocumentState, reason: str) -> None:
    """A letter does not stand any longer: it leaves the post queue, and nobody follows what becomes of it."""
    words = "文书已撤回"
    for wait_id in (confirmation(letter.document_id), posting(letter.document_id)):
        end_wait(change, wait_id, words, WaitEnd.DROPPED)
    change.note_service(letter, status=DocumentStatus.WITHDRAWN, proof=reason, failure=None)
    if change.case.document_of(letter.kind, letter.recipient) is None:
        end_wait(change, delivery(letter.kind, letter.recipient), words, WaitEnd.DROPPED)
    change.note(
        withdrawn_line(letter.document_id),
        TimelineKind.DOCUMENT_WITHDRAWN,
        f"撤回{named(letter)}：{reason}",
        "规程第10节",
        data={"document_id": letter.document_id},
    )


def _latest(case: Case) -> dict[Key, DocumentState]:
    """The letters that stand, one of each kind for each addressee and matter."""
    return {
        (one.kind, one.recipient, one.party, one.about): one
        for one in case.documents.values()
        if one.status is not DocumentStatus.WITHDRAWN and one.kind not in _BY_THE_COURSE
    }


def _send(change: Change, letter: DocumentState) -> None:
    step = _step(change.case, letter)
    change.send(letter.kind, letter.recipient, letter.party, letter.about, step)


def _step(case: Case, letter: DocumentState) -> StepName | None:
    """Which act came too late, for the letter that says so."""
    if letter.kind is not DocumentKind.LATE_FILING_NOTICE or letter.party is None:
        return None
    return next(iter(case.parties[letter.party].too_late), None)


def _note_what_became_of(change: Change, stands: DocumentState, should_be: DocumentState) -> None:
    known = {name: getattr(should_be, name) for name in _SERVICE}
    if known != {name: getattr(stands, name) for name in _SERVICE}:
        change.note_service(stands, **known)
        if should_be.sent_on is None:
            await_posting(change, stands.document_id)
        else:
            end_wait(change, posting(stands.document_id), f"{should_be.sent_on}交付")
