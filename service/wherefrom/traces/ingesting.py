"""Stores what a request says: merged into what is known, so that order and repetition do not matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy import update as update_rows

from wherefrom.traces.doubles import without_doubles
from wherefrom.traces.generations import queue_changed, wanted_parts
from wherefrom.traces.merging import COLUMNS, MergedSpan, cost_of_span, first_said, merge
from wherefrom.traces.model import IngestBatch, Kind, Protocol, RawRequest, SpanUpdate, Status
from wherefrom.traces.payload import SpanPayload, pack, unpack
from wherefrom.traces.placing import PlacedTrace, place
from wherefrom.traces.rows import add, add_missing, among, new_keys, put
from wherefrom.traces.schema import (
    aliases,
    attachments,
    parts,
    raw_request_traces,
    raw_requests,
    search_queue,
    span_payloads,
    spans,
)
from wherefrom.traces.score_binding import bind_scores, move_scores, put_scores
from wherefrom.traces.sessions_of import SessionChanges
from wherefrom.traces.trace_writing import add_traces, update_traces
from wherefrom.traces.twins import without_twins
from wherefrom.traces.writer import touch

_WRITTEN = ("precedence", "protocol", "received_ns", *COLUMNS, "cost_source")
_UPDATE_SPAN = (
    update_rows(spans)
    .where(spans.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in _WRITTEN if name != "received_ns"})
)
_KNOWN = select(
    spans.c.key, spans.c.trace_key, spans.c.span_id, *(spans.c[name] for name in _WRITTEN), span_payloads.c.body
).outerjoin(span_payloads, span_payloads.c.span_key == spans.c.key)
_RAW_LEVEL = 1  # of compression: requests are kept for hours, not read


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a request.

    Attributes:
        spans: messages about spans that were stored.
        traces: keys of the traces that changed.
        rejected, reason: what could not be used, as the batch said.
    """

    spans: int
    traces: frozenset[int]
    rejected: int = 0
    reason: str = ""


def ingest(connection: Connection, batch: IngestBatch, now_ns: int) -> Ingested:
    """Store what a request says; a work of `TraceStore.write`.

    The same again changes nothing, and requests may come in any order.

    Args:
        now_ns: when it arrived.
    """
    batch = without_doubles(connection, without_twins(connection, batch))
    placed = place(connection, batch, (*batch.spans, *_for_attachments(batch)), now_ns)
    listed = list({trace.key: trace for _, trace in placed}.values())
    found = _merged(connection, placed, now_ns)
    new, known = [span for span in found if not span.key], [span for span in found if span.key]
    for span, key in zip(new, new_keys(connection, spans, len(new)), strict=True):
        span.key = key

    queued = [part for span in new for part in wanted_parts(span, now_ns)]
    rows = _rows(new, {part["span_key"]: part["state"] for part in queued})
    sessions = SessionChanges()
    add_traces(connection, [trace for trace in listed if trace.is_new], rows, sessions, now_ns)
    add(connection, spans, rows)
    add(connection, span_payloads, [{"span_key": span.key, "body": pack(span.payload)} for span in new])
    add(connection, parts, queued)
    _update_spans(connection, known, now_ns)
    names = [{"span_key": span.key, "alias": alias} for span in found for alias in sorted(span.aliases)]
    add_missing(connection, aliases, names)
    add(connection, search_queue, [{"span_key": span.key} for span in found])
    update_traces(connection, [trace for trace in listed if not trace.is_new], sessions, now_ns)
    sessions.write(connection)
    move_scores(connection, [trace for trace in listed if trace.has_moved])

    changed = {trace.key for trace in listed}
    _put_attachments(connection, batch, found)
    changed |= put_scores(connection, batch, now_ns)
    changed |= bind_scores(connection, found, listed)
    if batch.raw is not None:
        _keep(connection, batch.raw, changed, now_ns)
    touch(connection, changed)
    return Ingested(len(batch.spans), frozenset(changed), batch.rejected, batch.reason)


def _for_attachments(batch: IngestBatch) -> Iterable[SpanUpdate]:
    """Return messages that say nothing, for spans that only files came with."""
    spoken = {span.span_id for span in batch.spans}
    silent = {file.span_id: file for file in batch.attachments if file.span_id not in spoken}
    for span_id, file in silent.items():
        yield SpanUpdate(file.trace_id or "", span_id, Protocol.LANGSMITH, precedence=0, project=file.project)


