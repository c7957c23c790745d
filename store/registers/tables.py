"""The tables of the registers."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables import Instant, metadata

register_entries = Table(
    "register_entries",
    metadata,
    Column("register", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("code_key", Text, nullable=False, comment="folded: LAB-01 and lab01 are one code"),
    Column("sample", Boolean, nullable=False, comment="of the sample bureau, to be tried out"),
    UniqueConstraint("register", "code_key"),
    comment="one legal person each; append-only",
)

register_versions = Table(
    "register_versions",
    metadata,
    Column("register", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False, comment="in the order of recording"),
    Column("holds_from", Date, nullable=False),
    Column("ended", Boolean, nullable=False, comment="from that day on there is no such entry"),
    Column("name", Text, nullable=False),
    Column("name_key", Text, comment="folded; null for natural persons, who may share a name"),
    Column("registration", Text),
    Column("registration_key", Text, comment="folded; null: unknown"),
    Column("entry", JSONB, nullable=False),
    Column("entry_sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("content", Text, nullable=False, comment="what people look for, folded"),
    Column("terms", ARRAY(Text), nullable=False, comment="its single characters and pairs of characters"),
    ForeignKeyConstraint(
        ["register", "code"],
        ["register_entries.register", "register_entries.code"],
        name="fk_register_versions_entry",
    ),
    Index(None, "register", "code", "holds_from", "version"),
    Index(None, "register", "name_key", postgresql_where=text("name_key IS NOT NULL")),
    Index(None, "register", "registration_key", postgresql_where=text("registration_key IS NOT NULL")),
    Index(None, "terms", postgresql_using="gin"),
    comment="on a day holds the version with the latest day, of these the one recorded last; append-only",
)
