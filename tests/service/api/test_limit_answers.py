"""Each limit is a setting, and what is beyond it is answered with a problem that names the setting."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from running_service import in_process

LIMITS = {
    "max_text_characters": 100,
    "max_batch_items": 3,
    "max_nesting": 10,
    "max_attributes": 4,
    "max_attribute_bytes": 200,
    "max_body_bytes": 20_000,
    "max_decoded_bytes": 40_000,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with in_process(tmp_path_factory.mktemp("limits"), **LIMITS) as opened:
        yield opened


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def spans(count: int = 1, attributes: dict[str, Any] | None = None) -> dict[str, Any]:
    """An OTLP request."""
    listed = [{"key": key, "value": value} for key, value in (attributes or {}).items()]
    made = [{"traceId": "ab" * 16, "spanId": f"{number:016x}", "attributes": listed} for number in range(1, count + 1)]
    return {"resourceSpans": [{"scopeSpans": [{"spans": made}]}]}


def runs(count: int) -> dict[str, Any]:
    """A batch of LangSmith's."""
    run = {"name": "run", "run_type": "llm", "start_time": "2026-01-01T00:00:00Z", "trace_id": f"{1:032x}"}
    return {"post": [run | {"id": f"{number:032x}", "dotted_order": ""} for number in range(1, count + 1)], "patch": []}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/v1/trace", {"text": "x" * 101}, "max_text_characters"),
        ("/v1/trace", {"text": "x", "options": nested(11)}, "max_nesting"),
        ("/v1/trace/batch", {"items": [{"text": "x"}] * 4}, "max_batch_items"),
        ("/v1/traces", spans(4), "max_batch_items"),
        ("/runs/batch", runs(4), "max_batch_items"),
        ("/v1/scores", {"trace": "a", "name": "b", "value": 1, "metadata": {"x": nested(11)}}, "max_nesting"),
        ("/v1/traces", "x" * 30_000, "max_body_bytes"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_by_its_name(client, path, body, name):
    answer = client.post(path, json=body)
    assert answer.status_code == 413, answer.text
    assert name in answer.text


def test_a_body_that_grows_when_it_is_decompressed(client):
    body = gzip.compress(json.dumps({"text": "x" * 50_000}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = client.post("/v1/trace", content=body, headers=headers)
    assert answer.status_code == 413
    assert "max_decoded_bytes" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({f"a{number}": {"intValue": "1"} for number in range(5)}, "max_attributes"),
        ({"a": {"stringValue": "x" * 201}}, "max_attribute_bytes"),
    ],
)
def test_a_span_beyond_a_limit_is_refused_alone(client, attributes, name):
    said = client.post("/v1/traces", json=spans(1, attributes)).json()
    assert int(said["partialSuccess"]["rejectedSpans"]) == 1
    assert name in said["partialSuccess"]["errorMessage"]
