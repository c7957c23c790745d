"""What the shell needs of the world: the time, the record, the ledger, the post, the page, and to wait."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from messages.envelope import StepEnvelope
from messages.judging import Judged, JudgeInput
from messages.opening import CalendarInForce, Carried
from messages.records import (
    DispatchResult,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
)
from messages.standing import StandingInput, StandingResult
from workflows.procedure.case import Case


class World(Protocol):
    """Temporal's, or one in memory for the tests: a batch is the same in both."""

    def now(self) -> datetime: ...

    async def wait(self, until: Callable[[], bool]) -> None:
        """Until something has come that makes ``until`` true; nothing else ends it."""
        ...

    async def sleep(self, delay: timedelta, summary: str) -> None:
        """Only ``clock.py`` calls this: time wakes a batch in one place."""
        ...

    def begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]": ...

    async def record(self, change: RecordInput) -> RecordResult: ...

    async def ask_ledger(self, question: SilenceInput, title: str) -> SilenceResult: ...

    async def standing(self, question: StandingInput) -> StandingResult: ...

    async def file_unfiled(self, step: StepEnvelope) -> StepEnvelope | None:
        """File an operator's signal; None where the installation takes none. It decides nothing itself."""
        ...

    async def calendar(self, batch_no: str, at_least: int) -> CalendarInForce:
        """The one in force, no older than the revision ``at_least``."""
        ...

    async def judge_anew(self, question: JudgeInput) -> Judged:
        """How the batch would stand, had a step said something else from the start."""
        ...

    async def mail(self, batch_no: str, document_id: str, words: str) -> DispatchResult: ...

    def show(self, details: str, attributes: Sequence[Any]) -> None:
        """Bring the Temporal pages up to date."""
        ...

    def log_defect(self, words: str) -> None:
        """Called where an exception of ours was caught."""
        ...

    def is_history_long(self) -> bool: ...

    def go_on_anew(self, carried: Carried) -> None:
        """End this history and begin the next with all that is known."""
        ...

    async def leave_number(self, case: Case) -> None:
        """End this history: the batch's number is another's now. What is known is kept for people to read."""
        ...

    async def go_on_from_record(self, batch_no: str) -> None:
        """End this history, which the record has overtaken, and begin the next from the record."""
        ...
