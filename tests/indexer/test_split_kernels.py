"""The scanner against `tokenizers` itself, and against rules of its own: resuming, bounds, texts of a megabyte."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain
from unicodedata import normalize

import numpy as np
import pytest
from hostile_text import FRAGMENTS, hostile_texts, long_texts
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, pre_tokenizers

from wherefrom_indexer.split_kernels import LEAST_ROOM, split_text
from wherefrom_indexer.split_pattern import EXPRESSIONS, SplitPattern, pre_token_ends

PATTERNS = list(SplitPattern)
OTHER_FORMS = [
    *[(pattern, text, "isolated", False) for pattern, texts in EXPRESSIONS.items() for text in texts[1:]],
    *[(pattern, EXPRESSIONS[pattern][0], "removed", True) for pattern in PATTERNS],
    (SplitPattern.GPT2, EXPRESSIONS[SplitPattern.GPT2][0], "isolated", False),
]


def reference(pattern: SplitPattern) -> pre_tokenizers.PreTokenizer:
    if pattern is SplitPattern.GPT2:
        return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return pre_tokenizers.Split(Regex(EXPRESSIONS[pattern][0]), behavior="isolated")


def assert_same(pattern: SplitPattern, splitter: pre_tokenizers.PreTokenizer, texts: Iterable[str]) -> None:
    for text in texts:
        expected = [end for _, (_, end) in splitter.pre_tokenize_str(text)]
        ends = pre_token_ends(text, pattern)
        if len(text) < len(raw := text.encode()):
            characters_before = np.cumsum(np.frombuffer(b"\x80" + raw, np.int8) >= -64)
            ends = characters_before[ends]
        assert ends.tolist() == expected, text[:100]


@cache
def some_texts() -> list[str]:
    return list(hostile_texts(20_000))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pre_tokens_are_those_of_tokenizers(pattern: SplitPattern) -> None:
    assert_same(pattern, reference(pattern), some_texts())


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_pre_tokens_are_those_of_tokenizers_300_000_times(pattern: SplitPattern) -> None:
    assert_same(pattern, reference(pattern), hostile_texts(300_000, seed=PATTERNS.index(pattern)))


@pytest.mark.parametrize(("pattern", "expression", "behavior", "invert"), OTHER_FORMS)
def test_other_ways_to_write_a_pattern_mean_the_same(
    pattern: SplitPattern, expression: str, behavior: str, invert: bool
) -> None:
    assert_same(pattern, pre_tokenizers.Split(Regex(expression), behavior, invert), some_texts()[:2_000])


@given(
    st.sampled_from(PATTERNS),
    st.text() | st.lists(st.sampled_from([*chain(*FRAGMENTS), *"aA1'\u0301日"])).map("".join),
)
def test_any_text_is_split_as_tokenizers_splits_it(pattern: SplitPattern, text: str) -> None:
    assert_same(pattern, reference(pattern), [text])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_contractions_have_the_letters_that_fold_to_theirs(pattern: SplitPattern) -> None:
    """The long s is one; ligatures and letters with accents, which fold to more than one character, are not."""
    letters = [chr(point) for point in range(0x80, 0x20000) if not 0xD800 <= point < 0xE000]
    similar = [letter for letter in letters if set(normalize("NFKD", letter.casefold())) & set("strevmld")]
    assert_same(pattern, reference(pattern), ["".join(f"\n'{letter} a'{letter}e'e{letter}'" for letter in similar)])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_runs(pattern: SplitPattern) -> None:
    assert_same(pattern, reference(pattern), long_texts(2_000))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_runs_of_a_megabyte(pattern: SplitPattern) -> None:
    texts = list(long_texts())
    assert_same(pattern, reference(pattern), [*texts[::3], *texts[-4:]])  # the library takes seconds for each


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_run_takes_more_than_linear_time(pattern: SplitPattern) -> None:
    for text in long_texts():
        assert pre_token_ends(text, pattern)[-1] == len(text.encode())  # would take hours otherwise


@pytest.mark.parametrize("pattern", PATTERNS)
def test_resumed_in_small_steps_in_the_midst_of_other_text(pattern: SplitPattern) -> None:
    around = "'s a\u0301 \n\n日".encode()
    for number, text in enumerate(hostile_texts(500, seed=3)):
        raw = np.frombuffer(around + text.encode() + around, np.uint8)
        at, end = len(around), len(raw) - len(around)
        ends = np.empty(LEAST_ROOM + number % 3, np.int64)
        found: list[int] = []
        while at < end:
            count = split_text(raw, at, end, pattern.rules, pattern.classes, ends)
            assert 1 <= count <= len(ends)
            found += ends[:count].tolist()
            at = found[-1]
        assert found == (pre_token_ends(text, pattern) + len(around)).tolist()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_bytes_that_are_no_text_are_split_within_their_bounds(pattern: SplitPattern) -> None:
    draw = np.random.default_rng(5)
    ends = np.empty(64, np.int64)
    for _ in range(2_000):
        raw = draw.choice(np.array([39, 65, 97, 0x80, 0xBF, 0xC5, 0xE0, 0xF0, 0xF7, 0xFF], np.uint8), 40)
        raw.flags.writeable = False
        found = [0, *ends[: split_text(raw, 0, 40, pattern.rules, pattern.classes, ends)].tolist()]
        assert found[-1] == 40
        assert (np.diff(found) > 0).all()


def test_an_empty_text_has_no_pre_tokens() -> None:
    assert all(len(pre_token_ends("", pattern)) == 0 for pattern in PATTERNS)
