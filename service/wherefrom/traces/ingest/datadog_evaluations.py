"""Datadog's evaluations of spans and traces, and the feedback of users: scores."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import MAX_TEXT, Collected, Request, items_of, number, objects, text
from wherefrom.traces.ingest.datadog import span_hex, trace_hex
from wherefrom.traces.ingest.python_json import parse_python_json
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Json, ScoreUpdate


def read_evaluations(request: Request) -> Collected:
    """What `POST /api/intake/llm-obs/v2/eval-metric` says: `{"data": {"attributes": {"metrics": [...]}}}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more evaluations than are accepted.
    """
    value = parse_python_json(request.body, nesting=request.limits.max_nesting)
    attributes = objects(objects(objects(value).get("data")).get("attributes"))
    collected = Collected(request)
    items = items_of(attributes.get("metrics"), "`data.attributes.metrics`")
    return collected.take(items, lambda item: collected.scores.append(_score(item)))


def _score(fields: Mapping[str, Json]) -> ScoreUpdate:
    """What an evaluation or a user's feedback says.

    Raises:
        RequestError: it has no label or no value, or is about what is not known by its id.
    """
    label = text(fields.get("label"))
    if label is None:
        raise RequestError("an evaluation has no label")
    trace_id, span_id = _target(fields, label)
    value, words = _value(fields)
    comment = text(fields.get("reasoning"), MAX_TEXT)
    if value is None and words is None and comment is None:
        raise RequestError(f"the evaluation {label!r} has no value")
    told = {name: fields[name] for name in ("assessment", "eval_scope", "event_kind") if fields.get(name)}
    submitter = text(objects(fields.get("submitter")).get("id"))
    identity = orjson.dumps([trace_id, span_id, label, submitter])
    return ScoreUpdate(
        id=hashlib.blake2b(identity, digest_size=16).hexdigest(),
        name=label,
        trace_id=trace_id,
        span_id=span_id,
        project=text(fields.get("ml_app")),
        value=value,
        text=words,
        comment=comment,
        annotator=submitter,
        metadata=dict(objects(fields.get("metadata"))) | told,
        time_ns=nanoseconds(fields.get("timestamp_ms")),
    )


def _target(fields: Mapping[str, Json], label: str) -> tuple[str | None, str | None]:
    """The trace and span that an evaluation is about."""
    joined = objects(fields.get("join_on"))
    span = objects(joined.get("span")) or fields
    named_trace, named_span = span.get("trace_id"), span.get("span_id")
    if not named_trace and not named_span:
        raise RequestError(
            f"the evaluation {label!r} names neither a span nor a trace; tags and sessions find none here"
        )
    trace_id = trace_hex(named_trace, "trace_id") if named_trace else None
    if not named_span or (trace_id is not None and fields.get("eval_scope") == "trace"):
        return trace_id, None
    return trace_id, span_hex(named_span, "span_id")


def _value(fields: Mapping[str, Json]) -> tuple[float | None, str | None]:
    for name in ("score_value", "numerical_value", "boolean_value"):
        if (found := number(fields.get(name))) is not None:
            return found, None
    for name in ("categorical_value", "text_value"):
        if (words := text(fields.get(name), MAX_TEXT)) is not None:
            return None, words
    said = fields.get("json_value")
    return None, orjson.dumps(said).decode()[:MAX_TEXT] if said is not None else None
