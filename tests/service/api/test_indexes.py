"""Indexes over HTTP: their states, documents in pages, duplicates, phrases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import pytest
import running_service
from pool_jobs import TEXTS, eventually, small_index
from starlette.testclient import TestClient

from wherefrom.api.indexes import IndexPage, PhraseCounts
from wherefrom_indexer import Index
from wherefrom_indexer.verification import verify_and_note

NAMES = {
    "a/duplicates": "words of an odd one",
    "100%": "percent",
    "q?x=1#y": "a question",
    "a//b": "slashes",
    "two\nlines\n": "line breaks",
    "\n/duplicates": "a line break first",
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("indexes")
    small_index(folder / "one", TEXTS | NAMES | {f"same {number}": "equal words" for number in range(5)})
    small_index(folder / "two", {"sun": TEXTS["dog"]})
    return {"one": folder / "one", "two": folder / "two", "gone": folder / "gone"}


@pytest.fixture(scope="module")
def client(folders, tmp_path_factory) -> Iterator[TestClient]:
    with running_service.in_process(tmp_path_factory.mktemp("service"), indexes=folders, attach=False) as client:
        assert client.app.state.services.pool.ready(120)
        yield client


def test_indexes_are_listed_with_their_states(client, folders):
    page = IndexPage.model_validate(client.get("/v1/indexes").json())
    by_name = {index.name: index for index in page.items}
    assert list(by_name) == ["one", "two", "gone"]
    index = Index.open(folders["one"])
    one = by_name["one"]
    assert (one.version, one.documents, one.tokens) == (index.version, index.documents, index.tokens)
    assert one.bytes >= sum(segment.bytes for segment in one.segments) > 0
    assert one.tokenizer.name == "small"
    assert (by_name["gone"].status, by_name["gone"].serving, by_name["gone"].version) == ("missing", False, None)
    assert client.get("/v1/indexes/one").json() == client.get("/v1/indexes").json()["items"][0]
    assert str(folders["one"].parent) not in client.get("/v1/indexes").text


def test_what_verify_last_found_is_told(client, folders):
    assert client.get("/v1/indexes/one").json()["verified"] is None
    note = verify_and_note(folders["two"]).note
    client.app.state.services.registry.check()
    assert client.get("/v1/indexes/two").json()["verified"] == asdict(note)
    assert (note.version, note.findings) == (client.get("/v1/indexes/two").json()["version"], 0)


@pytest.mark.parametrize("path", ["/v1/indexes/none", "/v1/indexes/none/search?text=x", "/v1/indexes/none/documents/x"])
def test_an_index_that_is_not_there_is_told(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "'none'" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/indexes/gone/search?text=x", "/v1/indexes/gone/documents/x"])
def test_an_index_that_cannot_be_searched_is_told(client, path):
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


@pytest.mark.parametrize("identifier", [*TEXTS, *NAMES])
def test_documents_are_found_by_any_id(client, identifier):
    encoded = quote(identifier, safe="")
    answer = client.get(f"/v1/indexes/one/documents/{encoded}")
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["text"]) == (identifier, (TEXTS | NAMES)[identifier])
    copies = client.get(f"/v1/indexes/one/documents/{encoded}/duplicates").json()
    assert copies["count"] == answer.json()["duplicates"] == len(copies["items"])
    assert client.get("/v1/indexes/one/documents/copy/of%20fox").json()["id"] == "copy/of fox"


def test_documents_come_in_pages_with_highlights(client):
    path, start, text, marked = "/v1/indexes/one/documents/dog", 0, "", set()
    while start is not None:
        page = client.get(path, params={"start": start, "characters": 7, "highlight": "he"}).json()
        text += page["text"]
        marked |= {tuple(place) for place in page["highlights"]}
        start = page["next"]
    assert text == TEXTS["dog"]
    assert {text[start:end] for start, end in marked} == {"he"}
    assert len(marked) == page["highlight_count"] == text.count("he")
    assert page["previous_highlight"] == text.rindex("he")
    assert client.get(path, params={"start": 1000}).status_code == 422


def test_duplicates_come_in_pages(client):
    found, cursor = [], None
    while True:
        parameters = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/indexes/one/documents/same%202/duplicates", params=parameters).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == ["same 0", "same 1", "same 3", "same 4"]
    assert client.get("/v1/indexes/one/documents/same%202/duplicates?cursor=x").status_code == 422


def test_phrases_are_counted_by_index(client):
    answer = client.post("/v1/search", json={"text": "lazy dog", "limit": 2, "context_characters": 4})
    counts = PhraseCounts.model_validate(answer.json())
    assert counts.counts == {"one": 3, "two": 1}
    assert (counts.count, len(counts.occurrences)) == (4, 2)
    alone = client.get("/v1/indexes/two/search", params={"text": "lazy dog", "limit": 1}).json()
    assert alone["counts"] == {"two": 1}
    (occurrence,) = alone["occurrences"]
    assert TEXTS["dog"][occurrence["start"] : occurrence["end"]] == "lazy dog"
    assert client.post("/v1/search", json={"text": ""}).status_code == 422
    assert client.post("/v1/search", json={"text": "x" * 10_001}).status_code == 422
    assert client.post("/v1/search", json={"text": "x", "indexes": ["no"]}).status_code == 404


def test_an_index_that_comes_is_served(client, folders):
    small_index(folders["gone"], {"new": "words that are new"})
    registry = client.app.state.services.registry
    eventually(lambda: client.get("/v1/indexes/gone").json()["serving"])
    assert client.get("/v1/indexes/gone/documents/new").json()["text"] == "words that are new"
    shutil.rmtree(folders["gone"])
    registry.check()
    assert client.get("/v1/indexes/gone").json()["status"] == "missing"
    assert client.get("/v1/indexes/gone/search?text=new").json()["count"] == 1, "what was opened is searched on"
