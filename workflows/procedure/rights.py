"""A party's periods (§6): who has one, how it is opened, when it has closed, and what silence in it means."""

from datetime import date

from law.judgements import PartyStanding, ledger_counts
from law.vocabulary import DocumentKind, Party, Recipient, Term, WaitKind
from messages.envelope import RefusalCode
from messages.names import right_of
from messages.records import WaitEnd
from messages.steps import StepName
from messages.words import PARTIES
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.parts import PartyFile, RunningWait
from workflows.procedure.waits import await_term, end_wait


def entitled(case: Case, party: Party) -> PartyFile:
    """The file of a party that may object. Refuses any other, and one whose letter is not handed over yet."""
    file = case.parties.get(party)
    to = Recipient(party.value)
    notices = [one for one in case.standing(DocumentKind.RESULT_NOTICE) if one.recipient is to]
    if notices and not any(notice.sent_on for notice in notices):
        words = f"{PARTIES[party]}的结果通知书尚未登记交付，请先登记交寄或者送达，再登记本件"
        raise Refused(RefusalCode.OUT_OF_ORDER, words, "§6")
    if file is None or not file.entitled:
        raise Refused(RefusalCode.WRONG_PARTY, f"{PARTIES[party]}在本批次中无权提出异议", "§6")
    return file


def open_right(change: Change, file: PartyFile, term: Term, step: StepName, day: date) -> None:
    """Open a party's period, counted from ``day``; one that runs from another day is replaced."""
    wait_id = right_of(step, file.party)
    running = change.case.waits.get(wait_id)
    if running is not None and running.wait.starts_on == day:
        return
    end_wait(change, wait_id, f"起算日改为{day}", WaitEnd.REPLACED)
    because = file.received_because if term is Term.OBJECTION else None
    about = PARTIES[file.party]
    await_term(change, term, wait_id, step, day, party=file.party, about=about, because=because)


def has_closed(change: Change, running: RunningWait) -> bool:
    """Whether the ledger's stamp of the step being decided is after the period's end."""
    last_day, heard_until = running.wait.last_day, running.wait.heard_until
    if last_day is None or heard_until is None:
        return False
    return not ledger_counts(change.moment.now, last_day, last_day, heard_until)


def silent(change: Change, running: RunningWait) -> None:
    """A right has lapsed, decided by facts: silence is acceptance, or giving up the retest (§6)."""
    wait = running.wait
    assert wait.party is not None
    assert wait.kind is WaitKind.RIGHT
    if wait.term is Term.OBJECTION:
        change.party(wait.party, standing=PartyStanding.SILENT, window=running)
    else:
        change.party(wait.party, standing=PartyStanding.ABANDONED, formalities=running)
    end_wait(change, wait.id, wait.on_silence or "期限届满", WaitEnd.LAPSED)
    end_laboratorys_part(change)


def end_laboratorys_part(change: Change) -> None:
    """Nobody is left whose formalities the retest laboratory could complete."""
    if not any(file.owes_formalities for file in change.case.parties.values()):
        words = "没有待办理的复检手续"
        end_wait(change, Term.RETEST_LABORATORY_FORMALITIES, words, WaitEnd.DROPPED)
