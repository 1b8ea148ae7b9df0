"""Live views: what changes in the store, told to whoever listens, as it is committed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select

from wherefrom.traces.listing import read_rows, trace_item
from wherefrom.traces.repeating import Repeating
from wherefrom.traces.schema import traces
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import SECOND
from wherefrom.traces.trees import plain_id

WAITING = 1_000
"""Events that wait for a listener; one that reads more slowly is told to read its lists again."""

MISSED = 500
"""Changes that a listener who comes back is told of; more: it is told to read its lists again."""

_POLL_S = 1.0  # commits of other processes are not heard
_PAUSE_S = 0.2  # changes of this time are told together: a trace in progress changes with every span
_OVERLAP_NS = 5 * SECOND  # a transaction may be committed later than one that began after it
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something that happened.

    Attributes:
        name: `trace`: it is new or has changed; `deleted`: traces are gone; `reset`: too much happened to be told.
            After the latter two, lists should be read again.
        id: from which a listener can go on later; empty: none.
        data: JSON.
    """

    name: str
    data: bytes = b"{}"
    id: str = ""

    def encode(self) -> bytes:
        """Returns it as server-sent events have it. JSON has no line breaks."""
        number = f"id: {self.id}\n" if self.id else ""
        return f"event: {self.name}\n{number}data: ".encode() + self.data + b"\n\n"


RESET = LiveEvent("reset")
DELETED = LiveEvent("deleted")


@dataclass(slots=True, eq=False)
class Listener:
    """Someone who hears of changes.

    Attributes:
        project: of this one only.
        trace_id: of this trace only.
    """

    loop: asyncio.AbstractEventLoop
    project: str | None = None
    trace_id: str | None = None
    events: asyncio.Queue[LiveEvent] = field(default_factory=lambda: asyncio.Queue(WAITING))

    def wants(self, item: dict[str, Any]) -> bool:
        """Tells whether it is to hear of a trace."""
        return self.project in (None, item["project"]) and self.trace_id in (None, item["id"])

    def tell(self, event: LiveEvent) -> None:
        """Has it hear of an event; any thread may."""
        try:
            self.loop.call_soon_threadsafe(self._put, event)
        except RuntimeError:  # its loop is closed: nobody listens any more
            return

    def _put(self, event: LiveEvent) -> None:
        if self.events.full():
            while not self.events.empty():
                self.events.get_nowait()
            event = RESET
        self.events.put_nowait(event)


class LiveViews(Repeating):
    """Hears of commits and tells listeners; looks at the store only while there are some."""

    def __init__(self, store: TraceStore) -> None:
        """Take the store; `start` starts it."""
        super().__init__("live-views")
        self._store = store
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._committed: set[int] = set()
        self._told: dict[int, int] = {}  # key -> updated_ns
        self._unhear: Callable[[], None] = store.on_commit(self._hear)

    @contextmanager
    def listening(self, project: str | None, trace_id: str | None = None) -> Iterator[Listener]:
        """Yields a listener of the running event loop, which hears of what changes until the end of the block."""
        listener = Listener(asyncio.get_running_loop(), project, None if trace_id is None else plain_id(trace_id))
        with self._lock:
            if not self._listeners:
                self._told.clear()
                self._committed.clear()
            self._listeners.add(listener)
        self.wake()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def missed(self, listener: Listener, last_id: str) -> list[LiveEvent]:
        """Returns what a listener has not heard of since an event's id; blocks."""
        if not (last_id.isascii() and last_id.isdigit() and len(last_id) < 20):
            return [RESET]
        since = min(int(last_id), (1 << 63) - 1)
        items = self._store.read(lambda connection: _changed(connection, since, set(), MISSED + 1))
        if len(items) > MISSED:
            return [RESET]
        return [_event(item, updated_ns) for _, updated_ns, item in items if listener.wants(item)]

    def work(self) -> float | None:
        """Tell what has changed."""
        with self._lock:
            listeners, committed = list(self._listeners), self._committed
            self._committed = set()
        if not listeners:
            return None
        since = time.time_ns() - _OVERLAP_NS
        found = self._store.read(lambda connection: _changed(connection, since, committed, _AT_ONCE + 1))
        if len(found) > _AT_ONCE or len(committed) > _AT_ONCE:
            self._tell_all(listeners, RESET)
        else:
            self._tell(listeners, found)
        if committed - {key for key, _, _ in found}:
            self._tell_all(listeners, DELETED)
        for key, updated_ns, _ in found:
            self._told[key] = updated_ns
        self._told = {key: updated_ns for key, updated_ns in self._told.items() if updated_ns > since}
        self._ended.wait(_PAUSE_S)
        return _POLL_S

    def close(self) -> None:
        """End; listeners hear no more."""
        self._unhear()
        super().close()

    def _hear(self, keys: frozenset[int]) -> None:
        with self._lock:
            if not self._listeners:
                return
            self._committed |= keys
        self.wake()

    def _tell(self, listeners: list[Listener], found: list[tuple[int, int, dict[str, Any]]]) -> None:
        for key, updated_ns, item in found:
            if self._told.get(key) != updated_ns:
                event = _event(item, updated_ns)
                for listener in listeners:
                    if listener.wants(item):
                        listener.tell(event)

    @staticmethod
    def _tell_all(listeners: list[Listener], event: LiveEvent) -> None:
        for listener in listeners:
            listener.tell(event)


def _event(item: dict[str, Any], updated_ns: int) -> LiveEvent:
    return LiveEvent("trace", orjson.dumps(item), str(updated_ns))


def _changed(
    connection: Connection, since_ns: int, keys: set[int], limit: int
) -> list[tuple[int, int, dict[str, Any]]]:
    """Returns key, time of change and item of traces that have changed since a time, and of some more."""
    asked = select(traces.c.key).where(traces.c.updated_ns > since_ns)
    changed = set(connection.execute(asked.order_by(traces.c.updated_ns, traces.c.key).limit(limit)).scalars())
    rows = read_rows(connection, sorted(changed | set(sorted(keys)[:limit])))
    return [(row.key, row.updated_ns, trace_item(row)) for row in sorted(rows, key=lambda row: row.updated_ns)]
