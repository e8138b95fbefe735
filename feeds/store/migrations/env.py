"""Alembic's way in: it migrates over the connection, and in the transaction, that the store hands it."""

from alembic import context

from feeds.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
context.run_migrations()
