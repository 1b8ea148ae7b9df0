"""Traces as Parquet: a row a span, with the provenance of its output nested in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from wherefrom.traces.export.stored import StoredPart, StoredSpan, StoredTrace
from wherefrom.traces.payload import to_json

_ROWS = 2_000  # of a row group: what is in memory at once
_TIME = pa.timestamp("ns", tz="UTC")
_FOUND_SPAN = [
    ("start", pa.int32()),
    ("end", pa.int32()),
    ("text", pa.string()),
    ("tokens", pa.int32()),
    ("count", pa.int64()),
    ("count_is_lower_bound", pa.bool_()),
    ("log_probability", pa.float64()),
    ("documents", pa.list_(pa.int32())),
]
_FOUND_SNIPPET = [("text", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("span", pa.int32())]
_FOUND_DOCUMENT = [
    ("index", pa.string()),
    ("id", pa.string()),
    ("metadata", pa.string()),
    ("relevance", pa.string()),
    ("score", pa.float64()),
    ("duplicates", pa.int64()),
    ("snippets", pa.list_(pa.struct(_FOUND_SNIPPET))),
]
_FOUND = [
    ("place", pa.string()),
    ("characters", pa.int32()),
    ("index_versions", pa.map_(pa.string(), pa.string())),
    ("preset", pa.string()),
    ("tracer_version", pa.string()),
    ("coverage", pa.float64()),
    ("shown_coverage", pa.float64()),
    ("spans", pa.list_(pa.struct(_FOUND_SPAN))),
    ("documents", pa.list_(pa.struct(_FOUND_DOCUMENT))),
]
_STRINGS = ("name", "kind", "status", "status_message", "model", "provider", "session_id", "user_id")
_TIMES = ("start_ns", "end_ns", "first_token_ns", "received_ns")
_COUNTS = (
    *("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
    *("characters", "longest_span"),
)
_PAYLOAD = ("input", "output", "input_messages", "output_messages", "log_probabilities", "attributes", "metadata")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("project", "trace_id", "span_id", "parent_id")),
        *((name, pa.string()) for name in _STRINGS),
        *((name.removesuffix("_ns"), _TIME) for name in _TIMES),
        *((name, pa.int64()) for name in _COUNTS),
        ("cost", pa.float64()),
        ("coverage", pa.float64()),
        ("provenance_state", pa.string()),
        *((name, pa.string()) for name in _PAYLOAD),  # JSON
        ("provenance", pa.list_(pa.struct(_FOUND))),  # one for each text of the output
    ],
    metadata={"wherefrom.schema_version": "1"},
)


class _Written:
    """A file that is read while it is written: keeps what was not taken yet."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Keeps some bytes."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Returns what was written since."""
        found, self._pieces = b"".join(self._pieces), []
        return found

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._position

    def flush(self) -> None:
        """Does nothing: nothing is held back."""

    def close(self) -> None:
        """Takes no more."""
        self.closed = True

    def seekable(self) -> bool:
        """Never."""
        return False

    def readable(self) -> bool:
        """Never by this object."""
        return False

    def writable(self) -> bool:
        """Always."""
        return True


def parquet_pieces(found: Iterable[StoredTrace]) -> Iterator[bytes]:
    """Yield a Parquet file in pieces, a row group at a time."""
    sink = _Written()
    rows = (_row(trace, span) for trace in found for span in trace.spans)
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), SCHEMA, compression="zstd") as writer:
        while group := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=SCHEMA))
            yield sink.take()
    yield sink.take()


def _row(trace: StoredTrace, span: StoredSpan) -> dict[str, Any]:
    row = span.row
    return {
        "project": row.project,
        "trace_id": row.trace_id,
        "span_id": row.span_id,
        "parent_id": row.parent_id or None,
        **{name: getattr(row, name) for name in (*_STRINGS, *_COUNTS, "cost", "coverage")},
        **{name.removesuffix("_ns"): getattr(row, name) for name in _TIMES},
        "provenance_state": row.provenance,
        **{name: _json(getattr(span.payload, name)) for name in _PAYLOAD},
        "provenance": [_found(part) for part in span.parts],
    }


def _json(value: Any) -> str | None:
    return None if value is None else to_json(value).decode()


def _found(part: StoredPart) -> dict[str, Any]:
    found = part.found
    return {
        "place": part.place,
        "characters": part.characters,
        "index_versions": list(part.versions.items()),
        "preset": part.preset,
        "tracer_version": part.tracer_version,
        "coverage": found["coverage"],
        "shown_coverage": found["shown_coverage"],
        "spans": [{name: span[name] for name, _ in _FOUND_SPAN} for span in found["spans"]],
        "documents": [
            {
                **{name: document[name] for name, _ in _FOUND_DOCUMENT if name not in ("metadata", "snippets")},
                "metadata": orjson.dumps(document["metadata"]).decode(),
                "snippets": [{name: each[name] for name, _ in _FOUND_SNIPPET} for each in document["snippets"]],
            }
            for document in found["documents"]
        ],
    }
