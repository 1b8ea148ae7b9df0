"""Traces for the tests of the web interface, sent as applications send them: OTLP as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

SECOND = 1_000_000_000
START = 1_795_000_000 * SECOND
PATIENCE = 60.0


@dataclass(frozen=True)
class SentSpan:
    """A span of a trace. Times are milliseconds from the trace's start.

    Attributes:
        id: 16 hexadecimal digits.
        attributes: strings, numbers and booleans as OTLP has them; anything else is sent as JSON text.
    """

    id: str
    name: str = "chat"
    parent: str | None = None
    start_ms: float = 0
    end_ms: float | None = 1_000
    attributes: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    events: tuple[dict[str, Any], ...] = ()
    links: tuple[dict[str, Any], ...] = ()


def generation(span: str, text: str, prompt: str | None = None, *, model: str = "test-model", **more: Any) -> SentSpan:
    """A span that is a model's answer to a prompt."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": model,
        "gen_ai.input.messages": messages("user", prompt),
        "gen_ai.output.messages": messages("assistant", text),
    }
    return SentSpan(span, attributes=attributes | more.pop("attributes", {}), **more)


def messages(role: str, text: str | None) -> list[dict[str, Any]]:
    return [] if text is None else [{"role": role, "parts": [{"type": "text", "content": text}]}]


def request(trace: str, spans: Sequence[SentSpan], *, project: str, start_ns: int = START) -> dict[str, Any]:
    """The body of a request to /v1/traces. `trace`: 32 hexadecimal digits."""
    resource = {"attributes": _attributes({"service.name": "tests", "openinference.project.name": project})}
    sent = [_span(trace, span, start_ns) for span in spans]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "tests"}, "spans": sent}]}]}


def send(client: httpx.Client, trace: str, spans: Sequence[SentSpan], *, project: str, start_ns: int = START) -> None:
    """Sends a trace and waits until its generations are traced."""
    client.post("/v1/traces", json=request(trace, spans, project=project, start_ns=start_ns)).raise_for_status()
    wait_until_traced(client, project)


def wait_until_traced(client: httpx.Client, project: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while client.get("/v1/traces", params={"project": project, "provenance": "pending"}).json()["items"]:
        assert time.monotonic() < deadline, f"{project} was not traced within {PATIENCE:.0f} s"
        time.sleep(0.05)


def _span(trace: str, span: SentSpan, start_ns: int) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "traceId": trace,
        "spanId": span.id,
        "name": span.name,
        "kind": 1,
        "startTimeUnixNano": str(start_ns + int(span.start_ms * 1e6)),
        "attributes": _attributes(span.attributes),
        "events": list(span.events),
        "links": list(span.links),
    }
    if span.end_ms is not None:
        sent["endTimeUnixNano"] = str(start_ns + int(span.end_ms * 1e6))
    if span.parent:
        sent["parentSpanId"] = span.parent
    if span.error is not None:
        sent["status"] = {"code": 2, "message": span.error}
    return sent


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": value if isinstance(value, str) else json.dumps(value)}
