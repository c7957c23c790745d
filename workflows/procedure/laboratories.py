"""Which laboratory tests (§6): the retest laboratory is fixed, and one that drops out is replaced."""

from law.laboratories import remaining_defects, retest_laboratory_defects, unqualified_items
from law.vocabulary import DocumentKind, Phase, Recipient, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import formalities, laboratory_line
from messages.order import Laboratory
from messages.records import TimelineKind, WaitEnd
from messages.steps import StepName
from messages.steps.laboratory import LaboratoryReplaced
from messages.steps.retest import RetestLabAppointed
from messages.steps.sampling import Holder
from workflows.procedure.case import Case
from workflows.procedure.change import Addressee, Change, Refused
from workflows.procedure.replacing import replace, withdraw
from workflows.procedure.retest import applicants, await_retest_report
from workflows.procedure.testing import await_report, note_testing
from workflows.procedure.told import keep_told_days
from workflows.procedure.waits import end_wait

# Who keeps a sample that was sealed for the retest.
_RETESTING = "retest_laboratory"


def retest_lab_appointed(change: Change, step: RetestLabAppointed, actor: Actor) -> None:
    """The retest laboratory is fixed (§6)."""
    case = change.case
    if case.retest.laboratory is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检机构已经确定；不能承担的，登记“改定检验机构”", "§6")
    if not applicants(case):
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有已批准的复检申请，不能确定复检机构", "§6")
    _check_retesting(case, step.laboratory, step.reason, actor)
    case.retest = case.retest.model_copy(update={"laboratory": step.laboratory})
    end_wait(change, StepName.RETEST_LAB_APPOINTED)
    change.enter(Phase.RETEST, f"确定复检机构：{step.laboratory.name}")
    _notify(change)


def _notify(change: Change) -> None:
    """Applicants and retest laboratory hear which it is, and have their days from their receipt."""
    change.send_to_all(DocumentKind.RETEST_LAB_NOTICE, *(file.party for file in applicants(change.case)))


def _check_retesting(case: Case, laboratory: Laboratory, reason: str | None, actor: Actor) -> None:
    """Refuses a laboratory that may not retest, and what only a supervisor may agree to."""
    original = case.laboratory
    defects = retest_laboratory_defects(
        case.opening.regulation,
        laboratory=laboratory.registered,
        original_laboratory=original.registered,
        grade=laboratory.grade,
        original_grade=original.grade,
        items=case.opening.order.scheme.items,
        qualified_for=laboratory.qualified_items,
    )
    for defect in remaining_defects(defects, reason):
        curable = (
            RefusalCode.REASON_MISSING if defect.cured_by_reason else RefusalCode.LABORATORY_NOT_QUALIFIED
        )
        raise Refused(curable, defect.sentence, "§6")
    if defects and actor.role is not Role.SUPERVISOR:
        raise Refused(RefusalCode.SUPERVISOR_NEEDED, defects[0].sentence, "§6")


def laboratory_replaced(change: Change, step: LaboratoryReplaced, actor: Actor) -> None:
    """Another one takes the place of a laboratory that must not hold the result up for ever (§6)."""
    if change.case.phase in (Phase.SAMPLING, Phase.TESTING):
        _replace_first(change, step)
    else:
        _replace_retesting(change, step, actor)


def _replace_first(change: Change, step: LaboratoryReplaced) -> None:
    """It is commissioned; sealed already, the test sample goes along, and the report is due anew."""
    case, laboratory, before = change.case, step.laboratory, change.case.laboratory
    if case.testing.submission is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"承检机构（{before.name}）已提交检验报告，不能改定", "§6")
    _check_other(before, laboratory)
    if missing := unqualified_items(case.opening.order.scheme.items, laboratory.qualified_items):
        words = f"承检机构不具备下列项目的资质：{'、'.join(missing)}"
        raise Refused(RefusalCode.LABORATORY_NOT_QUALIFIED, words, "§3")
    words, told = _note(change, "承检机构", before, step), change.addressee(Recipient.LABORATORY)
    if case.sealed is None:
        note_testing(change, laboratory=laboratory)
    else:
        note_testing(change, laboratory=laboratory, since=change.today)
        _hand_sample_on(case, Holder.LABORATORY, laboratory)
        end_wait(change, StepName.REPORT_SUBMITTED, words, WaitEnd.REPLACED)
        await_report(change, change.today)
    _withdraw(change, DocumentKind.COMMISSION_LETTER, Recipient.LABORATORY, words, told)
    change.send(DocumentKind.COMMISSION_LETTER, Recipient.LABORATORY)


