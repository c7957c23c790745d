"""What became of each letter: posted, delivered, returned, announced, or what speaks against its arriving."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for column in (
        sa.Column(
            "refusal",
            postgresql.JSONB(),
            comment="why nobody took it in electronically: it went to the post queue instead",
        ),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            server_default="to_send",
            comment="messages.snapshot.DocumentStatus",
        ),
        sa.Column("posted_on", sa.Date()),
        sa.Column("carrier", sa.Text()),
        sa.Column("tracking_no", sa.Text()),
        sa.Column("settled_on", sa.Date(), comment="delivered, returned or announced"),
        sa.Column(
            "failure",
            sa.Text(),
            comment="a sign that it does not arrive, which an officer has not dealt with yet",
        ),
        sa.Column("proof", sa.Text()),
    ):
        op.add_column("outbox", column)
    op.alter_column("outbox", "channel", comment="email, platform, website, outbox")
    op.create_table_comment(
        "outbox", "what is to leave the house, by which way it left, and what became of it there"
    )
    op.execute("update outbox set status = 'sent' where state = 'sent'")
    op.execute("""
        update outbox o set status = told.status, settled_on = told.settled_on from (
            select d ->> 'document_id' as document_id, d ->> 'status' as status,
                cast(d ->> 'settled_on' as date) as settled_on
            from batches b cross join lateral jsonb_array_elements(b.snapshot -> 'documents') as d
        ) told
        where o.document_id = told.document_id and told.status in ('delivered', 'returned', 'announced')
    """)
    op.create_index(
        "ix_outbox_under_way",
        "outbox",
        ["no"],
        postgresql_where=sa.text("channel = 'outbox' AND status = 'sent'"),
    )
    op.create_index(
        "ix_outbox_tracking_no",
        "outbox",
        ["tracking_no"],
        postgresql_where=sa.text("tracking_no IS NOT NULL"),
    )
    op.create_index("ix_outbox_failing", "outbox", ["no"], postgresql_where=sa.text("failure IS NOT NULL"))
