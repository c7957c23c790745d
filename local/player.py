"""Plays a course (``local.courses``) on a batch, through whatever reaches one: HTTP, or ledger and Temporal."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from law.vocabulary import Outcome, Role
from local.courses import Act, Course, Do, Lapse, Pass, example_body
from messages.envelope import Decision
from messages.snapshot import Snapshot
from messages.steps import StepName

_JUST_AFTER = timedelta(minutes=1)


class Table(Protocol):
    """What a player needs of a running system; times are a batch's own, fast-forwarded or not."""

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision: ...

    async def snapshot(self, batch_no: str) -> Snapshot: ...

    async def clock(self, batch_no: str) -> datetime: ...

    async def closed(self, batch_no: str) -> None:
        """Return when the batch has closed."""
        ...

    async def fast_forward(self, batch_no: str, by: timedelta) -> None: ...


class CourseFailed(RuntimeError):
    """A course did not go as the regulation has it; the message says where."""


async def play(table: Table, batch_no: str, course: Course, tell: Callable[[str], None]) -> Snapshot:
    """Play every act, telling in words what happens; gives the batch as it stands at the end.

    Raises ``CourseFailed`` when a step is refused or the outcome is not the course's.
    """
    for act in course.acts:
        if act.say:
            tell(act.say)
        await perform(table, batch_no, act)
    if course.outcome is not None:
        await table.closed(batch_no)
    snapshot = await table.snapshot(batch_no)
    if snapshot.outcome is not course.outcome:
        raise CourseFailed(f"{course.name}: 结局为{snapshot.outcome}，应为{course.outcome}")
    return snapshot


async def perform(table: Table, batch_no: str, act: Act) -> None:
    """One act. Raises ``CourseFailed`` when a step is refused, or the wait that should lapse does not run."""
    if isinstance(act, Do):
        body = example_body(act.step, await table.clock(batch_no), act.changes)
        decision = await table.do(batch_no, act.role, act.step, body)
        if not decision.accepted:
            raise CourseFailed(f"{act.step}: {decision.code} {decision.reason}")
    elif isinstance(act, Pass):
        await table.fast_forward(batch_no, timedelta(days=act.days))
    else:
        await _let_lapse(table, batch_no, act)


async def _let_lapse(table: Table, batch_no: str, act: Lapse) -> None:
    snapshot = await table.snapshot(batch_no)
    wait = next((w for w in snapshot.waits if w.id == act.wait_id), None)
    if wait is None or wait.deadline is None:
        raise CourseFailed(f"没有等待事项 {act.wait_id}；正在等待：{[w.id for w in snapshot.waits]}")
    remaining = wait.deadline - await table.clock(batch_no)
    if remaining > timedelta(0):
        await table.fast_forward(batch_no, remaining + _JUST_AFTER)


def describe(outcome: Outcome | None, snapshot: Snapshot) -> str:
    """The end of a course in one line: its outcome, or what it still waits for."""
    if outcome is not None:
        return f"结局：{outcome}"
    return "、".join(f"{w.title}（{w.owed_by_title}，{w.last_day or '无期限'}）" for w in snapshot.waits)
