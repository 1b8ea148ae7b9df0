"""What HoneyHive's clients ask of a server and tell it, as they do so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import running_service
from otlp_requests import TRACE, protobuf, span
from starlette.testclient import TestClient

SESSION, EVENT = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01", "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
CALL = {
    "project": "p",
    "session_id": SESSION,
    "event_id": EVENT,
    "event_type": "model",
    "event_name": "chat",
    "start_time": 1_785_000_000_000,
    "duration": 900,
    "outputs": {"role": "assistant", "content": "We."},
}


@pytest.fixture
def client(tmp_path) -> Iterator[TestClient]:
    with running_service.in_process(tmp_path, attach=False) as client:
        yield client


def test_sessions_begin(client):
    named = client.post("/session/start", json={"session": {"session_name": "demo", "project": "p"}}).json()
    assert named["session_id"].startswith("demo-")
    assert named["event_id"] == named["session_id"]
    given = client.post("/session/start", json={"session": {"session_id": SESSION, "source": "dev"}}).json()
    assert given["session_id"] == SESSION
    assert client.post("/session/start", json={"session": []}).status_code == 422


def test_spans_are_of_the_project_and_session_that_they_name(client):
    attributes = {"honeyhive_event_type": "model", "honeyhive.project": "p", "honeyhive.session_id": "s"}
    sent = protobuf(span(attributes, trace_id=TRACE, name="chat"))
    headers = {"content-type": "application/x-protobuf"}
    assert client.post("/opentelemetry/v1/traces", content=sent, headers=headers).status_code == 200
    trace = client.get(f"/v1/traces/{TRACE}").json()["trace"]
    assert (trace["project"], trace["session"]) == ("p", "s")
    assert 'protocol="honeyhive"' in client.get("/metrics").text


def test_events_and_what_is_new_of_them(client):
    assert client.post("/events", json={"event": CALL}).json() == {"success": True, "event_id": EVENT}
    assert client.put("/events", json={"event_id": EVENT, "feedback": {"good": True}}).json() == {"success": True}
    tree = client.get(f"/v1/traces/{SESSION}").json()
    assert [(each["name"], each["kind"], each["status"]) for each in tree["spans"]] == [("chat", "llm", "ok")]
    scores = client.get("/v1/scores", params={"project": "p"}).json()["items"]
    assert [(score["name"], score["bound"]) for score in scores] == [("good", True)]


def test_what_cannot_be_used(client):
    half = client.post("/events/batch", json={"events": [CALL, {"event_id": 5}]}).json()
    assert (half["event_ids"], half["rejected"]) == ([EVENT], 1)
    none = client.post("/events/batch", json={"events": [{"event_id": 5}]})
    assert (none.status_code, "no session_id" in none.json()["detail"]) == (422, True)
    headers = {"content-type": "application/json"}
    for method, path in (("POST", "/events"), ("POST", "/events/batch"), ("PUT", "/events")):
        assert client.request(method, path, content=b'{"events": [', headers=headers).status_code == 400
    assert 'wherefrom_rejected_items_total{protocol="honeyhive"} 1.0' in client.get("/metrics").text
