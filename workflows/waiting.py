"""The one mechanism for waiting: a duty reminds, climbs and goes on; a right lapses, by facts.

This is the only place with a timer. What fires or arrives first decides nothing: steps are taken before
anything else is looked at, and a right lapses only after the ledger has been asked (procedure section 5).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase, WaitKind
from messages.envelope import Decision, RefusalCode, StepEnvelope
from messages.records import Counted, EarlierInput, Failure, Paper, RecordInput
from workflows import alarms, effects, recounting
from workflows.case import Case
from workflows.deciding import decide, refuse
from workflows.parts import OpenWait, Refused
from workflows.projection import alarm_in_words, attributes_of, details_of, snapshot_of, until_in_words
from workflows.result import window_counted
from workflows.service import document_sent, make_out_papers, not_taken_in

# How far the ledger's clock may be ahead of the server's; a stamp beyond it is no ledger's.
_MOST_DRIFT = timedelta(days=1)


class Ended(Exception):
    """The batch was abandoned or voided; caught by the procedure's main function."""


class Waiting:
    """Takes steps, sends papers, sounds alarms, and waits; the case changes nowhere else."""

    def __init__(self, case: Case, shown: dict[str, Any]) -> None:
        """``shown``: the search attributes as they stand."""
        self.case = case
        self._since = case.now
        self._inbox: deque[StepEnvelope] = deque()
        self._held: list[StepEnvelope] = []
        self._decided: tuple[StepEnvelope, Decision] | None = None
        self._left: dict[str, datetime] = {}
        self._failed: dict[str, Failure] = {}
        self._mailing: dict[str, DocumentKind] = {}
        self._working: list[asyncio.Task[None]] = []
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._rang = False
        self._announced = False
        self._shown = shown

    def take(self, envelope: StepEnvelope) -> None:
        """Put a step in the inbox, before those filed after it; the same step twice is taken once."""
        if envelope.step_id in self.case.taken:
            return
        self.case.taken.add(envelope.step_id)
        mine = envelope.position
        later = (i for i, other in enumerate(self._inbox) if mine and (other.position or 0) > mine)
        self._inbox.insert(next(later, len(self._inbox)), envelope)

    def calendar_announced(self, revision: int) -> None:
        """Count again on a calendar of at least this revision; how often it is said makes no difference."""
        self.case.calendar_revision = max(self.case.calendar_revision, revision)
        self._announced = True

    async def until(self, done: Callable[[Case], bool]) -> None:
        """Go on with the batch until ``done``. Raises ``Ended`` when it is abandoned or voided meanwhile.

        What follows from a step, an alarm or a paper that left is recorded with it, in one transaction; so
        is what the procedure does next when it is ``done``. No step is decided while a deadline is not yet
        counted, or before what follows from a paper that has left.
        """
        case = self.case
        while True:
            self._rang = False
            may_decide = self._inbox and not (self._decided or self._left or case.counts)
            if may_decide and not recounting.what_is_over(case, self._due, workflow.now()):
                await self._take_earlier()
                self._decide(self._inbox.popleft())
            if case.is_over:
                raise Ended
            if done(case):
                return
            if self._announced and not case.counts:
                self._announced = False
                recounting.all_that_runs(case, workflow.now())
            if not (await self._write_up() or await self._sound_alarm()):
                self._show()
                self._continue_as_new_if_long()
                self._set_alarm()
                await workflow.wait_condition(lambda: self._announced or self._has_work())

    def _has_work(self) -> bool:
        return bool(self._inbox or self._left or self._rang or self.case.entries)

    async def finish(self) -> bool:
        """Record the last change, let what is under way end, answer what arrives. False: closed no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.case.is_over:
            for task in self._working:
                task.cancel()
        shown = False
        while not self._is_idle() or self._inbox or self._left or self._decided or not shown:
            self._inbox.extendleft(reversed(self._held))
            self._held.clear()
            if self._inbox and not self._decided:
                self._decide(self._inbox.popleft())
            if self.case.phase is not Phase.CLOSED:
                return False
            if await self._write_up():
                continue
            self._show()
            shown = True
            await workflow.wait_condition(lambda: self._is_idle() or self._has_work())
        return True

    def _is_idle(self) -> bool:
        return all(task.done() for task in self._working)

    async def _write_up(self) -> bool:
        """Draw the consequences of papers that left, or record what has changed. False: neither is owed."""
        if self._left:
            self._note_left()
        elif self._decided or self.case.entries:
            await self._record()
        else:
            return False
        return True

    async def _take_earlier(self) -> None:
        """Take what was filed before the next step and no signal has brought yet.

        Steps are decided in the order of the ledger, whichever signal was lost, overtaken or sent again late.
        """
        case, position = self.case, self._inbox[0].position
        if position is None or position <= case.position + 1:
            return
        question = EarlierInput(
            batch_no=case.batch_no, after=case.position, before=position, taken=tuple(sorted(case.taken))
        )
        case.position = position - 1
        for envelope in (await effects.filed_earlier(question)).steps:
            self.take(envelope)

    def _decide(self, envelope: StepEnvelope) -> None:
        case = self.case
        case.position = max(case.position, envelope.position or 0)
        now = self._now()
        # A step is judged as of the ledger's stamp, whenever the worker comes to it.
        case.now = min(envelope.received_at or now, now + _MOST_DRIFT)
        before = case.model_dump_json(exclude={"opening"})
        try:
            decision = decide(case, envelope, now)
        except Exception as defect:
            # A defect of ours must not hold up the batch, nor leave it half changed.
            workflow.logger.exception("step %s could not be decided", envelope.step_id)
            case.restore(before)
            decision = refuse(
                case,
                envelope,
                Refused(RefusalCode.DEFECT, f"系统处理出错（{type(defect).__name__}），未作任何改变"),
                now,
            )
        if self._may_follow_from_mail(envelope, decision):
            # The step follows from a letter that is just being mailed: it is decided once that has left.
            case.restore(before)
            self._held.append(envelope)
            return
        self._decided = (envelope, decision)

    def _now(self) -> datetime:
        """The clock of the record: a batch taken up again never goes back behind where it was."""
        return max(workflow.now(), self._since)

    def _may_follow_from_mail(self, envelope: StepEnvelope, decision: Decision) -> bool:
        """Whether a refusal is only for a letter that is being mailed and has not left yet."""
        if decision.code is RefusalCode.NO_SUCH_NOTICE:
            return envelope.body.get("notice") in self._mailing.values()
        too_early = decision.code in (RefusalCode.WRONG_PARTY, RefusalCode.OUT_OF_ORDER)
        return too_early and DocumentKind.RESULT_NOTICE in self._mailing.values()

    def _note_left(self) -> None:
        """Papers have left: what the procedure does next, for each."""
        self.case.now = self._now()
        left, self._left = self._left, {}
        self._mailing = {
            document_id: kind for document_id, kind in self._mailing.items() if document_id not in left
        }
        for document_id, at in left.items():
            document_sent(self.case, document_id, day_in_shanghai(at))
            if failure := self._failed.pop(document_id, None):
                not_taken_in(self.case, document_id, failure)
        self._inbox.extendleft(reversed(self._held))
        self._held.clear()

    async def _record(self) -> None:
        """Write what has changed in one transaction; the deadlines of new waits come back counted.

        The decision is told last, after what follows from the papers that leave at once: whoever has the
        answer to a step sees everything that came of it.
        """
        case = self.case
        before = case.model_dump_json(exclude={"opening"}) if case.to_send else None
        if before is not None:
            case.now = self._now()
        papers = make_out_papers(case, day_in_shanghai(self._now()))
        complete = all(paper.leaves for paper in papers)
        envelope, decision = (self._decided if complete else None) or (None, None)
        case.version += 1
        change = RecordInput(
            snapshot=snapshot_of(case),
            kept=case.to_keep(),
            entries=tuple(case.entries),
            envelope=envelope,
            decision=decision,
            count=tuple(case.counts),
            passed=tuple(case.passed),
            papers=papers,
            served=tuple(case.documents[document_id] for document_id in dict.fromkeys(case.served)),
            alerts=tuple(case.to_tell),
            ladder=case.opening.regulation.ladder,
            now=self._now(),
            calendar_revision=case.calendar_revision,
        )
        case.to_tell, case.entries, case.counts, case.passed, case.served = [], [], [], [], []
        recorded = await effects.record(change)
        if recorded.another_day:
            # Over midnight: the papers are noted as they leave, on the day by the ledger's stamp.
            assert before is not None
            taken, revision = case.taken, case.calendar_revision
            case.restore(before)
            case.taken, case.calendar_revision, case.mail_in_use = taken, revision, None
            return
        if complete:
            self._decided = None
        case.mail_in_use, case.platform_linked = recorded.mail_in_use, recorded.platform_linked
        if decision and recorded.accepted not in (None, decision.accepted):
            # Replayed under changed rules: going on would leave the batch other than it was recorded.
            raise RuntimeError(
                f"step {decision.step_id} was decided otherwise; guard the change with the opening's program"
            )
        for counted in recorded.counted:
            self._apply(counted)
        here = {paper.document_id for paper in papers if not paper.leaves}
        self._left |= {document_id: at for document_id, at in recorded.sent.items() if document_id in here}
        if by_mail := [paper for paper in papers if paper.document_id not in recorded.sent]:
            self._mailing |= {paper.document_id: paper.kind for paper in by_mail}
            # Each on its own, so that one that cannot be handed over does not hold up the others.
            self._working += [asyncio.create_task(self._mail(paper)) for paper in by_mail]

    def _apply(self, counted: Counted) -> None:
        open_wait = self.case.waits.get(counted.wait_id)
        if open_wait is None:  # it has ended with the same record
            window_counted(self.case, counted.wait_id, counted.last_day)
            return
        before = open_wait.wait.last_day
        open_wait.wait = open_wait.wait.model_copy(
            update={
                "starts_on": counted.starts_on,
                "last_day": counted.last_day,
                "deadline": counted.closes_at,
                "provisional": counted.provisional,
                "calendar_version": counted.calendar_version,
            }
        )
        ahead = {alarm.level for alarm in open_wait.alarms}
        same = counted.again and counted.last_day == before
        open_wait.alarms = [alarm for alarm in counted.alarms if not same or alarm.level in ahead]
        open_wait.ask_again_at = None

    async def _mail(self, paper: Paper) -> None:
        """Have a letter mailed; the batch goes on meanwhile."""
        dispatched = await effects.mail(self.case.batch_no, [paper])
        self._failed |= dispatched.failed
        self._left |= dispatched.sent_at

    async def _sound_alarm(self) -> bool:
        """Deal with the waits whose time has come: climb, or let a right lapse. False if there are none.

        What came of all of them is recorded together, unless a step or a deadline has to be seen to first.
        """
        now = workflow.now()
        rang = False
        for open_wait in list(self.case.waits.values()):
            due = self._due(open_wait)
            if due is None or due > now:
                continue
            rang = True
            self.case.now = now
            self.case.because = {"wait_id": open_wait.wait.id}
            if open_wait.wait.kind is WaitKind.RIGHT:
                await self._let_lapse(open_wait)
            else:
                self.case.to_tell += alarms.climb(self.case, open_wait, now)
            if self._inbox or self.case.counts:
                break
        return rang

    def _due(self, open_wait: OpenWait) -> datetime | None:
        return alarms.due(self.case, open_wait)

    async def _let_lapse(self, open_wait: OpenWait) -> None:
        """Ask the ledger, under the lock that filing takes, whether the party acted in time; else silence."""
        if recounting.before_it_lapses(self.case, open_wait):
            return
        question = alarms.question(self.case, open_wait, workflow.now())
        answer = await effects.ask_ledger(question, open_wait.wait.title)
        if answer.verdict == "too_early":
            open_wait.ask_again_at = workflow.now() + timedelta(seconds=max(answer.wait_seconds, 1))
            return
        # Also what leaders or the other party did before the end: it may have moved or ended this window.
        for envelope in answer.untaken:
            self.take(envelope)
        if not self._inbox:
            alarms.lapse(self.case, open_wait, question, answer)

    def _set_alarm(self) -> None:
        """Keep one timer, for whatever wants attention next; its summary says what that is."""
        due = [
            (at, open_wait)
            for open_wait in self.case.waits.values()
            if (at := self._due(open_wait)) is not None
        ]
        at, open_wait = min(due, key=lambda pair: (pair[0], pair[1].wait.id), default=(None, None))
        if at == self._alarm_at and self._alarm is not None and not self._alarm.done():
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = at
        if at is not None and open_wait is not None:
            self._alarm = asyncio.create_task(self._ring(at - workflow.now(), open_wait))

    async def _ring(self, delay: timedelta, open_wait: OpenWait) -> None:
        wait = open_wait.wait
        words = "届满" if wait.kind is WaitKind.RIGHT else alarm_in_words(open_wait.alarms[0])
        summary = f"{words}：{wait.what_and_whose}，{until_in_words(wait)}（{wait.rests_on}）"
        await workflow.sleep(max(delay, timedelta(0)), summary=effects.clamped(summary))
        self._rang = True

    def _show(self) -> None:
        """Bring the Temporal UI up to date; search attributes only where they have changed."""
        now = workflow.now()
        workflow.set_current_details(details_of(self.case, now))
        wanted = attributes_of(self.case, now)
        changed = [update for name, update in wanted.items() if self._shown.get(name) != update.value]
        if changed:
            workflow.upsert_search_attributes(changed)
            self._shown = {name: update.value for name, update in wanted.items()}

    def _continue_as_new_if_long(self) -> None:
        """A history that grows too long is cut; the case is carried over whole."""
        busy = self._inbox or self._held or self._left or any(not task.done() for task in self._working)
        if workflow.info().is_continue_as_new_suggested() and not busy:
            workflow.continue_as_new(args=[self.case.opening, self.case])
