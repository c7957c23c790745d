"""The table of all that one proposes and another decides on."""

from sqlalchemy import CheckConstraint, Column, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

approvals = Table(
    "approvals",
    metadata,
    Column("no", Integer, Identity(always=True), primary_key=True),
    Column("matter", Text, nullable=False, comment="messages.approvals.Matter"),
    Column("subject", Text, nullable=False, comment="which import, batch, plan or scheme"),
    Column("proposed_by", JSONB, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", JSONB, comment="never who proposed it"),
    Column("decided_at", Instant),
    Column("verdict", Text, comment="approved, returned"),
    Column("remarks", Text),
    CheckConstraint("decided_by ->> 'sub' <> proposed_by ->> 'sub'", name="two_people"),
    CheckConstraint(
        "(decided_by is null) = (decided_at is null) and (decided_by is null) = (verdict is null)",
        name="decided_whole",
    ),
    Index("ix_approvals_open", "matter", "subject", unique=True, postgresql_where=text("decided_at IS NULL")),
    comment="who proposed what and who decided on it; append-only but for the decision, given once",
)
