"""Runs migrations on the connection that ``store.migrate`` holds, inside its transaction and lock."""

from alembic import context

from store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
