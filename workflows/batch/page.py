"""The batch in the Temporal pages: its current details in words, and its search attributes."""

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeUpdate

from law.calendar import SHANGHAI
from law.vocabulary import Phase, WaitKind
from messages.snapshot import DocumentState, DocumentStatus
from messages.words import DOCUMENTS, OUTCOMES, PHASES, RECIPIENTS, VERDICTS
from temporal.attributes import OUTCOME, OVERDUE, PHASE
from workflows.batch.clear import sign_in_clear
from workflows.batch.world import World
from workflows.procedure.case import Case
from workflows.procedure.parts import RunningWait
from workflows.procedure.snapshot import by_urgency, is_late, is_overdue
from workflows.procedure.wording import alarm_in_words, until_in_words, whose_in_words


class CasePage:
    """Keeps the pages up to date; search attributes only where they have changed, for each is dear."""

    def __init__(self, world: World, *, is_new: bool) -> None:
        self._world = world
        # A batch that goes on from another history sets its attributes all anew.
        self._shown: dict[str, Any] = _attributes_at_start() if is_new else {}

    def show(self, case: Case) -> None:
        now = self._world.now()
        wanted = _attributes_of(case, now)
        changed = [update for name, update in wanted.items() if self._shown.get(name) != update.value]
        self._shown = {name: update.value for name, update in wanted.items()}
        self._world.show(details_of(case, now), changed)


def _attributes_at_start() -> dict[str, Any]:
    """What ``temporal.running`` starts a new batch's workflow with: its first task need not set it again."""
    return {PHASE.name: PHASES[Phase.SAMPLING], OVERDUE.name: False}


def _attributes_of(case: Case, now: datetime) -> dict[str, SearchAttributeUpdate[Any]]:
    """The search attributes as they should stand, by name: what changes seldom; the rest is the inbox's."""
    return {
        PHASE.name: PHASE.value_set(PHASES[case.phase]),
        OVERDUE.name: OVERDUE.value_set(is_overdue(case, now)),
        OUTCOME.name: OUTCOME.value_set(OUTCOMES[case.outcome]) if case.outcome else OUTCOME.value_unset(),
    }


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
        urgent = [case.waits[wait.id] for wait in by_urgency(case)]
        lines += ["正在等待：", "", *(f"- {_in_words(case, running, now)}" for running in urgent)]
    queued = [document for document in case.documents.values() if _is_queued(document)]
    if queued and not case.is_over:
        letters = "、".join(f"{DOCUMENTS[one.kind]}→{RECIPIENTS[one.recipient]}" for one in queued)
        lines += ["", f"待人工交付的文书（交寄`notice_posted`，当面交付`notice_delivered`）：{letters}"]
    if failing := [document for document in case.documents.values() if document.failure]:
        lines += [
            "",
            "未能送达的线索（确认退回`notice_returned`，改寄`notice_posted`，已送达`notice_delivered`）：",
            "",
            *(f"- {_sign(document)}" for document in failing),
        ]
    return "\n".join(lines)


def _is_queued(document: DocumentState) -> bool:
    """Whether people have to hand it over; of one that fails more is said."""
    return document.by_hand and document.status is DocumentStatus.TO_SEND and document.failure is None


def _sign(document: DocumentState) -> str:
    posted = f"，{document.carrier} {document.tracking_no}" if document.tracking_no else ""
    return f"{document.document_id}（{RECIPIENTS[document.recipient]}{posted}）：{sign_in_clear(document)}"


def _verdicts(case: Case) -> str:
    if case.final_verdict is not None:
        return f"，检验结果：{VERDICTS[case.final_verdict]}"
    return f"，初检：{VERDICTS[case.report.verdict]}（尚未确定）" if case.report else ""


def _in_words(case: Case, running: RunningWait, now: datetime) -> str:
    wait = running.wait
    late = is_late(case, wait, now)
    notes = (wait.rests_on, f"步骤`{wait.step}`") if wait.step else (wait.rests_on,)
    return (
        f"{'**已逾期** ' if late else ''}**{wait.title}**{whose_in_words(wait)}，"
        f"{until_in_words(wait, *notes)}{_what_follows(running, late)}"
    )


def _what_follows(running: RunningWait, late: bool) -> str:
    """What happens of itself if nobody does anything."""
    wait = running.wait
    if wait.kind is WaitKind.RIGHT:
        heard = wait.heard_until and f"，在途申请候至{wait.heard_until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return f"；届满{wait.on_silence}{heard or ''}" if wait.on_silence else ""
    if running.alarms:
        alarm = running.alarms[0]
        return f"；{alarm.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {alarm_in_words(alarm)}"
    return "；已逐级报告完毕，继续等待" if late else ""
