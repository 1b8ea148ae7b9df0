"""What the gateway passed on: a request to a model's API and its answer, as a span."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import zstandard

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import aliases, objects, text
from wherefrom.traces.ingest.event_stream import stream_events
from wherefrom.traces.ingest.json_values import parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.streamed_answers import StreamedAnswer, answer_of, error_text
from wherefrom.traces.ingest.token_usage import token_usage
from wherefrom.traces.model import Json, Kind, Protocol, SpanUpdate, Status

OPERATIONS = {
    "chat/completions": ("chat", Kind.LLM),
    "completions": ("completion", Kind.LLM),
    "responses": ("response", Kind.LLM),
    "embeddings": ("embeddings", Kind.EMBEDDING),
}
"""What is recorded, by the end of its path: the name of its spans, and what they are."""

_MOST_DECODED = 64 << 20
_STEP = 1024  # of zstd it makes at most 32 MiB, whose decoder cannot be told where to stop
_DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "x-gzip": lambda: zlib.decompressobj(wbits=31),
    "deflate": zlib.decompressobj,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
}
_MAX_MESSAGE = 2_000
_READ_OF_REQUEST = frozenset({"model", "messages", "prompt", "input", "instructions", "user", "metadata"})


@dataclass(frozen=True, slots=True)
class Labels:
    """What a request's headers say of its span.

    Attributes:
        parent: ids of the trace and span within which the caller asked.
        request_id: what the caller knows the request by.
    """

    project: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    parent: tuple[str, str] | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Attributes:
        trace_id, span_id: where it is recorded.
        endpoint: a key of `OPERATIONS`.
        request: decompressed.
        status: of the answer; None: there was none.
        content_type, content_encoding: of the answer.
        pieces: of the answer, each with the time at which it came; None: too large to be kept.
        failure: what ended it before its end; None: nothing did.
        only_project: the one that the caller's key is limited to.
    """

    trace_id: str
    span_id: str
    upstream: str
    endpoint: str
    labels: Labels
    request: bytes
    start_ns: int
    end_ns: int
    status: int | None = None
    content_type: str = ""
    content_encoding: str = ""
    pieces: tuple[tuple[int, bytes], ...] | None = ()
    failure: str | None = None
    only_project: str | None = None

    @property
    def size(self) -> int:
        """The memory that it holds, roughly."""
        return len(self.request) + sum(len(piece) + 100 for _, piece in self.pieces or ()) + 1_000


def operation_of(path: str) -> str | None:
    """Which of `OPERATIONS` a path below the upstream's address is; None: it is passed on only."""
    return next((end for end in OPERATIONS if path == end or path.endswith("/" + end)), None)


def span_update(exchange: Exchange, limits: IngestLimits) -> SpanUpdate:
    """What an exchange says; whatever of it cannot be read is left out."""
    name, kind = OPERATIONS[exchange.endpoint]
    asked = objects(_json(exchange.request, limits))
    answer = _answer(exchange, limits)
    said = objects(answer.value)
    labels = exchange.labels
    model = text(said.get("model")) or text(asked.get("model"))
    outputs = (messages(answer.value, "assistant") or None) if kind is Kind.LLM and _has_output(said) else None
    problem = _problem(exchange, answer)
    return SpanUpdate(
        trace_id=exchange.trace_id,
        span_id=exchange.span_id,
        protocol=Protocol.GATEWAY,
        project=labels.project,
        parent_id=labels.parent[1] if labels.parent else "",
        name=f"{name} {model}" if model else name,
        kind=kind,
        status=Status.ERROR if problem else Status.OK,
        status_message=problem[:_MAX_MESSAGE] if problem else None,
        start_ns=exchange.start_ns,
        end_ns=exchange.end_ns,
        first_token_ns=answer.first_token_ns,
        model=model,
        provider=exchange.upstream,
        session_id=labels.session_id,
        user_id=labels.user_id or text(asked.get("safety_identifier")) or text(asked.get("user")),
        usage=token_usage(said.get("usage")),
        input=asked or None,
        output=_output(answer.value, kind),
        input_messages=(messages(dict(asked), "user") or None) if asked and kind is Kind.LLM else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        log_probabilities=choice_log_probabilities(answer.value) if kind is Kind.LLM else None,
        attributes=_attributes(exchange, asked, said, answer),
        metadata={**objects(asked.get("metadata")), **labels.metadata},
        aliases=aliases(said.get("id"), labels.request_id),
    )


