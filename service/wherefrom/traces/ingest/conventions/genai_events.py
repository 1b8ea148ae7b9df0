"""Contents of GenAI conversations in events: of a span, or of the log, where each is a record that names its span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.model import Event, Json

DETAILS = "gen_ai.client.inference.operation.details"
_CHOICE = "gen_ai.choice"
_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_OLDEST = {"gen_ai.content.prompt": "gen_ai.prompt", "gen_ai.content.completion": "gen_ai.completion"}
NAMES = frozenset({DETAILS, _CHOICE, *_ROLES, *_OLDEST})
"""Names of events that hold content."""


@dataclass(frozen=True, slots=True)
class Content:
    """What went in and came out.

    Attributes:
        is_chat: they are messages, or can be read as such.
        used, used_events: names of attributes and events that they were made of.
    """

    input: Json = None
    output: Json = None
    is_chat: bool = True
    used: frozenset[str] = frozenset()
    used_events: frozenset[str] = frozenset()


def content_of_events(span: OtelSpan, limits: IngestLimits) -> Content | None:
    """What the events of a span tell of its conversation; None where none does."""
    found = [event for event in span.events if event.name in NAMES]
    if not found:
        return None
    inputs: list[Any] = []
    outputs: list[Any] = []
    for event in found:
        if event.name == DETAILS:
            _add(inputs, _details(event, "gen_ai.system_instructions", limits), "system")
            _add(inputs, _details(event, "gen_ai.input.messages", limits))
            _add(outputs, _details(event, "gen_ai.output.messages", limits))
        elif event.name in _OLDEST:
            value = _details(event, _OLDEST[event.name], limits)
            _add(inputs if event.name == "gen_ai.content.prompt" else outputs, value)
        elif event.name == _CHOICE:
            outputs.append(_choice(_fields(event, limits)))
        else:
            inputs.append({"role": _ROLES[event.name], **_fields(event, limits)})
    return Content(inputs or None, outputs or None, used_events=frozenset(event.name for event in found))


def _details(event: Event, name: str, limits: IngestLimits) -> Json:
    value = event.attributes.get(name)
    return embedded_json(value, limits) if isinstance(value, str) else value


def _add(found: list[Any], value: Json, role: str | None = None) -> None:
    if value is None:
        return
    if role is not None:
        found.append({"role": role, "content": value})
    elif isinstance(value, list):
        found += value
    else:
        found.append(value)


def _fields(event: Event, limits: IngestLimits) -> dict[str, Json]:
    """The fields of a message: attributes, or JSON in one of them, or the body of a log record."""
    fields: dict[str, Json] = {}
    for name, value in event.attributes.items():
        if name in ("gen_ai.event.content", "body"):
            parsed = embedded_json(value, limits) if isinstance(value, str) else value
            fields |= parsed if isinstance(parsed, dict) else {"content": parsed}
        elif name in ("tool_calls", "message") and isinstance(value, str):
            fields[name] = embedded_json(value, limits)
        elif not name.startswith(("gen_ai.", "event.")):
            fields[name] = value
    if "id" in fields and "tool_call_id" not in fields and event.name == "gen_ai.tool.message":
        fields["tool_call_id"] = fields["id"]
    return fields


def _choice(fields: dict[str, Json]) -> dict[str, Json]:
    message = fields.get("message")
    if isinstance(message, dict):
        inner = {"role": "assistant", **message}
    elif isinstance(message, str):
        inner = {"role": "assistant", "content": message}
    else:
        inner = {"role": "assistant", "content": fields.get("content")}
    for name in ("tool_calls", "finish_reason"):
        if fields.get(name) is not None and name not in inner:
            inner[name] = fields[name]
    return inner
