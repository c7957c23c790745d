"""Every arrangement that a deadline was ever counted on, so that it can be explained years later."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "calendar_arrangements",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of content"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False, comment="under which it was first counted on"),
        sa.Column(
            "content",
            sa.Text(),
            nullable=False,
            comment="canonical JSON, as law.calendar.CalendarYear.content",
        ),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_calendar_arrangements"),
        comment="every arrangement a deadline was ever counted on, built-in and guessed ones too",
    )
    for what in ("update or delete", "truncate"):
        each = "statement" if what == "truncate" else "row"
        name = "no_truncate" if what == "truncate" else "append_only"
        op.execute(
            f"create trigger calendar_arrangements_{name} before {what} on calendar_arrangements"
            f" for each {each} execute function choujian_forbid()"
        )
