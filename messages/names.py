"""Every id that is built or parsed, in one place: waits, documents, lines of the timeline, workflows.

An id is a name, never a source: what a wait or a line is about stands in its fields.
"""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from law.vocabulary import DocumentKind, Party, Phase, Recipient, Term
from messages.steps.base import StepName

# Waits that belong to the batch and to nobody's letter or party.
PUBLICATION_WAIT = "publication"


def window(party: Party) -> str:
    """The party's objection window (§6)."""
    return f"{StepName.OBJECTION_FILED}:{party}"


def formalities(party: Party) -> str:
    """The applicant's seven days to complete the formalities of its retest (§6)."""
    return f"{StepName.RETEST_FORMALITIES_COMPLETED}:{party}"


def right_of(step: StepName, party: Party) -> str:
    """The wait within which ``party`` may do ``step``: :func:`window` or :func:`formalities`."""
    return f"{step}:{party}"


def decision(party: Party) -> str:
    """The approver's decision on the party's complete application."""
    return f"{StepName.OBJECTION_DECIDED}:{party}"


def completion(party: Party) -> str:
    """The same decision while papers are missing, which has a term of its own."""
    return f"{Term.APPLICATION_COMPLETED}:{party}"


def examination(party: Party) -> str:
    """The approver's decision on what was recorded after silence."""
    return f"{StepName.REOPENING_DECIDED}:{party}"


def sending(kind: DocumentKind) -> str:
    """The duty that is done once every document of this kind has left."""
    return PUBLICATION_WAIT if kind is DocumentKind.PUBLICATION else f"{kind}_sent"


def posting(document_id: str) -> str:
    """The id of the wait for one letter's leaving the post queue, where its kind has no period of its own."""
    return f"posted:{document_id}"


def delivery(kind: DocumentKind | str, recipient: Recipient | str) -> str:
    """The duty to record what became of a notice at its addressee."""
    return f"{StepName.NOTICE_DELIVERED}:{kind}:{recipient}"


def confirmation(document_id: str) -> str:
    """The wait for an officer's word on a letter that seems not to arrive."""
    return f"{StepName.DELIVERY_FAILED}:{document_id}"


def order_id(batch_no: str) -> UUID:
    """By which the order can be put right, as a step can."""
    return uuid5(NAMESPACE_URL, f"order:{batch_no}")


def confirming(correction: UUID | str) -> str:
    """The wait for a second person's word on a proposed correction."""
    return f"{StepName.CORRECTION_CONFIRMED}:{correction}"


def proposal_of(wait_id: str) -> str | None:
    """The proposal that a wait named by :func:`confirming` is for; None for another wait."""
    step, _, proposal = wait_id.partition(":")
    return proposal if step == StepName.CORRECTION_CONFIRMED and proposal else None


def period(wait_id: str, last_day: date | None) -> str:
    """A wait with the last day it has now."""
    return f"{wait_id}:{last_day}"


def document(batch_no: str, kind: DocumentKind, recipient: Recipient, ordinal: int) -> str:
    """A document: batch, kind, recipient, and the how-manieth of these."""
    return f"{batch_no}-{kind}-{recipient}-{ordinal}"


def kind_of_document(batch_no: str, document_id: str) -> DocumentKind:
    """The kind of a document named by :func:`document`. Raises ``ValueError`` for another batch's."""
    return DocumentKind(document_id.removeprefix(f"{batch_no}-").partition("-")[0])


def workflow_id(batch_no: str) -> str:
    """The Temporal workflow of a batch; holds no personal data, for ids are never encrypted."""
    return f"batch-{batch_no}"


def retention_id(batch_no: str) -> str:
    """The Temporal workflow that watches over a closed batch's evidence."""
    return f"retention-{batch_no}"


def batch_no_of(workflow: str) -> str:
    """The batch of a workflow named by :func:`workflow_id`."""
    return workflow.removeprefix("batch-")


def batch_number(year: int, number: int) -> str:
    """Of the how-manieth order of a year."""
    return f"CJ{year}-{number:06d}"


def counted(batch_no: str) -> tuple[int, int]:
    """Year and number of what :func:`batch_number` gave."""
    year, _, number = batch_no.removeprefix("CJ").partition("-")
    return int(year), int(number)


