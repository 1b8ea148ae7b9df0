"""Texts to provenance over HTTP: what a tracer answers, in one piece or line by line; plain words where it fails."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import jsonschema
import pytest
import running_service
from hypothesis import given, settings
from hypothesis import strategies as st
from pool_jobs import TEXTS, SleepJob, eventually, small_index

from wherefrom import Tracer
from wherefrom.api.provenance_models import ProvenanceModel
from wherefrom_indexer import remove_documents

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "provenance.schema.json").read_text(encoding="utf-8"))
TEXT = "he said the quick brown fox jumps over it"
LENGTH = 400


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tracing")
    small_index(folder / "one")
    small_index(folder / "two", {"sun": TEXTS["dog"]})
    return {"one": folder / "one", "two": folder / "two"}


@pytest.fixture(scope="module")
def service(folders, tmp_path_factory) -> Iterator[tuple[str, running_service.Services]]:
    """A service with one search process and room for two that wait, behind a real server."""
    with running_service.on_a_port(
        tmp_path_factory.mktemp("service"),
        indexes=folders,
        attach=False,
        waiting=2,
        deadline_s=30.0,
        max_text_characters=LENGTH,
        max_batch_items=30,
        requests_per_second=None,
    ) as (address, parts):
        assert parts.pool.ready(120)
        yield address, parts


@pytest.fixture
def client(service) -> Iterator[httpx.Client]:
    address, parts = service
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client
    eventually(lambda: parts.pool.ready() and not parts.pool.busy and not parts.pool.waiting)


def without_times(value: dict) -> dict:
    return {name: item for name, item in value.items() if name != "timing_ms"}


def test_a_provenance_is_what_a_tracer_says(client, folders):
    options = {"min_characters": 5, "max_documents": 2, "density": None, "context_characters": 7}
    answer = client.post(
        "/v1/trace", json={"text": TEXT, "prompt": "sun?", "indexes": ["two", "one"], "options": options}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    with Tracer.open(folders["two"], folders["one"]) as tracer:
        expected = tracer.trace(TEXT, "sun?", **options).to_dict()
    assert without_times(answer.json()) == without_times(json.loads(json.dumps(expected)))
    assert expected["spans"]
    jsonschema.validate(answer.json(), SCHEMA)
    ProvenanceModel.model_validate_json(answer.content)


def test_without_names_all_indexes_are_searched_and_the_second_answer_is_kept(client):
    first = client.post("/v1/trace", json={"text": TEXT})
    again = client.post("/v1/trace", json={"text": TEXT, "indexes": ["one", "two"], "options": {}})
    assert [index["name"] for index in first.json()["indexes"]] == ["one", "two"]
    assert first.content == again.content
    assert (first.headers["wherefrom-cache"], again.headers["wherefrom-cache"]) == ("miss", "hit")
    other = client.post("/v1/trace", json={"text": TEXT, "preset": "olmotrace"})
    assert other.json()["preset"] == "olmotrace"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"text": ""}, 422, "text"),
        ({}, 422, "text"),
        ({"text": 3}, 422, "text"),
        ({"text": "x", "nonsense": 1}, 422, "nonsense"),
        ({"text": "x", "preset": "other"}, 422, "preset"),
        ({"text": "x", "options": {"density": 2}}, 422, "density"),
        ({"text": "x", "options": {"min_characters": 1 << 70}}, 422, "min_characters"),
        ({"text": "x", "options": {"min_characters": True}}, 422, "min_characters"),
        ({"text": "x", "options": {"other": 1}}, 422, "other"),
        ({"text": "x", "indexes": ["one", "none\x1b"]}, 404, "none"),
        ({"text": "x" * (LENGTH + 1)}, 413, "max_text_characters"),
        ({"text": "x", "prompt": "x" * (LENGTH + 1)}, 413, "max_text_characters"),
        ([], 422, "body"),
    ],
)
def test_what_cannot_be_used_is_said(client, body, status, said):
    for path in ("/v1/trace", "/v1/trace/batch"):
        if path.endswith("batch"):
            if not isinstance(body, dict) or "text" not in body:
                continue
            item = {name: value for name, value in body.items() if name in ("text", "prompt")}
            body = {"items": [item]} | {name: value for name, value in body.items() if name not in item}
        answer = client.post(path, json=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"] + json.dumps(answer.json().get("errors"))


@pytest.mark.parametrize("body", [b"", b"{", b'{"text": NaN}', b"\xff", b'{"text": "a"', b"[" * 100_000])
def test_what_is_no_json_is_said(client, body):
    answer = client.post("/v1/trace", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert answer.json()["status"] == answer.status_code


def test_lone_surrogates_are_replaced(client):
    answer = client.post(
        "/v1/trace",
        content=b'{"text": "\\ud800 lazy dog sleeps in the sun"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200


def test_a_batch_answers_item_by_item_in_order(client):
    items = [{"text": f"{text} {number}", "id": f"{number}\n"} for number, text in enumerate([*TEXTS.values()] * 5)]
    items[3] = {"text": "no id"}
    with client.stream("POST", "/v1/trace/batch", json={"items": items, "options": {"min_characters": 5}}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert [line["number"] for line in lines] == list(range(len(items)))
    assert [line["id"] for line in lines] == [item.get("id") for item in items]
    for line, item in zip(lines, items, strict=True):
        single = client.post("/v1/trace", json={"text": item["text"], "options": {"min_characters": 5}})
        assert line["provenance"] == single.json(), "kept: the same down to the times"


def test_a_batch_is_bounded(client):
    assert client.post("/v1/trace/batch", json={"items": [{"text": "x"}] * 31}).status_code == 413
    assert client.post("/v1/trace/batch", json={"items": []}).status_code == 422


@given(
    st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), min_size=1, max_size=6),
    st.integers(1, 12),
)
@settings(max_examples=15)
def test_any_text_can_be_traced(service, texts, least):
    with httpx.Client(base_url=service[0], timeout=30) as client:
        items = [{"text": text} for text in texts]
        answer = client.post("/v1/trace/batch", json={"items": items, "options": {"min_characters": least}})
    lines = [json.loads(line) for line in answer.content.split(b"\n") if line]
    assert len(lines) == len(texts)
    for line, text in zip(lines, texts, strict=True):
        for span in line["provenance"]["spans"]:
            assert text[span["start"] : span["end"]] == span["text"]


def busy(parts: running_service.Services, seconds: float = 60.0) -> list:
    """Keep the search process busy, and have as many wait as may."""
    eventually(parts.pool.ready)
    futures = [parts.pool.submit(SleepJob(seconds), openings=parts.pool.pin(), deadline_s=seconds)]
    return [*futures, *(parts.pool.submit(SleepJob(0)) for _ in range(2))]


def end(futures: list) -> None:
    for future in futures:
        future.cancel()


def test_beyond_what_may_wait_requests_are_refused_for_a_while(client, service, monkeypatch):
    client.post("/v1/trace", json={"text": TEXT}).raise_for_status()
    futures = busy(service[1])
    answer = client.post("/v1/trace", json={"text": "something that is not kept"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert client.post("/v1/trace", json={"text": TEXT}).headers["wherefrom-cache"] == "hit", "what is kept is answered"
    assert client.get("/v1/indexes").status_code == 200
    futures += [service[1].pool.submit(SleepJob(0), urgent=False) for _ in range(2)]
    batch = client.post("/v1/trace/batch", json={"items": [{"text": "x"}]})
    assert batch.status_code == 429, "before the stream begins"
    with monkeypatch.context() as patch:
        patch.setattr(service[1].pool.cache, "limit", 0)
        assert client.post("/v1/trace", content=b"not read").status_code == 429, "where nothing is kept, at once"
    end(futures)


def test_a_client_that_leaves_takes_its_work_along(client, service):
    address, parts = service
    (running, *_) = futures = busy(parts)
    end(futures[1:])
    body = json.dumps({"text": "nobody waits for this"})
    batch = json.dumps({"items": [{"text": f"{number} nobody waits"} for number in range(20)]})
    for path, content in (("/v1/trace", body), ("/v1/trace/batch", batch)):
        connection = running_service.connected(address)
        head = f"POST {path} HTTP/1.1\r\nHost: {address[7:]}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode())
        eventually(lambda: parts.pool.waiting)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
        eventually(lambda: not parts.pool.waiting)
    assert not running.done()
    end(futures)


def test_a_batch_keeps_its_versions(service, client, folders):
    parts = service[1]
    batch = {"items": [{"text": f"the quick brown fox {number}"} for number in range(30)], "indexes": ["one"]}
    with client.stream("POST", "/v1/trace/batch", json=batch) as answer:
        lines = answer.iter_lines()
        first = json.loads(next(lines))
        remove_documents(folders["one"], ["dog"])
        parts.registry.check()
        single = client.post("/v1/trace", json={"text": "the quick brown fox", "indexes": ["one"]}).json()
        rest = [json.loads(line) for line in lines]
    versions = {line["provenance"]["indexes"][0]["version"] for line in [first, *rest]}
    assert len(versions) == 1
    assert single["indexes"][0]["version"] not in versions


def test_the_schema_of_the_api_says_what_the_schema_of_provenances_says():
    ours = ProvenanceModel.model_json_schema()
    assert set(ours["properties"]) == set(SCHEMA["properties"])
    assert set(ours["required"]) == set(SCHEMA["required"])
    for name, model in {"index": "SearchedIndexModel"}.items() | {
        (name, f"{name.title()}Model") for name in ("span", "document", "snippet")
    }:
        assert set(ours["$defs"][model]["properties"]) == set(SCHEMA["$defs"][name]["properties"])
        assert set(ours["$defs"][model]["required"]) == set(SCHEMA["$defs"][name]["required"])
    assert re.search("additionalProperties.: False", str(ours))
