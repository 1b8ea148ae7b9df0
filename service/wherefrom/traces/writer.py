"""One thread that writes: what waits is committed together, so that one sync of the disk serves many."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from wherefrom.errors import OverloadedError, StoreUnavailableError
from wherefrom.traces.engine import unavailable

T = TypeVar("T")
Finish = Callable[[Connection, Collection[int]], None]

_TOUCHED = "wherefrom_touched"  # in Connection.info
_LATER = "wherefrom_later"
_GROUP = 64  # works of one transaction: readers of the newest state wait no longer than for these


def touch(connection: Connection, trace_keys: Iterable[int]) -> None:
    """Note traces that a work has changed: who listens on the store hears of them after the commit."""
    connection.info.setdefault(_TOUCHED, set()).update(trace_keys)


def before_commit(connection: Connection, finish: Finish, trace_keys: Iterable[int]) -> None:
    """Have a function called once before the transaction is committed, with the traces for which works asked that.

    What costs much for each call, however little has changed, is done once for all works of a transaction so.
    """
    connection.info.setdefault(_LATER, {}).setdefault(finish, set()).update(trace_keys)


@dataclass(slots=True)
class _Work:
    run: Callable[[Connection], Any]
    future: Future[Any]
    size: int
    error: BaseException | None = None
    result: Any = None


class Writer:
    """Runs works one by one, each in a savepoint, many in a transaction; futures resolve when it is durable."""

    def __init__(
        self,
        engine: Engine,
        location: str,
        *,
        waiting: int,
        waiting_bytes: int,
        committed: Callable[[frozenset[int]], None],
    ) -> None:
        """Start the thread. `committed` hears which traces a transaction changed, in the writer's thread."""
        self._engine = engine
        self._location = location
        self._waiting = waiting
        self._waiting_bytes = waiting_bytes
        self._committed = committed
        self._works: deque[_Work] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name="trace-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Connection], T], size: int) -> Future[T]:
        """Have a work done. `size` is the memory that it holds while it waits, in bytes.

        Raises:
            OverloadedError: too much waits already.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise StoreUnavailableError(f"The trace store {self._location} is closed.")
            if len(self._works) >= self._waiting or (self._works and self._bytes + size > self._waiting_bytes):
                raise OverloadedError(
                    f"{len(self._works)} requests wait to be stored, more are not taken on. Try again later."
                )
            self._works.append(_Work(run, future, size))
            self._bytes += size
            self._changed.notify()
        return future

    @property
    def waiting(self) -> int:
        """How many works wait."""
        return len(self._works)

    def close(self) -> None:
        """End the thread when all that waits is done."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._engine.dispose()

    def _serve(self) -> None:
        while group := self._next():
            self._write(group)

    def _next(self) -> list[_Work]:
        """Return what waits, at most a group; nothing when closed."""
        with self._changed:
            while not self._works and not self._closed:
                self._changed.wait()
            group = [self._works.popleft() for _ in range(min(len(self._works), _GROUP))]
            self._bytes -= sum(work.size for work in group)
        return group

    def _write(self, group: list[_Work]) -> None:
        running = [work for work in group if work.future.set_running_or_notify_cancel()]
        if not running:
            return
        try:
            touched = self._transaction(running)
        except Exception as error:  # noqa: BLE001 (it is raised again where the futures are waited for)
            reason = unavailable(error, self._location) if isinstance(error, DBAPIError) else None
            for work in running:
                work.future.set_exception(reason or error)
            return
        for work in running:
            if work.error is not None:
                work.future.set_exception(work.error)
            else:
                work.future.set_result(work.result)
        if touched:
            self._committed(touched)

    def _transaction(self, works: list[_Work]) -> frozenset[int]:
        try:
            return self._attempt(works)
        except DBAPIError as error:
            # A connection that broke before the commit has stored nothing: a server that was restarted is tried anew.
            if not error.connection_invalidated or self._committing:
                raise
            return self._attempt(works)

    def _attempt(self, works: list[_Work]) -> frozenset[int]:
        self._committing = False
        touched: set[int] = set()
        later: dict[Finish, set[int]] = {}
        with self._engine.connect() as connection:
            transaction = connection.begin()
            for work in works:
                connection.info.pop(_TOUCHED, None)
                connection.info.pop(_LATER, None)
                self._run(connection, work)
                if work.error is None:
                    touched |= connection.info.pop(_TOUCHED, set())
                    for finish, trace_keys in connection.info.pop(_LATER, {}).items():
                        later.setdefault(finish, set()).update(trace_keys)
            for finish, trace_keys in later.items():
                finish(connection, trace_keys)
            self._committing = True
            transaction.commit()
        return frozenset(touched)

    def _run(self, connection: Connection, work: _Work) -> None:
        work.error = work.result = None
        try:
            with connection.begin_nested():
                work.result = work.run(connection)
        except DBAPIError as error:
            if unavailable(error, self._location) is not None:
                raise
            work.error = error
        except Exception as error:  # noqa: BLE001 (it is raised again where the future is waited for)
            work.error = error
