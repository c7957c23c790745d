"""The schema as it was first released: tables, and the triggers that keep the record append-only."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_SCHEMA = Path(__file__).parent.parent / "baseline.sql"


def upgrade() -> None:
    for statement in _SCHEMA.read_text("utf-8").split("\n\n"):
        # As it stands: a colon in it is no parameter's.
        op.get_bind().exec_driver_sql(statement)
