"""BM25 by its formula, and the passages it reads."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import small_indexes

from wherefrom.provenance import Relevance
from wherefrom.relevance import K1, LEVELS, PASSAGE_TOKENS, B, Bm25, passage_around
from wherefrom_indexer import Index, build_index, remove_documents

TEXTS = {"a": "a b c", "b": "a a d", "c": "e", "d": "a b c d e " * 200}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("relevance") / "index"
    records = small_indexes.records(TEXTS)
    return build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer())


def _ids(index: Index, text: str) -> np.ndarray:
    return index.tokenizer.encode(text).ids.astype(np.int64)


def _score(scorer: Bm25, passage: np.ndarray) -> float:
    """The score of a passage, given as new ids."""
    stored = (passage + 1).astype(np.uint16)
    stored.flags.writeable = False
    (score,) = scorer.scores(stored, [[(0, len(stored))]])
    return score


def test_the_score_is_that_of_the_formula(index: Index) -> None:
    query, passage = _ids(index, "a b a x"), _ids(index, "a c b b a")
    documents = [set(_ids(index, text).tolist()) for text in TEXTS.values()]
    expected = 0.0
    for token in query.tolist():  # repetitions included
        holding = sum(token in document for document in documents)
        rarity = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        frequency = passage.tolist().count(token)
        length = K1 * (1 - B + B * len(passage) / (2 * PASSAGE_TOKENS))
        expected += rarity * frequency * (K1 + 1) / (frequency + length)
    assert _score(Bm25(index, query), passage) == pytest.approx(expected)


def test_nothing_shared_scores_nothing(index: Index) -> None:
    scorer = Bm25(index, _ids(index, "a b"))
    assert _score(scorer, _ids(index, "xyz")) == 0.0
    assert _score(scorer, np.empty(0, np.int64)) == 0.0
    assert _score(Bm25(index, np.empty(0, np.int64)), _ids(index, "a")) == 0.0
    assert Bm25(index, np.empty(0, np.int64)).level(0.0) is Relevance.LOW


def test_levels_are_shares_of_the_score_of_the_query_itself(index: Index) -> None:
    query = _ids(index, "a b c")
    scorer = Bm25(index, query)
    own = _score(scorer, query)
    assert scorer.own == pytest.approx(own)
    (high, _), (medium, _) = LEVELS
    assert scorer.level(own) is Relevance.HIGH
    assert scorer.level(own * (high - 0.001)) is Relevance.MEDIUM
    assert scorer.level(own * (medium - 0.001)) is Relevance.LOW


def test_removed_documents_do_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    tokenizer = small_indexes.small_tokenizer()
    build_index(small_indexes.records(TEXTS), folder, id_field="id", tokenizer=tokenizer)
    removed = remove_documents(folder, ["b", "d"]).index
    rest = {name: TEXTS[name] for name in "ac"}
    fresh = build_index(small_indexes.records(rest), tmp_path / "fresh", id_field="id", tokenizer=tokenizer)
    query, passage = _ids(fresh, "a b e"), _ids(fresh, "a b c")
    assert _score(Bm25(removed, query), passage) == pytest.approx(_score(Bm25(fresh, query), passage))


def test_passages_of_several_ranges_are_scored_at_once(index: Index) -> None:
    scorer = Bm25(index, _ids(index, "a b c"))
    ids = [_ids(index, text) for text in ("a b", "e c a a", "d")]
    stored = np.concatenate([[0], *[part + 1 for part in ids]]).astype(np.uint16)
    stored.flags.writeable = False
    edges = np.cumsum([1, *map(len, ids)]).tolist()
    parts = list(itertools.pairwise(edges))
    expected = [_score(scorer, np.concatenate([ids[0], ids[2]])), 0.0, _score(scorer, ids[1])]
    assert scorer.scores(stored, [[parts[0], parts[2]], [], [parts[1]]]) == pytest.approx(expected)


def test_a_passage_is_the_surroundings_of_all_positions_once(index: Index) -> None:
    segment, ordinal = index.find("d") or pytest.fail("it is there")
    start, end = segment.span_of(ordinal)
    middle = start + 700
    for positions in ([start], [end - 1], [middle], [middle, middle + 10], [middle + 10, start, middle]):
        read = sorted(
            {
                place
                for position in positions
                for place in range(max(start, position - PASSAGE_TOKENS), min(end, position + PASSAGE_TOKENS))
            }
        )
        ranges = passage_around(start, end, positions)
        assert [place for first, last in ranges for place in range(first, last)] == read
