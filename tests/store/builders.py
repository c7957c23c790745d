"""Orders, steps and changes for the store's tests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import RootModel
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear, day_in_shanghai
from law.calendar_sources import builtin_calendar
from law.counting import Deadline
from law.regulation import in_force_on
from law.vocabulary import (
    Category,
    DocumentKind,
    Outcome,
    Party,
    Phase,
    Recipient,
    Role,
    Term,
    WaitKind,
)
from messages.base import Actor
from messages.envelope import Decision, StepEnvelope
from messages.found import FoundBy
from messages.opening import CalendarInForce, Opening
from messages.order import BatchOrder
from messages.records import Paper, RecordInput, TimelineEntry, TimelineKind
from messages.snapshot import DocumentState, Snapshot, Wait
from messages.steps import STEPS, StepName
from store.calendars import imports
from store.ledger import batches

OFFICER = Actor(sub="u-1", name="李执法", role=Role.OFFICER)
REGULATION = in_force_on(day_in_shanghai(datetime.now(UTC)))
CALENDAR = CalendarInForce(calendar=builtin_calendar())


class Kept(RootModel[dict[str, Any]]):
    """A batch's case; the store keeps it and does not look into it."""


def order(**goods: Any) -> BatchOrder:
    """The order's own example, of other goods; a trademark of its own unless one is given."""
    example: dict[str, Any] = BatchOrder.model_config["json_schema_extra"]["example"]  # type: ignore[index,assignment,call-overload]
    given = {"trademark": f"商标{uuid4().hex}"} | goods
    return BatchOrder.model_validate(example | {"goods": example["goods"] | given})


async def open_one(engine: AsyncEngine, of: BatchOrder | None = None, key: UUID | None = None) -> Opening:
    """A batch in the store, with nothing said about repeats."""
    opened = await batches.open_batch(
        engine,
        order=of or order(),
        category=Category.SELLER_IN_CITY,
        regulation=REGULATION,
        calendar=CALENDAR,
        actor=OFFICER,
        key=key,
        judge_repeat=lambda _earlier: None,
    )
    return opened.opening


def step(batch_no: str, name: StepName = StepName.OBJECTION_FILED, **body: Any) -> StepEnvelope:
    """A step with its model's example as body, some of it replaced."""
    example: dict[str, Any] = STEPS[name].model_config["json_schema_extra"]["example"]  # type: ignore[index,assignment,call-overload]
    return StepEnvelope(step_id=uuid4(), batch_no=batch_no, step=name, body=example | body, actor=OFFICER)


def accepted(envelope: StepEnvelope) -> Decision:
    return Decision(
        step_id=envelope.step_id,
        step=envelope.step,
        accepted=True,
        decided_at=datetime.now(UTC),
        rests_on="§6",
    )


def entry(key: str, kind: TimelineKind = TimelineKind.PHASE, **data: Any) -> TimelineEntry:
    return TimelineEntry(
        key=key, at=datetime.now(UTC), kind=kind, text=f"记录{key}", rests_on="§6", data=data
    )


def wait(wait_id: str = "objection_filed:seller", **fields: Any) -> Wait:
    values: dict[str, Any] = {
        "id": wait_id,
        "step": StepName.OBJECTION_FILED,
        "title": "提出异议",
        "kind": WaitKind.RIGHT,
        "owed_by": "seller",
        "owed_by_title": "示例旗舰店",
        "role": None,
        "party": Party.SELLER,
        "term": Term.OBJECTION,
        "rests_on": "§6",
    }
    return Wait.model_validate(values | fields)


def duty(wait_id: str = "report_received", **fields: Any) -> Wait:
    """Of the laboratory, which is late once the deadline has passed."""
    values: dict[str, Any] = {"kind": WaitKind.DUTY, "party": None, "role": Role.LAB, "owed_by": "lab"}
    return wait(wait_id, **values | fields)


def snapshot(batch_no: str, version: int, *waits: Wait, **fields: Any) -> Snapshot:
    values: dict[str, Any] = {
        "batch_no": batch_no,
        "version": version,
        "title": "儿童保温杯 · 示例旗舰店",
        "phase": Phase.OBJECTION,
        "category": Category.SELLER_IN_CITY,
        "laboratory": "LAB-01",
        "waits": waits,
    }
    return Snapshot.model_validate(values | fields)


def paper(document_id: str, **fields: Any) -> Paper:
    """A result notice to the seller, who has an e-mail address."""
    item = {
        "name": "耐热冲击",
        "standard": "GB/T 29606-2013",
        "requirement": "无裂纹",
        "measured": "出现裂纹",
        "verdict": "nonconforming",
    }
    values: dict[str, Any] = {
        "document_id": document_id,
        "kind": DocumentKind.RESULT_NOTICE,
        "recipient": Recipient.SELLER,
        "recipient_name": "示例旗舰店",
        "address": "浙江省杭州市西湖区示例路1号",
        "email": "seller@example.com",
        "title": "抽检结果通知书",
        "fields": {"verdict": "不合格", "items": [item], "last_day": None},
        "field_titles": {"verdict": "综合判定结论", "items": "检验项目及结果", "last_day": "届满日"},
        "rests_on": "§6",
    }
    return Paper.model_validate(values | fields)


def change(
    to: Snapshot,
    *entries: TimelineEntry,
    envelope: StepEnvelope | None = None,
    decision: Decision | None = None,
    deadlines: Mapping[str, Deadline] | None = None,
    papers: tuple[Paper, ...] = (),
    passed: tuple[Wait, ...] = (),
    served: tuple[DocumentState, ...] = (),
    kept: Kept | None = None,
    acts_at: datetime | None = None,
    found_by: tuple[FoundBy, ...] | None = None,
    now: datetime | None = None,
    calendar: CalendarInForce = CALENDAR,
) -> RecordInput:
    """A change as the workflow hands it over."""
    return RecordInput(
        snapshot=to,
        lines=entries,
        step=envelope,
        decision=decision,
        deadlines=deadlines or {},
        recounts={},
        passed=passed,
        papers=papers,
        served=served,
        alerts=(),
        now=now or datetime.now(UTC),
        calendar=calendar,
        since=day_in_shanghai(datetime.now(UTC)),
        kept=kept or Kept({}),
        position=(envelope and envelope.position) or 0,
        acts_at=acts_at,
        found_by=found_by,
    )


async def until(reached: Callable[[], bool | Awaitable[bool]], patience_seconds: float = 10) -> None:
    """Look again and again until ``reached``; fails when patience runs out."""
    async with asyncio.timeout(patience_seconds):
        while True:
            seen = reached()
            if seen if isinstance(seen, bool) else await seen:
                return
            await asyncio.sleep(0.005)


def ended(batch_no: str, version: int, outcome: Outcome) -> Snapshot:
    return snapshot(batch_no, version, phase=Phase.CLOSED, outcome=outcome)


PROPOSER = Actor(sub="wang", name="王处长", role=Role.SUPERVISOR)
APPROVER = Actor(sub="li", name="李局长", role=Role.APPROVER)


async def put_in_force(engine: AsyncEngine, year: CalendarYear) -> imports.Import:
    """Import a year as two people do."""
    proposal, _ = await imports.propose(engine, year, PROPOSER)
    return await imports.approve(engine, proposal.no, APPROVER)
