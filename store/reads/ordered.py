"""What was ordered, as put right: on what occasion, and which subordinate bureau carries it out."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.names import order_id
from messages.order import EmergencyGroundCode, OrderKind
from store.engine import autocommit
from store.errors import BatchUnknown
from store.reads.steps import corrections

_OPENED = text("""
    select opening -> 'order' as ordered, opening -> 'under' as under from batches where batch_no = :batch_no
""")


@dataclass(frozen=True)
class OrderOnRecord:
    """What was ordered, as put right: ``corrected_by`` is the correction by which it stands so.

    ``under``: what it took of its scheme, where it named one.
    """

    order: dict[str, Any]
    under: dict[str, Any] | None
    corrected_by: UUID | None


@dataclass(frozen=True)
class ExecutingBureau:
    """The subordinate bureau that carries a batch out, under a commission of this number and matter.

    ``code`` and ``commission_id``: where the order named the commission.
    """

    name: str
    code: str | None
    commission_no: str
    commission_id: str | None
    matter: str


@dataclass(frozen=True)
class OrderedAs:
    """``executing_bureau`` None: the bureau itself."""

    kind: OrderKind
    emergency_ground: EmergencyGroundCode | None
    other_ground: str | None
    executing_bureau: ExecutingBureau | None


async def order_on_record(engine: AsyncEngine, batch_no: str) -> OrderOnRecord:
    """Raises ``BatchUnknown``."""
    async with autocommit(engine) as connection:
        row = (await connection.execute(_OPENED, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise BatchUnknown(batch_no)
    put_right = await corrections(engine, batch_no, order_id(batch_no))
    if not put_right:
        return OrderOnRecord(row.ordered, row.under, None)
    body = put_right[-1].body
    assert body is not None, "what was ordered happened"
    return OrderOnRecord(body, row.under, put_right[-1].correction)


async def ordered_as(engine: AsyncEngine, batch_no: str) -> OrderedAs:
    """Raises ``BatchUnknown``."""
    found = await order_on_record(engine, batch_no)
    order, under = found.order, found.under or {}
    by = None
    if (said := order.get("commission")) is not None:
        by = ExecutingBureau(
            said["bureau"],
            under.get("bureau"),
            said["commission_no"],
            under.get("commission"),
            said["matter"],
        )
    return OrderedAs(OrderKind(order["kind"]), order.get("emergency_ground"), order.get("other_ground"), by)
