"""A record is put right (procedure section 10): one person proposes, another confirms; nothing is erased."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from law.separation import decides_on_own
from law.vocabulary import Phase, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode, StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.names import confirming, corrected_line
from messages.order import BatchOrder
from messages.records import TimelineKind
from messages.steps import STEPS, StepName
from messages.steps.correcting import CorrectionConfirmed, RecordCorrected
from workflows.procedure.anew import note_corrections, put_right, title_of, told_days
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import first_faults
from workflows.procedure.lateness import take_up
from workflows.procedure.parts import Accepted, Proposal
from workflows.procedure.waits import await_term, end_wait

# Where a right moves with it, the approver confirms; elsewhere the supervisor may as well.
_MOVES_A_RIGHT = frozenset(
    {
        StepName.LABORATORY_REPLACED,
        StepName.REPORT_SUBMITTED,
        StepName.REPORT_RECEIVED,
        StepName.NOTICE_DELIVERED,
        StepName.NOTICE_RETURNED,
        StepName.RESULT_ACCEPTED,
        StepName.PRODUCER_DISOWNED,
        StepName.OBJECTION_FILED,
        StepName.OBJECTION_WITHDRAWN,
        StepName.OBJECTION_DECIDED,
        StepName.REOPENING_DECIDED,
        StepName.RETEST_FORMALITIES_COMPLETED,
        StepName.RETEST_REPORT_RECEIVED,
    }
)
# What follows builds on these: they can have been entered wrongly, and not have never happened.
_NEVER_UNDONE = frozenset(
    {
        StepName.PURCHASED,
        StepName.RECEIVED,
        StepName.SEALING_SCHEDULED,
        StepName.SEALED,
        StepName.REPORT_SUBMITTED,
        StepName.REPORT_RECEIVED,
        StepName.RETEST_REPORT_RECEIVED,
    }
)
# Taken back, or done anew, by steps of their own; or the batch has ended with them.
_NOT_CORRECTED = frozenset(
    {
        StepName.SUSPENDED,
        StepName.RESUMED,
        StepName.DEADLINE_EXTENDED,
        StepName.VOIDED,
        StepName.SAMPLING_ABANDONED,
        StepName.REFERRAL_PASSED_ON,
        StepName.RECORD_CORRECTED,
        StepName.CORRECTION_CONFIRMED,
    }
)
_WHO_AND_WHERE = (
    "seller.name",
    "seller.place",
    "seller.email",
    "platform.name",
    "platform.place",
    "platform.seller_address",
    "platform.email",
    "producer.name",
    "producer.address",
    "producer.email",
    "laboratory.name",
    "laboratory.email",
    "scheme.contact",
)
# Each doubles the work of judging anew (decision 40).
MOST = 6
_DECISIONS = frozenset({StepName.OBJECTION_DECIDED, StepName.REOPENING_DECIDED})


def record_corrected(change: Change, step: RecordCorrected, actor: Actor) -> None:
    """Somebody proposes what a step should have said; who clicked a decision wrongly takes it back himself
    while no letter of it has left."""
    case, wrong = change.case, change.case.accepted.get(str(step.corrects))
    if wrong is None:
        raise Refused(RefusalCode.NO_SUCH_STEP, f"本批次没有编号为{step.corrects}的已受理步骤")
    title = title_of(wrong.step)
    if wrong.step in _NOT_CORRECTED:
        raise Refused(RefusalCode.NOT_CORRECTABLE, f"“{title}”不能更正，应当另行登记相应步骤")
    if step.body is None and (wrong.step is None or wrong.step in _NEVER_UNDONE):
        raise Refused(
            RefusalCode.NOT_CORRECTABLE, f"后续事项以“{title}”为前提，只能更正内容，不能更正为未发生"
        )
    if case.corrections.made + len(case.corrections.proposals) >= MOST:
        words = f"一个批次最多更正{MOST}次；确需再更正的，应当撤销批次，重新下达"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    if any(one.corrects == str(step.corrects) for one in case.corrections.proposals.values()):
        raise Refused(RefusalCode.ALREADY_DONE, f"“{title}”已有更正等待确认")
    as_read = _as_it_should_be(wrong.step, step.body)
    if wrong.step is None and as_read is not None:
        refuse_another_order(case, as_read)
    judged = _judged(change, title)
    if judged.is_same:
        raise Refused(RefusalCode.NOTHING_CHANGED, "更正的内容与原登记的相同")
    proposal = Proposal(
        corrects=str(step.corrects),
        step=wrong.step,
        body=step.body,
        reason=step.reason,
        proposed_by=actor.sub,
    )
    proposed = change.because["step_id"]
    if _is_own_decision(wrong, actor) and not _has_left_since(change, judged):
        _correct(change, proposal, proposed, judged, actor, "本人自行更正")
        return
    if case.phase is Phase.CLOSED:
        case.examinations += 1
        take_up(change, "更正等待确认")
    note_corrections(change, proposals={**case.corrections.proposals, proposed: proposal})
    role = Role.APPROVER if wrong.step in _MOVES_A_RIGHT else Role.SUPERVISOR
    confirmed = StepName.CORRECTION_CONFIRMED
    term, about = Term.CORRECTION_CONFIRMED, f"更正“{title}”"
    await_term(change, term, confirming(proposed), confirmed, change.today, about=about, role=role)


def asked(case: Case, envelope: StepEnvelope) -> JudgeInput | None:
    """What is to be judged anew before this step is decided; None where the step is no correction of one."""
    body, position, until = envelope.body, envelope.position, envelope.received_at
    if envelope.step is StepName.CORRECTION_CONFIRMED:
        proposal = case.corrections.proposals.get(str(body.get("correction")))
        corrects, content = (proposal.corrects, proposal.body) if proposal else (None, None)
    elif envelope.step is StepName.RECORD_CORRECTED:
        corrects, content = str(body.get("corrects")), body.get("body")
    else:
        return None
    wrong = case.accepted.get(str(corrects))
    if corrects is None or wrong is None or not isinstance(content, dict | None):
        return None
    if position is None or until is None or wrong.step in _NOT_CORRECTED or case.lost_steps:
        return None
    proposes = envelope.step is StepName.RECORD_CORRECTED
    return JudgeInput(
        batch_no=case.batch_no,
        corrects=UUID(corrects),
        body=content,
        before=position,
        until=until,
        told=told_days(case),
        is_proposal=proposes and not _is_own_decision(wrong, envelope.actor),
    )


def _is_own_decision(wrong: Accepted, actor: Actor) -> bool:
    return wrong.step in _DECISIONS and wrong.by == actor.sub


def _as_it_should_be(name: StepName | None, body: dict[str, Any] | None) -> dict[str, Any] | None:
    """The step's content, or the order's, as its model has it. Refuses one that does not fit."""
    if body is None:
        return None
    model: type[BaseModel] = BatchOrder if name is None else STEPS[name]
    try:
        return model.model_validate(body).model_dump(mode="json")
    except ValidationError as error:
        words = f"“{title_of(name)}”的内容不完整或有误：{first_faults(error)}"
        raise Refused(RefusalCode.UNREADABLE, words) from None


def refuse_another_order(case: Case, order: dict[str, Any]) -> None:
    """Names, addresses and contacts of an order can be put right (procedure section 10), and nothing else."""
    before = case.opening.order.model_dump(mode="json")
    wrong = [
        path
        for path in _paths(before) | _paths(order)
        if _at(before, path) != _at(order, path) and not path.startswith(_WHO_AND_WHERE)
    ]
    if wrong:
        words = (
            f"下达的内容只能更正当事人、平台、生产者和承检机构的名称、地址和联系方式，不能更正{min(wrong)}"
        )
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)


def _paths(value: object, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {found for name, part in value.items() for found in _paths(part, f"{path}.{name}".strip("."))}


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _judged(change: Change, title: str) -> Judged:
    """What the correction comes to. Refuses one by which the step would not have been accepted.

    Of a batch that has lost steps nothing can be judged anew: the ledger does not tell its whole course.
    """
    if change.case.lost_steps:
        words = "登记簿中有步骤已随数据库丢失，不能重新认定；确需更正的，应当撤销批次，重新下达"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    judged = change.moment.judged
    assert judged is not None
    answer = judged.corrected
    if answer is not None and not answer.accepted:
        words = f"按更正后的内容，“{title}”不能受理：{answer.reason}"
        if answer.code is RefusalCode.DATE_IN_FUTURE:
            words += "。事实发生在原登记之后的，请更正为未发生（null），再另行登记"
        raise Refused(answer.code or RefusalCode.OUT_OF_ORDER, words, answer.rests_on)
    return judged


def _has_left_since(change: Change, judged: Judged) -> bool:
    """Whether a letter has left that would not have been made out."""
    kept = Case.taken_up(change.case.opening, judged.case).documents
    letters = change.case.documents.values()
    return any(one.sent_on is not None and one.document_id not in kept for one in letters)


def correction_confirmed(change: Change, step: CorrectionConfirmed, actor: Actor) -> None:
    """A second person confirms: the batch is judged anew, and the difference is what follows."""
    case, proposed = change.case, str(step.correction)
    proposal = case.corrections.proposals.get(proposed)
    if proposal is None:
        raise Refused(RefusalCode.NO_SUCH_STEP, f"没有编号为{proposed}的更正等待确认")
    if decides_on_own(actor.sub, (proposal.proposed_by,)):
        raise Refused(RefusalCode.OWN_FILING, "本人提出的更正不能由本人确认，请由他人办理")
    if proposal.step in _MOVES_A_RIGHT and actor.role is not Role.APPROVER:
        raise Refused(RefusalCode.ROLE_NOT_ALLOWED, "更正涉及当事人的权利，应当由分管负责人确认")
    judged = _judged(change, title_of(proposal.step)) if step.confirmed else None
    left = {key: one for key, one in case.corrections.proposals.items() if key != proposed}
    note_corrections(change, proposals=left)
    if judged is None:
        end_wait(change, confirming(proposed), f"不予更正：{step.reason}")
        return
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
            "accepted": [str(step_id) for step_id in judged.accepted],
            "refused": [str(step_id) for step_id in judged.refused],
        },
    )
    put_right(change, proposal, proposed, judged, actor)
