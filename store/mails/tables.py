"""The table of mails that no rule reads; beside it stand those of :mod:`store.tables`."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, text

from store.tables import Instant, metadata

unread_mails = Table(
    "unread_mails",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("sha256", Text, nullable=False, unique=True, comment="of the mail: the same again is the same"),
    Column("found_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("mailed_at", Text, nullable=False, comment="as the mail itself says"),
    Column("excerpt", Text, nullable=False, comment="the beginning of its text"),
    Column("reason", Text, nullable=False, comment="store.mails.unread.WhyUnread"),
    Column("dealt_with_at", Instant),
    Column("dealt_with_by", Text, comment="name and account"),
    Column("note", Text, comment="what was done"),
    Index("ix_unread_mails_open", "no", postgresql_where=text("dealt_with_at IS NULL")),
    comment="mails to the letters' sender that no rule reads: a person looks at them",
)