# Lines of the timeline: the key names the fact, so that it is written once.

OPENED_LINE = "opened"
OUTCOME_LINE = "outcome"
OUTCOME_OPEN_LINE = "outcome-open"
TAKEN_UP_LINE = "taken-up"
VOIDED_LINE = "voided"
CLOSED_LINE = "closed"


def step_line(step_id: UUID | str) -> str:
    return f"step:{step_id}"


def phase_line(phase: Phase) -> str:
    return f"phase:{phase}"


def wait_opened_line(wait_id: str, version: int) -> str:
    return f"wait-opened:{wait_id}:{version}"


def wait_ended_line(wait_id: str, version: int) -> str:
    return f"wait-ended:{wait_id}:{version}"


def deadline_moved_line(wait_id: str, version: int, moved_before: int = 0) -> str:
    """``moved_before``: how often it has moved in the same record."""
    again = f":{moved_before}" if moved_before else ""
    return f"deadline-moved:{wait_id}:{version}{again}"


def alarm(wait_id: str, last_day: date | None, level: int) -> str:
    """An alarm of a period, by the level of the ladder."""
    return f"{period(wait_id, last_day)}:{level}"


def told(batch_no: str, fact: str) -> str:
    """What staff are notified of, once: an alarm, or the line of a call."""
    return f"{batch_no}:{fact}"


def alarm_line(wait_id: str, last_day: date | None, level: int) -> str:
    return f"alarm:{alarm(wait_id, last_day, level)}"


def is_alarm_line(key: str, wait_id: str, last_day: date | None) -> bool:
    """Whether a line is of an alarm of this deadline, at whichever level."""
    return key.startswith(f"alarm:{period(wait_id, last_day)}:")


def silence_line(wait_id: str, last_day: date | None) -> str:
    return f"silence:{period(wait_id, last_day)}"


def missed_line(party: Party) -> str:
    return f"missed:{party}"


def set_aside_line(party: Party) -> str:
    return f"set-aside:{party}"


def silence_corrected_line(wait_id: str, correction: UUID | str) -> str:
    """That a silence does not stand, since the record it rested on was put right."""
    return f"set-aside:{wait_id}:{correction}"


def silence_stands_line(wait_id: str, correction: UUID | str) -> str:
    """That a silence stands, on another day, though the record it rested on was put right."""
    return f"silence-stands:{wait_id}:{correction}"


def corrected_line(correction: UUID | str) -> str:
    """That a record was put right, by the proposal's id."""
    return f"corrected:{correction}"


def also_corrected_line(correction: UUID | str) -> str:
    """Which other steps count, or do not any more, since a record was put right."""
    return f"also-corrected:{correction}"


def withdrawn_line(document_id: str) -> str:
    return f"document-withdrawn:{document_id}"


def called_line(step_id: str) -> str:
    return f"sealing-called:{step_id}"


def laboratory_line(step_id: str) -> str:
    return f"laboratory-replaced:{step_id}"


def document_issued_line(document_id: str) -> str:
    return f"document-issued:{document_id}"


def document_sent_line(document_id: str) -> str:
    return f"document-sent:{document_id}"


def document_typeset_line(document_id: str) -> str:
    return f"document-typeset:{document_id}"


def delivery_failed_line(document_id: str) -> str:
    return f"delivery-failed:{document_id}"


def evidence_line(evidence_id: UUID) -> str:
    return f"evidence:{evidence_id}"


def keeper_line(no: int) -> str:
    return f"keeper:{no}"


def hold_line(no: int) -> str:
    return f"evidence-hold:{no}"


def disposal_line(no: int) -> str:
    return f"evidence-disposal:{no}"


def check_line(check_id: UUID) -> str:
    return f"evidence-check:{check_id}"


def unreadable_line(signal_id: UUID) -> str:
    return f"unreadable:{signal_id}"


def not_the_ledgers_line(step_id: UUID) -> str:
    return f"not-the-ledgers:{step_id}"


def cancel_line(version: int) -> str:
    return f"cancel-declined:{version}"


def restored_line(version: int) -> str:
    return f"restored:{version}"


def taken_up_again(fact: str, examinations: int) -> str:
    """A fact to which a batch that was taken up again may come once more, told apart each time."""
    return f"{fact}:{examinations}" if examinations else fact
