"""What is recorded after silence (§6): examined where proven timely, told where it is too late."""

from dataclasses import dataclass
from datetime import date

from law.judgements import filed_in_time
from law.vocabulary import DocumentKind, Party, Phase, Recipient, Term, Verdict
from messages.envelope import RefusalCode
from messages.records import TimelineKind
from messages.steps import StepName
from messages.words import PARTIES
from workflows.case import Case
from workflows.parts import LateRecorded, Objection, PartyFile, Refused, TooLate


@dataclass(frozen=True)
class Filing:
    """An act of a party within a period: which, from what day it counts, and what proves that day."""

    step: StepName
    party: Party
    what: str
    day: date
    proof: str | None


def examination_id(party: Party) -> str:
    return f"{StepName.REOPENING_DECIDED}:{party}"


def is_examined(case: Case) -> bool:
    """Whether no application that was recorded after silence waits for the approver's decision."""
    return not any(file.late is not None and file.late.approved is None for file in case.parties.values())


def too_late(filing: Filing, last_day: date) -> Refused:
    """The refusal of what was filed after the last day; the applicant is told of it, once."""
    words = f"{filing.what}的期限已于{last_day} 24:00届满，本件提交于{filing.day}，不予受理"

    def tell(case: Case) -> None:
        told = case.parties[filing.party].too_late
        if filing.step in told:
            return
        told[filing.step] = TooLate(what=filing.what, day=filing.day, last_day=last_day)
        recipient = Recipient(filing.party.value)
        case.send(DocumentKind.LATE_FILING_NOTICE, recipient, filing.party, step=filing.step)

    return Refused(RefusalCode.FILED_LATE, words, "§6", then=tell)


def may_be_examined(filing: Filing, last_day: date | None) -> bool:
    """Recorded after silence: refuses what nothing proves to have been filed in time (a reading, §6)."""
    if last_day is not None and not filed_in_time(filing.day, last_day):
        raise too_late(filing, last_day)
    if filing.proof is not None:
        return True
    words = f"{filing.what}的日期为{filing.day}，但在期限届满后才登记：已记录在案，不影响已确定的结果"
    words += "；有收件回执证明按期提交的，请填写收件回执编号后重新登记"
    raise Refused(RefusalCode.RECORDED_AFTER_SILENCE, words, "§6")


def examine(
    case: Case, file: PartyFile, filing: Filing, last_day: date | None, objection: Objection | None = None
) -> None:
    """Keep the application for the approver's decision; nothing is published or closes before."""
    if file.late is not None and file.late.approved is None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[file.party]}的申请正在审查", "§6")
    assert filing.proof is not None
    case.examinations += 1
    file.stays_counted = len(case.stays)
    file.late = LateRecorded(
        step=filing.step,
        what=filing.what,
        day=filing.day,
        last_day=last_day,
        recorded_on=case.today,
        proof=filing.proof,
        objection=objection,
    )
    if case.phase is Phase.CLOSED:
        case.keep_evidence_until = None
        back = Phase.REFERRAL if case.final_verdict is Verdict.NONCONFORMING else Phase.PUBLICATION
        case.phase = back
        words = "批次恢复办理：审查期限届满后登记的申请"
        # Not as when the course comes to this phase: it may do so once more.
        case.note(case.key("taken-up"), TimelineKind.PHASE, words, "规程第3节")
    case.await_term(
        Term.REOPENING,
        examination_id(file.party),
        StepName.REOPENING_DECIDED,
        case.today,
        party=file.party,
        about=f"{filing.what}，{filing.proof}",
    )
