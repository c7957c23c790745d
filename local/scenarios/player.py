"""Plays a course (``local.courses``) on a batch, over HTTP or straight through ledger and Temporal."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from local.scenarios.courses import Act, Course, Do, Lapse, Pass, example_body
from messages.envelope import Decision
from messages.snapshot import Snapshot
from messages.steps import STEPS, StepName
from messages.words import OUTCOMES

_JUST_AFTER = timedelta(minutes=1)
_BY_THE_AUTHORITY = {
    StepName.REFERRAL_ACKNOWLEDGED: "by",
    StepName.REFERRAL_CONCLUDED: "by",
    StepName.REFERRAL_PASSED_ON: "passed_by",
}


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
    """Play every act, telling in words what happens, with the day it is for the batch.

    Gives the batch as it stands at the end. Raises ``CourseFailed`` when a step is refused or the outcome is
    not the course's.
    """
    for act in course.acts:
        if isinstance(act, Lapse):  # told on the day on which the period is over
            await perform(table, batch_no, act)
        if words := in_words(act):
            tell(f"{day_in_shanghai(await table.clock(batch_no))}  {words}")
        if not isinstance(act, Lapse):
            await perform(table, batch_no, act)
    if course.outcome is not None:
        await table.closed(batch_no)
    snapshot = await table.snapshot(batch_no)
    if snapshot.outcome is not course.outcome:
        raise CourseFailed(f"{course.title}：结局为{snapshot.outcome}，应为{course.outcome}")
    return snapshot


async def perform(table: Table, batch_no: str, act: Act) -> None:
    """One act. Raises ``CourseFailed`` when a step is refused, or the wait that should lapse does not run."""
    if isinstance(act, Do):
        body = await body_of(table, batch_no, act.step, act.changes)
        decision = await table.do(batch_no, act.role, act.step, body)
        if not decision.accepted:
            raise CourseFailed(f"{act.step}: {decision.code} {decision.reason}")
    elif isinstance(act, Pass):
        await table.fast_forward(batch_no, timedelta(days=act.days))
    else:
        await _let_lapse(table, batch_no, act)


async def body_of(table: Table, batch_no: str, step: StepName, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A step's example, dated on the batch's own today, as the batch stands; what is sealed was ordered."""
    body = example_body(step, await table.clock(batch_no), changes)
    snapshot = await table.snapshot(batch_no)
    if step is StepName.SEALED and "spec_model" not in changes:
        goods = snapshot.goods
        body |= {"spec_model": goods.spec_model} if goods and goods.spec_model else {}
    submission, authority = snapshot.report_submitted, snapshot.referral_authority
    return as_it_stands(step, body, changes, submission=submission, authority=authority)


def as_it_stands(
    step: StepName,
    body: dict[str, Any],
    changes: Mapping[str, Any],
    *,
    submission: object | None,
    authority: str | None,
) -> dict[str, Any]:
    """A step's example made to fit a batch: a report that was submitted is taken in, and whoever has the case
    acknowledges, concludes or passes it on, unless the ``changes`` name another."""
    if step is StepName.REPORT_RECEIVED and submission is not None:
        return {"submission": str(submission), "received_on": body["received_on"]}
    by = _BY_THE_AUTHORITY.get(step)
    return {**body, by: authority} if by is not None and authority and by not in changes else body


async def _let_lapse(table: Table, batch_no: str, act: Lapse) -> None:
    snapshot = await table.snapshot(batch_no)
    wait = next((w for w in snapshot.waits if w.id == act.wait_id), None)
    if wait is None or wait.deadline is None:
        raise CourseFailed(f"没有等待事项 {act.wait_id}；正在等待：{[w.id for w in snapshot.waits]}")
    remaining = (wait.heard_until or wait.deadline) - await table.clock(batch_no)
    if remaining > timedelta(0):
        await table.fast_forward(batch_no, remaining + _JUST_AFTER)


def in_words(act: Act) -> str:
    """An act as one sentence; days that just go by are not worth one, the next act's date shows them."""
    if isinstance(act, Do):
        return act.say or STEPS[act.step].TITLE
    if isinstance(act, Pass):
        return act.say and f"{act.say}（{act.days}天）"
    return act.say or "期限届满"


def describe(snapshot: Snapshot) -> str:
    """Where a batch stands, in one line: its outcome, or what it waits for, from whom, until when."""
    if snapshot.outcome is not None:
        return OUTCOMES[snapshot.outcome]
    return "；".join(f"{w.what_and_whose}，{w.last_day or '无期限'}" for w in snapshot.waits)
