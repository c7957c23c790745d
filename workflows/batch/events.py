"""What may come to a batch, one at a time and in this order; each begins one change."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from law.vocabulary import WaitKind
from messages.base import OPERATOR
from messages.envelope import RefusalCode, StepEnvelope
from messages.judging import Judged
from messages.names import cancel_line, not_the_ledgers_line, restored_line, unreadable_line
from messages.records import NotTheLedgers, SilenceInput, SilenceResult, TimelineKind
from messages.standing import StandingInput
from workflows.batch.clock import Clock
from workflows.batch.inbox import Inbox
from workflows.batch.lost import Lost
from workflows.batch.post import Post
from workflows.batch.recorder import Recorder
from workflows.batch.world import World
from workflows.procedure import alarms
from workflows.procedure.change import Change, Refused, ToBeJudged
from workflows.procedure.deciding import decide, refuse
from workflows.procedure.parts import RunningWait
from workflows.procedure.recounting import guesses_come, on_another_calendar


class Events:
    """Where the next change comes from: signals, letters that left, a new calendar, steps, the time."""

    def __init__(self, world: World, recorder: Recorder, inbox: Inbox, post: Post, clock: Clock) -> None:
        self._world = world
        self._recorder = recorder
        self._inbox = inbox
        self._post = post
        self._clock = clock
        self._looked_up: set[str] = set()
        self.unreadable: list[tuple[UUID, str, str]] = []
        self.announced: int | None = None
        self.is_to_compare = False
        self.is_cancel_asked = False
        self.restored_because: str | None = None
        self._lost: Lost | None = None

    @property
    def any_here(self) -> bool:
        waiting = self._inbox or self._post.has_left or self._clock.rang or self.unreadable
        said = self.is_to_compare or self.is_cancel_asked or self.announced is not None
        return bool(waiting) or said

    async def take_next(self) -> bool:
        """Begin the change that is next; False where nothing has come."""
        sources: tuple[Callable[[], Awaitable[bool]], ...] = (
            self._restored,
            self._comparison,
            self._lost_on_record,
            self._cancelling,
            self._unreadable_signals,
            self._signals_not_the_ledgers,
            self._letters_left,
            self._owed_answer,
            self._new_calendar,
            self._next_step,
            self._waits_due,
        )
        for source in sources:
            if await source():
                return True
        return False

    async def _restored(self) -> bool:
        """The batch goes on from its record: the timeline says so, and why."""
        if self.restored_because is None:
            return False
        change = self._begun()
        change.note(
            restored_line(change.case.version),
            TimelineKind.RESTORED,
            f"{self.restored_because}，自记录所存案卷恢复办理，各项期限不变",
            "规程第9节",
        )

        def settle() -> None:
            self.restored_because = None

        self._recorder.begin(change, settle)
        return True

    async def _comparison(self) -> bool:
        """Whether the record knows more than the batch: changes, or steps whose signal was lost."""
        if not self.is_to_compare:
            return False
        case, self.is_to_compare = self._recorder.case, False
        standing = await self._world.standing(self._question())
        if standing.is_anothers:
            await self._world.leave_number(case)
        if standing.version > case.version:
            await self._world.go_on_from_record(case.batch_no)
        if standing.is_missing or standing.version < case.version:
            self._lost = Lost.of(case, standing)
            standing = self._lost.standing
        self._inbox.looked_up(standing)
        return True

    async def _lost_on_record(self) -> bool:
        """The record has lost what the batch knows: it is put on record again, and said."""
        if self._lost is None:
            return False
        change = self._begun()
        self._lost.put_back(change, self._recorder.now())

        def settle() -> None:
            # What was filed meanwhile in a place that had been another's is looked up once more.
            self._lost, self.is_to_compare = None, True

        self._recorder.begin(change, settle)
        return True

    async def bring_record_up(self) -> None:
        """Find what the record lacks and put it back at once; whatever is under way is thrown away."""
        self.is_to_compare, self._recorder.is_lacking = True, False
        await self._comparison()
        if await self._lost_on_record():
            await self._recorder.record()

    def _question(self) -> StandingInput:
        case = self._recorder.case
        owed = () if case.owed is None else (case.owed.step_id,)
        accepted = tuple(UUID(step_id) for step_id, taken in case.accepted.items() if taken.step)
        return StandingInput(batch_no=case.batch_no, taken=(*self._inbox.here, *owed), accepted=accepted)

    async def _cancelling(self) -> bool:
        """A click in the Temporal pages ends no batch."""
        if not self.is_cancel_asked:
            return False
        change = self._begun()
        change.note(
            cancel_line(change.case.version),
            TimelineKind.STEP_REFUSED,
            "收到取消流程的请求，未予采用。需要终止的，由审批人登记“撤销批次”（voided）",
            "规程第8节",
            actor=OPERATOR,
        )

        def settle() -> None:
            self.is_cancel_asked = False

        self._recorder.begin(change, settle)
        return True

    async def _signals_not_the_ledgers(self) -> bool:
        """A step that was signalled otherwise than it was filed changes nothing, and is noted."""
        said = self._recorder.not_the_ledgers
        if said is None:
            return False
        self._recorder.not_the_ledgers = None
        self._inbox.corrected(said)
        self._note_not_filed(said)
        return True

    def _note_not_filed(self, said: NotTheLedgers) -> None:
        as_filed = "以登记簿所载为准" if said.filed else "未予采用"
        change = self._begun()
        change.note(
            not_the_ledgers_line(said.step_id),
            TimelineKind.STEP_REFUSED,
            f"收到的信号与登记簿不符，{as_filed}",
            "规程第2节",
            actor=OPERATOR,
            data={"step_id": str(said.step_id)},
        )
        self._recorder.begin(change, _nothing)

    async def _unreadable_signals(self) -> bool:
        if not self.unreadable:
            return False
        noted = len(self.unreadable)
        signal_id, name, error = self.unreadable[0]
        others = f"等{noted}个信号" if noted > 1 else ""
        change = self._begun()
        change.note(
            unreadable_line(signal_id),
            TimelineKind.STEP_REFUSED,
            f"收到无法识别的信号“{name}”{others}，未予受理",
            "规程第2节",
            actor=OPERATOR,
            data={"error": error},
        )

        def settle() -> None:
            del self.unreadable[:noted]

        self._recorder.begin(change, settle)
        return True

    def _begun(self) -> Change:
        return Change(self._recorder.case, self._recorder.moment())

    async def _letters_left(self) -> bool:
        if not self._post.has_left:
            return False
        change = self._begun()
        left = self._post.note_left(change)

        def settle() -> None:
            self._post.settled(left)
            self._inbox.release()

        self._recorder.begin(change, settle)
        return True

    async def _owed_answer(self) -> bool:
        if not self._recorder.owes_answer:
            return False
        await self._recorder.record()
        return True

    async def _new_calendar(self) -> bool:
        case = self._recorder.case
        if self.announced is not None:
            revision, self.announced = self.announced, None
            self._recorder.take_calendar(await self._world.calendar(case.batch_no, revision))
        if not self._recorder.is_calendar_new:
            return False
        revision = self._recorder.calendar.revision
        change = on_another_calendar(case, self._recorder.moment(), revision)

        def settle() -> None:
            self._recorder.is_calendar_new = False

        self._recorder.begin(change, settle)
        return True

    async def _look_up_guesses(self) -> bool:
        """Before a right ends on a guessed calendar: ask once whether its year is known by now."""
        case = self._recorder.case
        ends = guesses_come(case, self._world.now())
        if not ends - self._looked_up:
            return False
        self._looked_up |= ends
        held = self._recorder.calendar.revision
        self._recorder.take_calendar(await self._world.calendar(case.batch_no, held))
        return self._recorder.is_calendar_new

    async def _next_step(self) -> bool:
        if not self._inbox:
            return False
        if await self._look_up_guesses():
            return True
        case = self._recorder.case
        if self._inbox.is_gap_before_first(case.position):
            self._inbox.looked_up(await self._world.standing(self._question()))
        envelope = self._inbox.first
        if envelope.position is None:
            await self._file_for_operator(envelope)
            return True
        try:
            change = self._decided(envelope)
        except ToBeJudged as correction:
            change = self._decided(envelope, await self._world.judge_anew(correction.question))
        assert change.decided is not None
        if self._post.may_explain(envelope, change.decided[1]):
            self._inbox.hold(envelope)
            return True
        self._recorder.begin(change, lambda: self._inbox.settled(envelope))
        return True

    async def _file_for_operator(self, envelope: StepEnvelope) -> None:
        """A step that an operator signalled: it counts once it is filed, where that is allowed."""
        filed = await self._world.file_unfiled(envelope)
        self._inbox.settled(envelope)
        if filed is None:
            self._note_not_filed(NotTheLedgers(step_id=envelope.step_id, filed=None))
        else:
            self._inbox.take(filed)

    def _decided(self, envelope: StepEnvelope, judged: Judged | None = None) -> Change:
        case, now = self._recorder.case, self._recorder.now()
        # A step is judged as of the ledger's stamp, whenever the batch comes to it, and however far behind
        # Temporal's clock is. A stamp that is not the ledger's is refused by the record.
        moment = self._recorder.moment(envelope.received_at or now, judged)
        try:
            return decide(case, envelope, moment, now)
        except ToBeJudged:
            raise
        except Exception as defect:
            # A defect of ours must not hold up the batch.
            self._world.log_defect(f"step {envelope.step_id} could not be decided")
            words = f"系统处理出错（{type(defect).__name__}），未作任何改变"
            return refuse(case, envelope, Refused(RefusalCode.DEFECT, words), moment, now)

    async def _waits_due(self) -> bool:
        """Duties whose time has come climb, rights lapse; what comes of all of them is recorded together."""
        due = self._clock.due(self._recorder.case, self._world.now())
        if not due:
            return False
        if await self._look_up_guesses():
            return True
        answers = await self._asked([running for running in due if running.wait.kind is WaitKind.RIGHT])
        if self._inbox or self.is_to_compare:
            return True
        change = Change(self._recorder.case, self._recorder.moment(self._world.now()))
        for wait_id in [running.wait.id for running in due]:
            running = change.case.waits.get(wait_id)
            if running is None:  # another one's end has ended it
                continue
            change.because = {"wait_id": wait_id}
            if running.wait.kind is WaitKind.DUTY:
                alarms.climb(change, running)
            elif wait_id in answers:
                alarms.lapse(change, running, *answers[wait_id])
        self._recorder.begin(change, _nothing)
        return True

    async def _asked(self, rights: list[RunningWait]) -> dict[str, tuple[SilenceInput, SilenceResult]]:
        """Ask the ledger, under the lock that filing takes, whether each party acted in time.

        What it names is taken first: also what leaders or the other party did before the end may have moved
        or ended this window.
        """
        case, answers = self._recorder.case, {}
        for running in rights:
            question = alarms.question(case, running, self._inbox.here, self._world.now())
            answer = await self._world.ask_ledger(question, running.wait.title)
            self._inbox.take_filed(answer.untaken)
            if answer.verdict == "too_early":
                self._clock.ask_again(running, answer.wait_seconds)
            elif answer.verdict == "no_record":
                self.is_to_compare = True
            else:
                answers[running.wait.id] = (question, answer)
        return answers


def _nothing() -> None: ...
