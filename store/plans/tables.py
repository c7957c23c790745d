"""The tables of plans, schemes and commissions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from store.tables import Instant, metadata

planned = Table(
    "planned",
    metadata,
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False, comment="plan, scheme, commission"),
    Column("plan_id", ForeignKey("planned.id"), comment="of a scheme"),
    Column("scheme_id", ForeignKey("planned.id"), comment="of a commission"),
    Column("replaces", ForeignKey("planned.id"), comment="of a commission: which ends when it is approved"),
    Column("year", Integer, nullable=False, comment="calendar year of drafting, Asia/Shanghai"),
    Column("number", Integer, nullable=False),
    Column("key", Uuid, unique=True, comment="Idempotency-Key of the first draft"),
    Column("sample", Boolean, nullable=False, comment="of the sample bureau, to be tried out"),
    UniqueConstraint("matter", "year", "number"),
    Index(None, "plan_id", postgresql_where=text("plan_id IS NOT NULL")),
    Index(None, "scheme_id", postgresql_where=text("scheme_id IS NOT NULL")),
    comment="plans, schemes and commissions; append-only",
)

planned_versions = Table(
    "planned_versions",
    metadata,
    Column("id", ForeignKey("planned.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("reason", Text),
    Column("drafted_by", JSONB, nullable=False),
    Column("drafted_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("searched", Text, nullable=False, comment="what people look for, folded"),
    Column("approval_no", ForeignKey("approvals.no"), unique=True, comment="null: not submitted"),
    comment="every draft; the last approved is in force; append-only but for the approval asked for, once",
)

planned_papers = Table(
    "planned_papers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True, comment="文号, as it is printed"),
    Column("facts", JSON, nullable=False, comment="of which the letter is made"),
    Column("made_out_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["id", "version"],
        ["planned_versions.id", "planned_versions.version"],
        name="fk_planned_papers_version",
    ),
    comment="what was approved, as a paper with its number; append-only",
)

planned_letters = Table(
    "planned_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False, comment="of the PDF"),
    Column("pdf", LargeBinary, nullable=False),
    Column("typeset_with", Text, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    ForeignKeyConstraint(
        ["id", "version"], ["planned_papers.id", "planned_papers.version"], name="fk_planned_letters_paper"
    ),
    comment="papers as they are opened: made once and never altered",
)

planned_ends = Table(
    "planned_ends",
    metadata,
    Column("id", ForeignKey("planned.id"), primary_key=True),
    Column("ended_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_by", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    comment="plans, schemes and commissions under which nothing is ordered any more; append-only",
)

scheme_uses = Table(
    "scheme_uses",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("scheme_id", ForeignKey("planned.id"), nullable=False),
    Column("scheme_version", Integer, nullable=False),
    Column("kind", Text, nullable=False, comment="of product, as the scheme names it"),
    Column("kind_key", Text, nullable=False, comment="folded"),
    Column("cost", Numeric(12, 2), nullable=False, comment="in yuan: the purchase and the test"),
    Column("laboratory", Text, nullable=False),
    Column("seller", Text, comment="code of the register, where the order named one"),
    Column("platform", Text),
    Column("producer", Text),
    Column(
        "commission_id", ForeignKey("planned.id"), comment="under which a subordinate bureau carries it out"
    ),
    Column("bureau", Text, comment="code of that bureau; null: the bureau itself"),
    Index(None, "commission_id", postgresql_where=text("commission_id IS NOT NULL")),
    Index(None, "bureau", postgresql_where=text("bureau IS NOT NULL")),
    Column("draw_id", Text, comment="from which it was drawn, where the order said so"),
    Column("candidate", Text),
    Index(None, "scheme_id", "kind_key"),
    Index(None, "draw_id", postgresql_where=text("draw_id IS NOT NULL")),
    comment="what each batch takes of its scheme; append-only",
)

order_runs = Table(
    "order_runs",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("scheme_id", ForeignKey("planned.id"), nullable=False),
    Column("started_by", JSONB, nullable=False),
    Column("started_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("total", Integer, nullable=False, comment="rows of the list"),
    Column("unused_columns", JSONB, nullable=False),
    Index(None, "scheme_id", "no"),
    comment="lists of orders that were taken in; append-only",
)

order_run_rows = Table(
    "order_run_rows",
    metadata,
    Column("run_no", ForeignKey("order_runs.no"), primary_key=True),
    Column("row_no", Integer, primary_key=True, autoincrement=False, comment="in the file"),
    Column("status", Text, nullable=False, comment="ordered, ordered_before, refused, invalid"),
    Column("batch_no", ForeignKey("batches.batch_no")),
    Column("code", Text),
    Column("reason", Text),
    Column("answered_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    comment="what became of each row, as soon as it did; append-only",
)
