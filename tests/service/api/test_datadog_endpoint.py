"""What clients of Datadog's LLM Observability ask of an intake or an agent and tell it, as they do so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import running_service
from otlp_requests import TRACE as OTEL_TRACE
from otlp_requests import protobuf, span
from starlette.testclient import TestClient

from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

TRACE, SPAN = "6b03ecc500000000eb2e8d8a45586085", "1514411462421957703"
CALL = {
    "trace_id": TRACE,
    "span_id": SPAN,
    "parent_id": "undefined",
    "name": "answer",
    "start_ns": 1_795_419_333_881_532_092,
    "duration": 1000,
    "status": "ok",
    "tags": ["ml_app:p"],
    "meta": {"span": {"kind": "workflow"}},
}
SPANS = [{"event_type": "span", "spans": [CALL]}]
METRIC = {"join_on": {"span": {"trace_id": TRACE, "span_id": SPAN}}, "label": "good", "score_value": 1, "ml_app": "p"}
METRICS = {"data": {"type": "evaluation_metric", "attributes": {"metrics": [METRIC]}}}
JSON = {"content-type": "application/json"}


@pytest.fixture
def client(tmp_path) -> Iterator[TestClient]:
    with running_service.in_process(tmp_path, attach=False) as client:
        yield client


def test_spans_and_evaluations(client):
    for prefix in ("", "/evp_proxy/v2", "/evp_proxy/v4"):
        for version in ("v1", "v2"):
            scored = client.post(f"{prefix}/api/intake/llm-obs/{version}/eval-metric", json=METRICS)
            assert (scored.status_code, scored.json()) == (202, {"rejected": 0, "reason": ""})
        sent = client.post(f"{prefix}/api/v2/llmobs", json=SPANS)
        assert (sent.status_code, sent.json()) == (202, {"rejected": 0, "reason": ""})
    tree = client.get(f"/v1/traces/{TRACE}").json()
    assert (tree["trace"]["project"], tree["trace"]["protocol"], tree["trace"]["spans"]) == ("p", "datadog", 1)
    [score] = client.get("/v1/scores", params={"project": "p"}).json()["items"]
    assert (score["span"], score["bound"]) == (f"{int(SPAN):016x}", True)


def test_what_cannot_be_used(client):
    half = client.post("/api/v2/llmobs", json=[{"spans": [CALL, CALL | {"span_id": "x"}]}])
    assert (half.status_code, half.json()["rejected"]) == (202, 1)
    none = client.post("/api/v2/llmobs", json=[{"spans": [5]}])
    assert (none.status_code, "Nothing" in none.json()["detail"]) == (422, True)
    for path in ("/api/v2/llmobs", "/api/intake/llm-obs/v2/eval-metric", "/v0.4/traces"):
        assert client.post(path, content=b'[{"spans"', headers=JSON).status_code == 400


def test_what_tracers_send_to_an_agent(client):
    told = client.get("/info").json()
    assert "/evp_proxy/v2/" in told["endpoints"]
    assert "/v0.4/traces" in told["endpoints"]
    for send in (client.post, client.put):
        answer = send("/v0.4/traces", content=b"\x91\x91\x81\xa1a\x01", headers={"content-type": "application/msgpack"})
        assert (answer.status_code, answer.json()) == (200, {"rate_by_service": {"service:,env:": 1.0}})
    assert client.post("/telemetry/proxy/api/v2/apmtelemetry", json={}).status_code == 202
    assert client.get("/v1/projects").json()["items"] == []


def test_the_key_is_dd_api_key_and_its_project_wins(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "ingest", "mine", "", 1)).result()
        reader, _ = store.write(lambda connection: create_key(connection, "read", None, "", 1)).result()
    with running_service.in_process(tmp_path, require_keys=True, attach=False) as client:
        assert client.post("/api/v2/llmobs", json=SPANS).status_code == 401
        assert client.post("/api/v2/llmobs", json=SPANS, headers={"DD-API-KEY": reader}).status_code == 403
        assert client.post("/api/v2/llmobs", json=SPANS, headers={"DD-API-KEY": key}).status_code == 202
        seen = client.get(f"/v1/traces/{TRACE}", headers={"x-api-key": reader}).json()
        assert seen["trace"]["project"] == "mine"


def test_spans_of_opentelemetry_come_with_the_same_key(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "ingest", "mine", "", 1)).result()
        reader, _ = store.write(lambda connection: create_key(connection, "read", None, "", 1)).result()
    sent = {"dd-api-key": key, "dd-otlp-source": "llmobs", "content-type": "application/x-protobuf"}
    body = protobuf(span({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}))
    with running_service.in_process(tmp_path, require_keys=True, attach=False) as client:
        assert client.post("/v1/traces", content=body, headers=sent).status_code == 200
        seen = client.get(f"/v1/traces/{OTEL_TRACE}", headers={"x-api-key": reader}).json()
        assert (seen["trace"]["project"], seen["spans"][0]["model"]) == ("mine", "gpt-4o")
