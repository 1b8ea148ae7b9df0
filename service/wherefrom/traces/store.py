"""The trace store: one SQLite file or PostgreSQL database, written by one thread, read by many."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from wherefrom.errors import OverloadedError
from wherefrom.traces.engine import reading_engine, store_url, unavailable, writing_engine
from wherefrom.traces.migrating import migrate_store
from wherefrom.traces.writer import Writer

T = TypeVar("T")
_logger = logging.getLogger(__name__)

_WAITING = 1_000
_WAITING_BYTES = 256 << 20
_LOCK_SECONDS = 5.0
_READERS = 40


class TraceStore:
    """Traces, and everything that is known of them.

    Attributes:
        location: the folder or URL, without a password.
        dialect: `sqlite` or `postgresql`.
    """

    def __init__(self, url: URL, *, waiting: int, waiting_bytes: int, lock_seconds: float) -> None:
        """Connect lazily; see `open`."""
        self.location = str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string()
        writing = writing_engine(url, lock_seconds=lock_seconds)
        self.dialect = writing.dialect.name
        self._reading: Engine = reading_engine(url, lock_seconds=lock_seconds, connections=_READERS)
        self._listeners: list[Callable[[frozenset[int]], None]] = []
        self._writer = Writer(
            writing, self.location, waiting=waiting, waiting_bytes=waiting_bytes, committed=self._tell
        )

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        migrate: bool = True,
        waiting: int = _WAITING,
        waiting_bytes: int = _WAITING_BYTES,
        lock_seconds: float = _LOCK_SECONDS,
    ) -> TraceStore:
        """Open a store; one that is not there yet is made.

        Args:
            location: a folder, which will hold `traces.sqlite`, or the URL of a PostgreSQL database.
            migrate: bring the tables up to this version; False: leave them as they are.
            waiting, waiting_bytes: how much may wait to be written.
            lock_seconds: how long another process's lock is waited for.

        Raises:
            UsageError: the location can hold no traces, or holds those of a newer version.
            StoreUnavailableError: the database cannot be reached.
        """
        url = store_url(location)
        if migrate:
            migrate_store(url, lock_seconds=lock_seconds)
        return cls(url, waiting=waiting, waiting_bytes=waiting_bytes, lock_seconds=lock_seconds)

    def write(self, work: Callable[[Connection], T], *, size: int = 0) -> Future[T]:
        """Have a work done by the writer; its future resolves to what it returns when that is durable.

        A work runs in a savepoint of a transaction that it may share with others. It may run twice, the first time in
        vain, where the connection breaks.

        Args:
            work: what to do.
            size: the memory that it holds while it waits, in bytes.

        Raises:
            OverloadedError: too much waits already.
            StoreUnavailableError: from the future: disk full, locked, or server away; the next work tries again.
        """
        return self._writer.submit(work, size)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run a work that only reads, in this thread; all its queries see the same state.

        Raises:
            OverloadedError: too many read already.
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            return self._read(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise unavailable(error, self.location) or error from error
        try:
            return self._read(work)  # on a new connection: the server may have been restarted since the last
        except DBAPIError as error:
            raise unavailable(error, self.location) or error from error

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reading.connect() as connection:
                return work(connection)
        except PoolTimeoutError as error:
            raise OverloadedError("Too many requests read traces already. Try again later.") from error

    def on_commit(self, listener: Callable[[frozenset[int]], None]) -> Callable[[], None]:
        """Have a function called with the keys of traces after each commit that changed some; returns how to end that.

        It is called in the writer's thread, so it must be quick; commits of other processes are not heard.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, trace_keys: frozenset[int]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(trace_keys)
            except Exception:  # the traces are stored, and the thread has others to store
                _logger.exception("A listener of the trace store failed")

    @property
    def waiting(self) -> int:
        """How many works wait to be written."""
        return self._writer.waiting

    def close(self) -> None:
        """Write what waits and close the connections."""
        self._writer.close()
        self._reading.dispose()

    def __enter__(self) -> TraceStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
