"""The tables of evidence; beside them stand those of :mod:`store.tables`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Uuid, primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("declared_sha256", Text, comment="what the sender says that the whole file's is"),
    Column("keeper", Text, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("profile", Text, nullable=False),
    Column("root_key", Text, nullable=False, comment="the name of the root key that wraps the file's own"),
    Column("sealed_key", LargeBinary, nullable=False, comment="the file's own key, wrapped"),
    Column("received", BigInteger, nullable=False, server_default="0", comment="on the disk for certain"),
    Column("rest", LargeBinary, comment="the beginning of a chunk that is not whole yet, sealed"),
    Column("media_type", Text, comment="by its bytes, known with the first chunk"),
    Column("sha256", Text, comment="of the whole file, once it has come"),
    Column("sm3", Text),
    Column("touched_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Index(None, "batch_no"),
    Index(None, "touched_at"),
    comment="files that are still coming in; a row goes when its file is kept or given up",
)

evidence_disposals = Table(
    "evidence_disposals",
    metadata,
    Column("no", Integer, Identity(always=True), primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("approval_no", ForeignKey("approvals.no"), nullable=False, unique=True),
    Index(None, "batch_no"),
    comment="the end of a batch's files, by two people; append-only",
)

evidence_holds = Table(
    "evidence_holds",
    metadata,
    Column("no", Integer, Identity(always=True), primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_by", JSONB, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("lifted_by", JSONB),
    Column("lifted_reason", Text),
    Column("lifted_at", Instant),
    Index("ix_evidence_holds_open", "batch_no", unique=True, postgresql_where=text("lifted_at IS NULL")),
    comment="why a batch's files are kept longer; append-only but for the lifting, once",
)

evidence_watches = Table(
    "evidence_watches",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("looked_at", Instant, nullable=False),
    Column("ended", Boolean, nullable=False),
    comment="closed batches whose evidence a workflow watches over; no legal record",
)

evidence = Table(
    "evidence",
    metadata,
    Column("evidence_id", Uuid, primary_key=True, comment="of the upload, and of the sealed file"),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("sm3", Text, comment="in the profile sm"),
    Column("size", BigInteger, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False, comment="by its bytes"),
    Column("profile", Text, nullable=False),
    Column("root_key", Text, nullable=False),
    Column("sealed_key", LargeBinary, comment="null once the file has been disposed of"),
    Column("uploaded_by", JSONB, nullable=False),
    Column("received_at", Instant, nullable=False, comment="by the batch's ledger clock"),
    Column("disposal_no", ForeignKey("evidence_disposals.no")),
    CheckConstraint("(sealed_key is null) = (disposal_no is not null)", name="key_until_disposal"),
    UniqueConstraint("batch_no", "sha256"),
    Index(None, "sha256"),
    comment="files that are kept whole; append-only but for the disposal, once",
)

evidence_keepers = Table(
    "evidence_keepers",
    metadata,
    Column("no", BigInteger, Identity(always=True), primary_key=True),
    Column("evidence_id", ForeignKey("evidence.evidence_id"), nullable=False),
    Column("keeper", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("named_by", JSONB, nullable=False),
    Column("at", Instant, nullable=False, comment="by the batch's ledger clock"),
    Index(None, "evidence_id", "no"),
    comment="who keeps a file from when on; append-only",
)

evidence_places = Table(
    "evidence_places",
    metadata,
    Column("place", Text, primary_key=True, comment="a folder or s3://BUCKET/PREFIX"),
    Column("noted_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    comment="where sealed files may lie beside the place of the settings, while they are moved",
)

evidence_checks = Table(
    "evidence_checks",
    metadata,
    Column("evidence_id", ForeignKey("evidence.evidence_id"), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("looked_at", Instant, nullable=False),
    Column("condition", Text, nullable=False, comment="whole, missing, altered, unreadable"),
    Column("whole_at", Instant, comment="when it was last found whole"),
    Index("ix_evidence_checks_bad", "condition", postgresql_where=text("condition <> 'whole'")),
    comment="how each file was when it was last read again, in each place; what changed is on the timeline",
)
