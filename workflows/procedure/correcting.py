"""A record is put right (procedure section 10): one person proposes, another confirms; nothing is erased."""

from uuid import UUID

from law.separation import decides_on_own
from law.vocabulary import Phase, Role, Term
from messages.base import Actor
from messages.envelope import TOO_LATE, RefusalCode
from messages.judging import Fallen, Judged, JudgeInput, OtherStep
from messages.names import also_corrected_line, confirming, corrected_line
from messages.order import BatchOrder
from messages.records import TimelineKind
from messages.steps import StepName
from messages.steps.correcting import CorrectionConfirmed, RecordCorrected
from messages.words import PARTIES, RECIPIENTS
from workflows.procedure.anew import is_another_report, put_right
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.correctable import (
    REPORTS,
    on_record,
    refuse_too_many,
    refuse_what_cannot_be,
    title_of,
    to_be_corrected,
)
from workflows.procedure.lateness import take_up
from workflows.procedure.moved import moves_a_right
from workflows.procedure.parts import Accepted, Proposal
from workflows.procedure.separation import filed_by_himself
from workflows.procedure.told import note_corrections, told_days
from workflows.procedure.waits import await_term, end_wait

_BY_LABORATORIES = (*REPORTS, StepName.RETEST_REPORT_RECEIVED)
# What parties and laboratories did, and the sealings: none of it falls with another step's correction.
_NEVER_FALL = frozenset(
    {
        StepName.PURCHASED,
        StepName.RECEIVED,
        StepName.SEALED,
        StepName.RESULT_ACCEPTED,
        StepName.PRODUCER_DISOWNED,
        StepName.OBJECTION_FILED,
        StepName.OBJECTION_WITHDRAWN,
        StepName.RETEST_FORMALITIES_COMPLETED,
        StepName.RETEST_SEALED,
        # An earlier correction: without it the step would say what was found wrong.
        StepName.RECORD_CORRECTED,
        StepName.CORRECTION_CONFIRMED,
        *_BY_LABORATORIES,
    }
)
# What follows on a case's being passed on is put right first.
_NEVER_FALL_WITH_IT = {StepName.REFERRAL_PASSED_ON: frozenset({StepName.REFERRAL_PASSED_ON})}
_FILINGS = (StepName.OBJECTION_FILED, StepName.RETEST_FORMALITIES_COMPLETED)
_DECISIONS = frozenset({StepName.OBJECTION_DECIDED, StepName.REOPENING_DECIDED})


def record_corrected(change: Change, step: RecordCorrected, actor: Actor) -> None:
    """Somebody proposes what a step should have said; who clicked a decision wrongly takes it back himself
    while no letter has left since."""
    case, proposed = change.case, change.because["step_id"]
    wrong = to_be_corrected(case, step.corrects, is_undone=step.body is None)
    refuse_what_cannot_be(case, wrong.step, step.body)
    proposal = Proposal(
        corrects=str(step.corrects),
        step=wrong.step,
        body=step.body,
        reason=step.reason,
        proposed_by=actor.sub,
    )
    is_own = _is_own_decision(case, wrong, actor)
    judged = _judged(change, proposal, is_proposal=not is_own)
    if judged.is_same:
        raise Refused(RefusalCode.NOTHING_CHANGED, "更正的内容与原登记的相同")
    right = _right(case, proposal, judged)
    if wrong.step in _BY_LABORATORIES and not step.evidence and is_another_report(case, right):
        words = "检验报告以检验机构出具的为准：请附其出具的报告或更正报告"
        raise Refused(RefusalCode.DOCUMENTS_MISSING, words, "规程第10节")
    _refuse_what_would_fall(case, right, proposal.step, judged)
    moves = moves_a_right(case, right)
    if judged.case:  # a play's are those that were accepted
        refuse_too_many(case, moves=moves)
    if is_own:
        _correct(change, proposal, proposed, judged, actor, "本人自行更正")
        return
    if case.phase is Phase.CLOSED:
        case.so_far = case.so_far.examined_once_more()
        take_up(change, "更正等待确认")
    note_corrections(change, proposals={**case.corrections.proposals, proposed: proposal})
    role = Role.APPROVER if moves else Role.SUPERVISOR
    confirmed = StepName.CORRECTION_CONFIRMED
    term, about = Term.CORRECTION_CONFIRMED, f"更正“{title_of(wrong.step)}”"
    await_term(change, term, confirming(proposed), confirmed, change.today, about=about, role=role)


