"""The tables of what outside platforms are told (procedure section 13)."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

told = Table(
    "told",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False, comment="batch number, or id of a plan, scheme or commission"),
    Column("sequence", Integer, nullable=False, comment="of the source, from 1 without gaps"),
    Column("kind", Text, nullable=False, comment="messages.told.ToldKind"),
    Column("content", JSONB, nullable=False, comment="messages.told.TOLD"),
    Column("sha256", Text, nullable=False, comment="of the canonical content"),
    Column("line", Integer, comment="of the timeline, or version, that it follows from"),
    Column("at", Instant, nullable=False, comment="by the batch's clock"),
    Column("spread", Boolean, nullable=False, comment="to all receivers that were known of"),
    Index("ux_told_source_sequence", "source", "sequence", unique=True),
    Index("ix_told_to_spread", "no", postgresql_where=text("NOT spread")),
    Index("ix_told_kind", "kind", "no"),
    comment="each event, written with what it tells of",
)

told_receivers = Table(
    "told_receivers",
    metadata,
    Column("receiver", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("since", Instant, nullable=False, server_default=text("clock_timestamp()")),
    comment="who is told what: all there was before is spread to him when he comes in",
)

told_to = Table(
    "told_to",
    metadata,
    Column("receiver", Text, primary_key=True),
    Column("no", ForeignKey("told.no"), primary_key=True),
    Column("state", Text, nullable=False, comment="waiting, taken, dead"),
    Column("attempts", Integer, nullable=False),
    Column("first_tried_at", Instant),
    Column("since", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("next_at", Instant, nullable=False, comment="not tried before"),
    Column("answer", Text, comment="the last one"),
    Column("settled_at", Instant),
    Index("ix_told_to_waiting", "receiver", "no", postgresql_where=text("state = 'waiting'")),
    Index("ix_told_to_dead", "receiver", "no", postgresql_where=text("state = 'dead'")),
    Index("ix_told_to_taken", "receiver", "settled_at", postgresql_where=text("state = 'taken'")),
    comment="how far each receiver has taken each event in",
)
