"""What jobs answer: pages that make up the document, highlights where the text stands, duplicates, counts; keys that
tell one job from another."""

from __future__ import annotations

import dataclasses
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pool_jobs import TEXTS, small_index

from wherefrom.options import TraceOptions
from wherefrom.pool.jobs import DocumentJob, DuplicatesJob, Opened, PhraseJob, TraceJob
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import DocumentNotFoundError, UsageError

REPEATED = {f"same {number}": "equal words" for number in range(7)}


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Opened:
    index = small_index(tmp_path_factory.mktemp("jobs") / "it", TEXTS | REPEATED | {"banana": "banana" * 20})
    return Opened(Tracer([index]), {"it": index})


def answer(job, opened):
    return json.loads(pickle.loads(pickle.dumps(job)).run(opened))


@given(st.sampled_from([*TEXTS, "banana"]), st.integers(1, 80))
def test_pages_make_up_the_document(opened, identifier, characters):
    start, text = 0, ""
    while start is not None:
        page = answer(DocumentJob("it", identifier, start, characters), opened)
        assert (page["start"], page["end"]) == (start, start + len(page["text"]))
        text += page["text"]
        start = page["next"]
    whole = (TEXTS | {"banana": "banana" * 20})[identifier]
    assert text == whole
    assert page["characters"] == len(whole)
    assert page["metadata"] == {"source": "test"}
    assert page["duplicates"] == (1 if "fox jumps over the lazy dog" in whole else 0)
    with pytest.raises(UsageError, match="cannot begin"):
        answer(DocumentJob("it", identifier, len(whole), characters), opened)


@given(
    st.sampled_from([*TEXTS, "banana"]),
    st.integers(0, 30),
    st.integers(1, 60),
    st.sampled_from(["ana", "banana", "the", "x", "lazy dog", "", "über", "\0", "ß"]),
)
def test_highlights_are_all_places_of_the_text(opened, identifier, start, characters, highlight):
    text = (TEXTS | {"banana": "banana" * 20})[identifier]
    page = answer(DocumentJob("it", identifier, start, characters, highlight), opened)
    size = len(highlight)
    places = [place for place in range(len(text)) if size and text.startswith(highlight, place)]
    assert page["highlight_count"] == len(places)
    assert page["highlights"] == [
        [place, place + size] for place in places if place < page["end"] and place + size > start
    ]
    assert page["previous_highlight"] == max((p for p in places if p + size <= start), default=None)
    assert page["next_highlight"] == min((p for p in places if p >= page["end"]), default=None)


@given(st.integers(1, 10))
def test_duplicates_come_in_pages(opened, limit):
    found, after = [], 0
    while after is not None:
        page = answer(DuplicatesJob("it", "same 3", int(after), limit), opened)
        assert page["count"] == 6
        found += [item["id"] for item in page["items"]]
        after = page["next"]
    assert sorted(found) == sorted(REPEATED.keys() - {"same 3"})


@pytest.mark.parametrize("job", [DocumentJob("it", "none", 0, 10), DuplicatesJob("it", "none")])
def test_a_document_that_is_not_there_is_told_without_folders(opened, job):
    with pytest.raises(DocumentNotFoundError) as told:
        job.run(opened)
    assert "'none'" in str(told.value)
    assert str(opened.indexes["it"].path) not in str(told.value)


@pytest.mark.parametrize("text", ["lazy", "equal words", "nowhere to be found", "ana", "ox"])
def test_phrases_are_counted_and_shown(opened, text):
    found = answer(PhraseJob(text, (), limit=4, context_characters=3), opened)
    documents = TEXTS | REPEATED | {"banana": "banana" * 20}
    count = sum(whole.startswith(text, place) for whole in documents.values() for place in range(len(whole)))
    assert found["counts"] == {"it": found["count"]} == {"it": count}
    assert len(found["occurrences"]) <= 4
    assert bool(found["occurrences"]) == bool(count)
    for occurrence in found["occurrences"]:
        start, end = occurrence["highlight"]
        assert occurrence["context"][start:end] == text
        assert documents[occurrence["document_id"]][occurrence["start"] : occurrence["end"]] == text


traces = st.builds(
    TraceJob,
    st.sampled_from(["a", "ab", "\ud800", ""]),
    st.sampled_from([None, "", "a", "b"]),
    st.just(()),
    st.builds(TraceOptions, seed=st.integers(0, 1), max_count=st.sampled_from([None, 1]), density=st.just(0.5)),
)
phrases = st.builds(
    PhraseJob, st.sampled_from(["a", "ab", "\ud800"]), st.just(()), st.integers(0, 1), st.integers(0, 1)
)


@given(traces | phrases, traces | phrases)
def test_keys_are_equal_when_jobs_are(one, other):
    assert (one.cache_key == other.cache_key) == (one == other)
    assert one.cache_key == dataclasses.replace(one, indexes=("names are in the versions",)).cache_key
