"""The tables of documents: as they were made out, numbered, typeset, and how they leave the house."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables import Instant, metadata

documents = Table(
    "documents",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("recipient_name", Text, nullable=False),
    Column("address", Text),
    Column("email", Text),
    Column("title", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("field_titles", JSON, nullable=False, comment="in Chinese, in the letter's order"),
    Column("facts", JSON, nullable=False, comment="of the case, for the letter's words"),
    Column("rests_on", Text, nullable=False),
    Column(
        "sha256", Text, nullable=False, comment="of the canonical fields, with the facts where there are any"
    ),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("corrects", ForeignKey("documents.document_id"), comment="the document this one corrects (§7)"),
    Column("duty", Text, comment="the wait that is done once all documents of its kind have left"),
    Column("number", Text, nullable=False, comment="文号, as it is printed"),
    Column("series_year", Integer, nullable=False, comment="calendar year of making out, Asia/Shanghai"),
    Column("series_no", Integer, nullable=False),
    Column(
        "secret", Text, nullable=False, unique=True, comment="of the letter's QR code; random, nowhere else"
    ),
    UniqueConstraint("kind", "series_year", "series_no"),
    Index(None, "batch_no"),
    Index(None, "corrects", postgresql_where=text("corrects IS NOT NULL")),
    Index(
        "ix_documents_sent", "kind", "sent_at", "document_id", postgresql_where=text("sent_at IS NOT NULL")
    ),
    comment="papers as made out; fixed but for sent_at, which is set once",
)

document_series = Table(
    "document_series",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    comment="the last document number given of each kind in each year; gapless",
)

letters = Table(
    "letters",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True),
    Column("sha256", Text, nullable=False, unique=True, comment="of the PDF"),
    Column("pdf", LargeBinary, nullable=False),
    Column("typeset_with", Text, nullable=False, comment="digest of compiler, templates and fonts"),
    Column("made_at", Instant, nullable=False),
    comment="documents as they are opened: made once, before anybody sees one, and never altered",
)

outbox = Table(
    "outbox",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True),
    Column("no", BigInteger, Identity(always=True), nullable=False),
    Column("state", Text, nullable=False, comment="waiting, sent"),
    Column("channel", Text, comment="email, platform, website, outbox"),
    Column("detail", Text),
    Column("handed_over_at", Instant),
    Column(
        "refusal", JSONB, comment="why nobody took it in electronically: it went to the post queue instead"
    ),
    Column(
        "status", Text, nullable=False, server_default="to_send", comment="messages.snapshot.DocumentStatus"
    ),
    Column("posted_on", Date),
    Column("carrier", Text),
    Column("tracking_no", Text),
    Column("settled_on", Date, comment="delivered, taken by another, returned or announced"),
    Column(
        "failure", Text, comment="a sign that it does not arrive, which an officer has not dealt with yet"
    ),
    Column("came_back_on", Date, comment="when it was known that the post brought it back"),
    Column("proof", Text),
    Column("receipt", Text, comment="what the platform's own system answered with"),
    Column("served", Boolean, nullable=False, comment="whether it is recorded that it arrived"),
    # Few letters of all: a condition that joined the three columns would be taken for one that most meet.
    Column(
        "queue",
        Text,
        Computed(
            # As PostgreSQL says it, so that the test that compares the two compares this as well.
            "CASE WHEN status = ANY (ARRAY['to_send'::text, 'sent'::text]) AND channel = 'outbox'::text"
            " AND posted_on IS NULL THEN 'to_post'::text"
            " WHEN status = 'sent'::text AND served THEN 'no_answer_yet'::text ELSE NULL::text END",
            persisted=True,
        ),
        comment="to_post: people are to hand it over, and nobody has yet; no_answer_yet: it has left",
    ),
    Index(None, "no"),
    Index(None, "state", "no"),
    Index(None, "status", "no"),
    Index(None, "queue", "no", postgresql_where=text("queue IS NOT NULL")),
    Index(None, "tracking_no", postgresql_where=text("tracking_no IS NOT NULL")),
    Index("ix_outbox_failing", "no", postgresql_where=text("failure IS NOT NULL")),
    comment="what is to leave the house, by which way it left, and what became of it there",
)
