"""A run, as LangSmith calls a span: what its messages mean.

A run is sent when it begins (post) and when it ends (patch), whole or in pieces that may come alone and in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.ingest.token_usage import token_usage
from wherefrom.traces.ingest.twin_names import twin_name
from wherefrom.traces.model import Event, Json, Kind, Message, Protocol, SpanUpdate, Status, Usage

PIECES = ("inputs", "outputs", "events", "extra", "error", "serialized")
"""Fields that a form sends as parts of their own."""

FIRST_TOKEN = "new_token"

_KINDS = {
    "llm": Kind.LLM,
    "chain": Kind.CHAIN,
    "tool": Kind.TOOL,
    "retriever": Kind.RETRIEVER,
    "embedding": Kind.EMBEDDING,
    "prompt": Kind.PROMPT,
    "parser": Kind.CHAIN,
}
_STATUSES = {"success": Status.OK, "error": Status.ERROR}
_READ = frozenset(
    {"id", "trace_id", "parent_run_id", "name", "start_time", "end_time", "inputs", "outputs", "events", "error"}
) | {"tags", "session_name", "session_id", "address", "status", "prompt_tokens", "completion_tokens", "total_tokens"}
_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_AGENT = re.compile(r"lrn:agents/([^/]+)/environments/([^/]+)")
_MAX_NAME = 512  # code points of ids and names that are keys of the store


@dataclass(frozen=True, slots=True)
class RunMessage:
    """What one request says about one run.

    Attributes:
        run_id: hex without dashes.
        is_start: a post; of what both say the patch is right.
        fields: as sent, the pieces among them.
    """

    run_id: str
    is_start: bool
    fields: Mapping[str, Json]


def span_update(message: RunMessage, project_of: Callable[[UUID], str | None]) -> SpanUpdate:
    """What a message says about the run's span.

    Args:
        project_of: the name of the project of an id, for clients that name the id only.

    Raises:
        RequestError: its trace or its parent is no UUID.
    """
    fields = message.fields
    extra = _object(fields.get("extra"))
    metadata = _object(extra.get("metadata"))
    inputs, outputs, error = (fields.get(name) for name in ("inputs", "outputs", "error"))
    kind = kind_of(fields.get("run_type"))
    start_ns, end_ns = nanoseconds(fields.get("start_time")), nanoseconds(fields.get("end_time"))
    events = list(_events(fields.get("events")))
    first_token_ns = min((event.time_ns for event in events if event.name == FIRST_TOKEN), default=None)
    found = generation_of(inputs, outputs, streamed=first_token_ns is not None) if kind in (Kind.LLM, None) else None
    trace_id, parent_id = _place(message)
    name = _text(fields.get("name"))
    project = _project(fields, project_of)
    return SpanUpdate(
        trace_id=trace_id,
        span_id=message.run_id,
        protocol=Protocol.LANGSMITH,
        precedence=_precedence(message),
        project=project,
        parent_id=parent_id,
        name=name,
        kind=kind,
        status=_status(fields, end_ns),
        status_message=error if isinstance(error, str) and error else None,
        start_ns=start_ns,
        end_ns=end_ns,
        first_token_ns=first_token_ns,
        model=model_of(inputs, outputs, extra) if kind in (Kind.LLM, Kind.EMBEDDING, None) else None,
        provider=_text(metadata.get("ls_provider")),
        session_id=session_of(metadata),
        user_id=_text(metadata.get("user_id")) or _text(metadata.get("ls_user_id")),
        usage=usage_of_run(fields, outputs, metadata) if kind in (Kind.LLM, Kind.EMBEDDING, None) else None,
        cost=cost_of_run(outputs, metadata) if kind in (Kind.LLM, Kind.EMBEDDING, None) else None,
        input=inputs,
        output=outputs,
        input_messages=found.input if found else None,
        output_messages=found.output if found else None,
        finish_reasons=finish_reasons(found.output) if found and found.output else None,
        log_probabilities=choice_log_probabilities(outputs) if found else None,
        attributes=_attributes(fields, extra),
        metadata=metadata,
        tags=_texts(fields.get("tags")),
        events=tuple(event for event in events if event.name != FIRST_TOKEN) or None,
        aliases=tuple(_aliases(message.run_id, name, start_ns, outputs if found else None)),
    )


@dataclass(frozen=True, slots=True)
class Generation:
    """Inputs and outputs of a generation, as messages."""

    input: tuple[Message, ...] | None
    output: tuple[Message, ...] | None


def generation_of(inputs: Json, outputs: Json, *, streamed: bool = False) -> Generation:
    """Inputs and outputs as messages; pieces of a stream that nobody has joined are joined."""
    said = _without_usage(outputs)
    if streamed and isinstance(said, dict) and len(said) == 1 and "output" in said:
        pieces = said["output"]
        if isinstance(pieces, list) and pieces and all(isinstance(piece, str) for piece in pieces):
            said = "".join(pieces)
    return Generation(messages(inputs, "user") or None, messages(said, "assistant") or None)


def kind_of(run_type: Json) -> Kind | None:
    """What a run's type says; None where it says nothing."""
    if not isinstance(run_type, str) or not run_type:
        return None
    return _KINDS.get(run_type.lower(), Kind.OTHER)


