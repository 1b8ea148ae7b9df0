"""Results of tracing, stored with the part of the generation that they are about.

A result is stored once for whatever decides it (its identity), and only by whoever holds the part's lease. It is kept
as the JSON form of Provenance, compressed; spans and documents stand in tables beside it so that they can be asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import zstandard
from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, select, update

from wherefrom.options import TraceOptions
from wherefrom.pool.encoding import to_json
from wherefrom.pool.jobs import TRACER_VERSION
from wherefrom.traces.leases import Lease, end_lease
from wherefrom.traces.model import Json
from wherefrom.traces.rows import add, among
from wherefrom.traces.schema import parts, projects, provenance_documents, provenance_spans, provenances, spans, traces
from wherefrom.traces.summaries import DONE, FAILED, NOTHING, PENDING, summarise_parts, summarise_provenance
from wherefrom.traces.tracing import settings_digest
from wherefrom.traces.writer import touch

MAX_SOURCE = 300
"""Characters of what a document's metadata call its source."""

_SOURCE_FIELDS = ("source", "dataset", "corpus", "subset", "collection", "origin")
_local = threading.local()  # compressors serve one thread each


@dataclass(frozen=True, slots=True)
class Result:
    """What tracing a part came to.

    Attributes:
        lease: of the part.
        body: JSON form of Provenance.
        versions: of the indexes that were searched, by name.
        snippet_quota: of the part's project, in bytes.
    """

    lease: Lease
    body: bytes
    versions: Mapping[str, str]
    options: TraceOptions
    snippet_quota: int

    @property
    def identity(self) -> str:
        """What decides it: 32 digits of text and prompt, a dash, `settings_digest`."""
        return f"{self.lease.text_hash[:32]}-{settings_digest(self.versions, self.options)}"


def with_settings(digest: str) -> ColumnElement[bool]:
    """Return the condition that a provenance was made with indexes and options of this digest."""
    return func.substr(provenances.c.identity, 34) == digest


def store_results(connection: Connection, results: Sequence[Result], now_ns: int) -> int:
    """Store results whose leases are still held, and return how many; the others are dropped."""
    stored = [place for result in results if (place := _store(connection, result, now_ns))]
    refresh(connection, stored, now_ns)
    return len(stored)


def refresh(connection: Connection, places: Iterable[tuple[int, int]], now_ns: int) -> None:
    """Write what is known of parts now into their spans and traces (keys of both), and tell who listens."""
    found = list(places)
    trace_keys = {trace_key for _, trace_key in found}
    summarise_parts(connection, {span_key for span_key, _ in found})
    summarise_provenance(connection, trace_keys, now_ns)
    touch(connection, trace_keys)


def snippet_bytes(connection: Connection, trace_keys: Sequence[int]) -> int:
    """Return the bytes that traces have taken of their projects' quotas, to be given back when they are deleted."""
    taken = select(func.sum(func.length(provenances.c.body))).where(
        provenances.c.trace_key.in_(trace_keys), provenances.c.has_snippets
    )
    return int(connection.execute(taken).scalar() or 0)


def change_project(connection: Connection, trace_key: int, source: int, target: int, now_ns: int) -> None:
    """Have a trace that goes from one project to another use the other's quota, and be traced as the other says.

    Generations keep the provenance that they have until there is another; of the same settings it is that.
    """
    if source == target:
        return
    count = snippet_bytes(connection, [trace_key])
    take_snippet_bytes(connection, source, -count)
    take_snippet_bytes(connection, target, count)
    changed = {"state": PENDING, "due_ns": now_ns, "queued_ns": now_ns, "attempts": 0, "reason": None}
    connection.execute(update(parts).where(parts.c.trace_key == trace_key, parts.c.state != NOTHING).values(changed))
    told = and_(spans.c.trace_key == trace_key, spans.c.provenance.in_((DONE, FAILED)))
    connection.execute(update(spans).where(told).values(provenance=PENDING))


def release_parts(connection: Connection, part_keys: Iterable[int]) -> None:
    """Give back what the provenance of parts has taken of their projects' quotas; it is about to be deleted."""
    size = func.sum(func.length(provenances.c.body))
    joined = provenances.join(traces, traces.c.key == provenances.c.trace_key)
    taken = select(traces.c.project_key, size).select_from(joined).where(provenances.c.has_snippets)
    for project_key, count in among(
        connection, taken.group_by(traces.c.project_key), provenances.c.part_key, part_keys
    ):
        take_snippet_bytes(connection, project_key, -int(count))


