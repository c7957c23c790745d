"""How a party's periods really run, in words for its letters: one that replaces another moves none (§6)."""

from datetime import date

from law.calendar import chinese_day
from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Party, Recipient, Term
from messages.names import formalities, window
from messages.snapshot import DocumentStatus
from workflows.procedure.case import Case
from workflows.procedure.enclosures import Facts
from workflows.procedure.parts import PartyFile, RunningWait

RIGHT = "有异议的，可以向我局提出书面复检申请；逾期未提出的，视为无异议。"
HOW_COUNTED = "收到之日不计入，按自然日计算，至最后一日24时届满。"
NOT_ANEW = "本文书不使期限重新计算"
# What announcing a notice anew does not move, by the notice.
_NOT_MOVED = {
    DocumentKind.RESULT_NOTICE: "此前已经告知检验结果，本公告不使申请复检的期限重新计算",
    DocumentKind.RETEST_LAB_NOTICE: "此前已经告知复检机构，本公告不使办理复检手续的期限重新计算",
}


def objection_as_it_runs(case: Case, party: Party | None) -> Facts | None:
    """Of a party that had the result before, or has spoken before it had it; None where its window is still
    to run from this letter."""
    file = case.parties.get(party) if party else None
    if file is None or not file.entitled:
        return None
    if file.received_on is None and file.standing is None and file.objection is None:
        told = not_before_told(case, window(file.party))
        return {"how_counted": f"{HOW_COUNTED}{told}。"} if told else None
    if running := case.waits.get(window(file.party)):
        return {
            "right_to_retest": RIGHT,
            "last_day": _as_it_runs(running),
            "how_counted": f"{HOW_COUNTED}你（单位）此前已经收到检验结果，{NOT_ANEW}。",
        }
    ended = _how_it_ended(file, is_retested=case.retest.report is not None)
    lapsed = file.window.wait.last_day if file.window and file.standing is PartyStanding.SILENT else None
    if ended is None:
        return None
    return {
        "right_to_retest": ended,
        "last_day": f"已于{chinese_day(lapsed)}24时届满" if lapsed else "不再计算",
        "how_counted": f"{NOT_ANEW}。",
    }


def not_before_told(case: Case, wait_id: str) -> str:
    """Of a period that is still to run: that it ends no earlier than was told before; else empty."""
    told = case.corrections.told.get(wait_id)
    return f"最后一日不早于此前告知的{chinese_day(told)}" if told else ""


def _how_it_ended(file: PartyFile, *, is_retested: bool) -> str | None:
    """Why the party has no window any more, to itself."""
    applied = file.objection
    if file.late is not None and file.late.approved is None:
        return "你（单位）在期限届满后登记的申请正在审查，无须重新提出。"
    if file.standing is PartyStanding.RETEST:
        return (
            "复检已经完成，复检结果为最终结果。"
            if is_retested
            else "你（单位）的复检申请已获批准，继续办理。"
        )
    if file.standing is PartyStanding.REFUSED:
        return "我局对你（单位）的书面复检申请已经作出决定，本文书不改变该决定。"
    if file.standing is PartyStanding.ABANDONED:
        return "你（单位）已经放弃复检，视为对检验结果无异议。"
    if file.standing is PartyStanding.ACCEPTED:
        return "你（单位）已经书面认可检验结果，放弃剩余的期限。"
    if file.standing is PartyStanding.SILENT:
        return "你（单位）申请复检的期限已经届满，逾期未提出申请，视为无异议。"
    if applied is not None:
        day = chinese_day(applied.filed_on)
        return f"你（单位）于{day}提出的书面复检申请正在审查，无须重新提出。"
    return None


def formalities_as_they_run(case: Case, party: Party) -> str | None:
    """Until when an applicant completes them that had the notice before; None: they run from this one."""
    file = case.parties[party]
    if running := case.waits.get(formalities(party)):
        return f"{_as_it_runs(running)}；{NOT_ANEW}"
    if file.objection is not None and file.objection.formalities_on is not None:
        return f"复检手续已于{chinese_day(file.objection.formalities_on)}办理，无须再办理"
    if file.formalities is not None and file.formalities.wait.last_day is not None:
        return f"已于{chinese_day(file.formalities.wait.last_day)}24时届满；{NOT_ANEW}"
    return None


def laboratorys_as_they_run(case: Case) -> str | None:
    """As :func:`formalities_as_they_run`, for the retest laboratory."""
    running = case.waits.get(Term.RETEST_LABORATORY_FORMALITIES)
    return f"{_as_it_runs(running)}；{NOT_ANEW}" if running else None


def _as_it_runs(running: RunningWait) -> str:
    start, last_day = running.wait.starts_on, running.wait.last_day
    assert start is not None
    assert last_day is not None
    return f"自{chinese_day(start)}的次日起算，最后一日仍为{chinese_day(last_day)}24时"


def opened_by_announcement(case: Case, about: DocumentKind | None, party: Party | None) -> str | None:
    """The wait whose last day an announcement can state, for the party's period runs from it."""
    file = case.parties.get(party) if party else None
    if file is None:
        return None
    wait_id = formalities(file.party) if about is DocumentKind.RETEST_LAB_NOTICE else window(file.party)
    running = case.waits.get(wait_id)
    if running is None or about not in _NOT_MOVED:
        return None
    if about is DocumentKind.RETEST_LAB_NOTICE:
        return None if was_served(case, file.party, running.wait.starts_on) else wait_id
    return wait_id if file.by_announcement else None


def was_served(case: Case, party: Party, day: date | None) -> bool:
    """Whether a notice of the retest laboratory was delivered to this applicant on this day."""
    return any(
        one.kind is DocumentKind.RETEST_LAB_NOTICE
        and one.recipient is Recipient(party.value)
        and one.status is DocumentStatus.DELIVERED
        and one.settled_on == day
        for one in case.documents.values()
    )


def last_day_of_none(about: DocumentKind | None) -> str:
    """What stands for a last day in an announcement by which no period runs."""
    return _NOT_MOVED.get(about, "本公告不涉及期限") if about else "本公告不涉及期限"
