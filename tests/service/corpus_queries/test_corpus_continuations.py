"""The kernels of next tokens and infinity-gram probabilities, over segments made by hand and damaged ones."""

from __future__ import annotations

import factories
import naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.corpus_queries.conjunction import close_together
from wherefrom.corpus_queries.continuations import growing_counts, next_counts

SIZE = 4
DOCUMENTS = st.lists(st.lists(st.integers(0, SIZE - 1), max_size=8), min_size=1, max_size=4).filter(any)
QUERY = st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=6)


@settings(max_examples=60)
@given(DOCUMENTS, QUERY, st.integers(0, 15), st.sampled_from([np.uint16, np.uint32]))
def test_counts_over_segments_are_those_of_brute_force(documents, query, removed, dtype):
    gone = {number for number in range(len(documents)) if removed >> number & 1}
    segment = factories.segment_arrays(documents, SIZE, gone, dtype)
    live = [document for number, document in enumerate(documents) if number not in gone]
    values = np.array(query, np.int64) + 1
    expected = [sum(document[-len(query) :] == query for document in live)]
    expected += [sum(naive.count_of(document, [*query, token]) for document in live) for token in range(SIZE)]
    assert next_counts(segment, values).tolist() == expected
    alone = next_counts(segment, values[:0]).tolist()
    assert alone == [0, *(sum(document.count(token) for document in live) for token in range(SIZE))]
    starts = np.arange(len(query)) // 2
    counts = growing_counts(segment, values, starts).tolist()
    for end, start in enumerate(starts.tolist()):
        before = sum(naive.count_of(document, query[start:end]) for document in live) if start < end else 0
        assert counts[end] == [before, sum(naive.count_of(document, query[start : end + 1]) for document in live)]


@settings(max_examples=40)
@given(DOCUMENTS, QUERY, st.randoms(use_true_random=False))
def test_damaged_suffixes_lead_nowhere(documents, query, chance):
    segment = factories.segment_arrays(documents, SIZE)
    suffixes = np.array([chance.choice([0, 1, 7, 1 << 31, (1 << 32) - 1]) for _ in segment.suffixes], np.uint32)
    suffixes.flags.writeable = False
    segment = segment._replace(suffixes=suffixes)
    values = np.array(query, np.int64) + 1
    assert next_counts(segment, values).sum() <= len(suffixes)
    assert (growing_counts(segment, values, np.zeros(len(query), np.int64)) >= 0).all()


def test_a_table_of_documents_out_of_order_ends_in_an_answer():
    positions = np.arange(10)
    starts = np.array([5, 3, 9, 1], np.uint64)
    assert len(close_together(positions, [positions], starts, 3).anchors) <= len(positions)
