"""Phoenix's spans and annotations: rows of its data frames, and the lists of its client, with traces or without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import MAX_NAME, MAX_TEXT, number, text
from wherefrom.traces.ingest.conventions import interpreted
from wherefrom.traces.ingest.exports.taken import LIMITS, Fields, Taken, joined, list_in, object_in, without_gaps
from wherefrom.traces.ingest.otel_spans import OtelSpan, Source
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Event, Json, ScoreUpdate

_CODES = {"OK": 1, "ERROR": 2}
_KIND = "openinference.span.kind"
_COLUMN = "attributes."
_METADATA = "metadata"
_HEX = frozenset("0123456789abcdef")


def recognises(record: Fields) -> bool:
    """Whether a record is a span, an annotation or a trace of Phoenix."""
    return _is_span(record) or _is_annotation(record) or _is_trace(record)


def read(record: Fields) -> Taken:
    """What a record says.

    Raises:
        RequestError: it is no span, trace or annotation, or its ids are none.
    """
    if _is_trace(record):
        return joined(read(span) for span in list_in(record["spans"]) if isinstance(span, dict))
    if _is_annotation(record):
        return Taken(scores=(_score(record),))
    if not _is_span(record):
        raise RequestError("it is no span of Phoenix (with context.trace_id and context.span_id) and no annotation")
    span = interpreted(_span(without_gaps(record)), LIMITS)
    notes = [note for note in list_in(record.get("annotations")) if isinstance(note, dict)]
    scores = tuple(_score({"span_id": span.span_id, **note}) for note in notes)
    return Taken((span,), scores)


def _is_span(record: Fields) -> bool:
    if "context.span_id" in record and "context.trace_id" in record:
        return True
    return {"span_id", "trace_id"} <= object_in(record.get("context")).keys() and bool(
        {"span_kind", "start_time"} & record.keys()
    )


def _is_trace(record: Fields) -> bool:
    spans = list_in(record.get("spans"))
    return bool(spans) and isinstance(spans[0], dict) and _is_span(spans[0]) and "info" not in record


def _is_annotation(record: Fields) -> bool:
    return "annotator_kind" in record and bool({"span_id", "trace_id"} & record.keys())


def _span(record: dict[str, Any]) -> OtelSpan:
    context = object_in(record.get("context"))
    parent = record.get("parent_id")
    code = record.get("status_code")
    message = record.get("status_message")
    attributes = _attributes(record)
    kind = record.get("span_kind")
    if isinstance(kind, str) and kind != "UNKNOWN":
        attributes.setdefault(_KIND, kind)
    return OtelSpan(
        trace_id=_hex(record.get("context.trace_id", context.get("trace_id")), 32),
        span_id=_hex(record.get("context.span_id", context.get("span_id")), 16),
        source=Source(),
        parent_id=_hex(parent, 16) if parent else "",
        name=text(record.get("name")),
        status_code=_CODES.get(code, 0) if isinstance(code, str) else 0,
        status_message=message if isinstance(message, str) else "",
        start_ns=nanoseconds(_moment(record.get("start_time"))),
        end_ns=nanoseconds(_moment(record.get("end_time"))),
        attributes=attributes,
        events=tuple(_events(list_in(record.get("events")))),
    )


def _hex(value: Json, digits: int) -> str:
    lower = value.lower() if isinstance(value, str) else ""
    if len(lower) != digits or not set(lower) <= _HEX:
        raise RequestError(f"{str(value)[:100]!r} is no id of {digits} hexadecimal digits")
    return lower


def _moment(value: Json) -> Json:
    """A time; in CSV, milliseconds since 1970 may come as a text."""
    return float(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else value


def _attributes(record: Fields) -> dict[str, Json]:
    """Attributes as the span had them: one name each, however many levels."""
    found: dict[str, Json] = {}
    metadata: dict[str, Json] = {}
    whole = record.get("attributes")
    listed = {name[len(_COLUMN) :]: value for name, value in record.items() if name.startswith(_COLUMN)}
    for name, value in _flat({**object_in(whole), **listed}, ""):
        if name.startswith(_METADATA + "."):
            metadata[name[len(_METADATA) + 1 :]] = value
        else:
            found[name] = value
    if metadata:
        found[_METADATA] = {**metadata, **object_in(found.get(_METADATA))}
    return found


def _flat(values: Fields, prefix: str) -> Iterator[tuple[str, Json]]:
    """Each value with the path to it; metadata are one value, whatever they hold."""
    for name, value in values.items():
        path = prefix + name
        if isinstance(value, dict) and path != _METADATA and not path.endswith("." + _METADATA):
            yield from _flat(value, path + ".")
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for place, item in enumerate(value):
                yield from _flat(item, f"{path}.{place}.")
        else:
            yield path, value


def _events(events: list[Any]) -> Iterator[Event]:
    for fields in map(object_in, events):
        time_ns = nanoseconds(_moment(fields.get("timestamp")))
        if isinstance(fields.get("name"), str) and time_ns is not None:
            yield Event(fields["name"], time_ns, object_in(fields.get("attributes")))


def _score(record: Fields) -> ScoreUpdate:
    name = text(record.get("annotation_name")) or text(record.get("name"))
    if name is None:
        raise RequestError("an annotation has no name")
    result = object_in(record.get("result"))
    value, label, words = (record.get(f"result.{key}", result.get(key)) for key in ("score", "label", "explanation"))
    span_id, trace_id = (text(record.get(key)) for key in ("span_id", "trace_id"))
    if span_id is None and trace_id is None:
        raise RequestError(f"the annotation {name!r} is on nothing: it has no span_id")
    said = number(value)
    comment = text(words, MAX_TEXT)
    named = text(label, MAX_TEXT)
    return ScoreUpdate(
        id=":".join(filter(None, (span_id or trace_id, name, text(record.get("identifier")), text(record.get("id")))))[
            :MAX_NAME
        ],
        name=name,
        trace_id=_hex(trace_id, 32) if trace_id else None,
        span_id=_hex(span_id, 16) if span_id else None,
        value=said,
        text=named,
        comment="" if said is None and named is None and comment is None else comment,
        annotator=(text(record.get("annotator_kind")) or "").lower() or None,
        metadata=object_in(record.get("metadata")),
        time_ns=nanoseconds(record.get("updated_at")) or nanoseconds(record.get("created_at")),
    )
