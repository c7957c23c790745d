"""The timeline's deadlines are found by their last day: which passed during an outage?"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
        create index ix_timeline_last_day on timeline ((data #>> '{deadline,last_day}'))
        where kind in ('wait_opened', 'deadline_moved')
    """)
    op.execute("create index ix_ledger_received_at on ledger using brin (received_at)")
