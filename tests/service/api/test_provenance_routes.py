"""Provenance over HTTP: by any name of a generation, made anew, with a project's own options."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from running_service import in_process
from starlette.testclient import TestClient
from traced_generations import TEXTS, generation, said, tracer

from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, Kind, Protocol, SpanUpdate
from wherefrom_indexer import add_documents, build_index

SCHEMA = orjson.loads((Path(__file__).parents[3] / "docs" / "provenance.schema.json").read_bytes())
UUID = "5f4dcc3b-5aa7-65d6-1d83-27deb882cf99"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with two traces: one of a generation under a chain, one of two generations."""
    folder = tracer()._searched[0].index.path
    with in_process(tmp_path_factory.mktemp("service"), indexes={"corpus": folder}) as made:
        plain = UUID.replace("-", "")
        root = SpanUpdate("aa" * 16, "ee" * 8, Protocol.OTLP, kind=Kind.CHAIN, parent_id="", project="first")
        nested = generation(
            1, trace_id="aa" * 16, span_id=plain, parent_id="ee" * 8, aliases=("chatcmpl-9/x", "r 1"), project="first"
        )
        several = [
            generation(number, trace_id="bb" * 16, span_id=f"{number:016x}", project="second") for number in (2, 3)
        ]
        unfinished = generation(4, end_ns=None, protocol=Protocol.LANGSMITH, project="second")
        send(made, root, nested, *several, unfinished)
        await_provenance(made, UUID, "00" * 7 + "02", "00" * 7 + "03")
        yield made


def send(client: TestClient, *updates: SpanUpdate) -> None:
    store = client.app.state.services.store  # type: ignore[attr-defined]
    store.write(lambda connection: ingest(connection, IngestBatch(spans=updates), time.time_ns())).result()


def await_provenance(client: TestClient, *names: str) -> list[dict[str, Any]]:
    found = []
    for name in names:
        for _ in range(600):
            answer = client.get(f"/v1/generations/{name}/provenance")
            assert answer.status_code == 200, answer.text
            if answer.json()["state"] != "pending":
                break
            time.sleep(0.05)
        found.append(answer.json())
    return found


@pytest.mark.parametrize(
    "name",
    [
        UUID,
        UUID.upper(),
        UUID.replace("-", ""),
        "chatcmpl-9/x",
        "chatcmpl-9%2Fx",
        "r%201",
        "aa" * 16,
        "tr-" + "aa" * 16,
    ],
)
def test_a_generation_is_found_by_any_name(client: TestClient, name: str) -> None:
    answer = client.get(f"/v1/generations/{name}/provenance")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["id"], found["trace"], found["project"]) == (UUID.replace("-", ""), "aa" * 16, "first")
    assert found["state"] == "done"
    (part,) = found["parts"]
    jsonschema.validate(part["provenance"], SCHEMA)
    assert part["provenance"]["documents"][0]["id"] == "gettysburg"


def test_a_trace_of_several_generations_names_them(client: TestClient) -> None:
    answer = client.get(f"/v1/generations/{'bb' * 16}/provenance")
    assert answer.status_code == 422
    assert "several generations" in answer.json()["detail"]
    assert f"{2:016x}" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("nothing", "no generation 'nothing'"), ("ee" * 8 + "0", "no generation")]
)
def test_what_is_not_there(client: TestClient, name: str, sentence: str) -> None:
    answer = client.get(f"/v1/generations/{name}/provenance")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert sentence in answer.json()["detail"]


def test_a_chain_is_no_generation(client: TestClient) -> None:
    answer = client.get(f"/v1/generations/{'ee' * 8}/provenance")
    assert answer.status_code == 404
    assert "kind chain" in answer.json()["detail"]


def test_one_that_is_not_complete_says_so(client: TestClient) -> None:
    found = client.get(f"/v1/generations/{4:016x}/provenance").json()
    assert (found["state"], found["parts"]) == (None, [])
    assert "not complete" in found["reason"]


def test_another_project_does_not_see_it(client: TestClient) -> None:
    assert client.get(f"/v1/generations/{UUID}/provenance", params={"project": "second"}).status_code == 404


