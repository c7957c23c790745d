"""A batch's steps are numbered as they are filed, and its clock never goes back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "batches",
        sa.Column(
            "last_position", sa.Integer(), server_default="0", nullable=False, comment="tail of the ledger"
        ),
    )
    op.add_column(
        "batches",
        sa.Column(
            "last_stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of the ledger, or of its being asked about silence; no later stamp is before it",
        ),
    )
    op.add_column(
        "ledger",
        sa.Column(
            "position",
            sa.Integer(),
            nullable=True,
            comment="order of filing within the batch, from 1; an operator's signal has none",
        ),
    )
