"""The tables of quality records and figures (procedure section 13)."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

tallies = Table(
    "tallies",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("ordered_on", Date, nullable=False, comment="Asia/Shanghai"),
    Column("scheme_id", Text, comment="null: the order said everything itself"),
    Column("kind", Text, nullable=False, comment="routine, emergency"),
    Column("product", Text, nullable=False, comment="kind of product of the scheme, else the goods' name"),
    Column("laboratory", Text, nullable=False),
    Column("laboratory_name", Text, nullable=False),
    Column("bureau", Text, comment="subordinate one that carries it out; null: the bureau itself"),
    Column("platform", Text, comment="null: sold on none"),
    Column("district", Text, nullable=False, comment="of the seller; outside the city province and city"),
    Column("cost", Numeric(12, 2), comment="of purchase and test in yuan; null: the order named no scheme"),
    Column("bought", Boolean, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("tested", Boolean, nullable=False, comment="the bureau has the report"),
    Column("final", Boolean, nullable=False),
    Column("outcome", Text),
    Column("first_verdict", Text),
    Column("verdict", Text, comment="the final one"),
    Column("retested", Boolean, nullable=False),
    Column("duties", Text, nullable=False, comment="how often each was done in time and late, as JSON"),
    Column(
        "alike",
        Uuid,
        nullable=False,
        comment="digest of all that counts but the day: the same for batches alike",
    ),
    Index(None, "scheme_id", postgresql_where=text("scheme_id IS NOT NULL")),
    Index(None, "ordered_on"),
    # All that is read of most batches.
    Index("ix_tallies_alike", "alike", "ordered_on", "scheme_id", "batch_no"),
    comment="what each batch counts for, as its record stands; written with it",
)

quality_entries = Table(
    "quality_entries",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False, comment="the last one holds"),
    Column("content", JSONB, nullable=False, comment="messages.quality.QualityEntry"),
    Column("sha256", Text, nullable=False, comment="of the canonical content"),
    Column("rebuilt", Boolean, nullable=False, comment="by the command, and not with the batch's record"),
    Column("at", Instant, nullable=False, comment="by the batch's clock"),
    comment="what was said of each final result, and after it was put right; append-only",
)

quality_subjects = Table(
    "quality_subjects",
    metadata,
    Column("kind", Text, primary_key=True, comment="seller, producer, product, platform"),
    Column("key", Text, primary_key=True, comment="law.quality"),
    Column("batch_no", Text, primary_key=True),
    Column("no", Integer, nullable=False, comment="the last entry that names it"),
    Column("holds", Boolean, nullable=False, comment="whether that is the batch's last"),
    Column("verdict", Text, comment="null: the result is open again"),
    Column("final_on", Date),
    ForeignKeyConstraint(
        ["batch_no", "no"],
        ["quality_entries.batch_no", "quality_entries.no"],
        name="fk_quality_subjects_entry",
    ),
    Index(None, "batch_no"),
    Index(
        "ix_quality_subjects_failed",
        "kind",
        "key",
        "final_on",
        postgresql_where=text("holds AND verdict = 'nonconforming'"),
    ),
    comment="whose record a batch's result is in",
)

quality_known = Table(
    "quality_known",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("sought", Text, primary_key=True, comment="law.names.sought of name and key"),
    Column("name", Text, nullable=False, comment="as written"),
    Index("ix_quality_known_terms", text("choujian_terms(sought)"), postgresql_using="gin"),
    comment="by what records are found, each spelling once; append-only",
)
