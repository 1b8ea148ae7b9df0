"""Runs migrations on the connection that `migrating` hands over; Alembic looks for this file."""

from __future__ import annotations

from alembic import context

from wherefrom.traces.migrating import COMPARED

context.configure(connection=context.config.attributes["connection"], **COMPARED)
with context.begin_transaction():
    context.run_migrations()
