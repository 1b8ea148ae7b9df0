"""What clients say of traces, in one form whatever protocol they speak.

A `SpanUpdate` says what one message says about one span: None is "not said", never "nothing". The store merges updates
field by field, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""What `orjson.loads` returns: None, bool, int, float, str, list, dict."""


class Kind(StrEnum):
    """What a span did."""

    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVER = "retriever"
    RERANKER = "reranker"
    TOOL = "tool"
    AGENT = "agent"
    CHAIN = "chain"
    GUARDRAIL = "guardrail"
    EVALUATOR = "evaluator"
    PROMPT = "prompt"
    OTHER = "other"


class Status(StrEnum):
    """How a span ended; `UNSET` while that is unknown."""

    UNSET = "unset"
    OK = "ok"
    ERROR = "error"


class Protocol(StrEnum):
    """How a span came."""

    OTLP = "otlp"
    LANGSMITH = "langsmith"
    LANGFUSE = "langfuse"
    HONEYHIVE = "honeyhive"
    OPIK = "opik"
    DATADOG = "datadog"
    GATEWAY = "gateway"
    HELICONE = "helicone"
    HUGGINGFACE = "huggingface"
    IMPORT = "import"


class PartType(StrEnum):
    """What a part of a message holds."""

    TEXT = "text"
    REASONING = "reasoning"
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    REFUSAL = "refusal"
    MEDIA = "media"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message.

    Attributes:
        text: of a text, reasoning or refusal; of a tool's result where it is text.
        id, name, arguments: of a tool call (arguments as parsed JSON where they are JSON, else the string).
        data: anything else, as it was sent.
    """

    type: PartType
    text: str | None = None
    id: str | None = None
    name: str | None = None
    arguments: Json = None
    data: Json = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; several choices of one generation are several messages.

    Attributes:
        role: system, user, assistant, tool, or what the client calls it.
    """

    role: str
    parts: tuple[Part, ...]
    name: str | None = None
    finish_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the client counted them; None is unknown, never zero."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TokenLogProbability:
    """One token of an output and the natural logarithm of its probability.

    Attributes:
        top: the likeliest tokens at its place with theirs, where the client sent them.
    """

    token: str
    log_probability: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened during a span."""

    name: str
    time_ns: int
    attributes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A span that another one refers to."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpanUpdate:
    """What one message says about one span.

    Attributes:
        trace_id, span_id, parent_id: lower-case hex without dashes: 32 and 16 digits from OpenTelemetry, 32 and 32 from
            UUIDs. An empty parent_id says that the span is a root.
        precedence: of two updates that say different things, the one of higher precedence is right, of equal ones the
            later to arrive: 0 for the start of a span, more for its end or the whole of it.
        project: None: the caller's, or the one that the trace already belongs to.
        start_ns, end_ns, first_token_ns: nanoseconds since 1970, UTC.
        model: what answered if known, else what was asked for.
        cost: US dollars, as the client says; the store computes it where the client does not.
        input, output: as sent. input_messages, output_messages: the same as messages, for generations.
        log_probabilities: of the first choice's text.
        attributes: merged key by key.
        metadata: the application's own, merged key by key.
        aliases: other names it is known by (a UUID with dashes, `chatcmpl-...`).
    """

    trace_id: str
    span_id: str
    protocol: Protocol
    precedence: int = 1
    project: str | None = None
    parent_id: str | None = None
    name: str | None = None
    kind: Kind | None = None
    status: Status | None = None
    status_message: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    first_token_ns: int | None = None
    model: str | None = None
    provider: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    input: Json = None
    output: Json = None
    input_messages: tuple[Message, ...] | None = None
    output_messages: tuple[Message, ...] | None = None
    finish_reasons: tuple[str, ...] | None = None
    log_probabilities: tuple[TokenLogProbability, ...] | None = None
    attributes: Mapping[str, Json] = field(default_factory=dict)
    metadata: Mapping[str, Json] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    events: tuple[Event, ...] | None = None
    links: tuple[Link, ...] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreUpdate:
    """A score or note on a trace or on one of its spans.

    Attributes:
        id: whoever sends it again with the same id replaces it.
        trace_id, span_id: what it is about; span_id may be any alias; trace_id None where only the span is known.
        value: a finite number; text: a category or free words. At least one of value, text, comment is given.
        annotator: who says so: a person's name, "code", "llm", ...
    """

    id: str
    name: str
    trace_id: str | None = None
    span_id: str | None = None
    project: str | None = None
    value: float | None = None
    text: str | None = None
    comment: str | None = None
    annotator: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    time_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a client sent with a span."""

    trace_id: str | None
    span_id: str
    name: str
    content_type: str
    data: bytes
    project: str | None = None


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came, kept for a short time so that it can be read again by a later version."""

    protocol: Protocol
    path: str
    content_type: str
    content_encoding: str
    body: bytes


@dataclass(frozen=True, slots=True)
class IngestBatch:
    """All that one request says.

    Attributes:
        project: of what names none; None: `default`.
        only_project: whatever else is named, the caller's key allows this project only.
        rejected: how many items could not be used, and the sentence that says why.
    """

    spans: tuple[SpanUpdate, ...] = ()
    scores: tuple[ScoreUpdate, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    raw: RawRequest | None = None
    project: str | None = None
    only_project: str | None = None
    rejected: int = 0
    reason: str = ""
