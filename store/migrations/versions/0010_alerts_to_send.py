"""Alerts are recorded with what they are about, and sent from here."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table_comment(
        "alerts",
        "reminders, escalations and calls to staff",
        existing_comment="reminders and escalations to staff",
    )
    op.create_index(
        "ix_alerts_unsent",
        "alerts",
        ["created_at"],
        postgresql_where=sa.text("state in ('waiting', 'failed')"),
    )
