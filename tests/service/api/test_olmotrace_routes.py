"""OLMoTrace's own interface over HTTP, field for field."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import running_service
from hypothesis import given, settings
from hypothesis import strategies as st
from pool_jobs import TEXTS, small_index

from wherefrom.api.olmotrace import AttributionResponse
from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

# What the published front end sends.
ASKED = {
    "response": "he said the quick brown fox jumps over it",
    "delimiters": ["\n", "."],
    "allowSpansWithPartialWords": False,
    "minimumSpanLength": 1,
    "maximumFrequency": 1_000_000,
    "maximumSpanDensity": 0.05,
    "spanRankingMethod": "unigram_logprob_sum",
    "maximumContextLength": 250,
    "maximumContextLengthLong": 100,
    "maximumContextLengthSnippet": 5,
    "maximumDocumentsPerSpan": 10,
}
# What its client reads, by name and type: a missing one is an error there.
SPAN = {
    "left": int,
    "right": int,
    "length": int,
    "count": int,
    "unigramLogprobSum": float,
    "text": str,
    "tokenIds": list,
    "documents": list,
}
DOCUMENT = {
    "documentIndex": int,
    "documentLength": int,
    "displayLength": int,
    "needleOffset": int,
    "metadata": dict,
    "tokenIds": list,
    "text": str,
    "blocked": bool,
    "displayLengthLong": int,
    "needleOffsetLong": int,
    "textLong": str,
    "displayOffsetSnippet": int,
    "needleOffsetSnippet": int,
    "textSnippet": str,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("olmotrace")
    indexes: dict[str, Path] = {}
    for name in ("one", "two"):
        small_index(folder / name, None if name == "one" else {"sun": TEXTS["dog"]})
        indexes[name] = folder / name
    with (
        running_service.on_a_port(
            folder / "service", indexes=indexes, attach=False, requests_per_second=None, max_text_characters=2000
        ) as (address, parts),
        httpx.Client(base_url=f"{address}/olmotrace", timeout=30) as client,
    ):
        assert parts.pool.ready(120)
        yield client


def test_an_attribution_has_every_field_that_is_read(client):
    answer = client.post("/one/attribution", json=ASKED)
    assert answer.status_code == 200
    found = answer.json()
    assert found["index"] == "one"
    assert "".join(found["inputTokens"]) == ASKED["response"]
    assert len(found["spans"]) == 1
    AttributionResponse.model_validate_json(answer.content)
    for span in found["spans"]:
        assert {name: type(span[name]) for name in SPAN} == SPAN
        assert span["text"] == "".join(found["inputTokens"][span["left"] : span["right"]])
        assert span["length"] == span["right"] - span["left"] == len(span["tokenIds"])
        assert span["unigramLogprobSum"] < 0
        for document in span["documents"]:
            assert {name: type(document[name]) for name in DOCUMENT} == DOCUMENT
            needle = document["tokenIds"][document["needleOffset"] :][: span["length"]]
            assert needle == span["tokenIds"]
            assert document["displayLength"] == len(document["tokenIds"]) <= document["documentLength"]
            assert document["textSnippet"] in document["textLong"] == document["text"]
            assert span["text"] in document["textSnippet"]
            assert document["text"] == TEXTS[document["documentId"]]
            assert document["metadata"] == {"source": "test"}
            assert document["needleOffsetSnippet"] <= 5 >= document["displayOffsetSnippet"] - span["length"] - 5


def test_the_interfaces_own_defaults(client):
    least = client.post("/two/attribution", json={"response": ASKED["response"]})
    named = client.post(
        "/two/attribution",
        json={"response": ASKED["response"], "maximum_frequency": 10, "spanRankingMethod": "length", "prompt": "x"},
    )
    assert least.json() == named.json(), "its client may send either spelling, and fields of other versions"
    assert least.json()["spans"]
    assert client.post("/one/attribution", json={"response": ""}).json() == {
        "index": "one",
        "spans": [],
        "inputTokens": [],
    }


def test_indexes_and_health(client):
    assert client.get("/indexes").json() == ["one", "two"]
    answer = client.get("/health/")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "response"),
        ({"response": 3}, 422, "response"),
        ({"response": "x", "delimiters": "."}, 422, "delimiters"),
        ({"response": "x", "delimiters": ["x" * 101]}, 422, "delimiters"),
        ({"response": "x", "minimumSpanLength": 0}, 422, "minimumSpanLength"),
        ({"response": "x", "maximumFrequency": 1 << 60}, 422, "maximumFrequency"),
        ({"response": "x", "maximumSpanDensity": 0}, 422, "maximumSpanDensity"),
        ({"response": "x", "spanRankingMethod": "other"}, 422, "spanRankingMethod"),
        ({"response": "x", "maximumDocumentsPerSpan": 1001}, 422, "maximumDocumentsPerSpan"),
        ({"response": "x", "maximumContextLength": 0}, 422, "maximumContextLength"),
        ({"response": "x" * 2001}, 413, "max_text_characters"),
        ([], 422, "body"),
    ],
)
def test_what_cannot_be_used_is_said_in_its_words(client, body, status, said):
    answer = client.post("/one/attribution", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert {"title": str, "type": str, "status": int} == {
        name: type(problem[name]) for name in ("title", "type", "status")
    }
    assert said in problem["detail"]
    if status == 422:
        assert all({"loc", "msg", "type"} <= error.keys() for error in problem["errors"])


def test_an_index_that_is_not_served(client):
    answer = client.post("/none/attribution", json=ASKED)
    assert answer.status_code == 404
    assert "'none'" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"response": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_said(client, body):
    answer = client.post("/one/attribution", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert answer.json()["status"] == answer.status_code


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {"response": st.text(max_size=60) | st.sampled_from(sorted(TEXTS.values()))},
        optional={
            "delimiters": st.lists(st.text(max_size=3), max_size=3),
            "allowSpansWithPartialWords": st.booleans(),
            "minimumSpanLength": st.integers(1, (1 << 53) - 1),
            "maximumFrequency": st.integers(1, (1 << 53) - 1),
            "maximumSpanDensity": st.floats(1e-300, 1e300),
            "maximumDocumentsPerSpan": st.integers(1, 1000),
            "maximumContextLength": st.integers(1, 100_000),
            "maximumContextLengthLong": st.integers(1, 100_000),
            "unknown": st.none() | st.integers(),
        },
    )
)
def test_whatever_is_asked_within_bounds_is_answered(client, body):
    content = json.dumps(body, ensure_ascii=True).encode()
    answer = client.post("/one/attribution", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    found = AttributionResponse.model_validate_json(answer.content)
    assert len(found.spans) <= max(1, len(found.input_tokens))


def test_its_tokens_are_the_tokenizers(client):
    found = client.post("/one/attribution", json=ASKED | {"response": TEXTS["umlaut é\u202e"]}).json()
    assert "".join(found["inputTokens"]) == TEXTS["umlaut é\u202e"]
    assert found["spans"][0]["documents"][0]["documentId"] == "umlaut é\u202e"


def test_what_the_documentation_asks_is_answered(client):
    text = (Path(__file__).parents[3] / "docs" / "clients.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^    curl .*/olmotrace/demo/attribution.*$", text, re.MULTILINE)
    body = shlex.split(line)[-1]
    answer = client.post("/one/attribution", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert "".join(answer.json()["inputTokens"]) == json.loads(body)["response"]


def test_a_key_is_needed_where_keys_are(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        key, _ = store.write(lambda connection: create_key(connection, "read", None, "", 1)).result()
    with running_service.in_process(tmp_path, require_keys=True) as client:
        assert client.get("/olmotrace/health/").status_code == 204
        assert client.get("/olmotrace/indexes").status_code == 401
        assert client.post("/olmotrace/one/attribution", json=ASKED).status_code == 401
        assert client.get("/olmotrace/indexes", headers={"Authorization": f"Bearer {key}"}).status_code == 200
