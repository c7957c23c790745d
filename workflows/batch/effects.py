"""Temporal as a batch's world: each activity with its patience and its words for the Temporal pages."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError

from messages.envelope import StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.names import step_line
from messages.opening import CalendarInForce, Carried, Opening
from messages.records import (
    CalendarInput,
    DispatchInput,
    DispatchResult,
    Paper,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
    TimelineKind,
    UnfiledInput,
    UnfiledResult,
    WaitEnd,
)
from messages.standing import Displaced, StandingInput, StandingResult
from messages.steps import STEPS
from messages.words import RECIPIENTS
from temporal.payloads import InMemory
from workflows.batch.clear import in_clear
from workflows.procedure.case import Case
from workflows.procedure.wording import AWAITED, DONE

T = TypeVar("T", bound=BaseModel | int)

# The database or the mail may be away for days; the batch then waits, it does not fail.
_UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=5), maximum_attempts=0
)
# Above this a local activity waits for its next attempt on a timer, not within the workflow task: a task kept
# open adds some twenty events a minute to the history.
_WITHIN_THE_TASK = timedelta(seconds=10)
_QUICK = timedelta(seconds=15)
# Judging a batch anew plays it, several hundred times where it was put right often.
_MINUTES = timedelta(minutes=3)
# A history is cut here, a tenth and less of what the server ends a workflow at (51,200 events, 50 MiB): what
# arrives within one task, or is sent past the API, must still find room.
_LONGEST_HISTORY = 2_000
_LARGEST_HISTORY = 1024 * 1024
_OUTSIDE = timedelta(minutes=5)
# A worker that dies over a letter is noticed by this, not by the five minutes.
_WITHOUT_A_BEAT = timedelta(seconds=15)
# The server takes 400 bytes; a Chinese character is three.
_SUMMARY_CHARACTERS = 130
_ENDED = TimelineKind.WAIT_ENDED


class TemporalWorld:
    """See ``workflows.batch.world.World``."""

    def __init__(self, opening: Opening, cancel_asked: Callable[[], None]) -> None:
        self._opening = opening
        self._cancel_asked = cancel_asked

    def now(self) -> datetime:
        return workflow.now()

    async def wait(self, until: Callable[[], bool]) -> None:
        while not until():
            try:
                await workflow.wait_condition(until)
            except asyncio.CancelledError:
                self._cancel_asked()

    async def sleep(self, delay: timedelta, summary: str) -> None:
        await workflow.sleep(delay, summary=_clamped(summary))

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.create_task(work)

    async def record(self, change: RecordInput) -> RecordResult:
        """Write a change of the batch, in one transaction."""
        try:
            whole = replace(change, opening=self._opening)
            return await self._locally("record", InMemory(whole), RecordResult, about(change))
        except ActivityError as error:
            # A failure would end the batch for good; like this it stands still until the defect is mended.
            raise RuntimeError("the change could not be recorded") from error

    async def ask_ledger(self, question: SilenceInput, title: str) -> SilenceResult:
        """Ask for what was filed in time, under the lock that filing takes (procedure section 5)."""
        return await self._locally("ask_ledger", question, SilenceResult, f"期限届满，查询登记簿：{title}")

    async def standing(self, question: StandingInput) -> StandingResult:
        """Ask for steps that were filed and have not come, and how many changes are on record."""
        known = question.model_copy(update={"opened_at": self._opening.opened_at})
        return await self._locally("standing", known, StandingResult, "核对登记簿：尚未送达流程的步骤")

    async def file_unfiled(self, step: StepEnvelope) -> StepEnvelope | None:
        """File what an operator signalled past the API, where that is allowed."""
        words = "收到未经登记的信号，查询是否允许"
        answer = await self._locally("file_unfiled", UnfiledInput(step=step), UnfiledResult, words)
        return answer.filed

    async def calendar(self, batch_no: str, at_least: int) -> CalendarInForce:
        """Ask for the arrangements of the years that matter to the batch, as they are in force now."""
        since = self._opening.order.regulation_date
        question = CalendarInput(batch_no=batch_no, since=since, at_least=at_least)
        return await self._locally("calendar_in_force", question, CalendarInForce, "查询现行的放假安排")

    async def judge_anew(self, question: JudgeInput) -> Judged:
        """Play the ledger anew with the step as it should have been."""
        words = "更正记录：自登记簿重新认定"
        return await self._locally("judge_anew", question, Judged, words, within=_MINUTES)

    async def mail(self, batch_no: str, document_id: str, words: str) -> DispatchResult:
        """Have a letter sent electronically, however long it takes."""
        sent: DispatchResult = await workflow.execute_activity(
            "dispatch",
            DispatchInput(batch_no=batch_no, document_ids=(document_id,)),
            result_type=DispatchResult,
            start_to_close_timeout=_OUTSIDE,
            heartbeat_timeout=_WITHOUT_A_BEAT,
            retry_policy=_UNTIL_IT_WORKS,
            summary=_clamped(f"电子发送：{words}"),
        )
        return sent

    def show(self, details: str, attributes: Sequence[SearchAttributeUpdate[Any]]) -> None:
        workflow.set_current_details(details)
        if attributes:
            workflow.upsert_search_attributes(attributes)

    def log_defect(self, words: str) -> None:
        workflow.logger.exception(words)

    def is_history_long(self) -> bool:
        about = workflow.info()
        length, size = about.get_current_history_length(), about.get_current_history_size()
        return length > _LONGEST_HISTORY or size > _LARGEST_HISTORY

    def go_on_anew(self, carried: Carried) -> None:
        workflow.continue_as_new(args=[self._opening, carried])

    async def leave_number(self, case: Case) -> None:
        """What is known goes where operators read it; the workflow then fails, and says why."""
        known = InMemory(Displaced(self._opening, case.version, case))
        await self._locally("keep_displaced", known, int, "编号已另行使用，保存案卷")
        raise ApplicationError(
            f"after a restore the number {case.batch_no} was given to another order; see: choujian displaced",
            type="NumberGivenAgain",
            non_retryable=True,
        )

    async def go_on_from_record(self, batch_no: str) -> None:
        """The case is fetched from the record, and this history ends."""
        words = "记录先于流程，自记录所存案卷继续"
        self.go_on_anew(await self._locally("case_on_record", batch_no, Carried, words))

    async def _locally(
        self,
        name: str,
        argument: object,
        result_type: type[T],
        summary: str,
        within: timedelta = _QUICK,
    ) -> T:
        """A local activity of short work with the database: one marker, no further workflow task.

        A request to cancel the batch ends none that is under way, and is noted.
        """
        answer: workflow.ActivityHandle[T] = workflow.start_local_activity(
            name,
            argument,
            result_type=result_type,
            start_to_close_timeout=within,
            retry_policy=_UNTIL_IT_WORKS,
            local_retry_threshold=_WITHIN_THE_TASK,
            summary=_clamped(summary),
        )
        while True:
            try:
                return await asyncio.shield(answer)
            except asyncio.CancelledError:
                if answer.done():
                    raise
                self._cancel_asked()


def _clamped(summary: str) -> str:
    return summary if len(summary) <= _SUMMARY_CHARACTERS else f"{summary[: _SUMMARY_CHARACTERS - 1]}…"


def about(change: RecordInput) -> str:
    """What a record is about: the step and its answer, what followed, what was made out, what is awaited now.

    In this order, as the end may be cut off: what is awaited stands on the page as well.
    """
    words = []
    its_own = None
    if change.decision is not None:
        its_own = step_line(change.decision.step_id)
        answer = "受理" if change.decision.accepted else f"不予受理，{change.decision.reason}"
        words.append(f"{STEPS[change.decision.step].TITLE}：{answer}")
    ended = {line.data["wait_id"]: line.data["how"] for line in change.lines if line.kind is _ENDED}
    awaited, without_object = [], []
    for line in change.lines:
        if line.kind is TimelineKind.WAIT_OPENED:
            if line.data["wait_id"] not in ended:  # else it is over with this very record
                awaited.append(line.text.removeprefix(AWAITED))
        elif line.kind is _ENDED and line.data["how"] == WaitEnd.DROPPED:
            without_object.append(line.text)
        # That the step did what was awaited is said by the step.
        elif line.key != its_own and not (its_own and line.text.endswith(f"：{DONE}")):
            words.append(line.text)
    if change.papers:
        words.append(f"制发{_letters(change.papers)}")
    words += without_object
    if awaited:
        words.append(AWAITED + "；".join(awaited))
    return in_clear("；".join(words), change)


def _letters(papers: Sequence[Paper]) -> str:
    """Each title once, with everybody it goes to, by their part in the case: a name may be a person's."""
    to: dict[str, list[str]] = {}
    for paper in papers:
        to.setdefault(paper.title, []).append(RECIPIENTS[paper.recipient])
    return "，".join(f"{title}→{'、'.join(names)}" for title, names in to.items())
