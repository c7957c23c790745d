"""The tables of random draws; nothing in them is ever altered."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from store.tables import Instant, metadata

draws = Table(
    "draws",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scheme_id", ForeignKey("planned.id"), nullable=False),
    Column("year", Integer, nullable=False, comment="calendar year of drafting, Asia/Shanghai"),
    Column("number", Integer, nullable=False),
    Column("key", Uuid, unique=True, comment="Idempotency-Key"),
    Column("asked_sha256", Text, nullable=False, comment="of what was sent"),
    Column("title", Text, nullable=False),
    Column("wanted", Integer, nullable=False, comment="how many are to be drawn"),
    Column("candidates", Integer, nullable=False, comment="how many there are"),
    Column("announced_at", Instant, nullable=False, comment="when the seed is published"),
    Column("content", JSON, nullable=False, comment="messages.draws.DrawContent"),
    Column("drafted_by", JSONB, nullable=False),
    Column("drafted_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    UniqueConstraint("year", "number"),
    Index(None, "scheme_id"),
    comment="random draws with their lists; append-only",
)

draw_events = Table(
    "draw_events",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False, comment="over all draws, without a gap"),
    Column("draw_id", ForeignKey("draws.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="messages.draws.DrawEventKind"),
    Column("at", Instant, nullable=False),
    Column("by", JSONB, nullable=False),
    Column("said", JSON, nullable=False),
    Column("approval_no", ForeignKey("approvals.no"), comment="of a correction"),
    Column("note", Text, nullable=False, comment="the signed note, which names the one before by its digest"),
    Index(None, "draw_id", "no"),
    comment="what became of each draw; append-only",
)
