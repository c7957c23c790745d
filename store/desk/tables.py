"""The tables of the desk; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

_NOW = text("clock_timestamp()")

drafts = Table(
    "drafts",
    metadata,
    Column("sub", Text, primary_key=True),
    Column("place", Text, primary_key=True, comment="the address of the form or answer"),
    Column("fields", JSONB, nullable=False, comment="what stood in it"),
    Column("saved_at", Instant, nullable=False, server_default=_NOW),
    comment="forms that somebody has begun, answers to their last lists; no part of the record",
)

holders = Table(
    "holders",
    metadata,
    Column("batch_no", Text, ForeignKey("batches.batch_no"), primary_key=True),
    Column("sub", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("since", Instant, nullable=False, server_default=_NOW),
    Index("ix_holders_sub", "sub"),
    comment="who has a batch in hand now",
)

handovers = Table(
    "handovers",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("batch_no", Text, ForeignKey("batches.batch_no"), nullable=False),
    Column("sub", Text, comment="who has it from then on; null: nobody"),
    Column("name", Text),
    Column("by_sub", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False, server_default=_NOW),
    Index("ix_handovers_batch_no", "batch_no"),
    comment="who took a batch in hand or handed it on; append-only",
)
