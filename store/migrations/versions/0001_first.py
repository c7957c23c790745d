"""The first tables, and the triggers that keep the record append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_FORBID = """
    create function choujian_forbid() returns trigger language plpgsql as $$
    begin
        raise exception '% is append-only: % is not allowed', tg_table_name, lower(tg_op)
            using errcode = 'restrict_violation';
    end $$
"""
# A row of these is never touched again, whoever asks.
_APPEND_ONLY = ("timeline", "decisions")
# Of these only the named column may be set, and only once.
_SET_ONCE = {"ledger": "signalled_at", "documents": "sent_at"}
_ONLY_ONCE = """
    create function choujian_only_once() returns trigger language plpgsql as $$
    begin
        if to_jsonb(new) - tg_argv[0] <> to_jsonb(old) - tg_argv[0]
            or to_jsonb(old) -> tg_argv[0] <> 'null'::jsonb
        then
            raise exception '% is append-only: only % may be set, once', tg_table_name, tg_argv[0]
                using errcode = 'restrict_violation';
        end if;
        return new;
    end $$
"""


def upgrade() -> None:
    _tables()
    op.execute(_FORBID)
    op.execute(_ONLY_ONCE)
    for table in _APPEND_ONLY:
        _forbid(table, "update or delete")
    for table, column in _SET_ONCE.items():
        _forbid(table, "delete")
        op.execute(
            f"create trigger {table}_only_once before update on {table}"
            f" for each row execute function choujian_only_once('{column}')"
        )


def _forbid(table: str, what: str) -> None:
    op.execute(
        f"create trigger {table}_append_only before {what} on {table}"
        " for each row execute function choujian_forbid()"
    )
    op.execute(
        f"create trigger {table}_no_truncate before truncate on {table}"
        " for each statement execute function choujian_forbid()"
    )


def _tables() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("to_title", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sent, not_configured, failed"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_alerts"),
        comment="reminders and escalations to staff",
    )
    op.create_index("ix_alerts_batch_no", "alerts", ["batch_no"])
    op.create_table(
        "batches",
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, comment="calendar year of ordering, Asia/Shanghai"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=True, comment="Idempotency-Key of the order"),
        sa.Column("order_sha256", sa.Text(), nullable=False),
        sa.Column("trademark", sa.Text(), nullable=True, comment="normalised, for the repeat limit (§3)"),
        sa.Column("spec_model", sa.Text(), nullable=True, comment="normalised, for the repeat limit (§3)"),
        sa.Column("opening", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the workflow was known to run",
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the snapshot"),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("retest_laboratory", sa.Text(), nullable=True),
        sa.Column(
            "last_seq", sa.Integer(), server_default="0", nullable=False, comment="tail of the timeline"
        ),
        sa.Column("last_hash", sa.Text(), server_default="", nullable=False, comment="tail of the timeline"),
        sa.Column(
            "clock_ahead",
            sa.Interval(),
            server_default=sa.text("'00:00:00'::interval"),
            nullable=False,
            comment="how far a fast-forwarded batch's clock is ahead; always 0 in production",
        ),
        sa.PrimaryKeyConstraint("batch_no", name="pk_batches"),
        sa.UniqueConstraint("key", name="uq_batches_key"),
        sa.UniqueConstraint("year", "number", name="uq_batches_year_number"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_batches_laboratory_batch_no", "batches", ["laboratory", "batch_no"])
    op.create_index("ix_batches_outcome_batch_no", "batches", ["outcome", "batch_no"])
    op.create_index("ix_batches_phase_batch_no", "batches", ["phase", "batch_no"])
    op.create_index(
        "ix_batches_retest_laboratory_batch_no",
        "batches",
        ["retest_laboratory", "batch_no"],
        postgresql_where=sa.text("retest_laboratory IS NOT NULL"),
    )
    op.create_index("ix_batches_trademark_spec_model_year", "batches", ["trademark", "spec_model", "year"])
    op.create_index(
        "ix_batches_unstarted", "batches", ["opened_at"], postgresql_where=sa.text("started_at IS NULL")
    )
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "arrangement",
            postgresql.JSONB(),
            nullable=False,
            comment="a CalendarYear as announced by the State Council",
        ),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_calendar_years"),
        comment="announced years beyond those the calendar library knows",
    )
    op.create_table(
        "counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_counters"),
        comment="the last batch number given in each year; gapless",
    )
    op.create_table(
        "batch_search",
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="what people look for, folded"),
        sa.Column(
            "terms",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="its single characters and pairs of characters",
        ),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_batch_search_batch_no"),
        sa.PrimaryKeyConstraint("batch_no", name="pk_batch_search"),
        comment="apart from batches, so that a batch's progress does not rewrite its search terms",
    )
    op.create_index("ix_batch_search_terms", "batch_search", ["terms"], postgresql_using="gin")
    op.create_table(
        "documents",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("field_titles", sa.JSON(), nullable=False, comment="in Chinese, in the letter's order"),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of the canonical fields"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrects", sa.Text(), nullable=True, comment="the publication this one corrects (§7)"),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_documents_batch_no"),
        sa.ForeignKeyConstraint(["corrects"], ["documents.document_id"], name="fk_documents_corrects"),
        sa.PrimaryKeyConstraint("document_id", name="pk_documents"),
        comment="papers as made out; fixed but for sent_at, which is set once",
    )
    op.create_index("ix_documents_batch_no", "documents", ["batch_no"])
    op.create_index(
        "ix_documents_sent",
        "documents",
        ["kind", "sent_at", "document_id"],
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_table(
        "ledger",
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="order of filing"),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="stamped under the batch's lock",
        ),
        sa.Column("signalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_ledger_batch_no"),
        sa.PrimaryKeyConstraint("step_id", name="pk_ledger"),
        comment="every step received; append-only but for signalled_at",
    )
    op.create_index("ix_ledger_batch_no_step", "ledger", ["batch_no", "step"])
    op.create_index(
        "ix_ledger_unsignalled", "ledger", ["no"], postgresql_where=sa.text("signalled_at IS NULL")
    )
    op.create_table(
        "timeline",
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_timeline_batch_no"),
        sa.PrimaryKeyConstraint("batch_no", "seq", name="pk_timeline"),
        sa.UniqueConstraint("batch_no", "key", name="uq_timeline_batch_no_key"),
        comment="the legal record; append-only, each row carries the hash of the one before",
    )
    op.create_table(
        "waits",
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("wait_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="open, ended"),
        sa.Column("wait", postgresql.JSONB(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owed_by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column(
            "due",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the deadline; infinity where there is none",
        ),
        sa.Column(
            "overdue_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from when on a duty is late, by the database's clock; infinity for a right",
        ),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=True, comment="the Deadline with its account, day by day"),
        sa.Column("reminded", sa.SmallInteger(), nullable=True, comment="highest level told"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_waits_batch_no"),
        sa.PrimaryKeyConstraint("batch_no", "wait_id", name="pk_waits"),
        comment="what is owed by whom, until when, on what rule",
    )
    op.create_index(
        "ix_waits_open_due",
        "waits",
        ["due", "batch_no", "wait_id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_waits_open_overdue_from",
        "waits",
        ["overdue_from", "batch_no"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_waits_open_owed_by_due",
        "waits",
        ["owed_by", "due", "batch_no", "wait_id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "decisions",
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("decision", postgresql.JSONB(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_decisions_batch_no"),
        sa.ForeignKeyConstraint(["step_id"], ["ledger.step_id"], name="fk_decisions_step_id"),
        sa.PrimaryKeyConstraint("step_id", name="pk_decisions"),
        comment="the procedure's answer to each step; append-only",
    )
    op.create_table(
        "outbox",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sent"),
        sa.Column("channel", sa.Text(), nullable=True, comment="email, website, outbox"),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_outbox_document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_outbox"),
        comment="what is to leave the house, and by which way it left",
    )
    op.create_index("ix_outbox_state_no", "outbox", ["state", "no"])