def model_of(inputs: Json, outputs: Json, extra: Mapping[str, Any]) -> str | None:
    """What answered if that is known, else what was asked for."""
    answered, asked = _object(outputs), _object(inputs)
    metadata, options = _object(extra.get("metadata")), _object(extra.get("invocation_params"))
    told = (
        answered.get("model"),
        _object(answered.get("llm_output")).get("model_name"),
        metadata.get("ls_model_name"),
        *(options.get(key) for key in ("model", "model_name")),
        asked.get("model"),
    )
    return next((name[:_MAX_NAME] for name in told if isinstance(name, str) and name), None)


def session_of(metadata: Mapping[str, Any]) -> str | None:
    """The session that metadata name, in any of the ways that LangSmith reads."""
    keys = ("session_id", "thread_id", "conversation_id")
    return next((name for key in keys if (name := _text(metadata.get(key)))), None)


def usage_of_run(fields: Mapping[str, Json], outputs: Json, metadata: Mapping[str, Any]) -> Usage | None:
    """Token counts, wherever wrappers and LangChain put them."""
    for value in (*_usages(outputs), metadata.get("usage_metadata"), fields):
        usage = token_usage(value)
        if usage is not None:
            return usage
    return None


def cost_of_run(outputs: Json, metadata: Mapping[str, Any]) -> float | None:
    """US dollars, where a wrapper counted them."""
    for value in (_object(outputs).get("usage_metadata"), metadata.get("usage_metadata")):
        cost = dollars(_object(value).get("total_cost"))
        if cost is not None:
            return cost
    return None


def hex_id(value: Json, what: str) -> str:
    """A UUID as hex without dashes.

    Raises:
        RequestError: it is none.
    """
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value.replace("-", "").lower()
    raise RequestError(f"{what} is {str(value)[:100]!r}, which is no UUID")


def _usages(outputs: Json) -> Iterator[Json]:
    said = _object(outputs)
    yield said.get("usage_metadata")
    yield said.get("usage")
    result = _object(said.get("llm_output"))
    yield result.get("token_usage")
    yield result.get("usage")
    for value in said.values():
        inner = _object(value)
        yield inner.get("usage_metadata")
        yield _object(inner.get("kwargs")).get("usage_metadata")
    generations = said.get("generations")
    while isinstance(generations, list) and generations and isinstance(generations[0], list):
        generations = generations[0]
    for item in generations if isinstance(generations, list) else ():
        message = _object(_object(item).get("message"))
        yield _object(message.get("kwargs")).get("usage_metadata")
        yield message.get("usage_metadata")


