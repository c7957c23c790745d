"""The result becomes final and public (§6, §7)."""

from datetime import date, timedelta

from law.judgements import PartyStanding, final_outcome, final_verdict
from law.vocabulary import DocumentKind, Phase, Recipient, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import OUTCOME_LINE, PUBLICATION_WAIT
from messages.records import TimelineKind
from messages.steps.closing import PublicationCorrected
from messages.words import OUTCOMES, VERDICTS
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.matching import note_goods
from workflows.procedure.waits import await_term, end_wait


def conclude(change: Change) -> None:
    """Every window has ended: the result is final and is published at once (§7)."""
    case = change.case
    if case.outcome is not None:
        return
    standings = [
        file.standing for file in case.parties.values() if file.entitled and file.standing is not None
    ]
    retest = case.retest_verdict
    if retest is not None:
        standings = [s for s in standings if s is not PartyStanding.RETEST] or [PartyStanding.RETEST]
    case.outcome = final_outcome(case.first_verdict, standings, retest)
    case.final_verdict = final_verdict(case.first_verdict, retest)
    words = f"检验结果确定：{VERDICTS[case.final_verdict]}（{OUTCOMES[case.outcome]}）"
    change.note(case.key(OUTCOME_LINE), TimelineKind.OUTCOME, words, "§6")
    change.enter(Phase.PUBLICATION, "公示抽检结果")
    change.send_to_all(DocumentKind.PUBLICATION)
    await_term(change, Term.PUBLICATION, PUBLICATION_WAIT, None, change.today)


def publication_left(change: Change, _recipient: Recipient, day: date) -> None:
    """The result is public; a later correction stands beside it and is no other publication."""
    if change.case.published_on is None:
        change.case.published_on = day
        end_wait(change, PUBLICATION_WAIT, f"{day}公示")


def is_published(case: Case) -> bool:
    return case.published_on is not None


def publication_corrected(change: Change, step: PublicationCorrected, _actor: Actor) -> None:
    """Facts noted wrongly and published are published anew beside the first, with the reason (§7)."""
    case, sealed = change.case, change.case.sealed
    if case.published_on is None or sealed is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "结果尚未公示，或者正在复核，不能更正公示", "§7")
    shown_for = case.opening.regulation.readings.published_for_days
    if shown_for is not None and change.today > case.published_on + timedelta(days=shown_for):
        raise Refused(RefusalCode.OUT_OF_ORDER, f"公示已满{shown_for}日并撤下，不再更正公示", "§7")
    changed = {name: to for name, to in step.corrected.items() if to != getattr(sealed, name)}
    if not changed:
        raise Refused(RefusalCode.NOTHING_CHANGED, "更正的内容与已公示的相同", "§7")
    case.sealed = sealed.model_copy(update=changed)
    note_goods(change, case.sealed)
    case.correction = PublicationCorrected(reason=step.reason, **changed)
    change.send_to_all(DocumentKind.PUBLICATION)
