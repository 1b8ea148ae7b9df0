"""Brings the tables of a store up to this version."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from wherefrom.traces.engine import unavailable, writing_engine
from wherefrom.traces.schema import metadata


def migrate_store(url: URL, *, lock_seconds: float) -> None:
    """Make or change the tables; a store that is up to date is left alone.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    engine = writing_engine(url, lock_seconds=lock_seconds)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
    except DBAPIError as error:
        raise unavailable(error, url.render_as_string()) or error from error
    finally:
        engine.dispose()
