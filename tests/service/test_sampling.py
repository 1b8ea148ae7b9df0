"""The choice of documents: uniform, seeded, independent of segments, equal texts once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import small_indexes

from wherefrom import corpus
from wherefrom.corpus import SearchedIndex
from wherefrom.occurrences import occurrences, occurrences_of
from wherefrom.sampling import MOST_READ, Sampled, sample
from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents

DOCUMENTS = {f"d{number}": f"Document {number} has a needle, {number * number} in all." for number in range(40)}


def _build(folder: Path, texts: dict[str, str], **options: int) -> SearchedIndex:
    tokenizer = small_indexes.small_tokenizer()
    return _searched(build_index(small_indexes.records(texts), folder, id_field="id", tokenizer=tokenizer, **options))


def _searched(index: Index) -> SearchedIndex:
    return corpus.searched_index(index, index.name)


def _sample(searched: SearchedIndex, size: int, seed: int, text: bytes = b"needle") -> list[str]:
    (chosen,) = sample([searched], [occurrences_of(searched, text)], size, seed)
    return [_id(searched, part) for part in chosen]


def _id(searched: SearchedIndex, chosen: Sampled) -> str:
    return searched.segments[chosen.segment].segment.record(chosen.ordinal).id


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> SearchedIndex:
    return _build(tmp_path_factory.mktemp("sampling") / "index", DOCUMENTS)


def test_every_document_is_as_likely(searched: SearchedIndex) -> None:
    seeds, size = 800, 5
    chosen = Counter(name for seed in range(seeds) for name in _sample(searched, size, seed))
    mean = seeds * size / len(DOCUMENTS)
    # Chi-square of a sample without replacement, 39 degrees of freedom: below 73 in 999 of 1,000 runs.
    spread = sum((chosen[name] - mean) ** 2 for name in DOCUMENTS) / mean / (1 - size / len(DOCUMENTS))
    assert spread < 73, chosen
    pairs = Counter(frozenset(pair) for seed in range(seeds) for pair in [_sample(searched, 2, seed)])
    assert len(pairs) > 450  # of 780 pairs, 501 are expected


def test_a_seed_gives_the_same_documents_and_another_seed_others(searched: SearchedIndex) -> None:
    assert _sample(searched, 10, 42) == _sample(searched, 10, 42)
    assert _sample(searched, 10, 42) != _sample(searched, 10, 43)
    assert len(set(_sample(searched, 10, 2**70))) == 10


def test_a_smaller_sample_is_the_beginning_of_a_larger_one(searched: SearchedIndex) -> None:
    whole = _sample(searched, 1000, 42)
    assert sorted(whole) == sorted(DOCUMENTS)
    assert [_sample(searched, size, 42) for size in (0, 1, 7)] == [whole[:0], whole[:1], whole[:7]]


def test_the_choice_does_not_depend_on_segments_or_on_the_order_of_documents(
    searched: SearchedIndex, tmp_path: Path
) -> None:
    expected = _sample(searched, 10, 42)
    backwards = dict(reversed(DOCUMENTS.items()))
    assert _sample(_build(tmp_path / "segments", backwards, segment_tokens=100), 10, 42) == expected

    first = dict(list(DOCUMENTS.items())[:13])
    rest = dict(list(DOCUMENTS.items())[13:])
    _build(tmp_path / "grown", first)
    grown = add_documents(small_indexes.records(rest), tmp_path / "grown", id_field="id")
    assert _sample(_searched(grown), 10, 42) == expected

    _build(tmp_path / "shrunk", {**DOCUMENTS, "x": "Another needle.", "y": "needle"})
    shrunk = remove_documents(tmp_path / "shrunk", ["x", "y"]).index
    assert _sample(_searched(shrunk), 10, 42) == expected
    assert _sample(_searched(compact_index(tmp_path / "shrunk")), 10, 42) == expected


def test_equal_texts_are_one_document_and_no_more_likely(tmp_path: Path) -> None:
    copies = {f"copy{number}": DOCUMENTS["d0"] for number in range(50)}
    searched = _build(tmp_path / "index", {**DOCUMENTS, **copies}, segment_tokens=300)
    assert len(searched.segments) > 3
    whole = _sample(searched, 1000, 42)
    assert sorted(whole) == sorted(DOCUMENTS)  # the first of equal ones stands for them
    often = sum("d0" in _sample(searched, 4, seed) for seed in range(200))
    assert 5 <= often <= 40  # 20 expected; 92 if copies counted


def test_the_first_occurrence_in_a_document_is_given(tmp_path: Path) -> None:
    searched = _build(tmp_path / "index", {"a": "x needle needle needle"})
    found = occurrences_of(searched, b"needle")
    ((chosen,),) = sample([searched], [found], 10, 42)
    assert found.counts.tolist() == [3]
    (rows,) = found.rows
    suffixes = searched.segments[0].segment.suffixes
    ranks = [(rank, back) for _, low, high, back, _ in rows.tolist() for rank in range(low, high)]
    assert chosen.position == min(int(suffixes[rank]) - back for rank, back in ranks)


def test_several_indexes_are_sampled_as_one(searched: SearchedIndex, tmp_path: Path) -> None:
    other = _build(tmp_path / "other", {"d0": DOCUMENTS["d0"], "z": "A last needle."})
    both = [searched, other]
    (chosen,) = sample(both, [occurrences_of(part, b"needle") for part in both], 1000, 42)
    assert len(chosen) == len(DOCUMENTS) + 2
    assert sorted(_id(other, part) for part in chosen if part.index == 1) == ["d0", "z"]


def test_passages_are_sampled_each_for_itself(searched: SearchedIndex) -> None:
    text = b"needle, 9 in all"
    edges = np.array([[0, 6], [8, 9], [0, len(text)], [0, 6]], np.int64)
    found = occurrences(searched, np.frombuffer(text, np.uint8), edges)
    chosen = [[_id(searched, part) for part in documents] for documents in sample([searched], [found], 50, 42)]
    alone = [_sample(searched, 50, 42, text[start:end]) for start, end in edges.tolist()]
    assert chosen == alone
    assert chosen[2] == ["d3"]


def test_the_documents_of_a_frequent_passage_are_chosen_among_some(tmp_path: Path) -> None:
    texts = {f"f{number}": f"{number} " + "x" * (1 + number % 3) + " y" * (MOST_READ // 100) for number in range(400)}
    searched = _build(tmp_path / "index", texts)
    found = occurrences_of(searched, b" y")
    assert found.counts[0] > 3 * MOST_READ
    chosen = Counter(name for seed in range(60) for name in _sample(searched, 5, seed, b" y"))
    assert sum(chosen.values()) == 300
    assert len(chosen) > 150  # of 400; 211 are expected
    assert max(chosen.values()) < 8