def _replace_retesting(change: Change, step: LaboratoryReplaced, actor: Actor) -> None:
    """Who has not done its formalities has its days anew; sealed already, the report is due anew."""
    case, laboratory, before = change.case, step.laboratory, change.case.retest.laboratory
    if before is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "检验报告已收到，复检机构尚未确定，没有可以改定的机构", "§6")
    if case.retest.report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "复检报告已收到，不能改定复检机构", "§6")
    if not case.is_examined:
        raise Refused(RefusalCode.OUT_OF_ORDER, "有期限届满后登记的申请正在审查，此时不能改定复检机构", "§6")
    if not applicants(case):
        raise Refused(RefusalCode.OUT_OF_ORDER, "没有已批准的复检申请，不能改定复检机构", "§6")
    _check_other(before, laboratory)
    _check_retesting(case, laboratory, step.reason, actor)
    words, told = _note(change, "复检机构", before, step), change.addressee(Recipient.RETEST_LABORATORY)
    case.retest = case.retest.model_copy(update={"laboratory": laboratory})
    keep_told_days(change)
    for file in applicants(case):
        end_wait(change, formalities(file.party), words, WaitEnd.REPLACED)
    end_wait(change, Term.RETEST_LABORATORY_FORMALITIES, words, WaitEnd.REPLACED)
    if case.retest.sealed_on is not None:
        _hand_sample_on(case, _RETESTING, laboratory)
        end_wait(change, StepName.RETEST_REPORT_RECEIVED, words, WaitEnd.REPLACED)
        await_retest_report(change, laboratory, change.today)
    _withdraw(change, DocumentKind.RETEST_LAB_NOTICE, Recipient.RETEST_LABORATORY, words, told)
    _tell_of_another(change, words)


def _withdraw(change: Change, kind: DocumentKind, recipient: Recipient, reason: str, told: Addressee) -> None:
    """The laboratory that drops out hears that what it was sent does not hold any longer."""
    for letter in change.case.standing(kind):
        if letter.recipient is recipient:
            withdraw(change, letter, reason, {recipient: told})


def _tell_of_another(change: Change, reason: str) -> None:
    """Applicants get a notice in place of the one that names the other laboratory."""
    kind = DocumentKind.RETEST_LAB_NOTICE
    had = {letter.party: letter for letter in change.case.standing(kind) if letter.party is not None}
    files = applicants(change.case)
    change.send_to_all(kind, *(file.party for file in files if file.party not in had))
    for file in files:
        if file.party in had:
            replace(change, had[file.party], reason)


def _check_other(before: Laboratory, laboratory: Laboratory) -> None:
    """One legal person is one laboratory: under another code it is still the one that drops out."""
    if laboratory.registered.is_same_as(before.registered):
        words = f"{laboratory.name}（{laboratory.code}）与原机构（{before.name}，{before.code}）是同一机构"
        raise Refused(RefusalCode.ALREADY_DONE, words, "§6")


def _note(change: Change, what: str, before: Laboratory, step: LaboratoryReplaced) -> str:
    words = f"改定{what}：{step.laboratory.name}（原为{before.name}；{step.reason}）"
    change.note(laboratory_line(change.because["step_id"]), TimelineKind.PHASE, words, "§6")
    return words


def _hand_sample_on(case: Case, holder: str, laboratory: Laboratory) -> None:
    """The sample under its seal goes to the other laboratory."""
    kept = {"place": laboratory.name, "keeper": laboratory.name, "note": "改定检验机构，样品移交"}
    case.samples = tuple(
        sample.model_copy(update=kept) if sample.holder == holder else sample for sample in case.samples
    )
