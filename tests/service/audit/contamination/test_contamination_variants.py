"""The rules of contamination, by hand and against brute force over the documents' strings."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_matches import examined, token_starts

from wherefrom.audit.contamination.variants import NAMES, Verdict, variant_of
from wherefrom.audit.contamination.variants.gpt3 import Gpt3, words_for
from wherefrom.audit.contamination.variants.gpt4 import Gpt4
from wherefrom.audit.contamination.variants.llama2 import Llama2
from wherefrom.audit.contamination.variants.longest import Longest
from wherefrom.audit.contamination.variants.palm import Palm
from wherefrom.audit.contamination.variants.verdict import by_share, touching
from wherefrom.audit.contamination.variants.window50 import Window50
from wherefrom.cli import contaminating
from wherefrom_indexer.errors import UsageError

QUESTION = (
    "A train leaves the station at nine and travels eastward at sixty miles per hour; when does it reach the next "
    "town, which is ninety miles away?"
)
WORDS = st.lists(st.sampled_from(["ab", "ba", "a", "B,", "ä"]), max_size=24).map(" ".join)
SMALL = settings(max_examples=40)


def corpus(*parts: str) -> list[str]:
    return [f"Before it. {part} After it." for part in parts]


@pytest.mark.parametrize("name", NAMES)
def test_a_verbatim_text_is_dirty_and_one_that_is_not_there_is_clean(name: str) -> None:
    variant = variant_of(name)
    found = variant.judge(examined(QUESTION, corpus(QUESTION), read=True))
    assert (found.verdict, found.share) == (Verdict.DIRTY, 1.0)
    assert found.ranges
    absent = variant.judge(examined(QUESTION, corpus("Why do leaves turn yellow?"), read=True))
    assert (absent.verdict, absent.found, absent.ranges) == (Verdict.CLEAN, 0, ())


@pytest.mark.parametrize("name", NAMES)
def test_a_text_too_short_for_the_rule_is_neither_clean_nor_dirty(name: str) -> None:
    judged = variant_of(name).judge(examined("no, no", ["no, no"]))
    assert (judged.verdict, judged.share) == (Verdict.SHORT, None)


def test_gpt3_ignores_case_marks_and_spaces_near_a_verbatim_passage() -> None:
    changed = QUESTION.replace("eastward at", "eastward,  AT").replace("hour;", "hour:")
    assert Gpt3().judge(examined(QUESTION, corpus(changed), read=True)).verdict is Verdict.DIRTY
    first = " ".join(QUESTION.split()[:12])
    assert Gpt3().judge(examined(QUESTION, corpus(first), read=True)).verdict is Verdict.CLEAN
    assert Gpt3(12).judge(examined(QUESTION, corpus(first), read=True)).found == 1


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [({}, 13), ({3: 100}, 8), ({30: 100}, 13), ({9: 5, 20: 95}, 9), ({9: 4, 11: 96}, 11), ({10: 1}, 10)],
)
def test_gpt3_takes_its_length_from_the_5th_percentile(lengths: dict[int, int], expected: int) -> None:
    assert words_for(lengths) == expected


def test_palm_is_dirty_from_70_percent_on() -> None:
    text = " ".join(f"w{number}" for number in range(17))  # ten runs of eight words
    documents = [" ".join(f"w{number}" for number in range(14))]  # seven of them
    assert Palm().judge(examined(text, documents)).verdict is Verdict.DIRTY
    assert Palm().judge(examined(text, [documents[0][:-2] + "x"])).verdict is Verdict.CLEAN


def test_gpt4_draws_the_same_substrings_at_every_run_and_strips_symbols() -> None:
    changed = re.sub(r"\W", " - ", QUESTION)
    judged = [Gpt4().judge(examined(QUESTION, corpus(changed), read=True)) for _ in range(2)]
    assert judged[0] == judged[1]
    assert (judged[0].verdict, judged[0].units) == (Verdict.DIRTY, 3)
    assert Gpt4().judge(examined("What is 2 + 2 in Rome?", corpus("What is 2 + 2 in Rome?"))).units == 1


def test_llama2_bears_four_mismatches_after_ten_tokens_and_none_before() -> None:
    text = " ".join(f"{number:02}" for number in range(30))  # thirty tokens
    mismatched = text.replace("12", "xx").replace("14", "xx").replace("16", "xx").replace("18", "xx")
    assert Llama2().judge(examined(text, [mismatched], 20, read=True)).found == 30
    once_more = mismatched.replace("20", "xx")  # the fifth mismatch ends the match before it
    assert Llama2().judge(examined(text, [once_more], 30, read=True)).found == 20
    early = text.replace("05", "xx").replace("11", "xx")
    judged = Llama2().judge(examined(text, [early], 12, read=True))
    assert judged.ranges == ((35, 89),)  # from token 12 on: nothing before has ten tokens without a mismatch


def test_window50_and_longest_have_three_verdicts() -> None:
    half = QUESTION[: len(QUESTION) // 2]
    for variant in (Window50(), Longest()):
        assert variant.judge(examined(QUESTION, corpus(half))).verdict is Verdict.SUSPICIOUS
    assert Longest().judge(examined(QUESTION, corpus(half))).found == len(half)


def test_there_is_no_other_variant() -> None:
    assert contaminating.VARIANTS == NAMES
    with pytest.raises(UsageError, match="choose among gpt3, palm"):
        variant_of("gpt5")


@SMALL
@given(found=st.integers(0, 1000), units=st.integers(1, 1000))
def test_shares_are_compared_as_written(found: int, units: int) -> None:
    verdict = by_share(min(found, units), units, 0.2, 0.8)
    tenths = 10 * min(found, units)
    expected = Verdict.DIRTY if tenths >= 8 * units else Verdict.SUSPICIOUS if tenths >= 2 * units else Verdict.CLEAN
    assert verdict is expected


@SMALL
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda each: (each[0], sum(each)))))
def test_touching_ranges_are_one(ranges: list[tuple[int, int]]) -> None:
    united = touching(sorted(ranges))
    assert {place for start, end in united for place in range(start, end)} == {
        place for start, end in ranges for place in range(start, end)
    }
    assert all(first[1] < second[0] for first, second in itertools.pairwise(united))


def plain(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


@SMALL
@given(text=WORDS, documents=st.lists(WORDS, min_size=1, max_size=3))
def test_gpt3_against_brute_force(text: str, documents: list[str]) -> None:
    words = plain(text)
    grams = [tuple(words[place : place + 3]) for place in range(len(words) - 2)]
    theirs = {
        tuple(other[place : place + 3])
        for document in documents
        for other in [plain(document)]
        for place in range(len(other) - 2)
    }
    judged = Gpt3(3).judge(examined(text, documents, read=True))
    # Every document that has one of the grams has a word of the text, and is read: nothing is missed here.
    assert (judged.units, judged.found >= sum(gram in theirs for gram in grams)) == (max(0, len(grams)), True)


@SMALL
@given(text=WORDS, documents=st.lists(WORDS, min_size=1, max_size=3))
def test_palm_against_brute_force(text: str, documents: list[str]) -> None:
    places = [match.span() for match in re.finditer(r"\S+", text)]
    grams = [text[places[first][0] : places[first + 3][1]] for first in range(len(places) - 3)]
    judged = Palm(4).judge(examined(text, documents))
    found = sum(any(gram in document for document in documents) for gram in grams)
    assert (judged.units, judged.found) == (len(grams), found)
    if grams:
        assert (judged.verdict is Verdict.DIRTY) == (10 * found >= 7 * len(grams))


@SMALL
@given(text=WORDS, documents=st.lists(WORDS, min_size=1, max_size=3))
def test_window_and_longest_against_brute_force(text: str, documents: list[str]) -> None:
    starts = [match.start() for match in re.finditer(r"\S+", text) if match.start() + 7 <= len(text)]
    found = sum(any(text[start : start + 7] in document for document in documents) for start in starts)
    judged = Window50(7).judge(examined(text, documents, 7))
    assert (judged.units, judged.found) == (len(starts), found)
    longest = max(
        (
            end - start
            for start in range(len(text))
            for end in range(start + 1, len(text) + 1)
            if any(text[start:end] in document for document in documents)
        ),
        default=0,
    )
    if len(text) >= 5:
        assert Longest(5).judge(examined(text, documents)).found == (longest if longest >= 5 else 0)


@SMALL
@given(text=WORDS, documents=st.lists(WORDS, min_size=1, max_size=3))
def test_llama2_without_mismatches_against_brute_force(text: str, documents: list[str]) -> None:
    edges = [*token_starts(text), len(text)]
    dirty = set()
    for first in range(len(edges) - 1):
        for last in range(first + 4, len(edges)):
            if any(text[edges[first] : edges[last]] in document for document in documents):
                dirty |= set(range(first, last))
    judged = Llama2(3).judge(examined(text, documents))
    assert judged.found == len(dirty)


@SMALL
@given(text=WORDS, documents=st.lists(WORDS, min_size=1, max_size=2))
def test_llama2_with_mismatches_says_nothing_that_brute_force_does_not(text: str, documents: list[str]) -> None:
    tokens = _tokens(text)
    possible = set()
    for first in range(len(tokens)):
        for document in documents:
            for place in range(len(document)):
                length = _length(tokens[first:], _tokens(document[place:]))
                possible |= set(range(first, first + length))
    found = examined(text, documents, read=True)
    exact, judged = Llama2(3, 0).judge(found), Llama2(3, 2).judge(found)
    starts = token_starts(text)
    dirty = {number for start, end in judged.ranges for number, place in enumerate(starts) if start <= place < end}
    assert len(dirty) == judged.found >= exact.found
    assert dirty <= possible


def _tokens(text: str) -> list[str]:
    return [text[start:end] for start, end in itertools.pairwise([*token_starts(text), len(text)])]


def _length(tokens: list[str], theirs: list[str]) -> int:
    length = mismatches = 0
    for number, (token, other) in enumerate(zip(tokens, theirs, strict=False)):
        if token == other:
            length = number + 1
            continue
        mismatches += 1
        if number < 3 or mismatches > 2:
            break
    return length if length > 3 else 0
