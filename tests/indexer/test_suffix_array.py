from __future__ import annotations

from unittest.mock import patch

import naive
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wherefrom_indexer import suffix_array as module
from wherefrom_indexer.suffix_array import bytes_per_token, suffix_array

ALPHABETS = (1, 2, 300, 70_000)


def segment(documents: list[list[int]], dtype: type = np.uint32) -> NDArray[np.generic]:
    """Stored values of the documents, each ended by a separator."""
    return np.array([token for document in documents for token in [*document, 0]], dtype)


def fibonacci(length: int) -> list[int]:
    previous, word = [2], [1]
    while len(word) < length:
        previous, word = word, word + previous
    return word[:length]


def thue_morse(length: int) -> list[int]:
    return [1 + i.bit_count() % 2 for i in range(length)]


def document(size: int, distinct: int, content: bytes, times: int) -> list[int]:
    """A document of at most `distinct` tokens spread over the alphabet 1 to `size`."""
    distinct = min(size, distinct)
    content *= max(times, 1)
    return [1 + byte % distinct * (size - 1) // max(distinct - 1, 1) for byte in content]


def corpus(size: int, distinct: int, contents: list[tuple[bytes, int]], again: bytes, cut: int) -> list[list[int]]:
    """Documents: of one token and empty, periodic, Fibonacci and Thue-Morse words, duplicates, and any others."""
    documents = [document(size, distinct, content, times) for content, times in contents]
    if size > 1 and cut:
        documents += [fibonacci(cut), thue_morse(60 - cut)]
    return documents + [documents[i % len(documents)] for i in again if documents]


# Few draws for each example: nearly all time of the test goes into them.
CORPORA = st.builds(
    corpus,
    st.sampled_from(ALPHABETS),
    st.sampled_from([2, 3, 20, 256]),
    st.lists(st.tuples(st.binary(max_size=24), st.integers(0, 8)), max_size=5),
    st.binary(max_size=3),
    st.integers(0, 60),
)


@settings(max_examples=800, deadline=None)
@given(CORPORA)
def test_equals_the_oracle(documents: list[list[int]]) -> None:
    tokens = segment(documents)
    expected = naive.suffix_array(tokens.tolist())
    assert suffix_array(tokens).tolist() == expected
    if tokens.max(initial=0) <= 0xFFFF:
        assert suffix_array(tokens.astype(np.uint16)).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(CORPORA)
def test_wide_positions_equal_the_oracle(documents: list[list[int]]) -> None:
    """The code for segments of 2^31 positions and more, which no test can hold in memory."""
    tokens = segment(documents)
    n_tokens = int(np.count_nonzero(tokens))
    assume(n_tokens)
    suffixes = module._sort_documents(module._read_only(tokens), None, n_tokens, np.int64, module._Workers())
    assert suffixes.tolist() == naive.suffix_array(tokens.tolist())


@settings(max_examples=500, deadline=None)
@given(CORPORA)
def test_threads_change_nothing(documents: list[list[int]]) -> None:
    """Parts as small as they can be, and tables of symbols for each of them, however many symbols there are."""
    tokens = segment(documents)
    expected = naive.suffix_array(tokens.tolist())
    with patch.multiple(module, LEAST_PART=64, FEW_SYMBOLS=0):
        for threads in (1, 2, 5):
            assert suffix_array(tokens, threads=threads).tolist() == expected


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(51, 60), st.integers(1, 50)), max_size=40), min_size=1, max_size=3))
def test_without_room_for_tables(documents: list[list[tuple[int, int]]]) -> None:
    """Every second position is LMS and most substrings are distinct: the reduced text leaves no spare room."""
    tokens = segment([[token for pair in document for token in pair] for document in documents], np.uint16)
    with patch.multiple(module, FEW_SYMBOLS=1 << 40):
        assert suffix_array(tokens).tolist() == naive.suffix_array(tokens.tolist())