def take_snippet_bytes(connection: Connection, project_key: int, count: int) -> None:
    """Note that a project takes so many bytes more of its quota; fewer, where the count is negative."""
    if count:
        total = projects.c.snippet_bytes + count
        changed = {"snippet_bytes": case((total > 0, total), else_=0)}
        connection.execute(update(projects).where(projects.c.key == project_key).values(changed))


def compressed(body: bytes) -> bytes:
    """Return JSON as it is stored."""
    found = getattr(_local, "compressor", None)
    if found is None:
        found = _local.compressor = zstandard.ZstdCompressor(level=3)
    return bytes(found.compress(body))


def decompressed(body: bytes) -> bytes:
    """Return stored JSON."""
    found = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return bytes(found.decompress(body))


def _store(connection: Connection, result: Result, now_ns: int) -> tuple[int, int] | None:
    """Return the keys of span and trace that the result belongs to; None where the lease is not held any more."""
    lease, identity = result.lease, result.identity
    place = end_lease(connection, lease, state=DONE, reason=None, due_ns=now_ns)
    if place is None:
        return None
    span_key, trace_key = place
    before = connection.execute(
        select(provenances.c.identity, provenances.c.has_snippets, func.length(provenances.c.body)).where(
            provenances.c.part_key == lease.part_key
        )
    ).first()
    if before is not None and before.identity == identity and before.has_snippets:
        return place
    freed = before[2] if before is not None and before.has_snippets else 0
    connection.execute(delete(provenances).where(provenances.c.part_key == lease.part_key))
    found = orjson.loads(result.body)
    # Not the project of the lease: the trace may have moved since.
    project_key = connection.execute(select(traces.c.project_key).where(traces.c.key == trace_key)).scalar_one()
    body, has_snippets = _within_quota(connection, result, project_key, found, freed)
    take_snippet_bytes(connection, project_key, (len(body) if has_snippets else 0) - freed)
    key = connection.execute(
        insert(provenances)
        .returning(provenances.c.key)
        .values(
            part_key=lease.part_key,
            span_key=span_key,
            trace_key=trace_key,
            identity=identity,
            indexes=orjson.dumps(dict(result.versions), option=orjson.OPT_SORT_KEYS).decode(),
            preset=result.options.preset,
            tracer_version=TRACER_VERSION,
            created_ns=now_ns,
            duration_ms=found["timing_ms"]["total"],
            tokens=found["tokens"],
            coverage=found["coverage"],
            shown_coverage=found["shown_coverage"],
            longest_span=max((span["end"] - span["start"] for span in found["spans"]), default=0),
            longest_span_tokens=max((span["tokens"] for span in found["spans"]), default=0),
            has_snippets=has_snippets,
            body=body,
        )
    ).scalar_one()
    add(connection, provenance_spans, [_span(key, number, span) for number, span in enumerate(found["spans"])])
    documents = enumerate(found["documents"])
    rows = [_document(key, trace_key, number, document, found["spans"]) for number, document in documents]
    add(connection, provenance_documents, rows)
    return place


def _within_quota(
    connection: Connection, result: Result, project_key: int, found: dict[str, Any], freed: int
) -> tuple[bytes, bool]:
    """Return the body that is stored, without the texts of snippets where the project's quota is used up."""
    body = compressed(result.body)
    used = connection.execute(select(projects.c.snippet_bytes).where(projects.c.key == project_key)).scalar_one()
    if used - freed + len(body) <= result.snippet_quota:
        return body, True
    bare = [
        {**document, "snippets": [{**snippet, "text": ""} for snippet in document["snippets"]]}
        for document in found["documents"]
    ]
    return compressed(to_json({**found, "documents": bare})), False


def _span(key: int, number: int, span: dict[str, Any]) -> dict[str, Any]:
    return {
        "provenance_key": key,
        "number": number,
        **{name: span[name] for name in ("start", "end", "tokens", "count", "count_is_lower_bound", "log_probability")},
    }


def _document(
    key: int, trace_key: int, number: int, document: dict[str, Any], found: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    cited = [found[snippet["span"]] for snippet in document["snippets"]]
    return {
        "provenance_key": key,
        "number": number,
        "trace_key": trace_key,
        "index_name": document["index"],
        "document_id": document["id"],
        "source": source_of(document["metadata"]),
        "relevance": document["relevance"],
        "score": document["score"],
        "duplicates": document["duplicates"],
        "longest_span": max((span["end"] - span["start"] for span in cited), default=0),
    }


def source_of(metadata: Mapping[str, Json]) -> str | None:
    """Return what a document's metadata call its source; None where they do not."""
    named = (metadata[name] for name in _SOURCE_FIELDS if isinstance(metadata.get(name), str) and metadata[name])
    found = next(named, None)
    return None if found is None else found[:MAX_SOURCE]
