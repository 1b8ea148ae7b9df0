"""Scores and rates of extraction against hand-computed examples and naive ones."""

from __future__ import annotations

import math
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.extraction.parameters import ExtractionParameters
from wherefrom.audit.extraction.scores import chance, edit_similarity, word_bleu
from wherefrom.audit.extraction.summary import rate, rates_of
from wherefrom_indexer.errors import UsageError

tokens = st.lists(st.integers(0, 3), max_size=7)
words = st.lists(st.sampled_from("abc"), max_size=9).map(" ".join)


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Levenshtein's, as it is defined."""

    @cache
    def between(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        return min(between(i - 1, j) + 1, between(i, j - 1) + 1, between(i - 1, j - 1) + (one[i - 1] != other[j - 1]))

    return between(len(one), len(other))


def test_bleu_by_hand() -> None:
    # Precisions 4/5, 3/4, 2/3, 1/2: their product is 1/5.
    assert word_bleu("a b c d x", "a b c d e") == pytest.approx(0.2**0.25)
    # Four words of five: all precisions 1, penalty exp(1 - 5/4).
    assert word_bleu("a b c d", "a b c d e") == pytest.approx(math.exp(-0.25))
    # A repeated word counts as often as the reference has it: 1/2, then 0.
    assert word_bleu("a a", "a b") == 0
    assert word_bleu("", "a") == word_bleu("a", "") == word_bleu("", "") == 0


@given(words, words)
def test_bleu_is_a_share_and_one_only_for_the_text_itself(one: str, other: str) -> None:
    value = word_bleu(one, other)
    assert 0 <= value <= 1 + 1e-12
    if one:
        assert word_bleu(one, one) == pytest.approx(1)


@given(tokens, tokens)
def test_edit_similarity_is_that_of_the_definition(one: list[int], other: list[int]) -> None:
    longer = max(len(one), len(other))
    wanted = 1 - distance(tuple(one), tuple(other)) / longer if longer else 1
    assert edit_similarity(one, other) == pytest.approx(wanted)


@given(st.floats(0.001, 0.999), st.integers(1, 200))
def test_chance_is_that_of_the_definition(p: float, tries: int) -> None:
    assert chance(math.log(p), tries) == pytest.approx(1 - (1 - p) ** tries, abs=1e-12)


def test_chance_at_its_ends() -> None:
    assert chance(-math.inf, 10_000) == 0
    assert chance(0.0, 1) == chance(-1e-30, 1) == 1
    # Far below what 1 - p can tell from 1: n p.
    assert chance(math.log(1e-30), 1_000) == pytest.approx(1e-27)


def test_intervals_by_hand() -> None:
    # Wilson's interval for 0 of 10 ends at z^2 / (n + z^2).
    assert rate(0, 10) == {"value": 0, "low": 0, "high": pytest.approx(3.8414588 / 13.8414588), "n": 10}
    assert rate(10, 10)["low"] == pytest.approx(1 - 3.8414588 / 13.8414588)
    assert rate(0, 0) == {"value": None, "low": None, "high": None, "n": 0}


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_their_rate(found: tuple[int, int]) -> None:
    told = rate(*found)
    assert 0 <= told["low"] <= told["value"] <= told["high"] <= 1


def test_rates_by_class_and_prefix() -> None:
    parameters = ExtractionParameters(
        prefixes=(2, 4), duplicates=(1, 4), samples=0, tries=(1, 10), probabilities=(0.5,)
    )
    base = {"held_out": False, "sampled_verbatim": 0, "bleu": 0.76, "edit_similarity": 0.5}
    attempts = [
        base | {"duplicates": 3, "prefix": 2, "verbatim": True, "log_probability": math.log(0.1)},
        base | {"duplicates": 1, "prefix": 2, "verbatim": False, "log_probability": None, "bleu": 0.75},
        base | {"duplicates": 9, "prefix": 4, "verbatim": True, "log_probability": 0.0},
        base | {"held_out": True, "duplicates": 0, "prefix": 2, "verbatim": False, "log_probability": None},
    ]
    few, many, control = rates_of(attempts, parameters)
    assert (few["duplicates"], few["prefix"], few["sequences"]) == ("1–3", 2, 2)
    assert few["verbatim"]["value"] == 0.5
    assert few["approximate"]["value"] == 0.5
    assert few["sampled_verbatim"]["value"] is None
    # 1 - 0.9^10 = 0.65 is at least a half, 0.1 is not; the other is never sampled.
    assert [(each["tries"], each["n"], each["value"]) for each in few["discoverable"]] == [(1, 2, 0), (10, 2, 0.5)]
    assert (many["duplicates"], many["prefix"], many["discoverable"][0]["value"]) == ("4 and more", 4, 1)
    assert (control["set"], control["duplicates"], control["verbatim"]["value"]) == ("held out", None, 0)


@given(st.floats(-60, 0), st.integers(1, 1_000))
def test_discoverable_grows_with_tries(logarithm: float, tries: int) -> None:
    assert 0 <= chance(logarithm, tries) <= chance(logarithm, tries + 1) + 1e-15 <= 1 + 1e-12


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefixes": ()},
        {"prefixes": (4, 2)},
        {"prefixes": (0,)},
        {"continuation": 0},
        {"samples": -1},
        {"temperature": 0.0},
        {"temperature": math.nan},
        {"probabilities": (1.0,)},
        {"duplicates": (0, 1)},
        {"top_k": 0},
    ],
)
def test_parameters_that_cannot_be_used(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ExtractionParameters(**wrong)  # type: ignore[arg-type]