def _is_own_decision(case: Case, wrong: Accepted, actor: Actor) -> bool:
    """Whether the approver takes back what he decided himself, and nobody has had a letter since."""
    has_left = any(one.sent_on is not None for one in list(case.documents.values())[wrong.letters :])
    is_his = wrong.by == actor.sub and actor.role is Role.APPROVER
    return wrong.step in _DECISIONS and is_his and not has_left


def _judged(change: Change, proposal: Proposal, *, is_proposal: bool = False) -> Judged:
    """What the correction comes to. Refuses one by which the step would not have been accepted.

    Of a batch that has lost steps nothing can be judged anew: the ledger does not tell its whole course.
    """
    case, title = change.case, title_of(proposal.step)
    if case.corrections.lost:
        words = "登记簿中有步骤已随数据库丢失，不能重新认定；确需更正的，应当撤销批次，重新下达"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    wrong = on_record(case, proposal.corrects)
    corrected_by = wrong.corrected_by if wrong else None
    judged = change.judged(
        JudgeInput(
            batch_no=case.batch_no,
            corrects=UUID(proposal.corrects),
            corrected_by=UUID(corrected_by) if corrected_by else None,
            body=proposal.body,
            before=case.position,
            until=change.moment.now,
            told=told_days(case),
            is_proposal=is_proposal,
        )
    )
    if judged.defect is not None:
        words = f"重新认定时系统出错（{judged.defect}），未作任何改变"
        raise Refused(RefusalCode.DEFECT, words)
    answer = judged.corrected
    is_late = answer is not None and answer.code in TOO_LATE and proposal.step in _FILINGS
    if answer is not None and not answer.accepted and not is_late:
        words = f"按更正后的内容，“{title}”不能受理：{answer.reason}"
        if answer.code is RefusalCode.DATE_IN_FUTURE:
            words += "。事实发生在原登记之后的，请更正为未发生（null），再另行登记"
        raise Refused(answer.code or RefusalCode.OUT_OF_ORDER, words, answer.rests_on)
    return judged


def _refuse_what_would_fall(case: Case, right: Case, wrong: StepName | None, judged: Judged) -> None:
    """Refuses a correction by which what somebody else did would not count, but for coming too late.

    Of another report everybody is told anew, and answers anew.
    """
    if is_another_report(case, right):
        return
    never = _NEVER_FALL | (_NEVER_FALL_WITH_IT.get(wrong, frozenset()) if wrong else frozenset())
    fallen = [
        one
        for one in judged.fallen
        if one.step in never and one.code not in TOO_LATE and not _is_anothers(case, right, one)
    ]
    if fallen:
        named = "；".join(_why_it_falls(one) for one in fallen)
        words = f"按更正后的内容，下列已受理的步骤不能成立，请先更正这些步骤，或者只更正有误的日期。{named}"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)


def _why_it_falls(one: Fallen) -> str:
    what = f"此前对“{title_of(one.corrects)}”的更正" if one.corrects else f"“{title_of(one.step)}”"
    return f"{what}（{one.step_id}）：{one.reason or '届时批次已不再受理'}"


def _is_anothers(case: Case, right: Case, fallen: Fallen) -> bool:
    """Whether it was the act of somebody who proves to be no party: it never counted for the one who is."""
    names = {str(party): file.name for party, file in right.parties.items()}
    acted = {str(party): file.name for party, file in case.parties.items()}
    return fallen.party is not None and names.get(fallen.party) != acted.get(fallen.party)


