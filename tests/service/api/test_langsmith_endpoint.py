from __future__ import annotations

import gzip
from uuid import uuid4

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langsmith_forms import CONTENT_TYPE, form, json_part, run_parts
from running_service import in_process
from sqlalchemy import delete, select
from stored_traces import stored

from wherefrom.api import langsmith_projects
from wherefrom.traces.keys import create_key
from wherefrom.traces.schema import projects, raw_requests
from wherefrom.traces.store import TraceStore

RUN = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"
SCORE = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
HEX = RUN.replace("-", "")
POST = {
    "id": RUN,
    "trace_id": RUN,
    "name": "ChatOpenAI",
    "run_type": "llm",
    "session_name": "speeches",
    "start_time": "2026-01-01T00:00:00Z",
    "end_time": "2026-01-01T00:00:01Z",
    "inputs": {"messages": [{"role": "user", "content": "Who?"}]},
    "outputs": {"choices": [{"message": {"role": "assistant", "content": "We the people."}}]},
}
FORM = form([*run_parts("post", POST), ("attachment." + RUN + ".note", "text/plain", b"\r\n--\r\n" * 300_000)])


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with in_process(tmp_path_factory.mktemp("langsmith"), attach=False) as client:
        yield client


@pytest.fixture
def store(client):
    store = client.app.state.services.store
    store.write(lambda connection: connection.execute(delete(projects)).rowcount).result()
    store.write(lambda connection: connection.execute(delete(raw_requests)).rowcount).result()
    return store


def send(client, body, **headers):
    return client.post("/runs/multipart", content=body, headers={"Content-Type": CONTENT_TYPE, **headers})


def test_what_clients_ask_first(client):
    told = client.get("/info").json()
    assert told["batch_ingest_config"]["use_multipart_endpoint"]
    assert told["batch_ingest_config"]["size_limit"] == 100
    assert told["instance_flags"] == {"zstd_compression_enabled": True}
    assert told == client.get("/api/v1/info").json() == client.get("/api/info").json()


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [(lambda body: body, None), (zstandard.compress, "zstd"), (gzip.compress, "gzip")],
)
def test_a_form_is_stored_when_it_is_acknowledged_and_kept_as_it_came(client, store, encode, encoding):
    sent = encode(FORM)
    answer = send(client, sent, **({"Content-Encoding": encoding} if encoding else {}))
    assert (answer.status_code, answer.json()) == (202, {"message": "stored", "rejected": 0, "reason": ""})
    found = store.read(stored)
    assert list(found["spans"]) == [("speeches", HEX, HEX)]
    assert [len(data) for data in found["attachments"].values()] == [1_800_000]
    (raw,) = store.read(lambda connection: list(connection.execute(select(raw_requests))))
    assert (raw.path, raw.content_type) == ("/runs/multipart", CONTENT_TYPE)
    body = zstandard.ZstdDecompressor().decompressobj().decompress(raw.body) if encoding is None else raw.body
    assert body == sent


def test_a_run_is_read_by_the_id_that_its_client_knows(client, store):
    assert send(client, FORM).status_code == 202
    span = client.get(f"/v1/spans/{RUN}").json()
    assert (span["name"], span["aliases"]) == ("ChatOpenAI", [RUN])
    assert [file["name"] for file in span["attachments"]] == ["note"]


SMALL = form([*run_parts("post", POST), json_part(f"feedback.{SCORE}", {"run_id": RUN, "key": "k", "score": 1})])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), compressed=st.booleans())
def test_of_a_truncated_request_nothing_is_stored(client, store, data, compressed):
    body = zstandard.compress(SMALL) if compressed else SMALL
    cut = body[: data.draw(st.integers(1, len(body) - (1 if compressed else 3)))]
    answer = send(client, cut, **({"Content-Encoding": "zstd"} if compressed else {}))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert not store.read(stored)["spans"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/runs/batch", b"{", 400),
        ("POST", "/runs/batch", b'{"post": 5}', 400),
        ("POST", "/runs", b"[" * 100_000, 413),
        ("POST", "/runs", b"[]", 400),
        ("POST", "/runs", b'{"name": "no id"}', 422),
        ("PATCH", "/runs/no-uuid", b"{}", 422),
        ("PATCH", f"/runs/{RUN}", b"\xff", 400),
        ("POST", "/feedback", b'{"key": "k"}', 422),
        ("POST", "/runs/multipart", b"{}", 400),
        ("GET", "/sessions/no-uuid", None, 422),
        ("GET", f"/sessions/{RUN}", None, 404),
        ("GET", "/sessions?limit=0", None, 422),
        ("POST", "/sessions", b'{"name": ""}', 422),
    ],
)
def test_what_cannot_be_used_is_answered_with_a_sentence(client, store, method, path, body, status):
    answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status) or answer.status_code == 415, problem
    assert problem["detail"]
    assert not store.read(stored)["spans"]


