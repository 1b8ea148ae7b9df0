"""Takes the words of spans that have changed, so that text search finds them; after ingest, never before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, String, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from wherefrom.traces.model import Json
from wherefrom.traces.payload import unpack_json
from wherefrom.traces.repeating import Repeating
from wherefrom.traces.rows import among
from wherefrom.traces.schema import search_queue, span_payloads, span_texts, spans
from wherefrom.traces.searching import indexed_terms, stored_terms
from wherefrom.traces.store import TraceStore

_AT_ONCE = 200
_POLL_S = 5.0  # other processes write as well
_SHARE = 1.0  # of the time that a piece took is left to others before the next


class TermIndexer(Repeating):
    """Takes the words of spans in the queue, as long as there are any."""

    def __init__(self, store: TraceStore) -> None:
        """Take the store; `start` starts it."""
        super().__init__("text-search")
        self._store = store
        self._unhear: Callable[[], None] = store.on_commit(lambda _: self.wake())

    def work(self) -> float:
        """Take the words of some spans."""
        began = time.monotonic()
        if self.index_some() == 0:
            return _POLL_S
        # Woken or not, ingest comes first.
        self._ended.wait(_SHARE * (time.monotonic() - began))
        self.wake()
        return 0.0

    def index_some(self) -> int:
        """Take the words of some spans, and return of how many."""
        queued = self._store.read(lambda connection: _changed(connection, self._store.dialect))
        if not queued.keys:
            return 0
        self._store.write(lambda connection: _store_terms(connection, queued)).result()
        return len(queued.keys)

    def close(self) -> None:
        """End."""
        self._unhear()
        super().close()


class _Queued:
    """Rows of the queue, and the terms of their spans as `span_texts` holds them."""

    def __init__(self, keys: list[int], rows: list[dict[str, Any]]) -> None:
        self.keys = keys
        self.rows = rows


def _changed(connection: Connection, dialect: str) -> _Queued:
    asked = select(search_queue.c.key, search_queue.c.span_key).order_by(search_queue.c.key).limit(_AT_ONCE)
    queued = connection.execute(asked).all()
    columns = (spans.c.key, spans.c.trace_key, spans.c.name, spans.c.status_message, span_payloads.c.body)
    held = select(*columns).outerjoin(span_payloads, span_payloads.c.span_key == spans.c.key)
    rows = [
        {
            "span_key": row.key,
            "trace_key": row.trace_key,
            "terms": stored_terms(indexed_terms(span_texts_of(row.name, row.status_message, row.body)), dialect),
        }
        for row in among(connection, held, spans.c.key, {row.span_key for row in queued})
    ]
    return _Queued([row.key for row in queued], rows)


def _store_terms(connection: Connection, queued: _Queued) -> None:
    """Store terms of spans that are still there, and under the trace that they are in now."""
    asked = select(spans.c.key, spans.c.trace_key)
    now = {
        row.key: row.trace_key for row in among(connection, asked, spans.c.key, [r["span_key"] for r in queued.rows])
    }
    rows = [{**row, "trace_key": now[row["span_key"]]} for row in queued.rows if row["span_key"] in now]
    if rows:
        connection.execute(_upsert(connection.dialect.name), rows)
    connection.execute(delete(search_queue).where(search_queue.c.key.in_(queued.keys)))


def _upsert(dialect: str) -> Any:
    if dialect == "sqlite":
        statement: Any = sqlite_insert(span_texts)
    else:
        terms = cast(bindparam("terms", type_=String), TSVECTOR)
        statement = postgresql_insert(span_texts).values(
            span_key=bindparam("span_key"), trace_key=bindparam("trace_key"), terms=terms
        )
    changed = {name: statement.excluded[name] for name in ("trace_key", "terms")}
    return statement.on_conflict_do_update(index_elements=["span_key"], set_=changed)


def span_texts_of(name: str | None, status_message: str | None, body: bytes | None) -> Iterator[str]:
    """Yield the texts of a span that are searched, outputs first: of very long ones the end is left out."""
    held = {} if body is None else unpack_json(body)
    for messages, plain in (("output_messages", "output"), ("input_messages", "input")):
        said = held.get(messages)
        yield from _strings(held.get(plain) if said is None else [message["parts"] for message in said])
    yield from (text for text in (name, status_message) if text)
    yield from _strings(held.get("tags"))
    yield from _strings(held.get("metadata"))


def _strings(value: Json) -> Iterator[str]:
    """Yields the strings of a JSON value in their order. Depth is the sender's: no recursion."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if not (value.startswith("data:") and ";base64," in value[:200]):  # a file written as a URL
                yield value
        elif isinstance(value, dict):
            waiting.extend(inner for name, inner in reversed(value.items()) if name != "type")
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def queue_length(connection: Connection) -> int:
    """Return how many changes wait."""
    return int(connection.execute(select(func.count()).select_from(search_queue)).scalar_one())