def _answer(exchange: Exchange, limits: IngestLimits) -> StreamedAnswer:
    pieces = _decoded(exchange)
    if "event-stream" in exchange.content_type.lower():
        return answer_of(stream_events(pieces), limits.max_nesting)
    body = b"".join(piece for _, piece in pieces)
    value = _json(body, limits)
    broken = int(bool(body) and value is None)
    return StreamedAnswer(value, None, error_text(value), ended=True, broken=broken)


def _problem(exchange: Exchange, answer: StreamedAnswer) -> str | None:
    """What went wrong, as far as it is known."""
    if exchange.status is not None and exchange.status >= 400:
        return f"{exchange.status}: {answer.error}" if answer.error else f"{exchange.status}"
    if exchange.failure:
        return exchange.failure
    if answer.error:
        return answer.error
    if answer.broken:
        return "The answer held what is not JSON."
    if "event-stream" in exchange.content_type.lower() and exchange.pieces is not None and not answer.ended:
        return "The stream ended without saying so."
    return None


def _attributes(
    exchange: Exchange, asked: Mapping[str, Any], said: Mapping[str, Any], answer: StreamedAnswer
) -> dict[str, Json]:
    found: dict[str, Json] = {
        "gateway.upstream": exchange.upstream,
        "gateway.endpoint": exchange.endpoint,
        "http.response.status_code": exchange.status,
        "gen_ai.request.model": asked.get("model"),
        "gateway.broken_events": answer.broken or None,
        "gateway.answer_not_kept": True if exchange.pieces is None else None,
    }
    found |= {f"request.{key}": value for key, value in asked.items() if key not in _READ_OF_REQUEST}
    found |= {f"response.{key}": said.get(key) for key in ("id", "system_fingerprint", "service_tier", "created")}
    return {key: value for key, value in found.items() if value is not None}


def _has_output(said: Mapping[str, Any]) -> bool:
    return any(isinstance(said.get(key), list) and said[key] for key in ("choices", "output"))


def _output(value: Json, kind: Kind) -> Json:
    """The answer; of embeddings what is not numbers."""
    if kind is not Kind.EMBEDDING or not isinstance(value, dict) or not isinstance(value.get("data"), list):
        return value
    return {**value, "data": [_without_vector(item) for item in value["data"]]}


def _without_vector(item: Json) -> Json:
    return {key: held for key, held in item.items() if key != "embedding"} if isinstance(item, dict) else None


def _json(body: bytes, limits: IngestLimits) -> Json:
    if not body:
        return None
    try:
        return parse_json(body, nesting=limits.max_nesting)
    except RequestError:
        return None


def _decoded(exchange: Exchange) -> Iterator[tuple[int, bytes]]:
    """The answer's pieces without their encoding; those after damage, or beyond what is kept, are left out."""
    encoding = exchange.content_encoding.strip().lower()
    pieces = exchange.pieces or ()
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in _DECODERS:
        return
    left = _MOST_DECODED
    decoder = _DECODERS[encoding]()
    for time_ns, piece in pieces:
        waiting = piece
        while waiting and left > 0:
            if decoder.eof:  # another member, or frame, follows
                decoder = _DECODERS[encoding]()
            step, waiting = waiting[:_STEP], waiting[_STEP:]
            try:
                decoded = decoder.decompress(step) if encoding == "zstd" else decoder.decompress(step, left)
            except (zlib.error, zstandard.ZstdError):
                return
            waiting = decoder.unused_data + waiting
            left -= len(decoded)
            yield time_ns, decoded
        if left <= 0:
            return
