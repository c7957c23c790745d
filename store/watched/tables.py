"""The tables of what is watched; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text, text

from store.tables import Instant, metadata

set_aside = Table(
    "set_aside",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("reason", Text, nullable=False, comment="what Temporal said"),
    Column("times", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("again_at", Instant, nullable=False, comment="not tried before"),
    comment="batches for which Temporal does not take what it is sent",
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", Text, primary_key=True, comment="relay, mail, mailbox, evidence"),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False, comment="working, failing, not_configured"),
    Column("detail", Text, nullable=False, comment="what was wrong"),
    comment="what the workers said last of themselves, and of what only they can reach",
)

displaced = Table(
    "displaced",
    metadata,
    Column("batch_no", Text, primary_key=True, comment="which is another batch's now"),
    Column("opened_at", Instant, primary_key=True),
    Column("version", Integer, nullable=False, comment="how many changes its workflow knew of"),
    Column("opening", JSON, nullable=False),
    Column("kept", JSON, nullable=False, comment="the workflow's whole case"),
    Column("found_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("dealt_with_at", Instant),
    Column("note", Text, comment="what was done, and by whom"),
    Index("ix_displaced_open", "found_at", postgresql_where=text("dealt_with_at IS NULL")),
    comment="batches that a restored database had lost, and whose number it has given to another order",
)
