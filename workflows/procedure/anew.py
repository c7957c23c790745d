"""What follows when a record is put right: the difference between the case as it stands and as it should.

The case was judged anew elsewhere, as it would stand had the record been right from the start. Here it takes
the place of the one that stands, and what has gone out into the world meanwhile is answered: letters are
replaced or withdrawn, a published result is corrected, an authority is told (procedure section 10).
"""

from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Party, Phase, Term, WaitKind
from messages.base import Actor
from messages.judging import Judged
from messages.names import (
    PUBLICATION_WAIT,
    confirmation,
    confirming,
    phase_line,
    posting,
    sending,
)
from messages.order import BatchOrder
from messages.records import TimelineKind, WaitEnd
from messages.snapshot import DocumentState
from messages.steps.report import ReceivedReport
from messages.words import PARTIES
from workflows.procedure.applications import pending_decision
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.correctable import REPORTS, title_of
from workflows.procedure.differences import announced_in_vain, in_words, told_of
from workflows.procedure.matching import judge_corrected_goods, sampled_marks
from workflows.procedure.parts import PartyFile, Proposal, RunningWait
from workflows.procedure.referral import REFERRAL_WAITS
from workflows.procedure.referred_anew import take_over_referral
from workflows.procedure.reopening import set_result_aside, tell_of_review
from workflows.procedure.replacing import replace_result_notices, settle_letters
from workflows.procedure.separation import keep_proposer
from workflows.procedure.silences import hear_anew, note_silences
from workflows.procedure.told import note_corrections, told_days
from workflows.procedure.unannounced import only_from_its_publication
from workflows.procedure.waits import await_term, end_wait, open_as

# What is taken over as it should be; everything else tells of what has really been done.
_FACTS = (
    "rejudged",
    "purchased",
    "parcels",
    "all_in",
    "scheduled",
    "sealed",
    "testing",
    "report",
    "retest",
    "samples",
    "stays",
    "filers",
    "parties",
)
# What waits for an officer's or a second person's word, or lies in the post queue, does so as before.
_KEPT = (confirming(""), confirmation(""), posting(""))


def put_right(change: Change, proposal: Proposal, proposed: str, judged: Judged, actor: Actor) -> None:
    """Let the case stand as it would have stood; ``proposed`` is the proposal's id, ``actor`` who decided."""
    case = change.case
    said = told_of(case)
    note_corrections(change, told=told_days(case), made=case.corrections.made + 1)
    # The course may come to the same facts once more.
    case.so_far = case.so_far.examined_once_more()
    published = _published(case)
    if proposal.step is None:
        order = BatchOrder.model_validate(proposal.body)
        note_corrections(change, order=order)
        case.opening = case.opening.ordered(order)
    right = only_from_its_publication(case, Case.taken_up(case.opening, judged.case))
    changed = "；".join(filter(None, (in_words(said, told_of(right)), announced_in_vain(case, right))))
    # For letters, which say what is another now; why it was entered wrongly is told on the timeline.
    reason = f"{title_of(proposal.step)}的记录有误，已经更正" + (f"：{changed}" if changed else "")
    case.accepted = {**right.accepted, **case.accepted}
    if proposal.corrects in case.accepted:
        holds = case.accepted[proposal.corrects].model_copy(update={"corrected_by": proposed})
        case.accepted[proposal.corrects] = holds
    if proposal.step in REPORTS and _is_another(case.report, right.report):
        _replace_report(change, right, reason)
    else:
        note_silences(change, right, proposed, actor)
        _take_over(change, right, reason, is_order=proposal.step is None)
    keep_proposer(case, proposal.proposed_by, proposal.step, proposal.body)
    if case.phase is not Phase.CLOSED:
        case.keep_evidence_until = None
    if case.published_on is not None and (wrong := _what_was_wrong(published, _published(case))):
        note_corrections(change, published=wrong)
        change.send_to_all(DocumentKind.PUBLICATION)
        if case.was_referred:
            tell_of_review(change, DocumentKind.REFERRAL_CORRECTION, wrong)


def _take_over(change: Change, right: Case, reason: str, *, is_order: bool) -> None:
    case = change.case
    is_another_result = case.outcome is not None and _result(case) != _result(right)
    letters = case.documents.values()
    addressees = {one.recipient: change.addressee(one.recipient) for one in letters if _is_known(case, one)}
    before, sampled = case.parties, sampled_marks(case)
    for name in _FACTS:
        setattr(case, name, getattr(right, name))
    judge_corrected_goods(change, sampled)
    if is_another_result:
        set_result_aside(change, _open_phase(right, is_final=True), reason)
    elif case.outcome is None:
        _enter(change, _open_phase(right))
    if not case.was_referred:
        case.referral = right.referral
    elif right.was_referred and not is_another_result:
        take_over_referral(change, right)
    _settle_waits(change, _waits(case, right))
    hear_anew(change, before)
    settle_letters(change, right, reason, addressees, is_same_party=is_order)


def _waits(case: Case, right: Case) -> dict[str, RunningWait]:
    """What would be awaited; where the result is to be determined once more, not what follows from it."""
    if right.outcome is None or case.outcome is not None:
        return right.waits
    concluding = (PUBLICATION_WAIT, *REFERRAL_WAITS)
    return {wait_id: one for wait_id, one in right.waits.items() if wait_id not in concluding}


def _is_known(case: Case, letter: DocumentState) -> bool:
    party = letter.recipient.party
    return party is None or party in case.parties


