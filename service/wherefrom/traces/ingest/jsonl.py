"""Records of generations, one an object, as people keep them in files: fields by whatever name they have.

What is read of a record: its output (`text`, `output`, `response`, ...), what was asked (`prompt`, `instruction` with
`input`, `messages`, ...), id, model, session, user, times, usage, tags. Everything else becomes metadata.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.json_values import clean_value
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities, log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.token_usage import token_usage
from wherefrom.traces.model import Json, Kind, Message, Part, PartType, Protocol, SpanUpdate, Status
from wherefrom.traces.payload import to_json
from wherefrom.traces.times import MAX_NS, read_time
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.values import json_value

OUTPUTS = (
    *("output", "outputs", "output_text", "completion", "completions", "response", "responses", "generated_text"),
    *("generation", "generations", "answer", "prediction", "assistant", "choices", "text", "content", "result"),
)
"""Fields that hold what a model said; the first that is there counts."""

_ASKED = ("prompt", "instruction", "question", "query", "request", "input", "inputs")
_SYSTEM = ("system", "system_prompt", "system_message")
_IDS = ("id", "uuid", "generation_id", "request_id", "custom_id", "response_id", "prompt_id", "conversation_id")
_MODELS = ("model", "model_name", "model_id", "engine", "generator")
_SESSIONS = ("session_id", "session", "conversation_id", "thread_id", "chat_id", "conversation_hash")
_USERS = ("user_id", "user", "hashed_ip")
_STARTS = ("start_time", "timestamp", "created_at", "created", "time", "date", "datetime")
_ENDS = ("end_time", "completed_at", "finished_at")
_DURATIONS = {"latency_ms": 1e6, "duration_ms": 1e6, "latency_s": 1e9, "duration_s": 1e9}
_MAX_ALIAS = 500


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from.

    Attributes:
        source: name of the file or dataset; with what the record says, it makes the ids, so that a file that is
            imported again changes nothing.
        ordinal: number of the record in it, from 0.
        project: of all records; None: the field `project`, or the default.
    """

    source: str
    ordinal: int
    project: str | None = None


class Fields:
    """A record's fields, of which those that are read are taken out."""

    def __init__(self, record: Mapping[str, object]) -> None:
        """Take what a source yielded; times and bytes become texts.

        Raises:
            SourceError: it is nested too deeply.
        """
        try:
            self._record: dict[str, Any] = clean_value(json_value(record))
        except RecursionError as error:
            raise SourceError("its fields are nested too deeply") from error
        self.digest = hashlib.sha256(to_json(self._record)).hexdigest()
        self.names = ", ".join(self._record)[:200] or "none"
        self._left = dict(self._record)

    def get(self, *names: str) -> Json:
        """What the first of these fields holds, of those that hold anything; it may be asked for again."""
        for name in names:
            if (value := self._record.get(name)) not in (None, "", [], {}):
                self._left.pop(name, None)
                return value
        return None

    def text(self, *names: str) -> str | None:
        """The same, of fields that hold a text or a number."""
        for name in names:
            value = self._record.get(name)
            if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
                self._left.pop(name, None)
                return str(value)
        return None

    def has(self, *names: str) -> bool:
        """Whether one of these fields is there, if only empty."""
        return any(name in self._record for name in names)

    def rest(self) -> dict[str, Json]:
        """What was not read."""
        return self._left


def generation(record: Mapping[str, object], origin: Origin) -> SpanUpdate:
    """Return the generation that a record tells of.

    Raises:
        SourceError: it holds no output.
    """
    fields = Fields(record)
    output = fields.get(*OUTPUTS)
    body = _response(output)
    if output is None and not fields.has(*OUTPUTS):
        raise SourceError(
            f"there is no output in it: none of {', '.join(OUTPUTS[:6])}, text, ...; its fields are {fields.names}"
        )
    return span_update(
        fields,
        origin,
        input_messages=tuple(_asked(fields)),
        output=output,
        output_messages=_said(body),
        response=body if isinstance(body, Mapping) else {},
    )