def assert_sorted(tokens: NDArray[np.generic], suffixes: NDArray[np.uint32]) -> None:
    """Check by ranks, in linear time: a suffix is its first token and then the suffix that follows it."""
    positions = suffixes.astype(np.int64)
    n_documents = int(np.count_nonzero(tokens == 0))
    rank = np.full(tokens.size, -1, np.int64)
    rank[tokens == 0] = np.arange(n_documents)
    rank[positions] = np.arange(positions.size) + n_documents
    assert (rank >= 0).all(), "not a permutation of the token positions"
    first = tokens[positions].astype(np.int64)
    following = rank[positions + 1]
    in_order = (first[:-1] < first[1:]) | ((first[:-1] == first[1:]) & (following[:-1] < following[1:]))
    assert in_order.all()


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize(
    "documents",
    [
        pytest.param([[7] * 50_000], id="all equal"),
        pytest.param([[2, 1] * 25_000], id="period 2"),
        pytest.param([[1, 3, 2] * 17_000], id="period 3"),
        pytest.param([fibonacci(50_000)], id="Fibonacci"),
        pytest.param([thue_morse(50_000)], id="Thue-Morse"),
        pytest.param([[token] for token in range(1, 30_000)], id="one token each"),
        pytest.param([list(range(1, 50_001))], id="rising"),
        pytest.param([list(range(50_000, 0, -1))], id="falling"),
        pytest.param([[5, 1, 4, 1, 5, 9, 2, 6]] * 5_000, id="duplicate documents"),
        pytest.param([fibonacci(n) for n in range(300)], id="prefixes of Fibonacci"),
        pytest.param([[]] * 50_000 + [[2, 1, 2, 1, 2]] * 100 + [[]] * 50_000, id="mostly empty documents"),
    ],
)
def test_hard_texts(documents: list[list[int]], dtype: type) -> None:
    tokens = segment(documents, dtype)
    assert_sorted(tokens, suffix_array(tokens))
    out = np.empty(np.count_nonzero(tokens), np.uint32)
    assert_sorted(tokens, suffix_array(tokens, out=out))
    with patch.multiple(module, LEAST_PART=1024, FEW_SYMBOLS=1):
        for threads in (2, 5):
            assert np.array_equal(suffix_array(tokens, threads=threads), out)


@pytest.mark.parametrize("alphabet", [2, 300, 60_000])
def test_random_text_with_copied_passages(alphabet: int) -> None:
    random = np.random.default_rng(alphabet)
    tokens = random.integers(1, alphabet + 1, 300_000).astype(np.uint16)
    for _ in range(200):
        source, target, length = random.integers(1, [290_000, 290_000, 5_000])
        copied = tokens[source : source + length].copy()
        tokens[target : target + copied.size] = copied[: tokens.size - target]
    tokens[random.integers(0, tokens.size, 500)] = 0
    tokens[-1] = 0
    assert_sorted(tokens, suffix_array(tokens))


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], []),
        ([0], []),
        ([0, 0, 0], []),
        ([5, 0], [0]),
        ([0, 5, 0], [1]),
        ([5, 0, 5, 0], [0, 2]),
        ([2, 1, 2, 0], [1, 2, 0]),
    ],
)
def test_smallest_segments(tokens: list[int], expected: list[int]) -> None:
    assert suffix_array(np.array(tokens, np.uint16)).tolist() == expected


def test_suffixes_do_not_compare_beyond_their_document() -> None:
    # By the text alone "1 0 3" would come after "1 0 2"; by position the first document's comes first.
    assert suffix_array(segment([[1], [3, 1], [2]])).tolist() == [0, 3, 5, 2]


def test_writes_into_the_given_array() -> None:
    tokens = segment([[3, 1, 2], [1, 2]])
    out = np.zeros(5, np.uint32)
    assert suffix_array(tokens, out=out) is out
    assert out.tolist() == naive.suffix_array(tokens.tolist())


def test_leaves_the_tokens_as_they_are() -> None:
    tokens = segment([fibonacci(1000)] * 3)
    tokens.setflags(write=False)  # as a mapped file is
    assert_sorted(tokens, suffix_array(tokens))


def test_refuses_other_arrays() -> None:
    with pytest.raises(ValueError, match="uint16 or uint32"):
        suffix_array(np.array([1, 0], np.int64))
    with pytest.raises(ValueError, match="uint16 or uint32"):
        suffix_array(np.zeros((2, 2), np.uint16))
    with pytest.raises(ValueError, match="one thread"):
        suffix_array(np.array([1, 0], np.uint16), threads=0)
    with pytest.raises(ValueError, match="of 1 places"):
        suffix_array(np.array([1, 0], np.uint16), out=np.empty(2, np.uint32))


def test_memory_planned() -> None:
    assert 4 < bytes_per_token(np.uint16) == bytes_per_token(np.uint32) < bytes_per_token(np.uint16, 1 << 31)
