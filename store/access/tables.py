"""The tables of who reads; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from store.tables import Instant, metadata

access_log = Table(
    "access_log",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("sub", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("path", Text, nullable=False, comment="what was read"),
    Column("query", Text, nullable=False),
    Column("batch_nos", ARRAY(Text), nullable=False, comment="the batches that the answer was about"),
    Column("status", Integer, nullable=False, comment="of the answer"),
    Column("client", Text, nullable=False, comment="the address that asked"),
    Index("ix_access_log_at", "at"),
    Index("ix_access_log_sub_no", "sub", "no"),
    Index("ix_access_log_batch_nos", "batch_nos", postgresql_using="gin"),
    comment="who read which personal data, when, from where; no part of the legal record; append-only",
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("no", Integer, Identity(always=True), primary_key=True),
    Column("jti", Text, comment="this token"),
    Column("sub", Text, comment="all tokens of this account issued until then"),
    Column("at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    CheckConstraint("(jti is null) <> (sub is null)", name="one_of_both"),
    comment="tokens that no longer hold; append-only",
)
