"""What Langfuse's clients ask of a server and tell it, as they do so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import running_service
from otlp_requests import TRACE, protobuf, span
from starlette.testclient import TestClient

from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

PUBLIC = "/api/public"
SCORE = {"traceId": TRACE, "name": "correct", "value": 1}
OLD = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
TIME = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client(tmp_path) -> Iterator[TestClient]:
    with running_service.in_process(tmp_path, attach=False) as client:
        yield client


def event(event_id: str, kind: str, /, **body: object) -> dict[str, object]:
    return {"id": event_id, "type": kind, "timestamp": TIME, "body": body}


def test_spans_and_scores_of_them(client):
    sent = protobuf(span({"langfuse.observation.type": "generation"}, trace_id=TRACE, name="chat"))
    headers = {"content-type": "application/x-protobuf"}
    assert client.post(f"{PUBLIC}/otel/v1/traces", content=sent, headers=headers).status_code == 200
    assert client.post(f"{PUBLIC}/scores", json={"id": "one", **SCORE}).json() == {"id": "one"}
    tree = client.get(f"/v1/traces/{TRACE}").json()
    assert tree["spans"][0]["kind"] == "llm"
    assert 'protocol="langfuse"' in client.get("/metrics").text
    assert [score["name"] for score in client.get("/v1/scores", params={"trace": TRACE}).json()["items"]] == ["correct"]


def test_arrays_of_scores(client):
    all_used = client.post(f"{PUBLIC}/scores", json=[SCORE, {**SCORE, "name": "kind"}])
    assert (all_used.status_code, all_used.json()) == (202, {"message": "Accepted"})
    some = client.post(f"{PUBLIC}/scores", json=[SCORE, {"value": 1}])
    assert (some.status_code, some.json()["accepted"], some.json()["rejected"]) == (207, 1, 1)
    assert some.json()["errors"] == [{"message": "a score has no name"}]
    alone = client.post(f"{PUBLIC}/scores", json={"value": 1})
    assert (alone.status_code, "no name" in alone.json()["detail"]) == (422, True)


def test_events_of_older_clients(client):
    batch = [
        event("c", "generation-update", id="g", traceId=OLD, endTime="2026-01-01T00:00:01.000Z", output="We."),
        event("b", "generation-create", id="g", traceId=OLD, name="chat", startTime=TIME, model="m"),
        event("d", "nothing-known"),
        event("a", "trace-create", id=OLD, name="answer", timestamp=TIME, sessionId="s"),
    ]
    answer = client.post(f"{PUBLIC}/ingestion", json={"batch": batch})
    assert answer.status_code == 207
    assert [each["id"] for each in answer.json()["successes"]] == ["c", "b", "a"]
    assert [(each["id"], each["status"]) for each in answer.json()["errors"]] == [("d", 400)]
    tree = client.get(f"/v1/traces/{OLD}").json()
    assert [(each["name"], each["depth"], each["model"]) for each in tree["spans"]] == [
        ("answer", 0, None),
        ("chat", 1, "m"),
    ]
    assert tree["trace"]["session"] == "s"


@pytest.mark.parametrize("path", ["scores", "ingestion"])
def test_what_is_no_json(client, path):
    headers = {"content-type": "application/json"}
    assert client.post(f"{PUBLIC}/{path}", content=b'{"batch": [', headers=headers).status_code == 400


def test_the_secret_key_is_the_services_and_its_project_wins(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "ingest", "theirs", "", 1)).result()
    with running_service.in_process(tmp_path, attach=False, require_keys=True) as client:
        assert client.get(f"{PUBLIC}/projects").status_code == 401
        own = {"auth": ("pk-any", key)}
        assert [each["name"] for each in client.get(f"{PUBLIC}/projects", **own).json()["data"]] == ["theirs"]
        assert client.get(f"{PUBLIC}/health", **own).json()["status"] == "OK"
