"""Acts that come too late, or are recorded after silence (§6): refused, or examined where proven timely."""

from dataclasses import dataclass
from datetime import date

from law.judgements import filed_in_time
from law.vocabulary import DocumentKind, Party, Phase, Recipient, Term, Verdict
from messages.envelope import RefusalCode
from messages.names import TAKEN_UP_LINE, examination
from messages.records import TimelineKind
from messages.steps import StepName
from messages.words import PARTIES
from workflows.procedure.change import Change, Refused
from workflows.procedure.parts import LateApplication, Objection, RunningWait, TooLate
from workflows.procedure.rights import has_closed
from workflows.procedure.waits import await_term


@dataclass(frozen=True)
class Act:
    """An act of a party within a period: which, from what day it counts, what proves that day, and who
    recorded it."""

    step: StepName
    party: Party
    what: str
    day: date
    proof: str | None
    by: str


def is_after_silence(
    change: Change, running: RunningWait | None, last_day: date | None, act: Act, *, lapsed: bool
) -> bool:
    """Whether a timely act was stamped after the period had closed, so that the approver examines it.

    Refuses an act done after the last day (§6). A stay stops the period, and one not yet opened cannot have
    closed. ``lapsed``: silence was declared.
    """
    if not lapsed and (running is None or change.case.is_stayed(running.wait)):
        return False
    if lapsed or (running is not None and has_closed(change, running)):
        _require_proof(act, last_day)
        return True
    if last_day is not None and act.day > last_day:
        raise _too_late(act, last_day)
    return False


def _too_late(act: Act, last_day: date) -> Refused:
    """The refusal of what was done after the last day; its applicant gets a letter that says so, once."""
    words = f"{act.what}的期限已于{last_day} 24:00届满，本件提交于{act.day}，不予受理"

    def tell(change: Change) -> None:
        told = change.case.parties[act.party].too_late
        if act.step in told:
            return
        late = TooLate(
            step=act.step,
            step_id=change.because["step_id"],
            by=act.by,
            what=act.what,
            day=act.day,
            last_day=last_day,
        )
        change.party(act.party, too_late={**told, act.step: late})
        recipient = Recipient(act.party.value)
        change.send(DocumentKind.LATE_FILING_NOTICE, recipient, act.party, step=act.step)

    return Refused(RefusalCode.FILED_LATE, words, "§6", then=tell)


def _require_proof(act: Act, last_day: date | None) -> None:
    """Recorded after silence: refuses what nothing proves to have been done in time (a reading, §6)."""
    if last_day is not None and not filed_in_time(act.day, last_day):
        raise _too_late(act, last_day)
    if act.proof is not None:
        return
    words = f"{act.what}的日期为{act.day}，但在期限届满后才登记：已记录在案，不影响已确定的结果"
    words += "；有收件回执证明按期提交的，请填写收件回执编号后重新登记"
    raise Refused(RefusalCode.RECORDED_AFTER_SILENCE, words, "§6")


def examine(change: Change, act: Act, last_day: date | None, objection: Objection | None = None) -> None:
    """Keep the application for the approver's decision; nothing is published or closes before."""
    case = change.case
    file = case.parties[act.party]
    if file.late is not None and file.late.approved is None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[act.party]}的申请正在审查", "§6")
    assert act.proof is not None
    case.so_far = case.so_far.examined_once_more()
    late = LateApplication(
        step=act.step,
        what=act.what,
        day=act.day,
        last_day=last_day,
        recorded_on=change.today,
        proof=act.proof,
        objection=objection,
    )
    change.party(act.party, stays_counted=len(case.stays), late=late)
    case.keep_evidence_until = None
    if case.phase is Phase.CLOSED:
        take_up(change, "审查期限届满后登记的申请")
    await_term(
        change,
        Term.REOPENING,
        examination(act.party),
        StepName.REOPENING_DECIDED,
        change.today,
        party=act.party,
        about=f"{act.what}，{act.proof}",
    )


def take_up(change: Change, why: str) -> None:
    """A batch that has closed goes on where it had come to before."""
    case = change.case
    nonconforming = case.final_verdict is Verdict.NONCONFORMING
    case.phase = Phase.REFERRAL if nonconforming else Phase.PUBLICATION
    words = f"批次恢复办理：{why}"
    # Not as when the course comes to this phase: it may do so once more.
    change.note(case.key(TAKEN_UP_LINE), TimelineKind.PHASE, words, "规程第3节")
