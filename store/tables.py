"""The tables of batches. ``store/migrations`` makes them; a test keeps the two equal (``store.schema``)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
Instant = DateTime(timezone=True)

counters = Table(
    "counters",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    comment="the last batch number given in each year; gapless",
)

batches = Table(
    "batches",
    metadata,
    Column("batch_no", Text, primary_key=True),
    Column("year", Integer, nullable=False, comment="calendar year of ordering, Asia/Shanghai"),
    Column("number", Integer, nullable=False),
    Column("key", Uuid, unique=True, comment="Idempotency-Key of the order"),
    Column("order_sha256", Text, nullable=False),
    Column(
        "trademarks",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="what is sampled, folded (§3); empty: unknown",
    ),
    Column("spec_model", Text, comment="what is sampled, folded (§3); null: unknown"),
    Column("opening", JSONB, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("started_at", Instant, comment="when the workflow was known to run"),
    Column("version", Integer, nullable=False, comment="of the snapshot"),
    Column("snapshot", JSONB, nullable=False),
    Column("kept", JSON, comment="the workflow's whole case as of the version"),
    Column(
        "acts_at",
        Instant,
        nullable=False,
        server_default=text("'infinity'"),
        comment="when the batch does something next by itself, by the database's clock; infinity: never",
    ),
    Column("phase", Text, nullable=False),
    Column("outcome", Text),
    Column("laboratory", Text, nullable=False),
    Column("retest_laboratory", Text),
    Column("last_seq", Integer, nullable=False, server_default="0", comment="tail of the timeline"),
    Column("last_hash", Text, nullable=False, server_default="", comment="tail of the timeline"),
    Column(
        "clock_ahead",
        Interval,
        nullable=False,
        server_default=text("'00:00:00'::interval"),
        comment="how far a fast-forwarded batch's clock is ahead; always 0 in production",
    ),
    Column("last_position", Integer, nullable=False, server_default="0", comment="tail of the ledger"),
    Column(
        "decided_to",
        Integer,
        nullable=False,
        server_default="0",
        comment="place in the ledger of the last step that is decided",
    ),
    Column(
        "last_stamp",
        Instant,
        comment="of the ledger, or of its being asked about silence; no later stamp is before it",
    ),
    UniqueConstraint("year", "number"),
    Index(None, "spec_model", "year"),
    Index(None, "phase", "batch_no"),
    Index(None, "outcome", "batch_no"),
    Index(None, "laboratory", "batch_no"),
    Index(None, "retest_laboratory", "batch_no", postgresql_where=text("retest_laboratory IS NOT NULL")),
    Index("ix_batches_acts_at", "acts_at", postgresql_where=text("acts_at < 'infinity'")),
    Index("ix_batches_undecided", "last_stamp", postgresql_where=text("last_position > decided_to")),
    Index("ix_batches_opened_by", text("(opening #>> '{opened_by,sub}')"), "opened_at"),
    Index("ix_batches_unstarted", "opened_at", postgresql_where=text("started_at IS NULL")),
    postgresql_with={"fillfactor": "80"},
)

batch_search = Table(
    "batch_search",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("kind", Text, primary_key=True, comment="messages.found.FoundKind"),
    Column("sought", Text, primary_key=True, comment="law.names.sought of what is said"),
    Column("document_id", Text, primary_key=True, comment="of the letter that it belongs to; else empty"),
    Column("said", Text, nullable=False, comment="as written"),
    Index("ix_batch_search_terms", text("choujian_terms(sought)"), postgresql_using="gin"),
    comment="numbers and names by which a batch is found, as its record stands",
)

ledger = Table(
    "ledger",
    metadata,
    Column("step_id", Uuid, primary_key=True),
    Column("no", BigInteger, Identity(always=True), nullable=False, comment="order of filing"),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("step", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("received_at", Instant, nullable=False, comment="stamped under the batch's lock"),
    Column("signalled_at", Instant),
    Column("position", Integer, nullable=False, comment="order of filing within the batch, from 1"),
    Index(None, "batch_no", "step"),
    Index("ix_ledger_sub_received_at", text("(actor ->> 'sub')"), "received_at"),
    Index("ix_ledger_received_at", "received_at", postgresql_using="brin"),
    Index("ix_ledger_unsignalled", "no", postgresql_where=text("signalled_at IS NULL")),
    comment="every step received; append-only but for signalled_at",
)

decisions = Table(
    "decisions",
    metadata,
    Column("step_id", ForeignKey("ledger.step_id"), primary_key=True),
    Column("batch_no", ForeignKey("batches.batch_no"), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("decision", JSONB, nullable=False),
    Column("decided_at", Instant, nullable=False),
    comment="the procedure's answer to each step; append-only",
)

timeline = Table(
    "timeline",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("rests_on", Text, nullable=False),
    # json, not jsonb: the text that was hashed is the text that is kept.
    Column("actor", JSON, nullable=False),
    Column("data", JSON, nullable=False),
    Column("key", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("batch_no", "key"),
    Index(
        "ix_timeline_last_day",
        text("(data #>> '{deadline,last_day}')"),
        postgresql_where=text("kind IN ('wait_opened', 'deadline_moved')"),
    ),
    comment="the legal record; append-only, each row carries the hash of the one before",
)

waits = Table(
    "waits",
    metadata,
    Column("batch_no", ForeignKey("batches.batch_no"), primary_key=True),
    Column("wait_id", Text, primary_key=True),
    Column("state", Text, nullable=False, comment="open, ended"),
    Column("wait", JSONB, nullable=False),
    Column("step", Text),
    Column("kind", Text, nullable=False),
    Column("owed_by", Text, nullable=False),
    Column("role", Text),
    Column("party", Text),
    Column("last_day", Date),
    Column("due", Instant, nullable=False, comment="the deadline; infinity where there is none"),
    Column(
        "overdue_from",
        Instant,
        nullable=False,
        comment="from when on a duty is late, by the database's clock; infinity for a right",
    ),
    Column("provisional", Boolean, nullable=False),
    Column("rests_on", Text, nullable=False),
    Column("trace", JSON, comment="the Deadline with its account, day by day"),
    Column(
        "counted_on",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'::text[]"),
        comment="digests of the arrangements of its count",
    ),
    Column("reminded", SmallInteger, comment="highest level told"),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_waits_open_due", "due", "batch_no", "wait_id", postgresql_where=text("state = 'open'")),
    Index(
        "ix_waits_open_owed_by_due",
        "owed_by",
        "due",
        "batch_no",
        "wait_id",
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "ix_waits_open_role_due",
        "role",
        "due",
        "batch_no",
        "wait_id",
        postgresql_where=text("state = 'open'"),
    ),
    Index("ix_waits_open_overdue_from", "overdue_from", "batch_no", postgresql_where=text("state = 'open'")),
    comment="what is owed by whom, until when, on what rule",
)

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
    Index(None, "state", "no"),
    Index("ix_outbox_under_way", "no", postgresql_where=text("channel = 'outbox' AND status = 'sent'")),
    Index(None, "tracking_no", postgresql_where=text("tracking_no IS NOT NULL")),
    Index("ix_outbox_failing", "no", postgresql_where=text("failure IS NOT NULL")),
    comment="what is to leave the house, by which way it left, and what became of it there",
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("batch_no", Text, nullable=False),
    Column("to_title", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, sent, not_configured, failed"),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index(None, "batch_no"),
    Index("ix_alerts_unsent", "created_at", postgresql_where=text("state in ('waiting', 'failed')")),
    comment="reminders, escalations and calls to staff",
)
