"""What Opik's clients ask of a server and tell it, as they do so."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import orjson
import pytest
import running_service
from otlp_requests import TRACE as OTLP_TRACE
from otlp_requests import protobuf, span
from starlette.testclient import TestClient

from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

TRACE, SPAN = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01", "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
PRIVATE = "/api/v1/private"
CALL = {"project_name": "p", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01Z", "name": "answer"}
SCORE = {"name": "good", "value": 1, "source": "sdk"}


@pytest.fixture
def client(tmp_path) -> Iterator[TestClient]:
    with running_service.in_process(tmp_path, attach=False) as client:
        yield client


def test_traces_and_spans_begin_and_end(client):
    begun = {"id": TRACE, **CALL, "end_time": None}
    packed = gzip.compress(orjson.dumps({"traces": [begun]}))
    answer = client.post(f"{PRIVATE}/traces/batch", content=packed, headers={"content-encoding": "gzip"})
    assert (answer.status_code, answer.content) == (204, b"")
    spans = {"spans": [{"id": SPAN, "trace_id": TRACE, "type": "llm", "output": "We.", **CALL, "name": "chat"}]}
    assert client.post(f"{PRIVATE}/spans/batch", json=spans).status_code == 204
    ended = {"project_name": "p", "thread_id": "s", "end_time": CALL["end_time"]}
    assert client.patch(f"{PRIVATE}/traces/{TRACE}", json=ended).status_code == 204
    assert client.patch(f"{PRIVATE}/spans/{SPAN}", json={"trace_id": TRACE, "model": "m"}).status_code == 204
    tree = client.get(f"/v1/traces/{TRACE}").json()
    assert [(each["name"], each["depth"], each["status"], each["model"]) for each in tree["spans"]] == [
        ("answer", 0, "ok", None),
        ("chat", 1, "ok", "m"),
    ]
    assert (tree["trace"]["project"], tree["trace"]["session"], tree["trace"]["protocol"]) == ("p", "s", "opik")


def test_single_ones_and_scores(client):
    assert client.post(f"{PRIVATE}/traces", json={"id": TRACE, **CALL}).status_code == 201
    assert client.post(f"{PRIVATE}/spans", json={"id": SPAN, "trace_id": TRACE, **CALL, "name": "b"}).status_code == 201
    scores = {"scores": [{"id": TRACE, "project_name": "p", **SCORE}]}
    assert client.put(f"{PRIVATE}/traces/feedback-scores", json=scores).status_code == 204
    assert client.put(f"{PRIVATE}/spans/{SPAN}/feedback-scores", json=SCORE).status_code == 204
    found = client.get("/v1/scores", params={"project": "p"}).json()["items"]
    assert sorted((score["name"], score["bound"], score["span"] is None) for score in found) == [
        ("good", True, False),
        ("good", True, True),
    ]


def test_what_cannot_be_used(client):
    half = {"spans": [{"id": SPAN, "trace_id": TRACE, **CALL}, {"id": 5}]}
    assert client.post(f"{PRIVATE}/spans/batch", json=half).status_code == 204
    none = client.post(f"{PRIVATE}/spans/batch", json={"spans": [{"id": 5}]})
    assert (none.status_code, "no id" in none.json()["detail"]) == (422, True)
    broken = client.post(
        f"{PRIVATE}/traces/batch", content=b'{"traces": [', headers={"content-type": "application/json"}
    )
    assert broken.status_code == 400
    assert 'wherefrom_rejected_items_total{protocol="opik"} 1.0' in client.get("/metrics").text


def test_what_clients_ask(client):
    assert client.get("/api/is-alive/ping").json() == {"message": "Healthy Server", "healthy": True}
    assert client.post(f"{PRIVATE}/auth", json={}).status_code == 204
    page = client.get(
        "/api/v1/session/redirect/projects/", params={"trace_id": TRACE, "path": "x"}, follow_redirects=False
    )
    assert (page.status_code, page.headers["location"]) == (303, f"/traces/{TRACE.replace('-', '')}")


def test_spans_of_opentelemetry(client):
    sent = protobuf(span({"gen_ai.operation.name": "chat"}, trace_id=OTLP_TRACE, name="chat"))
    headers = {"content-type": "application/x-protobuf", "projectName": "q"}
    assert client.post(f"{PRIVATE}/otel/v1/traces", content=sent, headers=headers).status_code == 200
    assert client.get(f"/v1/traces/{OTLP_TRACE}").json()["trace"]["project"] == "q"


def test_the_key_stands_alone_in_authorization_and_its_project_wins(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "ingest", "mine", "", 1)).result()
        reader, _ = store.write(lambda connection: create_key(connection, "read", None, "", 1)).result()
    with running_service.in_process(tmp_path, require_keys=True, attach=False) as client:
        sent = {"traces": [{"id": TRACE, **CALL}]}
        path = f"{PRIVATE}/traces/batch"
        assert client.post(path, json=sent).status_code == 401
        assert client.post(path, json=sent, headers={"Authorization": reader}).status_code == 403
        headers = {"Authorization": key, "Comet-Workspace": "default"}
        assert client.post(path, json=sent, headers=headers).status_code == 204
        seen = client.get(f"/v1/traces/{TRACE}", headers={"x-api-key": reader}).json()
        assert seen["trace"]["project"] == "mine"