def test_what_is_left_out_is_told(client, store):
    answer = client.post("/runs/batch", json={"post": [POST, {"id": 5}], "patch": []})
    assert answer.status_code == 202
    assert answer.json()["rejected"] == 1
    assert "no UUID" in answer.json()["reason"]
    assert len(store.read(stored)["spans"]) == 1


def test_a_patch_before_its_post_and_a_score_before_both(client, store):
    score = {"id": SCORE, "run_id": RUN, "key": "good", "score": True}
    assert client.post("/feedback", json=score).status_code == 200
    patch = {key: POST[key] for key in ("trace_id", "end_time", "outputs")}
    assert client.patch(f"/runs/{RUN}", json=patch).status_code == 202
    begun = {key: value for key, value in POST.items() if key not in ("end_time", "outputs")}
    assert client.post("/runs", json=begun).status_code == 202
    found = store.read(stored)
    (span,) = found["spans"].values()
    assert (span["name"], span["status"], span["kind"]) == ("ChatOpenAI", "ok", "llm")
    assert [(row["name"], row["value"], row["span"]) for row in found["scores"].values()] == [
        ("good", 1.0, ("speeches", HEX, HEX))
    ]
    assert list(found["parts"]) == [(("speeches", HEX, HEX), "/0/parts/0/text")]


def test_projects_are_made_once_and_named_by_their_ids(client, store):
    made = client.post("/sessions?upsert=true", json={"name": "größe"}).json()
    assert client.post("/sessions", json={"name": "größe"}).json() == made
    assert client.get("/sessions", params={"name": "größe"}).json() == [made]
    assert client.get("/sessions", params={"name": "other"}).json() == []
    assert client.get(f"/api/v1/sessions/{made['id']}").json() == made
    run = {**POST, "session_id": made["id"]}
    del run["session_name"]
    client.post("/runs", json=run)
    assert [key[0] for key in store.read(stored)["spans"]] == ["größe"]


def test_projects_are_read_once_a_request_however_many_ids_it_names(client, store, monkeypatch):
    made = client.post("/sessions", json={"name": "named"}).json()
    runs = [{**POST, "id": str(uuid4()), "session_id": str(uuid4())} for _ in range(20)]
    runs.append({**POST, "id": str(uuid4()), "session_id": made["id"]})
    for run in runs:
        run["trace_id"] = run["id"]
        del run["session_name"]
    reads = []
    read_all = langsmith_projects._all
    monkeypatch.setattr(langsmith_projects, "_all", lambda connection: reads.append(1) or read_all(connection))
    assert client.post("/runs/batch", json={"post": runs, "patch": []}).status_code == 202
    assert len(reads) == 1
    assert sorted(key[0] for key in store.read(stored)["spans"]) == ["default"] * 20 + ["named"]


SPAN = {
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "spanId": "00f067aa0ba902b7",
    "name": "x",
    "startTimeUnixNano": "1700000000000000000",
    "endTimeUnixNano": "1700000001000000000",
}


@pytest.mark.parametrize(
    ("headers", "attributes", "project"),
    [
        ({}, {}, "default"),
        ({"Langsmith-Project": "header"}, {}, "header"),
        ({"Langsmith-Project": "header"}, {"langsmith.trace.session_name": "run"}, "run"),
        ({"Langsmith-Project": "header"}, {"langsmith.trace.session_name": 5}, "header"),
        ({"Langsmith-Agent-Id": "helper", "Langsmith-Agent-Environment": "dev"}, {}, "helper dev"),
    ],
)
def test_the_project_of_spans(client, store, headers, attributes, project):
    kinds = {str: "stringValue", int: "intValue"}
    listed = [{"key": key, "value": {kinds[type(value)]: value}} for key, value in attributes.items()]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, "attributes": listed}]}]}]}
    answer = client.post("/otel/v1/traces", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {})
    assert [key[0] for key in store.read(stored)["spans"]] == [project]


def test_a_key_of_one_project_writes_there_whatever_is_named(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "ingest", "mine", "", 1)).result()
    with in_process(tmp_path, attach=False, require_keys=True, allowed_hosts=("127.0.0.1",)) as client:
        store, headers = client.app.state.services.store, {"x-api-key": key}
        assert client.post("/runs", json=POST).status_code == 401
        assert client.post("/runs", json=POST, headers=headers).status_code == 202
        assert [key[0] for key in store.read(stored)["spans"]] == ["mine"]
        assert client.post("/sessions", json={"name": "other"}, headers=headers).status_code == 403
        listed = client.get("/sessions", headers=headers).json()
        assert [project["name"] for project in listed] == ["mine"]
