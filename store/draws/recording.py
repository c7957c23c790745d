"""The record of all draws: one line after the other under one lock, each signed as it is written."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.vocabulary import OVER
from messages.approvals import ApprovalVerdict, Matter
from messages.base import Actor, Message
from messages.draws import DrawEventKind, UnsignedDrawEvent
from store.approvals import deciding
from store.canonical import model_json
from store.draws.reading import draw_on
from store.draws.standing import DrawOnRecord
from store.errors import DrawCorrectedByProposer
from store.plans.locking import hold

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('choujian draws', 0))")
_NOW = text("select clock_timestamp() as now")
_LAST = text("select no, note from draw_events order by no desc limit 1")
_ADD = text("""
    insert into draw_events (no, draw_id, kind, at, by, said, approval_no, note)
    values (:no, :draw_id, :kind, :at, cast(:by as jsonb), cast(:said as json), :approval_no, :note)
""")
_ORDERED = text("""
    select count(*) from scheme_uses u join batches b using (batch_no)
    where u.draw_id = :id and u.candidate = coalesce(cast(:candidate as text), u.candidate)
        and (cast(:candidate as text) is null or b.outcome is null or b.outcome <> all(cast(:over as text[])))
""")

# Makes the signed note of a line.
SealDraw = Callable[[UnsignedDrawEvent], str]


class DrawTurn:
    """One draw to oneself until the transaction ends; ``now``: by the database's clock, under the lock."""

    def __init__(
        self, connection: AsyncConnection, draw: DrawOnRecord, now: datetime, seal: SealDraw
    ) -> None:
        self._connection, self._seal = connection, seal
        self.draw, self.now = draw, now

    async def record(
        self, kind: DrawEventKind, said: Message, by: Actor, *, approval_no: int | None = None
    ) -> None:
        """Put a line on record, with its signature."""
        last = (await self._connection.execute(_LAST)).one_or_none()
        event = UnsignedDrawEvent(
            no=(last.no if last else 0) + 1,
            draw_id=self.draw.id,
            kind=kind,
            at=self.now,
            by=by,
            said=said.model_dump(mode="json"),
            approval_no=approval_no,
            before=last.note if last else None,
        )
        row = {
            **event.model_dump(include={"no", "draw_id", "kind", "at", "approval_no"}),
            "by": model_json(by),
            "said": model_json(said),
            "note": self._seal(event),
        }
        await self._connection.execute(_ADD, row)

    async def ordered(self, candidate: str | None = None) -> int:
        """How many batches were ordered from the draw; of one candidate, that have not come to nothing."""
        asked = {"id": self.draw.id, "candidate": candidate, "over": list(OVER)}
        return int((await self._connection.execute(_ORDERED, asked)).scalar_one())

    async def propose(self, by: Actor) -> int:
        """Ask for another person's word; the number of the approval."""
        return await deciding.propose(self._connection, Matter.DRAW, self.draw.id, by)

    async def decide(self, no: int, by: Actor, verdict: ApprovalVerdict, reason: str) -> None:
        """Raises ``DrawCorrectedByProposer``."""
        refusal = DrawCorrectedByProposer(self.draw.id)
        await deciding.decide(self._connection, no, by, verdict, on_own=refusal, remarks=reason)


@asynccontextmanager
async def turn(engine: AsyncEngine, draw_id: str, seal: SealDraw) -> AsyncIterator[DrawTurn]:
    """Raises ``DrawUnknown``."""
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        draw = await draw_on(connection, draw_id)
        # Every order under the scheme takes this lock: nothing is ordered from a draw while it changes.
        await hold(connection, draw.content.scheme_id)
        now = (await connection.execute(_NOW)).scalar_one()
        yield DrawTurn(connection, draw, now, seal)
