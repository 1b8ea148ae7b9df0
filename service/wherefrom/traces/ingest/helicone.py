"""What Helicone's helpers log: a request to a model, tool or database and its answer; and scores of these."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import (
    MAX_NAME,
    Collected,
    Request,
    aliases,
    hex_id,
    mapping,
    number,
    objects,
    text,
)
from wherefrom.traces.ingest.event_stream import StreamEvent, stream_events
from wherefrom.traces.ingest.gateway import Labels
from wherefrom.traces.ingest.json_values import parse_json
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.otel_spans import LATEST_NS
from wherefrom.traces.ingest.streamed_answers import answer_of, error_text
from wherefrom.traces.ingest.token_usage import token_usage
from wherefrom.traces.model import Json, Kind, Protocol, ScoreUpdate, SpanUpdate, Status

PROVIDERS = {"oai": "openai", "anthropic": "anthropic", "custom": None}
"""Who answered, by the first step of the path that a log is posted to."""

_KINDS = {"tool": Kind.TOOL, "vector_db": Kind.RETRIEVER, "data": Kind.CHAIN}
_NAMES = ("toolName", "name", "operation", "databaseName")
_OURS = frozenset({"_type", "toolName"})  # what the helpers add to every answer
_MILLION = 1_000_000


def read_log(request: Request, provider: str, labels: Labels, now_ns: int) -> Collected:
    """What `POST /{provider}/v1/log` says: `{"providerRequest", "providerResponse", "timing"}`.

    Args:
        provider: a key of `PROVIDERS`.
        now_ns: when it came, for logs that name no times.

    Raises:
        MalformedError: not JSON.
        LimitError: it is nested too deeply.
        RequestError: it holds no request.
    """
    said = mapping(request.value(), "the body")
    asked = mapping(mapping(said.get("providerRequest"), "providerRequest").get("json"), "providerRequest.json")
    digest = hashlib.blake2b(request.body + repr(labels).encode("utf-8", "replace"), digest_size=16).hexdigest()
    trace_id = hex_id(labels.request_id, "Helicone-Request-Id") if labels.request_id else digest
    span = _span(asked, objects(said.get("providerResponse")), _Times(objects(said.get("timing")), now_ns), request)
    collected = Collected(request)
    collected.spans.append(
        SpanUpdate(
            trace_id=labels.parent[0] if labels.parent else trace_id.ljust(32, "0"),
            span_id=trace_id,
            parent_id=labels.parent[1] if labels.parent else "",
            protocol=Protocol.HELICONE,
            project=labels.project,
            provider=PROVIDERS[provider],
            session_id=labels.session_id,
            user_id=labels.user_id or text(asked.get("user")),
            metadata={**objects(objects(said["providerRequest"]).get("meta")), **labels.metadata},
            **{**span, "aliases": aliases(*span["aliases"], labels.request_id)},
        )
    )
    return collected


def read_scores(request: Request, request_id: str) -> Collected:
    """What `POST /v1/request/{id}/score` says: `{"scores": {name: number or truth}}`.

    Raises:
        MalformedError: not JSON.
        RequestError: it holds no scores.
    """
    said = mapping(mapping(request.value(), "the body").get("scores"), "scores")
    collected = Collected(request)

    def read(item: Mapping[str, Json]) -> None:
        name, value = text(item["name"]), number(item["value"])
        if name is None or value is None:
            raise RequestError(f"the score {str(item['name'])[:100]!r} is no number and no truth")
        identity = hashlib.blake2b(f"{request_id}\n{name}".encode("utf-8", "replace"), digest_size=16).hexdigest()
        collected.scores.append(ScoreUpdate(id=identity, name=name, span_id=request_id[:MAX_NAME], value=value))

    return collected.take([{"name": name, "value": value} for name, value in said.items()], read)


class _Times:
    """When it began and ended, and when the first token came."""

    def __init__(self, timing: Mapping[str, Any], now_ns: int) -> None:
        end = _moment(timing.get("endTime"))
        self.start_ns = _moment(timing.get("startTime")) or end or now_ns
        self.end_ns = max(end or now_ns, self.start_ns)
        first = number(timing.get("timeToFirstToken"))
        told = first is not None and 0 <= first * _MILLION <= self.end_ns - self.start_ns
        self.first_token_ns = self.start_ns + int(first * _MILLION) if told and first is not None else None


def _moment(value: Json) -> int | None:
    said = objects(value)
    seconds, more = number(said.get("seconds")), number(said.get("milliseconds"))
    if seconds is None or not 0 < seconds < LATEST_NS / 1e9:
        return None
    found = int(seconds) * 1_000 * _MILLION + int((more if more and 0 <= more < 1_000 else 0) * _MILLION)
    return found if found <= LATEST_NS else None


def _span(asked: Mapping[str, Any], response: Mapping[str, Any], times: _Times, request: Request) -> dict[str, Any]:
    """The fields of a span that do not depend on who asked."""
    answer = _answer(response, request.limits.max_nesting)
    said = objects(answer)
    kind = _kind(asked, said)
    model = text(said.get("model")) or text(asked.get("model"))
    is_generation = kind is Kind.LLM
    outputs = (messages(answer, "assistant") or None) if is_generation and not _is_error(said) else None
    status = response.get("status")
    error = error_text(answer)
    failed = error is not None or (type(status) is int and not 0 <= status < 400)
    return {
        "name": _name(asked, kind, model),
        "kind": kind,
        "status": Status.ERROR if failed else Status.OK,
        "status_message": (error or str(status)) if failed else None,
        "start_ns": times.start_ns,
        "end_ns": times.end_ns,
        "first_token_ns": times.first_token_ns if is_generation else None,
        "model": model if kind in (Kind.LLM, Kind.EMBEDDING) else None,
        "usage": token_usage(said.get("usage")),
        "input": dict(asked),
        "output": answer,
        "input_messages": (messages(dict(asked), "user") or None) if is_generation else None,
        "output_messages": outputs,
        "finish_reasons": finish_reasons(outputs) if outputs else None,
        "log_probabilities": choice_log_probabilities(answer) if is_generation else None,
        "attributes": {"http.response.status_code": status} if type(status) is int else {},
        "aliases": (said.get("id"),),
    }


def _answer(response: Mapping[str, Any], nesting: int) -> Json:
    """The answer's JSON, or its text: of a stream, the pieces put together."""
    body = response.get("textBody")
    if not isinstance(body, str) or not body:
        said = response.get("json")
        return {key: value for key, value in said.items() if key not in _OURS} if isinstance(said, dict) else said
    data = body.encode("utf-8", "replace")
    if body.lstrip().startswith(("data:", "event:", ":")):
        return answer_of(stream_events([(0, data + b"\n\n")]), nesting).value or body
    try:
        return parse_json(data, nesting=nesting)
    except RequestError:
        # The helpers put each piece of a stream on a line of its own.
        stream = answer_of((StreamEvent(line, 0) for line in data.split(b"\n") if line.strip()), nesting)
        return stream.value if stream.value is not None and not stream.broken else body


def _kind(asked: Mapping[str, Any], said: Mapping[str, Any]) -> Kind:
    named = asked.get("_type")
    if isinstance(named, str) and named in _KINDS:
        return _KINDS[named]
    data = said.get("data")
    is_embedding = isinstance(data, list) and bool(data) and "embedding" in objects(data[0])
    return Kind.EMBEDDING if is_embedding else Kind.LLM


def _name(asked: Mapping[str, Any], kind: Kind, model: str | None) -> str:
    if kind in (Kind.LLM, Kind.EMBEDDING):
        what = "embeddings" if kind is Kind.EMBEDDING else "chat" if "messages" in asked else "completion"
        return f"{what} {model}" if model else what
    return next((name for key in _NAMES if (name := text(asked.get(key)))), str(asked.get("_type")))


def _is_error(said: Mapping[str, Any]) -> bool:
    return error_text(dict(said)) is not None and "choices" not in said