def span_update(
    fields: Fields,
    origin: Origin,
    *,
    input_messages: tuple[Message, ...],
    output: Json,
    output_messages: tuple[Message, ...],
    response: Mapping[str, Any] | None = None,
    turn: int | None = None,
    is_only: bool = True,
) -> SpanUpdate:
    """Return the span of a generation, with what else its record says.

    Args:
        response: the output where it is what a model's interface answered.
        turn: number of the generation in its conversation; None: the record is one generation.
        is_only: the conversation has no other.
    """
    body = response or {}
    name = fields.text(*_IDS)
    key = [origin.project, origin.source, name or origin.ordinal, fields.digest, turn]
    digest = hashlib.sha256(orjson.dumps(key)).hexdigest()
    start_ns, end_ns = _times(fields)
    model = fields.text(*_MODELS) or body.get("model")
    aliases = (name if is_only or name is None else f"{name}:{turn}", body.get("id"))
    tags = fields.get("tags")
    return SpanUpdate(
        trace_id=digest[:32],
        span_id=digest[32:48],
        parent_id="",
        protocol=Protocol.IMPORT,
        project=origin.project or fields.text("project"),
        name=fields.text("name") or origin.source,
        kind=Kind.LLM,
        status=Status.OK,
        start_ns=start_ns,
        end_ns=end_ns,
        model=model if isinstance(model, str) else None,
        provider=fields.text("provider"),
        session_id=fields.text(*_SESSIONS) or (None if is_only else f"{origin.source}:{name or origin.ordinal}"),
        user_id=fields.text(*_USERS),
        usage=token_usage(fields.get("usage", "token_usage")) or token_usage(body.get("usage")),
        cost=_number(fields.get("cost", "cost_usd", "total_cost")),
        input_messages=input_messages or None,
        output=output,
        output_messages=output_messages,
        finish_reasons=finish_reasons(output_messages) or _reason(fields.text("finish_reason", "stop_reason")),
        log_probabilities=log_probabilities(fields.get("logprobs", "log_probabilities"))
        or choice_log_probabilities(dict(body)),
        metadata=fields.rest(),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else None,
        aliases=tuple(alias for alias in aliases if isinstance(alias, str) and 0 < len(alias) <= _MAX_ALIAS),
    )


def _response(output: Json) -> Json:
    """Open what batch files wrap around an answer: its HTTP response."""
    if isinstance(output, Mapping) and isinstance(output.get("body"), Mapping):
        return output["body"]
    return output


def _said(output: Json) -> tuple[Message, ...]:
    """Return an output as messages; several texts are several choices."""
    if isinstance(output, str | int | float):
        return (Message("assistant", (Part(PartType.TEXT, str(output)),)),)
    if isinstance(output, Sequence) and all(isinstance(choice, str) for choice in output):
        return tuple(Message("assistant", (Part(PartType.TEXT, choice),)) for choice in output)
    if isinstance(output, list) and any(isinstance(choice, Mapping) and "message" in choice for choice in output):
        output = {"choices": output}
    return messages(output, "assistant")


def _asked(fields: Fields) -> Iterator[Message]:
    """Yield what the model was asked."""
    system = fields.get(*_SYSTEM)
    if isinstance(system, str):
        yield Message("system", (Part(PartType.TEXT, system),))
    listed = fields.get("messages", "conversation", "conversations", "history", "input_messages")
    if isinstance(listed, list):
        yield from messages(listed)
    asked = fields.get(*_ASKED)
    context = fields.get("input", "context") if isinstance(asked, str) else None
    if isinstance(context, str) and context != asked:
        asked = f"{asked}\n\n{context}"
    if isinstance(asked, Mapping) and isinstance(asked.get("body"), Mapping):
        asked = asked["body"]
    yield from messages(asked)


def _times(fields: Fields) -> tuple[int | None, int | None]:
    """Return start and end in nanoseconds."""
    start_ns, end_ns = _time(fields.get(*_STARTS)), _time(fields.get(*_ENDS))
    for name, unit in _DURATIONS.items():
        duration = _number(fields.get(name))
        if (
            duration is not None
            and start_ns is not None
            and end_ns is None
            and 0 <= duration * unit < MAX_NS - start_ns
        ):
            end_ns = start_ns + int(duration * unit)
    return start_ns, end_ns


def _time(value: Json) -> int | None:
    """Return a time as text, or as seconds, milli-, micro- or nanoseconds since 1970, told by their size."""
    if isinstance(value, str):
        try:
            return read_time(value, "time")
        except RequestError:
            value = _number(value)
    number = _number(value)
    if number is None or number <= 0:
        return None
    for unit, most in ((1_000_000_000, 1e11), (1_000_000, 1e14), (1_000, 1e17), (1, 2**63)):
        if number < most:
            return int(number * unit) if isinstance(number, float) else number * unit
    return None


def _number(value: Json) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _reason(reason: str | None) -> tuple[str, ...] | None:
    return None if reason is None else (reason,)