def _result(case: Case) -> tuple[object, object]:
    return case.outcome, case.final_verdict


def _open_phase(right: Case, *, is_final: bool = False) -> Phase:
    """The phase of a case whose result is open. The course goes through testing and notifying once: of a
    result that was final (``is_final``) all that is left is done from the objection on."""
    is_open = right.outcome is None and (right.phase is not Phase.NOTIFICATION or not is_final)
    if is_open or right.report is None:
        return right.phase
    return Phase.RETEST if right.retest.laboratory is not None else Phase.OBJECTION


def _enter(change: Change, phase: Phase) -> None:
    """Go on from another phase. Who is told for the first time now is told within the objection's phase."""
    case = change.case
    if phase is case.phase or (phase is Phase.NOTIFICATION and case.phase is not Phase.TESTING):
        return
    case.phase = phase
    words = "记录更正后，自此阶段继续办理"
    change.note(case.key(phase_line(phase)), TimelineKind.PHASE, words, "规程第10节")


def _settle_waits(change: Change, right: dict[str, RunningWait]) -> None:
    """What is awaited is what would be; a wait that is the same runs on with its alarms."""
    case, owed = change.case, set(change.case.waits)
    for wait_id, running in list(case.waits.items()):
        should_be = right.get(wait_id)
        if wait_id.startswith(_KEPT) or (should_be and _is_same(running, should_be)):
            continue
        how = WaitEnd.REPLACED if should_be else WaitEnd.DROPPED
        end_wait(change, wait_id, "记录更正", how)
    for wait_id, should_be in right.items():
        if wait_id not in case.waits and not wait_id.startswith(_KEPT):
            open_as(change, should_be, was_owed=wait_id in owed)


def _is_same(running: RunningWait, should_be: RunningWait) -> bool:
    """A duty that a letter's leaving began goes on: the letter left when it did."""
    mine, right = running.wait, should_be.wait
    by_letter = mine.kind is WaitKind.DUTY and "document_id" in running.because
    if by_letter and running.because == should_be.because:
        return mine.step == right.step
    return (mine.starts_on, mine.last_day, mine.step) == (right.starts_on, right.last_day, right.step)


def is_another_report(case: Case, right: Case) -> bool:
    """Whether a laboratory has corrected a report that the bureau has. It has not where the bureau has
    mistaken the day it came."""
    return _is_another(case.report, right.report) or _is_another(case.retest.report, right.retest.report)


def _is_another(mine: ReceivedReport | None, right: ReceivedReport | None) -> bool:
    if mine is None or right is None:
        return False
    return mine != right.model_copy(update={"received_on": mine.received_on})


def _replace_report(change: Change, right: Case, reason: str) -> None:
    """更正报告: everybody who had the first result gets the new one; where verdict or items are others, each
    window runs from its receipt, unless the result is final and its verdict the same."""
    case, before, report = change.case, change.case.report, right.report
    assert before is not None
    assert report is not None
    is_other = (report.verdict, report.items) != (before.verdict, before.items)
    stands = case.retest.report is not None or (case.outcome is not None and report.verdict is before.verdict)
    case.report = report
    if is_other and not stands:
        set_result_aside(change, Phase.OBJECTION, reason)
        _enter(change, Phase.OBJECTION)
        for file in list(case.parties.values()):
            _hear_anew(change, file)
    replace_result_notices(change, reason)
    notice = DocumentKind.RESULT_NOTICE
    end_wait(change, sending(notice), "更正报告，另行通知", WaitEnd.REPLACED)
    if case.phase is not Phase.CLOSED:
        await_term(change, Term.RESULT_NOTICE, sending(notice), None, change.today)


def _hear_anew(change: Change, file: PartyFile) -> None:
    """Its window is to run from its receipt of the new notice; an application not decided on is kept."""
    if file.standing is PartyStanding.RETEST:
        return
    pending = pending_decision(change.case, file.party) is not None
    for running in [one for one in change.case.waits.values() if one.wait.party is file.party]:
        if running.wait.heard_until is not None:
            end_wait(change, running.wait.id, "更正报告，期限重新起算", WaitEnd.REPLACED)
    change.party(
        file.party,
        received_on=None,
        by_announcement=False,
        window=None,
        formalities=None,
        standing=None,
        objection=file.objection if pending else None,
    )


def _published(case: Case) -> dict[str, str]:
    """What a publication says that may be put right, by its titles; a person's name is not told twice."""
    sealed, platform = case.sealed, case.platform
    if sealed is None:
        return {}
    producer = case.parties.get(Party.PRODUCER)
    hidden = producer is not None and producer.natural_person
    return {
        PARTIES[Party.SELLER]: "自然人" if case.seller.natural_person else case.seller.name,
        PARTIES[Party.PLATFORM]: platform.name if platform else "未使用",
        "商品名称": case.opening.order.goods.name,
        "标称商标": sealed.trademark,
        PARTIES[Party.PRODUCER]: "不列入" if case.disowned_on else "自然人" if hidden else sealed.producer,
        "规格型号": sealed.spec_model,
        "生产日期": sealed.production_date,
        "主要不合格项目": "、".join(case.failed_items) or "无",
    }


def _what_was_wrong(before: dict[str, str], after: dict[str, str]) -> str:
    wrong = [title for title, value in after.items() if before.get(title, value) != value]
    return "；".join(f"原公示的{title}“{before[title]}”有误，应为“{after[title]}”" for title in wrong)
