"""The tables of announced years and what was counted again on them."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

calendar_arrangements = Table(
    "calendar_arrangements",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of content"),
    Column("year", Integer, nullable=False),
    Column("version", Text, nullable=False, comment="under which it was first counted on"),
    Column("content", Text, nullable=False, comment="canonical JSON, as law.calendar.CalendarYear.content"),
    Column("kept_at", Instant, nullable=False),
    comment="every arrangement a deadline was ever counted on, built-in and guessed ones too",
)

calendar_imports = Table(
    "calendar_imports",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("year", Integer, nullable=False),
    Column("version", Text, nullable=False, comment="e.g. the number of the State Council's notice"),
    Column("digest", ForeignKey("calendar_arrangements.digest"), nullable=False),
    Column("approval_no", ForeignKey("approvals.no"), nullable=False, unique=True),
    Column("revision", Integer, unique=True, comment="counts approvals; a year's highest is in force"),
    comment="announced years that people brought in; append-only but for the revision, given once",
)

calendar_recounts = Table(
    "calendar_recounts",
    metadata,
    Column("revision", ForeignKey("calendar_imports.revision"), primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("wait_id", Text, primary_key=True),
    Column("wait", JSONB, nullable=False, comment="as it stood afterwards"),
    Column("old_last_day", Date, nullable=False),
    Column("new_last_day", Date, nullable=False),
    Column("counted_last_day", Date, nullable=False, comment="earlier than the new one where that was kept"),
    Column("told", Boolean, nullable=False, comment="a letter that names the old day had left"),
    Column("recounted_at", Instant, nullable=False),
    comment="the account of an import: every open deadline that was counted again on it; append-only",
)
