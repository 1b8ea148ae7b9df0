"""Provenance as other tracing systems show it: one late child span for each generation, a retrieval of documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from wherefrom.provenance import SCHEMA_VERSION
from wherefrom.traces.export.attributes import id_bytes, key_values
from wherefrom.traces.export.stored import StoredPart, StoredSpan
from wherefrom.traces.model import Json


def provenance_span(span: StoredSpan, report_url: str | None = None) -> Span | None:
    """Return the span that tells what a generation quotes; None where nothing is stored of it.

    Its id depends on the generation, the versions of indexes and tracer only, so that it may be sent again. It begins
    and ends when the generation ended: at any later time it would make the trace longer.

    Args:
        report_url: of the page that shows the generation.
    """
    if not span.parts:
        return None
    versions = {name: version for part in span.parts for name, version in part.versions.items()}
    tracer = span.parts[-1].tracer_version
    row = span.row
    name = "\0".join((row.trace_id, row.span_id, *(f"{key}={versions[key]}" for key in sorted(versions)), tracer))
    at = next((ns for ns in (row.end_ns, row.start_ns, row.received_ns) if ns is not None), 0)
    corpus = ", ".join(sorted(versions))
    return Span(
        trace_id=id_bytes(row.trace_id, 16),
        span_id=id_bytes(name, 8),
        parent_span_id=id_bytes(row.span_id, 8),
        name=f"retrieval {corpus}",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=max(at, 0),
        end_time_unix_nano=max(at, 0),
        attributes=key_values(_attributes(span, versions, corpus, report_url)),
        events=[event for part in span.parts for event in _events(part, max(at, 0))],
    )


def _attributes(span: StoredSpan, versions: dict[str, str], corpus: str, report_url: str | None) -> dict[str, Json]:
    documents = list(_documents(span.parts))
    flat: dict[str, Json] = {}
    for number, document in enumerate(documents):
        place = f"retrieval.documents.{number}.document."
        flat[f"{place}id"] = document["id"]
        flat[f"{place}score"] = document["score"]
        flat[f"{place}content"] = document["content"]
        flat[f"{place}metadata"] = _text(document["metadata"])
    shown = [
        {"id": each["id"], "page_content": each["content"], "type": "Document", "metadata": each["metadata"]}
        for each in documents
    ]
    return {
        "openinference.span.kind": "RETRIEVER",
        "langfuse.observation.type": "retriever",
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": corpus,
        "gen_ai.retrieval.documents": _text([{"id": each["id"], "score": each["score"]} for each in documents]),
        **flat,
        "output.value": _text(shown),
        "output.mime_type": "application/json",
        "provenance.schema_version": SCHEMA_VERSION,
        "provenance.index.id": corpus,
        "provenance.index.version": ", ".join(versions[name] for name in sorted(versions)),
        "provenance.preset": span.parts[-1].preset,
        "provenance.tracer.version": span.parts[-1].tracer_version,
        "provenance.coverage.ratio": span.row.coverage,
        "provenance.span.count": sum(len(part.found["spans"]) for part in span.parts),
        "provenance.longest_span.characters": span.row.longest_span,
        "provenance.longest_span.tokens": max(part.longest_span_tokens for part in span.parts),
        "provenance.report.url": report_url,
        "provenance.duration_ms": sum(part.duration_ms for part in span.parts),
    }


def _documents(parts: Iterable[StoredPart]) -> Iterable[dict[str, Any]]:
    """Yields each document once, with the snippets of all parts as its content."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for part in parts:
        for document in part.found["documents"]:
            known = found.setdefault(
                (document["index"], document["id"]),
                {
                    "id": document["id"],
                    "score": document["score"],
                    "content": "",
                    "metadata": {**document["metadata"], "index": document["index"]},
                },
            )
            known["score"] = max(known["score"], document["score"])
            texts = [known["content"], *(snippet["text"] for snippet in document["snippets"])]
            known["content"] = "\n…\n".join(dict.fromkeys(text for text in texts if text))
    return found.values()


def _events(part: StoredPart, time_ns: int) -> Iterable[Span.Event]:
    documents = part.found["documents"]
    for span in part.found["spans"]:
        first = documents[span["documents"][0]] if span["documents"] else None
        attributes = {
            "provenance.match.place": part.place,
            "provenance.match.start": span["start"],
            "provenance.match.end": span["end"],
            "provenance.match.tokens": span["tokens"],
            "provenance.match.count": span["count"],
            "provenance.match.document.id": None if first is None else first["id"],
            "provenance.match.index": None if first is None else first["index"],
        }
        yield Span.Event(name="provenance.match", time_unix_nano=time_ns, attributes=key_values(attributes))


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()
