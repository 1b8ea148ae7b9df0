"""HoneyHive's own JSON: events, whole or what is new of one, with their metrics and feedback.

A session is what other systems call a trace; events without a parent, or whose parent is the session, are its roots.
What an update says of a session, or of an event that came by OTLP, is kept as far as a span has room for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wherefrom.errors import MalformedError, RequestError
from wherefrom.traces.ingest.collecting import (
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
)
from wherefrom.traces.ingest.conventions.honeyhive import KINDS
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.ingest.token_usage import token_usage
from wherefrom.traces.model import Json, Kind, Protocol, ScoreUpdate, SpanUpdate, Status

_SPAN = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MS = 1_000_000


def read_event(request: Request) -> Collected:
    """What `POST /events` says: `{"event": {...}}`.

    Raises:
        MalformedError: not JSON of this form.
        RequestError: the event cannot be used.
    """
    event = mapping(objects(request.value()).get("event"), "`event`")
    collected = Collected(request)
    _take(event, collected)
    return collected


def read_events(request: Request) -> Collected:
    """What `POST /events/batch` says: `{"events": [...], "session_properties": {...}}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more events than are accepted.
    """
    value = request.value()
    if not isinstance(value, dict):
        raise MalformedError('The body is no batch of events; send {"events": [...]}.')
    collected = Collected(request)
    return collected.take(items_of(value.get("events"), "`events`"), lambda event: _take(event, collected))


def read_update(request: Request) -> Collected:
    """What `PUT /events` says: `{"event_id", "metrics", "feedback", "metadata", "outputs", ...}`.

    Of a session nothing is kept, for it is no span.

    Raises:
        MalformedError: not a JSON object.
        RequestError: it names no event.
    """
    fields = mapping(request.value(), "The body")
    named = fields.get("event_id")
    if not isinstance(named, str) or not named:
        raise RequestError("the update names no event: give event_id")
    collected = Collected(request)
    if _SPAN.fullmatch(named):
        span_id = hex_id(named, "event_id")
        collected.scores += _scores(fields, span_id, None)
        metadata = _metadata(fields)
        if metadata or fields.get("outputs") is not None:
            update = SpanUpdate(
                "", span_id, Protocol.HONEYHIVE, precedence=2, output=fields.get("outputs"), metadata=metadata
            )
            collected.spans.append(update)
    return collected


def _take(event: Mapping[str, Json], collected: Collected) -> None:
    update = _span(event)
    collected.spans.append(update)
    collected.scores += _scores(event, update.span_id, update.trace_id)


def _span(event: Mapping[str, Json]) -> SpanUpdate:
    session = text(event.get("session_id"))
    named = event.get("event_id")
    if session is None or not named:
        raise RequestError("an event has no session_id or no event_id")
    parent = text(event.get("parent_id"))
    kind = KINDS.get(str(event.get("event_type")).lower())
    asked, answered = event.get("inputs"), event.get("outputs")
    is_generation = kind is Kind.LLM
    outputs = messages(answered, "assistant") or None if is_generation else None
    start_ns = nanoseconds(event.get("start_time"))
    end_ns = nanoseconds(event.get("end_time")) or _after(start_ns, event.get("duration"))
    error = text(event.get("error"), MAX_TEXT)
    config, metadata = objects(event.get("config")), objects(event.get("metadata"))
    user = objects(event.get("user_properties"))
    return SpanUpdate(
        trace_id=hex_id(session, "session_id"),
        span_id=hex_id(named, "event_id"),
        protocol=Protocol.HONEYHIVE,
        project=text(event.get("project")),
        parent_id="" if parent is None or parent == session else hex_id(parent, "parent_id"),
        name=text(event.get("event_name")),
        kind=kind,
        status=Status.ERROR if error else Status.OK if end_ns is not None else None,
        status_message=error,
        start_ns=start_ns,
        end_ns=end_ns,
        model=text(config.get("model")),
        provider=text(config.get("provider")),
        session_id=session,
        user_id=text(user.get("user_id")),
        usage=token_usage(metadata) if is_generation else None,
        cost=dollars(metadata.get("cost")) if is_generation else None,
        input=asked,
        output=answered,
        input_messages=messages(objects(asked).get("chat_history", asked), "user") or None if is_generation else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        attributes={"config": config} if config else {},
        metadata=_metadata(event),
        aliases=aliases(named),
    )


def _after(start_ns: int | None, milliseconds: Json) -> int | None:
    duration = number(milliseconds)
    if start_ns is None or duration is None or not 0 <= duration < 1e12:
        return None
    return start_ns + int(duration * _MS)


def _metadata(fields: Mapping[str, Json]) -> dict[str, Json]:
    found = dict(objects(fields.get("metadata")))
    if properties := objects(fields.get("user_properties")):
        found["user_properties"] = properties
    return found


def _scores(fields: Mapping[str, Json], span_id: str, trace_id: str | None) -> list[ScoreUpdate]:
    """Metrics and feedback: numbers, truths and words, each a score of its own, replaced when it is said again."""
    found = []
    for annotator in ("metrics", "feedback"):
        for name, value in objects(fields.get(annotator)).items():
            said, words = number(value), text(value, MAX_TEXT)
            if said is not None or words is not None:
                found.append(
                    ScoreUpdate(
                        id=hex_id(f"{span_id} {annotator} {name}", "a score"),
                        name=name[:MAX_TEXT],
                        trace_id=trace_id,
                        span_id=span_id,
                        value=said,
                        text=words,
                        annotator=annotator,
                    )
                )
    return found
