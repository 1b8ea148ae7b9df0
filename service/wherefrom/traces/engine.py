"""Connections to the databases that traces are kept in, and what their errors mean."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from wherefrom.errors import StoreUnavailableError
from wherefrom_indexer.errors import StorageError, UsageError

FILE = "traces.sqlite"
_ADVISORY_LOCK = 0x77686572  # one writer at a time, as on SQLite
_CONNECT_SECONDS = 5

_SQLITE_REASONS = {
    sqlite3.SQLITE_BUSY: "another process holds its lock",
    sqlite3.SQLITE_LOCKED: "another connection holds its lock",
    sqlite3.SQLITE_NOMEM: "memory is short",
    sqlite3.SQLITE_READONLY: "its file is read-only",
    sqlite3.SQLITE_INTERRUPT: "the operation was interrupted",
    sqlite3.SQLITE_IOERR: "the disk refused to read or write",
    sqlite3.SQLITE_CORRUPT: "its file is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "its lock cannot be had",
    sqlite3.SQLITE_NOTADB: "its file is no database",
}
_POSTGRESQL_REASONS = {
    "08": "the connection to the server broke",
    "25": "the server accepts no writing",
    "28": "the server refuses the user or the password",
    "3D": "the server does not have the database",
    "40": "another transaction was in the way",
    "53": "the server is short of disk, memory or connections",
    "55": "another process holds its lock",
    "57": "the server is stopping or starting",
    "58": "the server's files cannot be read or written",
    "XX": "the server's files are damaged",
}


def store_url(location: str | Path) -> URL:
    """Return the URL of a store: a folder's SQLite file, or the URL of a database as given.

    Raises:
        UsageError: a URL of another kind of database, or a folder that cannot be made.
    """
    text = str(location)
    if "://" not in text:
        return URL.create("sqlite", database=str(_database_file(Path(text).expanduser())))
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise UsageError("The store is neither a folder nor the URL of a database.") from error
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=str(url.database))
    raise UsageError(f"Traces are kept in a folder or in PostgreSQL, not in {backend}: give a folder or its URL.")


def _database_file(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / FILE
        # Its own mode as well: the folder may have been there, open to all. SQLite makes the files beside it like it.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot hold traces: {error.strerror}; give another one.") from error
    return file.resolve()


def writing_engine(url: URL, *, lock_seconds: float) -> Engine:
    """Return the engine of the one writer: its transactions begin with the lock that keeps other writers out."""
    engine = _engine(url, lock_seconds=lock_seconds, pool_size=1, max_overflow=1)

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:

        @event.listens_for(engine, "begin")
        def _lock(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")

    return engine


def reading_engine(url: URL, *, lock_seconds: float, connections: int) -> Engine:
    """Return the engine of readers: each transaction sees one state of the store and cannot change it."""
    engine = _engine(
        url, lock_seconds=lock_seconds, pool_size=min(connections, 8), max_overflow=max(0, connections - 8)
    )

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _read_only(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA query_only = ON")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _engine(url: URL, *, lock_seconds: float, pool_size: int, max_overflow: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        arguments: dict[str, Any] = {"timeout": lock_seconds, "check_same_thread": False}
    else:
        options = f"-c synchronous_commit=on -c lock_timeout={int(lock_seconds * 1000)} -c timezone=UTC"
        arguments = {"options": options, "connect_timeout": _CONNECT_SECONDS, "application_name": "wherefrom"}
    try:
        engine = create_engine(
            url,
            connect_args=arguments,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=10,
        )
    except ImportError as error:
        raise UsageError("Traces in PostgreSQL need its driver: pip install 'wherefrom[postgres]'.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -32768")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")


def unavailable(error: DBAPIError, location: str) -> StoreUnavailableError | None:
    """Return what to tell where the store is not to be had for now; None where the statement was wrong."""
    reason = _reason(error)
    if reason is None:
        return None
    return StoreUnavailableError(f"The trace store {location} is not available: {reason}. Try again later.")


def _reason(error: DBAPIError) -> str | None:
    original = error.orig
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_REASONS.get(code & 0xFF)
    state = getattr(original, "sqlstate", None)
    if state is not None and state[:2] in _POSTGRESQL_REASONS:
        return _POSTGRESQL_REASONS[state[:2]]
    if error.connection_invalidated or (state is None and type(original).__name__ == "OperationalError"):
        return "the server cannot be reached"
    return None
