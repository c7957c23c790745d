"""A closed batch's case is kept, to be taken up again; duties of a stayed batch are not late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "batches",
        sa.Column("kept", postgresql.JSONB(), comment="the workflow's whole case, once the batch has closed"),
    )
    op.alter_column("documents", "corrects", comment="the document this one corrects (§7)")
    op.execute("""
        update waits w set overdue_from = 'infinity' from batches b
        where b.batch_no = w.batch_no and cast(b.snapshot ->> 'suspended' as boolean) and w.state = 'open'
    """)
