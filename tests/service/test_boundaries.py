"""Where words and sentences begin and end, from characters alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.boundaries import sentence_ends, word_boundaries
from wherefrom.spans import Ranges, within


def _sentences(text: str) -> list[str]:
    places = [0, *sentence_ends(text).tolist(), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places) if end > start]


def _words(text: str) -> list[str]:
    """The parts between places that are both an end and, behind white space, a start."""
    boundaries = word_boundaries(text)
    starts, ends = boundaries.starts.tolist(), boundaries.ends.tolist()
    return [text[start : min(end for end in ends if end > start)] for start in starts]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Pi is 3.14 or so. Then more.", ["Pi is 3.14 or so.", " Then more."]),
        ("Call np.array(x) first.", ["Call np.array(x) first."]),
        ("The U.S. Senate met. It sat.", ["The U.S. Senate met.", " It sat."]),
        ("J. Q. Adams spoke.", ["J. Q. Adams spoke."]),
        ('He said "go." Then he went.', ['He said "go."', " Then he went."]),
        ("(It was so.) Was it? Yes!", ["(It was so.)", " Was it?", " Yes!"]),
        ("“So.” And…", ["“So.”", " And…"]),
        ("What?! No...  Well.", ["What?!", " No...", "  Well."]),
        ("one\ntwo\nthree", ["one\ntwo\nthree"]),
        ("one\n\ntwo \n \n three", ["one\n\n", "two \n \n ", "three"]),
        ("one\r\n\r\ntwo", ["one\r\n\r\n", "two"]),
        ("これは文。次の文!次", ["これは文。", "次の文!次"]),
        ("「はい。」と言った？いいえ！", ["「はい。」", "と言った？", "いいえ！"]),
        ("שלום עולם. עוד.", ["שלום עולם.", " עוד."]),
        ("www.example.org/a?b=c!d", ["www.example.org/a?b=c!d"]),
        (".5 and .gitignore", [".5 and .gitignore"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert _sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.14 is pi", ["3.14", "is", "pi"]),
        ("don't stop", ["don't", "stop"]),
        ("np.array(x)", ["np.array", "(", "x", ")"]),
        ("U.S. law", ["U.S", ".", "law"]),
        ("well-known, yes", ["well", "-", "known", ",", "yes"]),
        ("  two  spaces\n", ["two", "spaces"]),
        ("日本語", ["日", "本", "語"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("a 👩‍👧‍👦 b", ["a", "👩‍👧‍👦", "b"]),
        ("👍🏽!", ["👍🏽", "!"]),
        ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"]),
        ("e\u0301te\u0301 a", ["e\u0301te\u0301", "a"]),
        ("snake_case 1,000", ["snake_case", "1,000"]),
        ("x", ["x"]),
        (" \n\t", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert _words(text) == words


TEXTS = st.text(
    st.one_of(st.sampled_from(" \n\r\t.,!?'\"-_(aZ9é日。ש\u0301\u200d👩👧🇫"), st.characters(exclude_categories=["Cs"])),
    max_size=40,
)


def _as_regex_finds_them(text: str) -> tuple[list[int], list[int]]:
    places = [match.start() for match in regex.finditer(r"\b", text, regex.WORD)]
    return (
        [place for place in places if place < len(text) and not text[place].isspace()],
        [place for place in places if place > 0 and not text[place - 1].isspace()],
    )


def _found(text: str) -> tuple[list[int], list[int]]:
    boundaries = word_boundaries(text)
    return boundaries.starts.tolist(), boundaries.ends.tolist()


def test_words_of_ascii_are_those_of_unicode() -> None:
    pairs = (chr(first) + chr(second) for first in range(128) for second in range(128))
    some = ("".join(characters) for characters in itertools.product("bE0_.':,; \x1f", repeat=4))
    text = "\n".join(itertools.chain(pairs, some))
    assert _found(text) == _as_regex_finds_them(text)


@given(TEXTS)
def test_words_of_any_text_are_those_of_unicode(text: str) -> None:
    assert _found(text) == _as_regex_finds_them(text)


@given(TEXTS)
def test_places_are_ascending_and_inside_of_the_text(text: str) -> None:
    boundaries = word_boundaries(text)
    for places, least, most in (
        (boundaries.starts, 0, len(text) - 1),
        (boundaries.ends, 1, len(text)),
        (sentence_ends(text), 1, len(text)),
    ):
        values = places.tolist()
        assert values == sorted(set(values))
        assert all(least <= value <= most for value in values)


@given(TEXTS, st.data())
def test_spans_within_word_boundaries_begin_and_end_without_white_space(text: str, data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=8))
    ranges = Ranges.of(np.array([pair[0] for pair in pairs], np.int64), np.array([pair[1] for pair in pairs], np.int64))
    for span in _spans(text, within(ranges, word_boundaries(text))):
        assert span == span.strip() != ""


@given(TEXTS)
def test_the_whole_text_without_its_white_space_is_allowed(text: str) -> None:
    stripped = text.strip()
    kept = within(Ranges.of(np.array([0]), np.array([len(text)])), word_boundaries(text))
    assert _spans(text, kept) == ([stripped] if stripped else [])


def _spans(text: str, ranges: Ranges) -> list[str]:
    return [text[start:end] for start, end in zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)]
