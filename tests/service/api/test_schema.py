"""Requests made at random from the service's own description: none ends in a fault or in what was not described."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from audit_report import written
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from pool_jobs import small_index
from running_service import on_a_port, settings_of
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from wherefrom.api.app import create_app

TEXT = "A free people ought not only to be armed, but disciplined, at every hour of the day."
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
EXISTING = {
    "name": "corpus",
    "project": "default",
    "trace_id": TRACE,
    "span_id": SPAN,
    "id": TRACE,
    "generation_id": SPAN,
    "document_id": "alpha",
    "index": "corpus",
}
"""Values of parameters that lead to something."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(create_app(settings_of(Path("nowhere"))).openapi())
    for result in schema.get_all_operations():
        operation = result.ok()
        if "text/event-stream" not in json.dumps(operation.definition.raw["responses"]):  # it has no end
            yield pytest.param(operation, id=operation.label)


OPERATIONS = list(operations())


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("schema")
    small_index(folder / "corpus.index", {"alpha": TEXT, "beta": TEXT + " Again."})
    indexes = {"corpus": str(folder / "corpus.index"), "gone": str(folder / "gone.index")}
    audits = written(folder / "audits" / "corpus").parent
    with on_a_port(folder, indexes=indexes, deadline_s=5.0, audits=audits) as (address, _):
        httpx.post(f"{address}/v1/traces", json=generation()).raise_for_status()
        yield address


def generation() -> dict[str, Any]:
    """One generation, as OTLP has it."""
    said = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": TEXT}]}])
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.output.messages": said}
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat m",
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000001000000000",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
    }
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def check(operation: Any, address: str, mode: schemathesis.GenerationMode, examples: int) -> None:
    chance = random.Random(0)

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        for values in (case.path_parameters, case.query):
            for name in values or ():
                if name in EXISTING and chance.random() < 0.5:
                    values[name] = EXISTING[name]
        case.call_and_validate(base_url=address, checks=CHECKS, timeout=30)

    with suppress(Unsatisfiable):  # of a request without parameters and body, nothing can be wrong
        run()


MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_surprises(operation, mode, address):
    check(operation, address, mode, 2)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.id.startswith("GET ")])
def test_all_parameters_at_once(operation, address):
    """Filters are made for each other; the random requests have few of them together."""
    values: dict[str, Any] = {}
    for parameter in operation.definition.raw.get("parameters", ()):
        name, schema = parameter["name"], parameter["schema"]
        if name == "cursor" or "$ref" in schema:
            continue
        schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
        plain = {"integer": 1, "number": 0.5, "boolean": True}.get(schema.get("type"), "a")
        plain = TRACE if schema.get("format") == "uuid" else plain
        values[name] = EXISTING.get(name) or next(iter(schema.get("enum", ())), plain)
    values |= {name: "2026-07-25" for name in ("since", "until") if name in values}
    query = {name: value for name, value in values.items() if f"{{{name}}}" not in operation.path}
    answer = httpx.get(address + operation.path.format(**values), params=query)
    assert answer.status_code in (200, 204, 404), answer.text


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_surprises_in_many_requests(operation, mode, address):
    check(operation, address, mode, 40)
