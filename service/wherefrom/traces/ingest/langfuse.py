"""Langfuse's own JSON: scores, and the events that its older clients send instead of spans.

An event says that a trace, an observation (span, generation, event) or a score was made, or what is new of one. A trace
is no observation there; here it is the root span, whose id is that of the trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from wherefrom.errors import MalformedError, RequestError
from wherefrom.traces.ingest.collecting import (
    MAX_NAME,
    MAX_TEXT,
    Collected,
    Request,
    aliases,
    hex_id,
    items_of,
    mapping,
    number,
    objects,
    text,
    texts,
)
from wherefrom.traces.ingest.conventions.langfuse import KINDS, cost_details, usage_details
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Json, Kind, Protocol, ScoreUpdate, SpanUpdate, Status

_OBSERVATIONS = {
    "span-create": ("span", False),
    "span-update": ("span", True),
    "generation-create": ("generation", False),
    "generation-update": ("generation", True),
    "event-create": ("event", False),
    "observation-create": (None, False),
    "observation-update": (None, True),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What became of one event: why it was refused, or None."""

    id: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Events:
    """What a request of events says, and what became of each."""

    collected: Collected
    events: tuple[Event, ...]


def read_scores(request: Request) -> Collected:
    """What `POST /api/public/scores` says: one score, or an array of them.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more scores than are accepted.
    """
    value = request.value()
    collected = Collected(request)
    return collected.take(
        [value] if isinstance(value, dict) else items_of(value, "The body"),
        lambda item: collected.scores.append(score_update(item)),
    )


def read_events(request: Request) -> Events:
    """What `POST /api/public/ingestion` says: `{"batch": [{"id", "type", "timestamp", "body"}, ...]}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more events than are accepted.
    """
    value = request.value()
    if not isinstance(value, dict):
        raise MalformedError('The body is no batch of events; send {"batch": [...]}.')
    items = items_of(value.get("batch"), "The batch")
    collected = Collected(request)
    collected.take(items, lambda item: _take(item, collected))
    return Events(
        collected,
        tuple(
            Event(str(objects(item).get("id") or "")[:MAX_NAME], collected.refusals.get(place))
            for place, item in enumerate(items)
        ),
    )


def score_update(fields: Mapping[str, Json]) -> ScoreUpdate:
    """What a score says.

    Raises:
        RequestError: it has no name or no value, or says nothing of what it is about.
    """
    name, value = text(fields.get("name")), fields.get("value")
    if name is None:
        raise RequestError("a score has no name")
    trace, span = fields.get("traceId"), fields.get("observationId")
    if not trace and not span:
        raise RequestError(f"the score {name!r} is on no trace: give traceId (scores of sessions are not kept)")
    said = number(value)
    words = value[:MAX_TEXT] if isinstance(value, str) else None
    comment = text(fields.get("comment"), MAX_TEXT)
    if said is None and words is None and comment is None:
        raise RequestError(f"the score {name!r} has no value")
    return ScoreUpdate(
        id=text(fields.get("id")) or _identity(fields),
        name=name,
        trace_id=hex_id(trace, "traceId") if trace else None,
        span_id=hex_id(span, "observationId") if span else None,
        value=said,
        text=words,
        comment=comment,
        annotator=text(fields.get("source")),
        metadata=dict(objects(fields.get("metadata"))),
        time_ns=nanoseconds(fields.get("timestamp")),
    )


def _identity(fields: Mapping[str, Json]) -> str:
    """The id of a score without one: the same for the same score, so that sending it again changes nothing."""
    return hashlib.blake2b(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _take(item: Mapping[str, Json], collected: Collected) -> None:
    kind = item.get("type")
    if kind == "sdk-log":
        return
    body = mapping(item.get("body"), "the body of an event")
    if kind == "score-create":
        collected.scores.append(score_update({"timestamp": item.get("timestamp"), **body}))
    elif kind == "trace-create":
        collected.spans.extend(_trace(body))
    elif isinstance(kind, str) and kind in _OBSERVATIONS:
        collected.spans.append(_observation(body, *_OBSERVATIONS[kind]))
    else:
        raise RequestError(f"events of the type {str(kind)[:100]!r} are not known here")


def _trace(body: Mapping[str, Json]) -> tuple[SpanUpdate, ...]:
    """What an event says of a trace: of the span around all others, which it is here.

    Clients date every event, and later ones say more of the trace: the time of the one that names it is its start, and
    that of another only where none does.
    """
    trace_id = hex_id(body.get("id"), "the id of a trace")
    name = text(body.get("name"))
    start_ns = nanoseconds(body.get("start_time")) or nanoseconds(body.get("timestamp"))
    end_ns = nanoseconds(body.get("end_time"))  # which the decorators of version 2 for Python tell
    said = SpanUpdate(
        trace_id=trace_id,
        span_id=trace_id,
        protocol=Protocol.LANGFUSE,
        parent_id="",
        name=name,
        kind=Kind.CHAIN,
        status=Status.OK if end_ns is not None else None,
        start_ns=start_ns if name is not None else None,
        end_ns=end_ns,
        session_id=text(body.get("sessionId")),
        user_id=text(body.get("userId")),
        input=body.get("input"),
        output=body.get("output"),
        metadata=_metadata(body),
        tags=texts(body.get("tags")),
        aliases=aliases(body.get("id")),
    )
    if name is not None or start_ns is None:
        return (said,)
    return (said, SpanUpdate(trace_id, trace_id, Protocol.LANGFUSE, precedence=0, start_ns=start_ns))


def _observation(body: Mapping[str, Json], named: str | None, is_update: bool) -> SpanUpdate:
    span_id = hex_id(body.get("id"), "the id of an observation")
    trace_id = hex_id(body.get("traceId"), "the traceId of an observation") if body.get("traceId") else ""
    parent = body.get("parentObservationId")
    kind = KINDS.get(str(named or body.get("type")).lower())
    asked, answered = body.get("input"), body.get("output")
    end_ns = nanoseconds(body.get("endTime"))
    inputs = messages(asked, "user") or None if kind is Kind.LLM else None
    outputs = messages(answered, "assistant") or None if kind is Kind.LLM else None
    message = text(body.get("statusMessage"), MAX_TEXT)
    failed = str(body.get("level")).upper() == "ERROR"
    return SpanUpdate(
        trace_id=trace_id,
        span_id=span_id,
        protocol=Protocol.LANGFUSE,
        precedence=1 if is_update or end_ns is not None else 0,
        parent_id=hex_id(parent, "parentObservationId") if parent else None if is_update else trace_id or None,
        name=text(body.get("name")),
        kind=kind,
        status=Status.ERROR if failed else Status.OK if end_ns is not None else None,
        status_message=message,
        start_ns=nanoseconds(body.get("startTime")),
        end_ns=end_ns,
        first_token_ns=nanoseconds(body.get("completionStartTime")),
        model=text(body.get("model")),
        usage=usage_details(body.get("usageDetails")) or usage_details(body.get("usage")),
        cost=cost_details(body.get("costDetails")),
        input=asked,
        output=answered,
        input_messages=inputs,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        attributes={"model_parameters": parameters} if (parameters := body.get("modelParameters")) else {},
        metadata=_metadata(body),
        aliases=aliases(body.get("id")),
    )


def _metadata(body: Mapping[str, Json]) -> dict[str, Json]:
    metadata = body.get("metadata")
    found = dict(metadata) if isinstance(metadata, dict) else {} if metadata is None else {"metadata": metadata}
    return found | {name: body[name] for name in ("environment", "release", "version") if body.get(name)}
