"""Brings the tables of a store up to this version. Alembic has the changes; it is imported only where one is due."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from wherefrom.traces.engine import unavailable, writing_engine
from wherefrom.traces.schema import metadata
from wherefrom_indexer.errors import UsageError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
HEAD = "0001"
"""The newest migration."""


def migrate_store(url: URL, *, lock_seconds: float) -> None:
    """Make or change the tables, all or nothing; a store that is up to date is left alone.

    Raises:
        UsageError: the store was written by a newer version.
        StoreUnavailableError: the database cannot be reached.
    """
    engine = writing_engine(url, lock_seconds=lock_seconds)
    try:
        with engine.begin() as connection:
            version = store_version(connection)
            if version == HEAD:
                return
            _upgrade(connection, version)
    except DBAPIError as error:
        raise unavailable(error, url.render_as_string()) or error from error
    finally:
        engine.dispose()


def store_version(connection: Connection) -> str | None:
    """Return the last migration that a store has seen; None: it has no tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _upgrade(connection: Connection, version: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise UsageError(
            f"The store is of version {version}, written by a newer Wherefrom than this one, which knows {HEAD}."
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    """Return what Alembic's commands need to work on a connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _is_ours(found: Any, name: str | None, kind: str, is_reflected: bool, compared: Any) -> bool:
    """Tell whether it is in both databases: the text search has tables and indexes of its own in each."""
    return not (name or "").startswith(("span_terms", "ix_span_texts_terms"))


def _render(kind: str, item: Any, context: Any) -> str | bool:
    """Write our own types as what they are in the database: a migration must not change when they do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


COMPARED: dict[str, Any] = {
    "target_metadata": metadata,
    "include_object": _is_ours,
    "render_item": _render,
}
"""How the metadata and a database are compared."""
