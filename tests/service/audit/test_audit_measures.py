"""Each measure against examples computed by hand, and against brute force over the documents' strings and tokens."""

from __future__ import annotations

import math
from itertools import pairwise

import naive
import naive_matches
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.coverage import coverage, coverages, longest
from wherefrom.audit.near_verbatim import near_verbatim, nearest
from wherefrom.audit.novelty import longest_suffixes, novelty, suffix_histogram
from wherefrom.audit.prompt_overlap import in_prompt, outside, tokens_inside
from wherefrom.audit.rarity_weighted import information, rarest, rarity_share
from wherefrom.audit.uniqueness import creativity_index, shortest_window, uniqueness, words_reached
from wherefrom.audit.words import folded_words, word_ranges
from wherefrom.spans import Ranges

NEVER = 10**6


def ranges(*pairs: tuple[int, int]) -> Ranges:
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return Ranges.of(found[:, 0], found[:, 1])


def array(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


texts = st.text("ab c", min_size=1, max_size=24)
corpora = st.lists(st.text("ab c", max_size=24), min_size=1, max_size=4)
tokens = st.lists(st.integers(1, 3), max_size=14)


def test_coverage_by_hand() -> None:
    passages = ranges((0, 4), (2, 8), (10, 12))
    assert coverage(passages, 16, 1) == 10 / 16
    assert coverage(passages, 16, 4) == 8 / 16
    assert coverage(passages, 16, 5) == 6 / 16
    assert coverage(passages, 16, 7) == 0
    assert coverage(passages, 16, 17) is None  # too short for it, which is not the same as nothing
    assert longest(passages) == 6
    assert longest(ranges()) == 0


@given(texts, corpora)
def test_coverage_is_the_share_of_characters_in_passages(text: str, documents: list[str]) -> None:
    passages = ranges(*naive_matches.passages(text, documents, 1))
    thresholds = list(range(1, len(text) + 3))
    found = coverages(passages, len(text), thresholds)
    for threshold, share in zip(thresholds, found, strict=True):
        windows = [
            place
            for place in range(len(text) - threshold + 1)
            if any(text[place : place + threshold] in document for document in documents)
        ]
        covered = {place + step for place in windows for step in range(threshold)}
        assert share == (None if threshold > len(text) else len(covered) / len(text))
    known = [share for share in found if share is not None]
    assert known == sorted(known, reverse=True)
    assert longest(passages) == max(
        end - start for start in range(len(text) + 1) for end in range(start, len(text) + 1)
        if end == start or any(text[start:end] in document for document in documents)
    )  # fmt: skip


def test_novelty_by_hand() -> None:
    # Tokens 1 2 3 4 over the corpus 1 2 3: the matches are 3, 2, 1 and 0 tokens long.
    absent, everything = novelty(array(3, 2, 1, 0), array(0, 0, 0, 0), 5)
    assert everything.tolist() == [4, 3, 2, 1, 0]
    assert absent.tolist() == [1, 1, 1, 1, 0]
    assert longest_suffixes(array(3, 2, 1, 0)).tolist() == [1, 2, 3, 0]
    assert suffix_histogram(array(1, 2, 3, 0), 2).tolist() == [1, 1, 2]
    # The first two tokens stand in the prompt: 1, 2 and 1 2 are not counted.
    absent, everything = novelty(array(3, 2, 1, 0), array(2, 1, 0, 0), 4)
    assert everything.tolist() == [2, 2, 2, 1]
    assert absent.tolist() == [1, 1, 1, 1]


@given(tokens, st.lists(tokens, max_size=4), st.lists(st.booleans(), min_size=14, max_size=14))
def test_novelty_is_that_of_all_ngrams(query: list[int], documents: list[list[int]], quoted: list[bool]) -> None:
    length = array(*(length for length, _ in naive.longest_matches(documents, query)))
    quoted = quoted[: len(query)]
    inside = array(*(next(n for n in range(15) if not all(quoted[i : i + n + 1]) or i + n >= len(query))
                     for i in range(len(query))))  # fmt: skip
    most = len(query) + 2
    absent, everything = novelty(length, inside, most)
    plain = novelty(length, np.zeros_like(length), most)
    for n in range(1, most + 1):
        grams = [(i, query[i : i + n]) for i in range(len(query) - n + 1)]
        new = [i for i, gram in grams if not any(naive.count_of(document, gram) for document in documents)]
        assert (plain[0][n - 1], plain[1][n - 1]) == (len(new), len(grams))
        own = [i for i, _ in grams if not all(quoted[i : i + n])]
        assert (absent[n - 1], everything[n - 1]) == (len([i for i in new if i in own]), len(own))
    shares = [new / every for new, every in zip(*(part.tolist() for part in plain), strict=True) if every]
    assert all(share <= later + 1e-12 for share, later in pairwise(shares))
    suffixes = longest_suffixes(length).tolist()
    for end in range(1, len(query) + 1):
        standing = [n for n in range(1, end + 1)
                    if any(naive.count_of(document, query[end - n : end]) for document in documents)]  # fmt: skip
        assert suffixes[end - 1] == max(standing, default=0)
    assert suffix_histogram(array(*suffixes), 3).sum() == len(query)


def test_uniqueness_by_hand() -> None:
    text = "one two three four five six"
    words = word_ranges(text)
    assert shortest_window(words, 2) == len("one two")
    assert shortest_window(words, 7) is None
    passages = ranges((0, len("one two three")), (text.index("five"), len(text)))
    reached = words_reached(words, passages)
    assert reached.tolist() == [3, 2, 1, 0, 2, 1]
    everything = np.ones(6, np.bool_)
    assert uniqueness(reached, everything, 2, 4) == [1 / 6, 3 / 6, 1.0]
    assert creativity_index([1 / 6, 3 / 6, 1.0]) == pytest.approx(10 / 6)
    assert uniqueness(reached, everything, 6, 7) == [1.0, None]
    assert creativity_index([1.0, None]) is None
    assert uniqueness(reached, np.array([False] * 3 + [True] * 3), 2, 2) == [1 / 3]
    assert uniqueness(reached, np.zeros(6, np.bool_), 2, 2) == [None]
    assert uniqueness(words_reached(word_ranges("."), passages), np.zeros(0, np.bool_), 2, 2) == [None]


@given(st.lists(st.sampled_from("abc"), max_size=14), st.lists(st.text("ab c", max_size=24), min_size=1, max_size=3))
def test_uniqueness_is_that_of_all_runs_of_words(parts: list[str], documents: list[str]) -> None:
    text = " ".join(parts)
    words = word_ranges(text)
    passages = ranges(*naive_matches.passages(text, documents, 1))
    shares = uniqueness(words_reached(words, passages), np.ones(len(words), np.bool_), 1, len(words) + 1)
    for length in range(1, len(words) + 2):
        covered = set()
        for longer in range(length, len(words) + 1):
            for first in range(len(words) - longer + 1):
                run = text[words[first, 0] : words[first + longer - 1, 1]]
                if any(run in document for document in documents):
                    covered |= set(range(first, first + longer))
        expected = None if len(words) < length or not len(words) else 1 - len(covered) / len(words)
        assert shares[length - 1] == (expected if expected is None else pytest.approx(expected))
    known = [share for share in shares if share is not None]
    assert known == sorted(known)


def test_rarity_by_hand() -> None:
    bits = information(np.log(np.array([1 / 2, 1 / 8, 1 / 4, 1 / 4])))
    assert bits.tolist() == pytest.approx([1, 3, 2, 2])
    starts, counted = array(0, 3, 6, 9), np.ones(4, np.bool_)
    assert rarity_share(starts, bits, counted, ranges((3, 9))) == pytest.approx(5 / 8)
    assert rarity_share(starts, bits, counted, ranges()) == 0
    assert rarity_share(starts, bits, np.array([True, False, True, True]), ranges((3, 9))) == pytest.approx(2 / 5)
    assert rarity_share(starts, bits * 0, counted, ranges((3, 9))) is None
    assert rarest(starts, bits, ranges((0, 3), (3, 9), (6, 12))) == pytest.approx(5)
    assert rarest(starts, bits, ranges()) == 0


@given(st.lists(st.floats(-20, 0), min_size=1, max_size=12), corpora, st.data())
def test_rarity_is_that_of_tokens_in_passages(logs: list[float], documents: list[str], data: st.DataObject) -> None:
    text = data.draw(st.text("ab c", min_size=len(logs), max_size=24))
    starts = array(*range(len(logs)))
    passages = naive_matches.passages(text, documents, 2)
    bits = information(np.array(logs))
    within = [place for place in starts if any(start <= place < end for start, end in passages)]
    total = -sum(logs) / math.log(2)
    share = rarity_share(starts, bits, np.ones(len(logs), np.bool_), ranges(*passages))
    if total <= 0:
        assert share is None
    else:
        assert share == pytest.approx(sum(bits[place] for place in within) / total)
    expected = max((sum(bits[place] for place in starts if start <= place < end) for start, end in passages), default=0)
    assert rarest(starts, bits, ranges(*passages)) == pytest.approx(expected)


@given(texts, st.text("ab c", max_size=30), st.integers(1, 6))
def test_what_stands_in_the_prompt(text: str, prompt: str, least: int) -> None:
    inside = in_prompt(text, prompt, least)
    for place in range(len(text)):
        expected = any(
            start <= place < end and text[start:end] in prompt
            for start in range(place + 1)
            for end in range(max(place + 1, start + least), len(text) + 1)
        )
        assert inside[place] == expected


@given(texts, st.lists(st.booleans(), min_size=24, max_size=24), corpora)
def test_passages_without_the_prompt(text: str, quoted: list[bool], documents: list[str]) -> None:
    inside = np.array(quoted[: len(text)], np.bool_)
    passages = naive_matches.passages(text, documents, 1)
    expected = set()
    for start, end in passages:
        begin = None
        for place in range(start, end + 1):
            if place < end and not inside[place]:
                begin = place if begin is None else begin
            elif begin is not None:
                expected.add((begin, place))
                begin = None
    assert set(outside(ranges(*passages), inside).pairs()) == expected
    starts = array(*sorted({0, *(place for place in range(len(text)) if text[place] == " ")}))
    ends = [*starts[1:].tolist(), len(text)]
    for token, number in enumerate(tokens_inside(inside, starts).tolist()):
        whole = [bool(inside[starts[other] : ends[other]].all()) for other in range(token, len(starts))]
        assert number == next((step for step, each in enumerate(whole) if not each), len(whole))


def test_tokens_that_share_a_character_stand_in_the_prompt_together() -> None:
    starts = array(0, 0, 0, 1, 2)
    assert tokens_inside(np.array([False, True, True]), starts).tolist() == [0, 0, 0, 2, 1]
    assert tokens_inside(np.array([True, False, True]), starts).tolist() == [3, 2, 1, 0, 1]


def test_no_prompt_overlaps_nothing() -> None:
    assert not in_prompt("some text", None, 3).any()
    assert not in_prompt("some text", "", 3).any()
    assert not in_prompt("", "some text", 3).any()


def test_near_verbatim_by_hand() -> None:
    words = [f"w{number}" for number in range(200)]
    changed = [*words[:50], "x", *words[51:120], "y", "z", "q", *words[123:]]  # gaps of 1 and of 3 words
    found = near_verbatim(" ".join(changed), " ".join(["before", *words, "after"]))
    assert (found.matched, found.words, found.reference_words) == (196, 200, 202)
    assert found.share == 196 / 200
    assert found.recall == 196 / 202
    assert len(found.blocks) == 1
    # Blocks of fewer than 20 words are dropped before the wider gaps are closed, and 99 words are not enough.
    assert near_verbatim(" ".join(words[:99]), " ".join(words)).matched == 0
    assert near_verbatim(" ".join(words[:100]), " ".join(words)).matched == 100
    pieces = " ".join(word for start in range(0, 200, 25) for word in [*words[start : start + 15], *["x"] * 10])
    assert near_verbatim(pieces, " ".join(words)).matched == 0
    assert nearest("too few words", [""], (2, 10), (20, 100)) is None
    assert nearest(" ".join(words), [], (2, 10), (20, 100)) == ()


def test_words_are_folded() -> None:
    assert folded_words("“Ｆull” it’s — A\u00a0ﬁne\nDAY") == ['"full"', "it's", "-", "a", "fine", "day"]