def _without_usage(outputs: Json) -> Json:
    if isinstance(outputs, dict) and "usage_metadata" in outputs:
        return {key: value for key, value in outputs.items() if key != "usage_metadata"}
    return outputs


def _place(message: RunMessage) -> tuple[str, str | None]:
    """The run's trace (empty: unknown) and parent (empty: none, None: unknown)."""
    fields = message.fields
    path = _path(fields.get("dotted_order"), message.run_id)
    named = fields.get("trace_id")
    trace_id = hex_id(named, "trace_id") if named is not None else (path[0] if path else "")
    if fields.get("parent_run_id") is not None:
        return trace_id, hex_id(fields["parent_run_id"], "parent_run_id")
    if path:
        return trace_id, path[-2] if len(path) > 1 else ""
    says_place = message.is_start and ("name" in fields or "start_time" in fields)
    if trace_id == message.run_id or (says_place and not trace_id):
        return message.run_id, ""
    return trace_id, None


def _path(dotted_order: Json, run_id: str) -> list[str]:
    """The runs from the root to this one, which `dotted_order` names; empty where it does not."""
    if not isinstance(dotted_order, str):
        return []
    ids = [step[-36:] for step in dotted_order.split(".")]
    if not all(_UUID.fullmatch(name) for name in ids):
        return []
    path = [name.replace("-", "").lower() for name in ids]
    return path if path[-1] == run_id else []


def _project(fields: Mapping[str, Json], project_of: Callable[[UUID], str | None]) -> str | None:
    """The project that a run names: by name, by id, or by the address of an agent."""
    name = _text(fields.get("session_name"))
    if name is not None:
        return name
    project_id = fields.get("session_id")
    if isinstance(project_id, str) and _UUID.fullmatch(project_id):
        return project_of(UUID(project_id))
    address = fields.get("address")
    agent = _AGENT.fullmatch(address) if isinstance(address, str) else None
    return f"{agent[1]} {agent[2]}"[:_MAX_NAME] if agent else None


def _precedence(message: RunMessage) -> int:
    """A patch is right where it differs from a post; that a run has ended never hides that it has failed."""
    return (0 if message.is_start else 2) + (1 if message.fields.get("error") else 0)


def _status(fields: Mapping[str, Json], end_ns: int | None) -> Status | None:
    if fields.get("error"):
        return Status.ERROR
    said = fields.get("status")
    known = _STATUSES.get(said) if isinstance(said, str) else None
    return known or (Status.OK if end_ns is not None else None)


def _events(value: Json) -> Iterator[Event]:
    for item in value if isinstance(value, list) else ():
        said = _object(item)
        moment = nanoseconds(said.get("time"))
        name = said.get("name")
        if moment is not None and isinstance(name, str):
            yield Event(name, moment, {key: said[key] for key in said if key not in ("name", "time")})


def _attributes(fields: Mapping[str, Json], extra: Mapping[str, Any]) -> dict[str, Json]:
    """What no field of a span holds."""
    rest = {key: value for key, value in fields.items() if key not in _READ and key != "extra" and value is not None}
    rest |= {key: value for key, value in extra.items() if key != "metadata" and value is not None}
    return {f"langsmith.{key}": value for key, value in rest.items()}


def _aliases(run_id: str, name: str | None, start_ns: int | None, outputs: Json) -> Iterator[str]:
    yield str(UUID(run_id))
    answer = _object(outputs).get("id")
    if isinstance(answer, str) and 0 < len(answer) <= _MAX_NAME:
        yield answer
    if name is not None and start_ns is not None:
        yield twin_name(name, start_ns)


def _object(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value[:_MAX_NAME] if isinstance(value, str) and value else None


def _texts(value: Json) -> tuple[str, ...] | None:
    return tuple(item for item in value if isinstance(item, str)) or None if isinstance(value, list) else None
