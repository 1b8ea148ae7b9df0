"""The demo's generations as an application would send them: OpenTelemetry traces, as JSON over plain HTTP."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from demo_service import PATIENCE, Service

PROJECT = "demo"


def read_records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def request(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The body of a request to /v1/traces: a trace of one span for each record of generations.jsonl."""
    resource = {"attributes": _attributes({"service.name": "demo", "openinference.project.name": PROJECT})}
    spans = [_span(record) for record in records]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "demo"}, "spans": spans}]}]}


def _span(record: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(record["id"].encode()).hexdigest()  # sent again, it is the same trace
    now = str(time.time_ns())
    return {
        "traceId": digest[:32],
        "spanId": digest[32:48],
        "name": record["id"],
        "kind": 3,
        "startTimeUnixNano": now,
        "endTimeUnixNano": now,
        "attributes": _attributes(
            {
                "gen_ai.operation.name": "text_completion",
                "gen_ai.request.model": record["model"],
                "gen_ai.input.messages": _messages("user", record["prompt"]),
                "gen_ai.output.messages": _messages("assistant", record["text"]),
            }
        ),
    }


def _messages(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}] if text else [])


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]


def send(service: Service, records: Sequence[dict[str, Any]]) -> None:
    service.post("/v1/traces", request(records))


def provenance(service: Service) -> dict[str, dict[str, Any]]:
    """The traces by name, as lists show them, once all have their provenance."""
    deadline = time.monotonic() + PATIENCE
    while True:
        traces = service.get("/v1/traces?" + urlencode({"project": PROJECT, "limit": 500}))["items"]
        waiting = [trace["name"] for trace in traces if trace["provenance"] == "pending"]
        if traces and not waiting:
            return {trace["name"]: trace for trace in traces}
        if time.monotonic() > deadline:
            raise SystemExit(f"No provenance within {PATIENCE:.0f} s: {', '.join(waiting) or 'no traces'}.")
        time.sleep(0.2)
