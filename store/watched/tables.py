"""The tables of what is watched; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

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
    Column("name", Text, primary_key=True, comment="relay, mail, mailbox"),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False, comment="working, failing, not_configured"),
    Column("detail", Text, nullable=False, comment="what was wrong"),
    comment="what the workers said last of themselves, and of what only they can reach",
)
