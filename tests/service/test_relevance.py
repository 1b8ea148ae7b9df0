"""BM25 by its formula, and the passages it reads."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import small_indexes

from wherefrom.provenance import Relevance
from wherefrom.relevance import K1, LEVELS, PASSAGE_TOKENS, B, Bm25, passage_of
from wherefrom_indexer import Index, build_index, remove_documents

TEXTS = {"a": "a b c", "b": "a a d", "c": "e", "d": "a b c d e " * 200}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("relevance") / "index"
    records = small_indexes.records(TEXTS)
    return build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer())


def _ids(index: Index, text: str) -> np.ndarray:
    return index.tokenizer.encode(text).ids.astype(np.int64)


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
    assert Bm25(index, query).score(passage) == pytest.approx(expected)


def test_nothing_shared_scores_nothing(index: Index) -> None:
    scorer = Bm25(index, _ids(index, "a b"))
    assert scorer.score(_ids(index, "xyz")) == 0.0
    assert scorer.score(np.empty(0, np.int64)) == 0.0
    assert Bm25(index, np.empty(0, np.int64)).score(_ids(index, "a")) == 0.0
    assert Bm25(index, np.empty(0, np.int64)).level(0.0) is Relevance.LOW


def test_levels_are_shares_of_the_score_of_the_query_itself(index: Index) -> None:
    query = _ids(index, "a b c")
    scorer = Bm25(index, query)
    own = scorer.score(query)
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
    assert Bm25(removed, query).score(passage) == pytest.approx(Bm25(fresh, query).score(passage))


def test_a_passage_is_the_surroundings_of_all_positions_once(index: Index) -> None:
    segment, ordinal = index.find("d") or pytest.fail("it is there")
    start, end = segment.span_of(ordinal)
    tokens = segment.tokens.astype(np.int64) - 1
    middle = start + 700
    for positions in ([start], [end - 1], [middle], [middle, middle + 10], [middle + 10, start, middle]):
        read = sorted(
            {
                place
                for position in positions
                for place in range(max(start, position - PASSAGE_TOKENS), min(end, position + PASSAGE_TOKENS))
            }
        )
        assert passage_of(segment, ordinal, positions).tolist() == tokens[read].tolist()
