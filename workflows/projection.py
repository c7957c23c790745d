"""What the world sees of a case: the snapshot, the current details, the search attributes."""

import json
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeUpdate

from law.calendar import SHANGHAI
from law.counting import Alarm
from law.vocabulary import Phase, WaitKind
from messages.snapshot import DocumentState, PartyState, Snapshot, Wait
from messages.words import OUTCOMES, PHASES, VERDICTS
from temporal.attributes import NEXT_DEADLINE, OUTCOME, OVERDUE, PHASE, WAITING_FOR
from workflows.case import Case
from workflows.parts import OpenWait

_MOST_BYTES = 1_900
_LONGEST_TITLE = 60


def snapshot_of(case: Case) -> Snapshot:
    order = case.opening.order
    return Snapshot(
        batch_no=case.batch_no,
        version=case.version,
        title=case.title,
        phase=case.phase,
        category=case.opening.category,
        suspended=case.suspended_on is not None,
        outcome=case.outcome,
        first_verdict=case.report.verdict if case.report else None,
        final_verdict=case.final_verdict,
        laboratory=order.laboratory.code,
        retest_laboratory=case.retest_laboratory.code if case.retest_laboratory else None,
        parties=tuple(
            PartyState(
                party=file.party,
                name=file.name,
                natural_person=file.natural_person,
                entitled=file.entitled,
                received_on=file.received_on,
                by_announcement=file.by_announcement,
                standing=file.standing,
            )
            for file in case.parties.values()
        ),
        waits=tuple(open_wait.wait for open_wait in case.waits.values()),
        documents=tuple(case.documents.values()),
        samples=tuple(case.samples),
        referral_authority=case.referral_authority,
        referral_copies=case.referral_copies,
        keep_evidence_until=case.keep_evidence_until,
    )


def by_urgency(case: Case) -> list[Wait]:
    """Open waits, those with the nearest deadline first, those without one last."""
    waits = [open_wait.wait for open_wait in case.waits.values()]
    return sorted(waits, key=lambda wait: _urgency(wait, case.now))


def _urgency(wait: Wait, now: datetime) -> tuple[bool, datetime, str]:
    return wait.deadline is None, wait.deadline or now, wait.id


def next_deadline(case: Case) -> datetime | None:
    return min((o.wait.deadline for o in case.waits.values() if o.wait.deadline), default=None)


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether a duty is late; a right is never late, it lapses. During a stay nothing is."""
    if case.suspended_at is not None:
        return False
    duties = [o.wait.deadline for o in case.waits.values() if o.wait.kind is WaitKind.DUTY]
    return any(deadline is not None and deadline <= now for deadline in duties)


def details_of(case: Case, now: datetime) -> str:
    """What is awaited, from whom, until when, on what rule: for whoever opens the Temporal UI at 3 a.m.

    The page keeps line breaks, needs an empty line before a list, and shows some ten lines without scrolling.
    """
    lines = [f"**{case.title}**", f"阶段：{PHASES[case.phase]}{_verdicts(case)}"]
    if case.suspended_on is not None:
        lines.append(f"**已于{case.suspended_on}中止**，期限停止计算")
    if case.outcome is not None:
        lines.append(f"结局：**{OUTCOMES[case.outcome]}**")
    if case.keep_evidence_until is not None:
        lines.append(f"证据资料至少保存至{case.keep_evidence_until}")
    if case.waits:
        urgent = sorted(case.waits.values(), key=lambda o: _urgency(o.wait, case.now))
        lines += ["正在等待：", "", *(f"- {_in_words(case, open_wait, now)}" for open_wait in urgent)]
    if failing := [document for document in case.documents.values() if document.failure]:
        lines += [
            "",
            "未能送达的线索（确认退回`notice_returned`，改寄`notice_posted`，已送达`notice_delivered`）：",
            "",
            *(f"- {_sign(document)}" for document in failing),
        ]
    return "\n".join(lines)


def _sign(document: DocumentState) -> str:
    posted = f"，{document.carrier} {document.tracking_no}" if document.tracking_no else ""
    return f"{document.document_id}（{document.recipient_name}{posted}）：{document.failure}"


def _verdicts(case: Case) -> str:
    if case.final_verdict is not None:
        return f"，检验结果：{VERDICTS[case.final_verdict]}"
    return f"，初检：{VERDICTS[case.report.verdict]}（尚未确定）" if case.report else ""


def until_in_words(wait: Wait) -> str:
    if wait.last_day is None:
        return "无期限"
    marks = [mark for mark, holds in (("内部时限", wait.internal), ("暂定", wait.provisional)) if holds]
    return f"至{wait.last_day} 24:00" + (f"（{'，'.join(marks)}）" if marks else "")


def _in_words(case: Case, open_wait: OpenWait, now: datetime) -> str:
    wait = open_wait.wait
    late = wait.kind is WaitKind.DUTY and wait.deadline is not None and wait.deadline <= now
    late = late and case.suspended_at is None
    step = f"，步骤`{wait.step}`" if wait.step else ""
    return (
        f"{'**已逾期** ' if late else ''}**{wait.what_and_whose}**，{until_in_words(wait)}"
        f"（{wait.rests_on}{step}）{_what_follows(open_wait, late)}"
    )


def _what_follows(open_wait: OpenWait, late: bool) -> str:
    """What happens of itself if nobody does anything."""
    wait = open_wait.wait
    if wait.kind is WaitKind.RIGHT:
        return f"；届满{wait.on_silence}" if wait.on_silence else ""
    if open_wait.alarms:
        alarm = open_wait.alarms[0]
        return f"；{alarm.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}{alarm_in_words(alarm)}"
    return "；已逐级报告完毕，继续等待" if late else ""


def alarm_in_words(alarm: Alarm) -> str:
    return f"{'报告' if alarm.level else '提醒'}{alarm.to}"


def _waiting_for(case: Case) -> list[str]:
    """What is awaited within a period, the most urgent first, as many as the server takes.

    Each matter once and without whom it concerns, so that the page can be filtered by it; what has no period
    is told by the phase. An attribute costs the server as much as a step, so it says what changes seldom.
    The server counts JSON in which a Chinese character is six bytes, and it ends the batch above 2,048.
    """
    terms = case.opening.regulation.terms
    matters = dict.fromkeys(terms[wait.term].title for wait in by_urgency(case) if wait.term)
    titles: list[str] = []
    for matter in matters:
        longer = [*titles, matter[:_LONGEST_TITLE]]
        if len(json.dumps(longer)) > _MOST_BYTES:
            break
        titles = longer
    return titles


def attributes_at_start() -> dict[str, Any]:
    """What ``temporal.running`` starts a new batch's workflow with: its first task need not set it again."""
    return {PHASE.name: PHASES[Phase.SAMPLING], OVERDUE.name: False}


def attributes_of(case: Case, now: datetime) -> dict[str, SearchAttributeUpdate[Any]]:
    """The search attributes as they should stand, by name."""
    deadline = next_deadline(case)
    waiting_for = _waiting_for(case)
    return {
        PHASE.name: PHASE.value_set(PHASES[case.phase]),
        WAITING_FOR.name: WAITING_FOR.value_set(waiting_for) if waiting_for else WAITING_FOR.value_unset(),
        NEXT_DEADLINE.name: NEXT_DEADLINE.value_set(deadline.astimezone(SHANGHAI))
        if deadline
        else NEXT_DEADLINE.value_unset(),
        OVERDUE.name: OVERDUE.value_set(is_overdue(case, now)),
        OUTCOME.name: OUTCOME.value_set(OUTCOMES[case.outcome]) if case.outcome else OUTCOME.value_unset(),
    }
