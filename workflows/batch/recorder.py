"""The case as it is on record, the change that is under way, and the writing of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from messages.envelope import Decision, StepEnvelope
from messages.judging import Judged
from messages.opening import CalendarInForce
from messages.records import NotTheLedgers, RecordInput, Sampled
from workflows.batch.post import Post
from workflows.batch.world import World
from workflows.procedure.alarms import next_due
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Moment, Ways
from workflows.procedure.found import found_by
from workflows.procedure.leaving import make_out_papers
from workflows.procedure.quality import quality_of, tally_of
from workflows.procedure.snapshot import snapshot_of


class Undone(Exception):
    """Nothing of the change under way was recorded: the course begins anew from the record."""


class Recorder:
    """One change at a time; it holds once it is recorded, and until then it can be thrown away."""

    def __init__(self, world: World, post: Post, case: Case, calendar: CalendarInForce) -> None:
        self._world = world
        self._post = post
        self._on_record = case
        self._change: Change | None = None
        self._settle: Callable[[], None] = _nothing
        self._ways = Ways()
        self._foresees = True
        self._unprintable: Mapping[str, str] = {}
        self._sampled: Sampled | None = None
        self.calendar = calendar
        self.is_calendar_new = False
        self.not_the_ledgers: NotTheLedgers | None = None
        self.is_lacking = False

    @property
    def case(self) -> Case:
        """As it stands with the change under way."""
        return self._change.case if self._change else self._on_record

    @property
    def decided_to(self) -> int:
        """The place in the ledger up to which steps are decided, on record."""
        return self._on_record.position

    @property
    def is_changing(self) -> bool:
        """Whether a change is under way."""
        return self._change is not None

    @property
    def owes_answer(self) -> bool:
        """Whether a step is on record whose decision waits for what follows from papers that left."""
        return self._on_record.owed is not None

    def now(self) -> datetime:
        """The clock of the record: a batch taken up again never goes back behind where it was."""
        since = self._on_record.recorded_at
        return self._world.now() if since is None else max(self._world.now(), since)

    def moment(self, now: datetime | None = None, judged: Judged | None = None) -> Moment:
        return Moment(
            now or self.now(),
            self.calendar.calendar,
            self._ways,
            self._foresees,
            self._unprintable,
            self._sampled,
            judged,
        )

    def begin(self, change: Change, settle: Callable[[], None]) -> None:
        """Let ``change`` be under way; ``settle`` is done once it is recorded, and only then.

        One that leaves nothing to record holds at once.
        """
        if change.is_empty:
            self._on_record = change.case
            settle()
        else:
            self._change, self._settle = change, settle

    def follow(self, what: Callable[[Change], None]) -> None:
        """Draw a consequence within the change under way, or within one of its own."""
        change = self._change or Change(self._on_record, self.moment())
        what(change)
        if self._change is None:
            self.begin(change, _nothing)

    def make_out(self) -> bool:
        """Make out the papers that are called for, today; False where there are none."""
        if self._change is None or not self._change.requests:
            return False
        self._change.at(self.now())
        return make_out_papers(self._change)

    async def record(self) -> None:
        """Write the change in one transaction. Raises ``Undone`` where it cannot be as of now.

        A step is answered last, after what follows from the papers that leave at once: whoever has the
        answer sees everything that came of it.
        """
        change = self._change or Change(self._on_record, self.moment())
        self._change, settle, self._settle = None, self._settle, _nothing
        step, decision = change.decided or (None, change.case.owed)
        answers = not any(paper.is_mailable for paper in change.papers)
        case, now = change.case, self.now()
        case.version, case.recorded_at = case.version + 1, now
        case.owed = None if answers else decision
        recorded = await self._world.record(self._written(change, now, step, decision if answers else None))
        if recorded.in_force is not None:
            self.take_calendar(recorded.in_force)
        # The batch's clock and the ledger's are on two sides of a midnight: the ledger's day holds.
        self._foresees = not recorded.another_day
        if recorded.unprintable is not None or recorded.is_written:
            self._unprintable = recorded.unprintable or {}
        if recorded.sampled is not None or recorded.is_written:
            self._sampled = recorded.sampled
        self.not_the_ledgers = recorded.not_the_ledgers
        self.is_lacking = recorded.lacking
        if recorded.behind:
            await self._world.go_on_from_record(case.batch_no)
        if not recorded.is_written:
            raise Undone
        if answers and decision and recorded.accepted not in (None, decision.accepted):
            # Replayed under changed rules: going on would leave the batch other than it was recorded.
            raise RuntimeError(
                f"step {decision.step_id} was decided otherwise; guard the change with the opening's program"
            )
        self._on_record = case
        self._ways = Ways(recorded.mails, recorded.platform_linked)
        settle()
        self._post.recorded(change.papers, recorded)

    def _written(
        self, change: Change, now: datetime, step: StepEnvelope | None, decision: Decision | None
    ) -> RecordInput:
        case, found = change.case, found_by(change.case)
        before = None if change.puts_back else self._on_record
        tally, quality = tally_of(case), quality_of(case)
        return RecordInput(
            snapshot=snapshot_of(case),
            lines=tuple(change.lines),
            step=step,
            decision=decision,
            deadlines=change.deadlines,
            recounts=change.recounts,
            passed=tuple(change.passed.values()),
            papers=tuple(change.papers),
            served=tuple(case.documents[document_id] for document_id in change.served),
            alerts=tuple(change.alerts),
            now=now,
            calendar=self.calendar,
            since=case.opening.order.regulation_date,
            kept=case,
            position=case.position,
            acts_at=next_due(case),
            goods=change.goods,
            puts_back=change.puts_back,
            answered=tuple(change.answered),
            found_by=None if before and found == found_by(before) else found,
            tally=None if before and tally == tally_of(before) else tally,
            quality=None if before and quality == quality_of(before) else quality,
        )

    def take_calendar(self, calendar: CalendarInForce) -> None:
        """From now on days are counted on this one; what runs is counted again first."""
        self.is_calendar_new |= calendar.calendar != self.calendar.calendar
        self.calendar = calendar


def _nothing() -> None: ...
