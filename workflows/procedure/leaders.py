"""What leaders may do at any time (procedure section 2): stay, extend, void."""

from datetime import timedelta

from law.vocabulary import DocumentKind, Outcome, Recipient, WaitKind
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import VOIDED_LINE
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus
from messages.steps.closing import DeadlineExtended, Resumed, Suspended, Voided
from messages.words import ROLES
from workflows.procedure.case import OF_THE_END
from workflows.procedure.change import Change, Refused
from workflows.procedure.parts import Stay
from workflows.procedure.replacing import take_back
from workflows.procedure.rights import has_closed
from workflows.procedure.waits import extend, fix_last_day

LONGEST_EXTENSION = timedelta(days=3 * 366)


def suspended(change: Change, _step: Suspended, _actor: Actor) -> None:
    """A stay begins: no period runs out while it lasts."""
    if change.case.suspended_at is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "本批次已经中止")
    change.case.suspended_at = change.moment.now


def resumed(change: Change, step: Resumed, actor: Actor) -> None:
    """Running windows are extended by the suspended days, never shortened."""
    case = change.case
    began = case.suspended_on
    if began is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "本批次没有中止，不能恢复")
    stay = Stay(began=began, ended=change.today)
    stayed = [running.wait for running in case.waits.values() if case.is_stayed(running.wait)]
    case.suspended_at = None
    case.stays = (*case.stays, stay)
    for wait in stayed:
        if wait.term is None or wait.starts_on is None:
            continue
        if days := stay.days_after(wait.starts_on):
            words = f"{wait.title}：中止{days}日，期限相应延长（{step.reason}）"
            extend(change, wait.id, days, words, actor)


def deadline_extended(change: Change, step: DeadlineExtended, actor: Actor) -> None:
    """A running deadline is moved; a right's only to a later day."""
    case = change.case
    running = case.waits.get(step.wait)
    if running is None:
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"没有名为“{step.wait}”的等待事项")
    wait = running.wait
    if wait.term is None or wait.last_day is None or wait.starts_on is None:
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"“{wait.title}”没有期限")
    if wait.kind is WaitKind.RIGHT and not case.is_stayed(wait) and has_closed(change, running):
        raise Refused(RefusalCode.NO_SUCH_WAIT, f"“{wait.title}”的期限已于{wait.last_day} 24:00届满")
    if step.to <= wait.starts_on:
        raise Refused(RefusalCode.WOULD_SHORTEN, f"届满日应当晚于起算日（{wait.starts_on}）")
    if wait.kind is WaitKind.RIGHT and step.to <= wait.last_day:
        raise Refused(
            RefusalCode.WOULD_SHORTEN, f"当事人的期限（{wait.last_day}）只能延长，不能缩短至{step.to}"
        )
    if step.to < change.today or step.to > change.today + LONGEST_EXTENSION:
        raise Refused(RefusalCode.WOULD_SHORTEN, "延长后的届满日应当在今日之后三年以内")
    fix_last_day(change, wait.id, step.to, step.reason, actor)


def voided(change: Change, step: Voided, actor: Actor) -> None:
    """The batch is ended, at any time before publication; who was told of it is told that (section 3)."""
    case = change.case
    if case.document_of(DocumentKind.PUBLICATION, Recipient.PUBLIC) is not None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "结果已经公示，不能撤销批次")
    case.outcome = Outcome.VOIDED
    words = f"{ROLES[actor.role]}撤销批次：{step.reason}"
    change.note(VOIDED_LINE, TimelineKind.OUTCOME, words, "规程第2节", actor=actor)
    _tell_those_who_were_told(change, step.reason)


def _tell_those_who_were_told(change: Change, reason: str) -> None:
    """Whoever has had a letter of the batch that was not taken back, each once.

    A letter that nobody has had is not posted any more; but one that takes another back is. What was
    announced is taken down.
    """
    recipients = dict.fromkeys(letter.recipient for letter in change.case.documents.values())
    for recipient in recipients:
        if recipient is not Recipient.PUBLIC and change.case.letters_had_by(recipient):
            change.send(DocumentKind.VOIDANCE_NOTICE, recipient, recipient.party, reason=reason)
    for letter in list(change.case.documents.values()):
        if letter.status is DocumentStatus.WITHDRAWN or letter.kind in OF_THE_END:
            continue
        if letter.kind is DocumentKind.ANNOUNCEMENT:
            take_back(change, letter, "批次已经撤销")
        elif letter.sent_on is None or letter.went_nowhere:
            take_back(change, letter, "批次已经撤销，该文书没有寄出，不再寄送")
