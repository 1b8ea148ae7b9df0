"""Questions to a corpus over HTTP: the answers that Python gives, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import running_service
from pool_jobs import TEXTS, small_index
from starlette.testclient import TestClient

from wherefrom import Tracer
from wherefrom.api.corpus_queries import CnfModel, CountModel, InfgramModel, NextTokensModel
from wherefrom_indexer import remove_documents

ADDRESS = "/v1/indexes/corpus"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "corpus"
    small_index(folder, TEXTS | {"gone": "the lazy dog is gone"})
    remove_documents(folder, ["gone"])
    return folder


@pytest.fixture(scope="module")
def client(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running_service.in_process(
        tmp_path_factory.mktemp("service"), indexes={"corpus": folder, "missing": folder / "none"}, attach=False
    ) as client:
        assert client.app.state.services.pool.ready(120)
        yield client


def test_counts(client: TestClient, folder: Path) -> None:
    counted = CountModel.model_validate(client.post(f"{ADDRESS}/count", json={"phrase": "lazy dog"}).json())
    assert (counted.count, counted.counts, counted.count_is_lower_bound) == (3, {"corpus": 3}, False)
    (searched,) = Tracer.open(folder).indexes
    assert [index.model_dump() for index in counted.indexes] == [{"name": "corpus", "version": searched.version}]
    assert client.post(f"{ADDRESS}/count", json={"phrase": [1, 2]}).json()["count"] == 0


def test_conjunctions(client: TestClient, folder: Path) -> None:
    asked = {"clauses": [["fox", "sun"], ["lazy"]], "window": 1000, "limit": 2, "context_characters": 5}
    answer = client.post(f"{ADDRESS}/cnf", json=asked)
    assert answer.status_code == 200
    CnfModel.model_validate(answer.json())
    expected = Tracer.open(folder).queries.cnf([["fox", "sun"], ["lazy"]], 1000, 2, 5)
    occurrences = [
        asdict(each) | {"passages": [list(passage) for passage in each.passages]} for each in expected.occurrences
    ]
    assert answer.json()["occurrences"] == occurrences
    assert answer.json()["count"] == expected.count == 3
    assert answer.json()["documents"] == 3


def test_next_tokens(client: TestClient, folder: Path) -> None:
    answer = client.post(f"{ADDRESS}/next-tokens", json={"prompt": " fox jumps over", "limit": 4})
    found = NextTokensModel.model_validate(answer.json())
    expected = Tracer.open(folder).queries.next_tokens(" fox jumps over", 4)
    assert [token.model_dump() for token in found.tokens] == [asdict(token) for token in expected.tokens]
    assert found.prompt_count == expected.prompt_count > 0
    empty = client.post(f"{ADDRESS}/next-tokens", json={"prompt": []}).json()
    assert empty["suffix_tokens"] == empty["prompt_tokens"] == 0
    assert empty["end_count"] == len(TEXTS)


def test_infinity_gram_probabilities(client: TestClient, folder: Path) -> None:
    answer = client.post(f"{ADDRESS}/infgram", json={"phrase": "dog sleeps", "prompt": "lazy "})
    found = InfgramModel.model_validate(answer.json())
    expected = Tracer.open(folder).queries.infgram_probabilities("dog sleeps", "lazy ")
    assert [token.model_dump() for token in found.tokens] == [token.to_dict() for token in expected]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("count", {"phrase": ""}),
        ("count", {"phrase": []}),
        ("count", {"phrase": [-1]}),
        ("count", {"phrase": [1.5]}),
        ("count", {"phrase": [True]}),
        ("count", {"phrase": [4_000_000_000]}),
        ("count", {"phrase": "x" * 10_001}),
        ("count", {}),
        ("cnf", {"clauses": []}),
        ("cnf", {"clauses": [[]]}),
        ("cnf", {"clauses": [["a"]] * 17}),
        ("cnf", {"clauses": [["a"]], "window": -1}),
        ("cnf", {"clauses": [["a"]], "window": 10_001}),
        ("cnf", {"clauses": ["a"]}),
        ("next-tokens", {"prompt": "a", "limit": -1}),
        ("next-tokens", {"prompt": "a", "more": 1}),
        ("infgram", {"phrase": "", "prompt": "a"}),
    ],
)
def test_what_cannot_be_asked_is_told(client: TestClient, what: str, body: dict[str, object]) -> None:
    answer = client.post(f"{ADDRESS}/{what}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(Path.cwd()) not in answer.text


@pytest.mark.parametrize("what", ["count", "cnf", "next-tokens", "infgram"])
def test_an_index_that_is_not_there_is_told(client: TestClient, what: str) -> None:
    body = {"cnf": {"clauses": [["a"]]}, "next-tokens": {"prompt": "a"}}.get(what, {"phrase": "a"})
    assert client.post(f"/v1/indexes/none/{what}", json=body).status_code == 404
    assert client.post(f"/v1/indexes/missing/{what}", json=body).status_code == 503


@pytest.mark.parametrize("text", ["\ud800", "\0", "日本語 \u202e", "a" * 10_000])
def test_any_text_may_be_asked_for(client: TestClient, text: str) -> None:
    for what, body in (
        ("count", {"phrase": text}),
        ("cnf", {"clauses": [[text], ["the"]]}),
        ("next-tokens", {"prompt": text}),
        ("infgram", {"phrase": text}),
    ):
        sent = json.dumps(body)  # the client's own JSON cannot carry surrogates
        answer = client.post(f"{ADDRESS}/{what}", content=sent, headers={"content-type": "application/json"})
        assert answer.status_code == 200, (what, answer.text)