def test_a_generation_is_traced_again(client: TestClient) -> None:
    before = client.get(f"/v1/generations/{UUID}/provenance").json()["parts"][0]["created"]
    assert client.post(f"/v1/generations/{UUID}/retrace").json() == {"parts": 1, "skipped": {}}
    (after,) = await_provenance(client, UUID)
    assert after["state"] == "done"
    assert after["parts"][0]["created"] >= before
    assert client.post("/v1/retrace", json={}).json() == {"parts": 0, "skipped": {}}
    assert client.post("/v1/retrace", json={"which": "all", "since": "2100-01-01"}).json()["parts"] == 0
    assert client.post("/v1/retrace", json={"project": "none"}).status_code == 404
    assert client.post("/v1/retrace", json={"since": "soon"}).status_code == 422
    assert client.post("/v1/generations/nothing/retrace").status_code == 404


def test_a_project_has_its_own_options(client: TestClient) -> None:
    send(client, generation(7, said(TEXTS["preamble"]), project="third"))
    await_provenance(client, f"{7:016x}")
    url = "/v1/projects/third/tracing"
    shown = client.get(url).json()
    assert shown["stored"] == {"indexes": None, "preset": "default", "options": {}, "snippet_quota_bytes": None}
    asked = {
        "indexes": ["corpus"],
        "preset": "default",
        "options": {"min_characters": 90, "density": None},
        "snippet_quota_bytes": 0,
    }
    answer = client.put(url, json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["stored"] == asked
    assert answer.json()["effective"]["options"]["min_characters"] == 90
    assert client.post("/v1/retrace", json={"project": "third"}).json()["parts"] == 1
    (found,) = await_provenance(client, f"{7:016x}")
    assert found["parts"][0]["has_snippets"] is False
    assert found["parts"][0]["provenance"]["spans"]
    for wrong, status in (
        ({"indexes": ["none"]}, 404),
        ({"options": {"min_characters": 0}}, 422),
        ({"preset": "other"}, 422),
    ):
        assert client.put(url, json=wrong).status_code == status
    assert client.get("/v1/projects/none/tracing").status_code == 404
    assert client.put("/v1/projects/none/tracing", json={}).status_code == 404


def test_numbers_of_the_worker_are_told(client: TestClient) -> None:
    numbers = client.get("/metrics").text
    assert "wherefrom_attach_stored_total" in numbers
    assert "wherefrom_attach_pending 0.0" in numbers


def test_a_new_version_of_an_index_is_used_from_then_on(tmp_path: Path) -> None:
    index = tmp_path / "corpus"
    write_corpus(tmp_path / "one.jsonl", "gettysburg")
    write_corpus(tmp_path / "two.jsonl", "preamble")
    build_index([str(tmp_path / "one.jsonl")], index, id_field="id")
    with in_process(tmp_path, indexes={"corpus": index}) as client:
        send(client, generation(1, said(TEXTS["preamble"])))
        (before,) = await_provenance(client, f"{1:016x}")
        assert before["coverage"] == 0
        add_documents([str(tmp_path / "two.jsonl")], index)
        registry = client.app.state.services.registry  # type: ignore[attr-defined]
        registry.check()
        send(client, generation(2, said(TEXTS["preamble"])))
        (new,) = await_provenance(client, f"{2:016x}")
        assert new["coverage"] == 1
        old = client.get(f"/v1/generations/{1:016x}/provenance").json()
        assert old["parts"][0]["indexes"] == before["parts"][0]["indexes"] != new["parts"][0]["indexes"]
        assert client.post("/v1/retrace", json={}).json()["parts"] == 1
        (again,) = await_provenance(client, f"{1:016x}")
        assert again["parts"][0]["indexes"] == new["parts"][0]["indexes"]
        assert again["coverage"] == 1


def test_without_an_index_generations_wait_and_say_why(tmp_path: Path) -> None:
    with in_process(tmp_path) as client:
        send(client, generation(1))
        told = client.get(f"/v1/generations/{1:016x}/provenance").json()
        assert (told["state"], told["coverage"]) == ("pending", None)
        assert told["reason"].startswith("The service has no index")


def write_corpus(path: Path, name: str) -> None:
    path.write_text(orjson.dumps({"id": name, "text": TEXTS[name]}).decode())
