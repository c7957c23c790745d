"""The receipt that a platform's own system answers with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "outbox", sa.Column("receipt", sa.Text(), comment="what the platform's own system answered with")
    )