def _right(case: Case, proposal: Proposal, judged: Judged) -> Case:
    """The case as it would stand; in a play of the ledger, where a proposal has no effect, as it stands."""
    if not judged.case:
        return case
    order = BatchOrder.model_validate(proposal.body) if proposal.step is None else None
    return Case.taken_up(case.opening.ordered(order) if order else case.opening, judged.case)


def correction_confirmed(change: Change, step: CorrectionConfirmed, actor: Actor) -> None:
    """A second person confirms: the batch is judged anew, and the difference is what follows."""
    case, proposed = change.case, str(step.correction)
    proposal = case.corrections.proposals.get(proposed)
    if proposal is None:
        raise Refused(RefusalCode.NO_SUCH_STEP, f"没有编号为{proposed}的更正等待确认")
    if decides_on_own(actor.sub, (proposal.proposed_by,)):
        raise Refused(RefusalCode.OWN_FILING, "本人提出的更正不能由本人确认，请由他人办理")
    left = {key: one for key, one in case.corrections.proposals.items() if key != proposed}
    note_corrections(change, proposals=left)
    if not step.confirmed:
        end_wait(change, confirming(proposed), f"不予更正：{step.reason}")
        return
    if filed_by_himself(case, actor, proposal.step, proposal.body or {}):
        words = "更正后的决定所针对的申请由本人登记，不能由本人确认，请由他人办理"
        raise Refused(RefusalCode.OWN_FILING, words)
    judged = _judged(change, proposal)
    right = _right(case, proposal, judged)
    _refuse_what_would_fall(case, right, proposal.step, judged)
    if moves_a_right(case, right) and actor.role is not Role.APPROVER:
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, "更正涉及当事人的权利，应当由分管负责人确认")
    end_wait(change, confirming(proposed), "确认更正")
    _correct(change, proposal, proposed, judged, actor, f"确认：{step.reason}")


def _correct(
    change: Change, proposal: Proposal, proposed: str, judged: Judged, actor: Actor, on_whose_word: str
) -> None:
    title = title_of(proposal.step)
    what = "更正为未发生" if proposal.body is None else "更正"
    change.note(
        corrected_line(proposed),
        TimelineKind.CORRECTED,
        f"{title}：登记有误，{what}。{proposal.reason}（{on_whose_word}）；原登记保留",
        "规程第10节",
        actor=actor,
        data={
            "because": change.because,
            "correction": proposed,
            "corrects": proposal.corrects,
            "body": proposal.body,
            "accepted": [str(one.step_id) for one in judged.accepted],
            "refused": [str(one.step_id) for one in judged.fallen],
        },
    )
    _note_others(change, proposal, proposed, judged)
    put_right(change, proposal, proposed, judged, actor)


def _note_others(change: Change, proposal: Proposal, proposed: str, judged: Judged) -> None:
    """Say which other steps count now or do not any more, and that an earlier correction is past."""
    known = judged.case.get("accepted", {})
    counts = [_named(one) for one in judged.accepted if str(one.step_id) in known]
    falls = [_named(one) for one in judged.fallen]
    before = on_record(change.case, proposal.corrects)
    words = [
        *([f"此前对“{title_of(proposal.step)}”的更正不再适用"] if before and before.corrected_by else []),
        *([f"更正后予以受理：{'、'.join(counts)}"] if counts else []),
        *([f"更正后不再成立：{'、'.join(falls)}"] if falls else []),
    ]
    if words:
        key = also_corrected_line(proposed)
        change.note(key, TimelineKind.OUTCOME, "；".join(words), "规程第10节")


def _named(one: OtherStep) -> str:
    """Which step, so that it can be told from another of its kind."""
    known = (*PARTIES.items(), *RECIPIENTS.items())
    whose = next((title for code, title in known if code in (one.party, one.recipient)), None)
    when = one.filed_on and f"{one.filed_on}登记"
    about = "，".join(part for part in (whose, when) if part)
    return f"{title_of(one.step)}（{about}）" if about else title_of(one.step)
