"""Opik's own JSON: traces and spans, one or many, whole or what is new of one; and their scores.

A trace is no span there; here it is the root span, whose id is that of the trace. Where a client sends both for one
call, as its decorator does, the store makes them one (`wherefrom.traces.doubles`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import (
    MAX_TEXT,
    Collected,
    Request,
    aliases,
    hex_id,
    items_of,
    number,
    objects,
    text,
    texts,
)
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.python_json import parse_python_object
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.ingest.token_usage import joined_usage, token_usage
from wherefrom.traces.model import Event, Json, Kind, Protocol, ScoreUpdate, SpanUpdate, Status, Usage

_KINDS = {kind.value: kind for kind in Kind} | {"general": Kind.CHAIN}
# Of a trace and of its first span, which say the same but for a little, the span is right.
_OF_SPAN = 2
_READ = frozenset(
    {"id", "trace_id", "parent_span_id", "project_name", "name", "type", "start_time", "end_time", "input", "output"}
) | {"metadata", "tags", "usage", "model", "provider", "error_info", "total_estimated_cost", "ttft", "thread_id"}
_NESTED_USAGE = "original_usage."


def read_traces(request: Request) -> Collected:
    """What `POST /v1/private/traces/batch` says: `{"traces": [...]}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more traces than are accepted.
    """
    collected = Collected(request)
    items = items_of(_body(request).get("traces"), "`traces`")
    return collected.take(items, lambda item: collected.spans.append(_trace(_bounded(item, request))))


def read_spans(request: Request) -> Collected:
    """What `POST /v1/private/spans/batch` says: `{"spans": [...]}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more spans than are accepted.
    """
    collected = Collected(request)
    items = items_of(_body(request).get("spans"), "`spans`")
    return collected.take(items, lambda item: collected.spans.append(_span(_bounded(item, request))))


def read_trace(request: Request, trace_id: str | None = None) -> Collected:
    """What `POST /v1/private/traces` says, or `PATCH /v1/private/traces/{id}` where an id is given.

    Raises:
        MalformedError: not a JSON object.
    """
    collected = Collected(request)
    said = _body(request) | ({} if trace_id is None else {"id": trace_id})
    return collected.take(
        [said], lambda item: collected.spans.append(_trace(_bounded(item, request), is_new=trace_id is not None))
    )


def read_span(request: Request, span_id: str | None = None) -> Collected:
    """What `POST /v1/private/spans` says, or `PATCH /v1/private/spans/{id}` where an id is given.

    Raises:
        MalformedError: not a JSON object.
    """
    collected = Collected(request)
    said = _body(request) | ({} if span_id is None else {"id": span_id})
    return collected.take(
        [said], lambda item: collected.spans.append(_span(_bounded(item, request), is_new=span_id is not None))
    )


def read_scores(request: Request, of: str, target: str | None = None) -> Collected:
    """What `PUT /v1/private/{traces,spans}/feedback-scores` says, or that of a single one where its id is given.

    Args:
        of: `traces` or `spans`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more scores than are accepted.
    """
    collected = Collected(request)
    said = _body(request)
    items = items_of(said.get("scores"), "`scores`") if target is None else [said | {"id": target}]
    return collected.take(items, lambda item: collected.scores.append(_score(_bounded(item, request), of)))


def _body(request: Request) -> dict[str, Json]:
    return parse_python_object(request.body, nesting=request.limits.max_nesting)


def _bounded(item: Mapping[str, Json], request: Request) -> Mapping[str, Json]:
    """The item, if its fields are within the limits.

    Raises:
        RequestError: one is not.
    """
    limits = request.limits
    _check_width(item, limits)
    if len(request.body) > limits.max_attribute_bytes:
        for name, value in item.items():
            if len(orjson.dumps(value)) > limits.max_attribute_bytes:
                most = limits.max_attribute_bytes
                raise RequestError(f"{name[:100]!r} has more than {most} bytes (max_attribute_bytes)")
    return item


def _check_width(item: Mapping[str, Json], limits: IngestLimits) -> None:
    metadata, tags = item.get("metadata"), item.get("tags")
    for found in (item, metadata, tags):
        if isinstance(found, dict | list) and len(found) > limits.max_attributes:
            raise RequestError(f"an item has more than {limits.max_attributes} fields or metadata (max_attributes)")


def _trace(fields: Mapping[str, Json], *, is_new: bool = False) -> SpanUpdate:
    """What is said of a trace; `is_new`: only what is new of it."""
    trace_id = hex_id(fields.get("id"), "the id of a trace")
    start_ns, end_ns = nanoseconds(fields.get("start_time")), nanoseconds(fields.get("end_time"))
    status, message, events = _failure(fields, end_ns)
    return SpanUpdate(
        trace_id=trace_id,
        span_id=trace_id,
        protocol=Protocol.OPIK,
        precedence=1 if is_new or end_ns is not None else 0,
        project=text(fields.get("project_name")),
        parent_id="",
        name=text(fields.get("name")),
        kind=Kind.CHAIN,
        status=status,
        status_message=message,
        start_ns=start_ns,
        end_ns=end_ns,
        first_token_ns=_first_token(fields, start_ns),
        session_id=text(fields.get("thread_id")),
        input=fields.get("input"),
        output=fields.get("output"),
        attributes=_attributes(fields),
        metadata=_metadata(fields),
        tags=texts(fields.get("tags")),
        events=events,
        aliases=aliases(fields.get("id")),
    )


def _span(fields: Mapping[str, Json], *, is_new: bool = False) -> SpanUpdate:
    """What is said of a span; `is_new`: only what is new of it."""
    span_id = hex_id(fields.get("id"), "the id of a span")
    trace_id = hex_id(fields["trace_id"], "trace_id") if fields.get("trace_id") else ""
    if not trace_id and not is_new:
        raise RequestError("a span has no trace_id")
    parent = fields.get("parent_span_id")
    kind = _kind(fields.get("type"))
    start_ns, end_ns = nanoseconds(fields.get("start_time")), nanoseconds(fields.get("end_time"))
    status, message, events = _failure(fields, end_ns)
    asked, answered = fields.get("input"), fields.get("output")
    is_generation = kind in (Kind.LLM, None)  # what is new of a span names no type
    outputs = messages(answered, "assistant") or None if is_generation else None
    metadata = _metadata(fields)
    return SpanUpdate(
        trace_id=trace_id,
        span_id=span_id,
        protocol=Protocol.OPIK,
        precedence=_OF_SPAN + (1 if is_new or end_ns is not None else 0),
        project=text(fields.get("project_name")),
        parent_id=hex_id(parent, "parent_span_id") if parent else None if is_new else trace_id,
        name=text(fields.get("name")),
        kind=kind,
        status=status,
        status_message=message,
        start_ns=start_ns,
        end_ns=end_ns,
        first_token_ns=_first_token(fields, start_ns),
        model=text(fields.get("model")),
        provider=_provider(fields, metadata),
        session_id=text(fields.get("thread_id")),
        usage=_usage(fields.get("usage")),
        cost=dollars(fields.get("total_estimated_cost")),
        input=asked,
        output=answered,
        input_messages=messages(asked, "user") or None if is_generation else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        log_probabilities=choice_log_probabilities(answered) if is_generation else None,
        attributes=_attributes(fields),
        metadata=metadata,
        tags=texts(fields.get("tags")),
        events=events,
        aliases=aliases(fields.get("id"), metadata.get("id") if is_generation else None),
    )


def _score(fields: Mapping[str, Json], of: str) -> ScoreUpdate:
    """What a score says; whoever gives the same thing a score of the same name again replaces it."""
    name, value = text(fields.get("name")), number(fields.get("value"))
    if name is None:
        raise RequestError("a score has no name")
    words, comment = text(fields.get("category_name")), text(fields.get("reason"), MAX_TEXT)
    if value is None and words is None and comment is None:
        raise RequestError(f"the score {name!r} has no value")
    target = hex_id(fields.get("id"), f"the id of what the score {name!r} is about")
    author = text(fields.get("author")) or text(fields.get("source"))
    identity = orjson.dumps([of, target, name, author])
    return ScoreUpdate(
        id=hashlib.blake2b(identity, digest_size=16).hexdigest(),
        name=name,
        trace_id=target if of == "traces" else None,
        span_id=target if of == "spans" else None,
        project=text(fields.get("project_name")),
        value=value,
        text=words,
        comment=comment,
        annotator=author,
        time_ns=nanoseconds(fields.get("last_updated_at")) or nanoseconds(fields.get("created_at")),
    )


def _kind(said: Json) -> Kind | None:
    if not isinstance(said, str) or not said:
        return None
    return _KINDS.get(said, Kind.OTHER)


def _failure(
    fields: Mapping[str, Json], end_ns: int | None
) -> tuple[Status | None, str | None, tuple[Event, ...] | None]:
    """How it ended, the sentence about it, and the event that holds where it failed."""
    said = objects(fields.get("error_info"))
    if not said:
        return (Status.OK if end_ns is not None else None), None, None
    kind, message = text(said.get("exception_type")), text(said.get("message"), MAX_TEXT)
    told = {"exception.type": kind, "exception.message": message, "exception.stacktrace": said.get("traceback")}
    event = Event("exception", end_ns or 0, {name: value for name, value in told.items() if value})
    return Status.ERROR, ": ".join(part for part in (kind, message) if part) or None, (event,)


def _first_token(fields: Mapping[str, Json], start_ns: int | None) -> int | None:
    """When the first token came: `ttft` milliseconds after the start."""
    waited = number(fields.get("ttft"))
    if waited is None or start_ns is None or not 0 <= waited < 1e12:
        return None
    return start_ns + int(waited * 1_000_000)


def _provider(fields: Mapping[str, Json], metadata: Mapping[str, Any]) -> str | None:
    """Whose model it is; a client that asks a host of another name tells that name, and elsewhere whose API it is."""
    named = text(fields.get("provider"))
    made_from = text(metadata.get("created_from"))
    is_host = named is not None and ("." in named or ":" in named or named == "localhost")
    return made_from if is_host and made_from else named


def _usage(value: Json) -> Usage | None:
    """Counts of tokens: the usual ones, and of the provider's own, which stand flat beside them, the rest."""
    usage = token_usage(value)
    if not isinstance(value, dict):
        return None
    own: dict[str, Any] = {}
    for name, tokens in value.items():
        if not name.startswith(_NESTED_USAGE):
            continue
        *path, last = name[len(_NESTED_USAGE) :].split(".")[:3]
        inner = own
        for step in path:
            found = inner.setdefault(step, {})
            inner = found if isinstance(found, dict) else {}
        inner[last] = tokens
    return joined_usage(usage, token_usage(own))


def _metadata(fields: Mapping[str, Json]) -> dict[str, Json]:
    metadata = fields.get("metadata")
    found = dict(metadata) if isinstance(metadata, dict) else {} if metadata is None else {"metadata": metadata}
    return found | dict(_named(fields, "environment"))


def _named(fields: Mapping[str, Json], name: str) -> Iterator[tuple[str, Json]]:
    if fields.get(name):
        yield name, fields[name]


def _attributes(fields: Mapping[str, Json]) -> dict[str, Json]:
    """What no field of a span holds."""
    rest = fields.keys() - _READ - {"environment", "last_updated_at"}
    return {f"opik.{name}": fields[name] for name in sorted(rest) if fields[name] is not None}
