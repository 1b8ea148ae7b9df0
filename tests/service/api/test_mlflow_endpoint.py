"""What MLflow's client asks of a server and tells it, as it does so."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
import running_service
from otlp_requests import SPAN, TRACE, protobuf, span
from starlette.testclient import TestClient

from wherefrom.api import mlflow
from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

ID = f"tr-{TRACE}"
INFO = {
    "trace_id": ID,
    "state": "OK",
    "trace_metadata": {"mlflow.trace.session": "conversation-7", "mlflow.trace.user": "ada"},
    "tags": {"release": "7"},
}
PROTOBUF = {"content-type": "application/x-protobuf"}
EXPERIMENTS = "/api/2.0/mlflow/experiments"
TRACES = "/api/3.0/mlflow/traces"


@pytest.fixture
def client(tmp_path, monkeypatch) -> Iterator[TestClient]:
    monkeypatch.setattr(mlflow, "_PATIENCE_S", 0.0)
    with running_service.in_process(tmp_path, attach=False) as client:
        yield client


def send(client, experiment=None, trace_id=TRACE, **headers):
    spans = protobuf(
        span({"mlflow.spanType": "CHAIN"}, trace_id=trace_id, name="answer"),
        span({"mlflow.spanType": "LLM"}, trace_id=trace_id, span_id="53995c3f42cd8ad8", parent_id=SPAN),
    )
    named = {} if experiment is None else {"x-mlflow-experiment-id": experiment}
    answer = client.post("/v1/traces", content=spans, headers=PROTOBUF | named | headers)
    assert answer.status_code == 200
    return seen(client, trace_id)


def seen(client, trace_id=TRACE):
    tree = client.get(f"/v1/traces/{trace_id}").json()
    return {**tree["trace"], "spans": tree["spans"]}


def test_an_experiment_is_a_project(client):
    answer = client.get(f"{EXPERIMENTS}/get-by-name", params={"experiment_name": "chatbot"})
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    made = client.post(f"{EXPERIMENTS}/create", json={"name": "chatbot"}).json()["experiment_id"]
    assert made == client.post(f"{EXPERIMENTS}/create", json={"name": "chatbot"}).json()["experiment_id"]
    by_name = client.get(f"{EXPERIMENTS}/get-by-name", params={"experiment_name": "chatbot"}).json()
    by_id = client.get(f"{EXPERIMENTS}/get", params={"experiment_id": made}).json()
    assert by_name == by_id
    assert by_id["experiment"] == {
        "experiment_id": made,
        "name": "chatbot",
        "artifact_location": "",
        "lifecycle_stage": "active",
    }
    assert client.get(f"{EXPERIMENTS}/get", params={"experiment_id": "0"}).json()["experiment"]["name"] == "default"
    assert client.get(f"{EXPERIMENTS}/get", params={"experiment_id": "7"}).status_code == 404
    assert client.get("/version").text == "3.17.2"
    assert send(client, made)["project"] == "chatbot"


def test_the_header_names_the_project(client):
    unknown = "2bd4dc34-6285-5fb2-acc2-bec38fd03b80"
    expected = {"7": "mlflow-7", "0": "default", None: "default", unknown: f"mlflow-{unknown}"}
    for number, (experiment, project) in enumerate(expected.items()):
        assert send(client, experiment, f"{number + 1:032x}")["project"] == project
    assert send(client, "7", **{"X-Wherefrom-Project": "mine"})["project"] == "mine"


def test_what_is_said_of_a_trace_reaches_its_root(client):
    early = client.post(TRACES, json={"trace": {"trace_info": INFO}})
    assert early.status_code == 429
    assert "not here yet" in early.json()["detail"]
    assert early.headers["retry-after"] == "1"
    send(client, "7")
    answer = client.post(TRACES, json={"trace": {"trace_info": INFO}})
    assert answer.status_code == 200
    said = answer.json()["trace"]["trace_info"]
    assert said == INFO | {"tags": {"release": "7", "mlflow.trace.spansLocation": "TRACKING_STORE"}}
    trace = seen(client)
    assert (trace["project"], trace["session"], trace["user"]) == ("mlflow-7", "conversation-7", "ada")
    assert len(trace["spans"]) == 2
    assert client.patch(f"/api/2.0/mlflow/traces/{ID}/tags", json={"key": "late", "value": "1"}).json() == {}
    root = client.get(f"/v1/spans/{SPAN}").json()
    assert root["metadata"] == {"release": "7", "late": "1"}
    assert root["name"] == "answer"
    again = send(client, "7")
    assert again["session"] == "conversation-7"
    assert len(again["spans"]) == 2


def test_it_waits_for_spans_that_come_at_the_same_time(client, monkeypatch):
    monkeypatch.setattr(mlflow, "_PATIENCE_S", 20.0)

    def later():
        time.sleep(0.2)
        send(client)

    thread = threading.Thread(target=later)
    thread.start()
    try:
        assert client.post(TRACES, json={"trace": {"trace_info": INFO}}).status_code == 200
    finally:
        thread.join()
    assert seen(client)["session"] == "conversation-7"


def test_an_assessment_may_come_first_and_twice(client):
    said = {"assessment_name": "good", "feedback": {"value": True}, "create_time": "2026-11-23T07:05:31.936Z"}
    for _ in range(2):
        answer = client.post(f"{TRACES}/{ID}/assessments", json={"assessment": said})
        assert answer.status_code == 200
        assert answer.json()["assessment"]["assessment_id"].startswith("a-")
    send(client, "7")
    [score] = client.get("/v1/scores", params={"trace": TRACE}).json()["items"]
    assert (score["name"], score["value"], score["bound"], score["project"]) == ("good", 1.0, True, "mlflow-7")


def test_what_cannot_be_used_is_said(client):
    json = {"content-type": "application/json"}
    routes = (
        ("POST", TRACES),
        ("POST", f"{TRACES}/{ID}/assessments"),
        ("PATCH", f"/api/2.0/mlflow/traces/{ID}/tags"),
    )
    bodies = (b"", b"{", b"[]", b"\xff", b'{"trace": {}}', b"[" * 100_000)
    for (method, path), data in itertools.product(routes, bodies):
        answer = client.request(method, path, content=data, headers=json)
        assert answer.status_code in (400, 413), path
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.post(f"{TRACES}/tr-7/assessments", json={"assessment": {"assessment_name": "n"}}).status_code == 422
    assert client.post(f"{EXPERIMENTS}/create", json={"name": ""}).status_code == 422


def test_a_key_of_one_project_sees_and_sends_to_that(tmp_path, monkeypatch):
    monkeypatch.setattr(mlflow, "_PATIENCE_S", 0.0)
    with TraceStore.open(tmp_path / "traces") as store:
        make = lambda role, project: store.write(  # noqa: E731
            lambda connection: create_key(connection, role, project, "", 1)
        ).result()[0]
        key, admin = make("ingest", "mine"), make("admin", None)
    with running_service.in_process(tmp_path, require_keys=True, attach=False) as client:
        client.headers["Authorization"] = f"Bearer {admin}"
        other = client.post(f"{EXPERIMENTS}/create", json={"name": "other"}).json()["experiment_id"]
        send(client, other)
        client.headers["Authorization"] = f"Bearer {key}"
        assert client.get(f"{EXPERIMENTS}/get", params={"experiment_id": other}).status_code == 404
        assert client.get(f"{EXPERIMENTS}/get-by-name", params={"experiment_name": "other"}).status_code == 404
        assert client.post(TRACES, json={"trace": {"trace_info": INFO}}).status_code == 429, "not of its project"
        spans = protobuf(span({"mlflow.spanType": "CHAIN"}))
        answer = client.post("/v1/traces", content=spans, headers=PROTOBUF | {"x-mlflow-experiment-id": other})
        assert answer.status_code == 200
        client.headers["Authorization"] = f"Bearer {admin}"
        found = client.get("/v1/traces").json()["items"]
        assert {item["project"] for item in found} == {"mine", "other"}
        client.headers.pop("Authorization")
        assert client.get("/version").status_code == 401
