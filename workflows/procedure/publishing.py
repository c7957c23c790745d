"""The result becomes final and public (§6, §7)."""

from datetime import date

from law.judgements import PartyStanding, final_outcome, final_verdict
from law.vocabulary import DocumentKind, Phase, Recipient, Term
from messages.names import OUTCOME_LINE, PUBLICATION_WAIT
from messages.records import TimelineKind
from messages.words import VERDICTS
from workflows.procedure.case import Case
from workflows.procedure.change import Change
from workflows.procedure.waits import await_term, end_wait
from workflows.procedure.wording import outcome_in_words


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
    case.so_far = case.so_far.model_copy(update={"final_on": change.today})
    words = f"检验结果确定：{VERDICTS[case.final_verdict]}（{outcome_in_words(case)}）"
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
