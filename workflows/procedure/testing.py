"""Testing (§6): the sample is handed over, the laboratory submits its report, an officer takes it in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from law.calendar import day_in_shanghai
from law.judgements import report_defects
from law.names import not_among
from law.vocabulary import DocumentKind, Phase, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import sending
from messages.steps import StepName
from messages.steps.report import ReceivedReport, Report, ReportReceived, ReportSubmitted
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future, refuse_if
from workflows.procedure.parts import Submission
from workflows.procedure.waits import await_term, end_wait


def hand_over(change: Change) -> None:
    """Sealed: the inspection notices go out; the laboratory tests within its contract's period (§5, §6)."""
    case = change.case
    if case.phase is not Phase.SAMPLING or case.sealed is None:
        return
    sealed_on = day_in_shanghai(case.sealed.sealed_at)
    notice = DocumentKind.INSPECTION_NOTICE
    change.send_to_all(notice)
    await_term(change, Term.INSPECTION_NOTICE, sending(notice), None, sealed_on)
    change.enter(Phase.TESTING, "样品已封存，交承检机构检验")
    await_report(change, sealed_on)


def await_report(change: Change, day: date) -> None:
    """The laboratory owes its report, from ``day`` on within the period of its contract."""
    step, days = StepName.REPORT_SUBMITTED, change.case.laboratory.contract_days
    await_term(change, Term.TEST_REPORT, step, step, day, amount=days)


def note_testing(change: Change, **known: Any) -> None:
    """Note what is known of the testing."""
    change.case.testing = change.case.testing.model_copy(update=known)


def report_submitted(change: Change, step: ReportSubmitted, actor: Actor) -> None:
    """The laboratory has done its duty; nothing leaves before an officer has taken the report in (§6)."""
    _check_first_report(change, step, actor)
    submission = Submission(
        step_id=change.because["step_id"], submitted_on=change.today, report=step.model_dump(mode="json")
    )
    end_wait(change, StepName.REPORT_SUBMITTED, "承检机构已提交检验报告")
    if change.case.opening.regulation.readings.laboratory_report_is_receipt:
        _take_in(change, submission.received_on(change.today))
        return
    note_testing(change, submission=submission)
    taken_in = StepName.REPORT_RECEIVED
    if taken_in not in change.case.waits:
        await_term(change, Term.REPORT_TAKEN_IN, taken_in, taken_in, change.today)


def report_received(change: Change, step: ReportReceived, actor: Actor) -> None:
    """The report is the bureau's: one that was submitted is taken in, or one on paper is entered (§6)."""
    not_in_future(change, step.received_on, "收到日期")
    report = step.on_paper
    if report is not None:
        _check_first_report(change, report, actor)
        end_wait(change, StepName.REPORT_SUBMITTED, "市局已收到纸质检验报告")
        _take_in(change, report)
        return
    submission = _submission(change.case, step)
    not_before(step.received_on, submission.submitted_on, "收到日期", "提交日期")
    _take_in(change, submission.received_on(step.received_on))


def _take_in(change: Change, report: ReceivedReport) -> None:
    change.case.report = report
    note_testing(change, submission=None)
    end_wait(change, StepName.REPORT_RECEIVED, "执法人员已收取检验报告")


def _submission(case: Case, step: ReportReceived) -> Submission:
    """The submission that the step names. Refuses any but the last one."""
    if case.report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "检验报告已收到")
    submission = case.testing.submission
    if submission is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "承检机构尚未提交检验报告；纸质报告应当填写报告内容", "§6")
    if submission.step_id != str(step.submission):
        words = f"{step.submission}不是承检机构最近一次提交，应当收取编号为{submission.step_id}的报告"
        raise Refused(RefusalCode.NO_SUCH_STEP, words, "§6")
    return submission


def _check_first_report(change: Change, step: Report, actor: Actor) -> None:
    """Refuses a second report, one of another laboratory, and one that leaves items of the scheme out."""
    case = change.case
    if case.sealed is None or case.report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "检验报告已收到")
    check_report(change, step, actor, case.laboratory.code, "承检机构")
    missing = not_among(case.opening.order.scheme.items, [item.name for item in step.items])
    refuse_missing("抽检实施方案的", missing, "未检验的，也应当列入并说明理由")
    not_before(step.issued_on, day_in_shanghai(case.sealed.sealed_at), "签发日期", "封样日期")


def check_report(change: Change, step: Report, actor: Actor, laboratory: str, name: str) -> None:
    """The report is the commissioned laboratory's, dated in the past, its verdict borne out by its items."""
    if step.laboratory != laboratory:
        raise Refused(
            RefusalCode.WRONG_LABORATORY, f"报告应当由{name}（{laboratory}）出具，而非{step.laboratory}", "§6"
        )
    if actor.role is Role.LAB and actor.laboratory != laboratory:
        raise Refused(RefusalCode.WRONG_LABORATORY, f"只有{name}（{laboratory}）可以提交本报告", "§6")
    not_in_future(change, step.issued_on, "签发日期")
    defects = report_defects(step.verdict, [item.verdict for item in step.items], step.marking)
    refuse_if(defects, RefusalCode.VERDICT_CONTRADICTED)


def refuse_missing(whose: str, missing: Sequence[str], what_then: str) -> None:
    """Refuse a report that lacks items, naming them."""
    if missing:
        words = f"报告缺少{whose}检验项目：{'、'.join(missing)}；{what_then}"
        raise Refused(RefusalCode.ITEMS_MISSING, words, "§6")


def is_tested(case: Case) -> bool:
    return case.report is not None
