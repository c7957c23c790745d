"""PostgreSQL and Temporal as child processes, for ``choujian up`` and for the tests' fixtures."""

from local.embedded.postgres import EmbeddedPostgres, start_postgres
from local.embedded.temporal import EmbeddedTemporal, hidden_pages, start_temporal

__all__ = ["EmbeddedPostgres", "EmbeddedTemporal", "hidden_pages", "start_postgres", "start_temporal"]