def _merged(connection: Connection, placed: Sequence[tuple[SpanUpdate, PlacedTrace]], now_ns: int) -> list[MergedSpan]:
    """Return each span that is spoken of, with all that is known of it; those without a row have no key."""
    found = _stored(connection, placed)
    for said, trace in placed:
        place_of = (trace.key, said.span_id)
        span = found.get(place_of)
        if span is None:
            found[place_of] = first_said(said, trace.key, now_ns)
        else:
            merge(span, said)
    return list(found.values())


def _stored(
    connection: Connection, placed: Sequence[tuple[SpanUpdate, PlacedTrace]]
) -> dict[tuple[int, str], MergedSpan]:
    """Return the spans that are spoken of and have a row."""
    old = {(trace.key, said.span_id) for said, trace in placed if not trace.is_new}
    if not old:
        return {}
    query = _KNOWN.where(spans.c.trace_key.in_({key for key, _ in old}))
    rows = among(connection, query, spans.c.span_id, {span_id for _, span_id in old})
    return {(row.trace_key, row.span_id): _read(row) for row in rows if (row.trace_key, row.span_id) in old}


def _read(row: Row[Any]) -> MergedSpan:
    said = row._mapping
    values = {name: said[name] for name in COLUMNS}
    values["kind"] = None if row.kind == Kind.OTHER else row.kind
    values["status"] = None if row.status == Status.UNSET else row.status
    values["cost"] = row.cost if row.cost_source == "client" else None
    payload = unpack(row.body) if row.body is not None else SpanPayload()
    return MergedSpan(
        row.trace_key, row.span_id, row.precedence, row.protocol, row.received_ns, values, payload, row.key
    )


def _row(span: MergedSpan) -> dict[str, Any]:
    cost, source = cost_of_span(span)
    return {
        **span.values,
        "precedence": span.precedence,
        "protocol": span.protocol,
        "received_ns": span.received_ns,
        "kind": span.kind,
        "status": span.status,
        "cost": cost,
        "cost_source": source,
    }


def _rows(new: Sequence[MergedSpan], states: dict[int, str]) -> list[dict[str, Any]]:
    """Return the rows of new spans, of whose texts nothing has been traced."""
    return [
        {
            "key": span.key,
            "trace_key": span.trace_key,
            "span_id": span.span_id,
            **_row(span),
            "provenance": states.get(span.key),
            "characters": None,
            "coverage": None,
            "longest_span": None,
        }
        for span in new
    ]


def _update_spans(connection: Connection, known: Sequence[MergedSpan], now_ns: int) -> None:
    if known:
        connection.execute(_UPDATE_SPAN, [{"of": span.key, **_row(span)} for span in known])
        payloads = [{"span_key": span.key, "body": pack(span.payload)} for span in known]
        put(connection, span_payloads, payloads, key=["span_key"])
        queue_changed(connection, known, now_ns)


def _put_attachments(connection: Connection, batch: IngestBatch, found: Sequence[MergedSpan]) -> None:
    keys = {span.span_id: span.key for span in found}
    rows = {
        (file.span_id, file.name): {
            "span_key": keys[file.span_id],
            "name": file.name,
            "content_type": file.content_type,
            "data": file.data,
        }
        for file in batch.attachments
    }
    put(connection, attachments, list(rows.values()), key=["span_key", "name"])


def _keep(connection: Connection, raw: RawRequest, changed: Iterable[int], now_ns: int) -> None:
    """Keep a request as it came; what came plain is compressed."""
    is_plain = raw.content_encoding in ("", "identity")
    (key,) = new_keys(connection, raw_requests, 1)
    row = {
        "key": key,
        "received_ns": now_ns,
        "protocol": raw.protocol.value,
        "path": raw.path,
        "content_type": raw.content_type,
        "content_encoding": "zstd" if is_plain else raw.content_encoding,
        "body": zstandard.ZstdCompressor(level=_RAW_LEVEL).compress(raw.body) if is_plain else raw.body,
    }
    add(connection, raw_requests, [row])
    add(connection, raw_request_traces, [{"raw_key": key, "trace_key": trace_key} for trace_key in sorted(changed)])
