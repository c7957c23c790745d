"""Imports of announced years by two people, their account, and on what each open deadline was counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

_APPROVED_ONCE = """
    create function choujian_approved_once() returns trigger language plpgsql as $$
    begin
        if to_jsonb(new) - array['approved_by', 'approved_at', 'revision']
            <> to_jsonb(old) - array['approved_by', 'approved_at', 'revision'] or old.approved_by is not null
        then
            raise exception '% is append-only: only the approval may be given, once', tg_table_name
                using errcode = 'restrict_violation';
        end if;
        return new;
    end $$
"""


def upgrade() -> None:
    # Nothing could write into it yet: there was no way to import a year.
    op.drop_table("calendar_years")
    _imports()
    _recounts()
    op.add_column(
        "waits",
        sa.Column(
            "counted_on",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="digests of the arrangements of its count",
        ),
    )


def _imports() -> None:
    op.create_table(
        "calendar_imports",
        sa.Column("no", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "version", sa.Text(), nullable=False, comment="e.g. the number of the State Council's notice"
        ),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proposed_by", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", postgresql.JSONB(), nullable=True, comment="never who proposed it"),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revision", sa.Integer(), nullable=True, comment="counts approvals; a year's highest is in force"
        ),
        sa.CheckConstraint(
            "approved_by ->> 'sub' <> proposed_by ->> 'sub'", name=op.f("ck_calendar_imports_two_people")
        ),
        sa.CheckConstraint(
            "(approved_by is null) = (approved_at is null) and (approved_by is null) = (revision is null)",
            name=op.f("ck_calendar_imports_approved_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["digest"], ["calendar_arrangements.digest"], name="fk_calendar_imports_digest"
        ),
        sa.PrimaryKeyConstraint("no", name="pk_calendar_imports"),
        sa.UniqueConstraint("revision", name="uq_calendar_imports_revision"),
        comment="announced years that people brought in; append-only but for the approval, given once",
    )
    op.execute(_APPROVED_ONCE)
    op.execute(
        "create trigger calendar_imports_approved_once before update on calendar_imports"
        " for each row execute function choujian_approved_once()"
    )
    _forbid("calendar_imports", "delete")


def _recounts() -> None:
    op.create_table(
        "calendar_recounts",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("wait_id", sa.Text(), nullable=False),
        sa.Column("wait", postgresql.JSONB(), nullable=False, comment="as it stood afterwards"),
        sa.Column("old_last_day", sa.Date(), nullable=False),
        sa.Column("new_last_day", sa.Date(), nullable=False),
        sa.Column(
            "counted_last_day",
            sa.Date(),
            nullable=False,
            comment="earlier than the new one where that was kept",
        ),
        sa.Column("told", sa.Boolean(), nullable=False, comment="a letter that names the old day had left"),
        sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"], ["calendar_imports.revision"], name="fk_calendar_recounts_revision"
        ),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], name="fk_calendar_recounts_batch_no"),
        sa.PrimaryKeyConstraint("revision", "batch_no", "wait_id", name="pk_calendar_recounts"),
        comment="the account of an import: every open deadline that was counted again on it; append-only",
    )
    _forbid("calendar_recounts", "update or delete")


def _forbid(table: str, what: str) -> None:
    op.execute(
        f"create trigger {table}_append_only before {what} on {table}"
        " for each row execute function choujian_forbid()"
    )
    op.execute(
        f"create trigger {table}_no_truncate before truncate on {table}"
        " for each statement execute function choujian_forbid()"
    )
