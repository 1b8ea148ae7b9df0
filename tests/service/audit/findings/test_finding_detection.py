import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.findings import KINDS, find_in, find_within, kinds_looked_for, masked

FOUND = ["jane@host.example.org", "+44 20 7031 3000", "8.8.8.8", "AKIA" + "IOSFODNN7EXAMPLE"]
PIECES = [*FOUND, "word", "é\n", "漢字"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
HOSTILE = [
    "@",
    "a.",
    "x@a.",
    "://:",
    "eyJ",
    "1.",
    "1:",
    "+1 ",
    "1-",
    "a@b.cc ",
    "BEGIN RSA PRIVATE KEY\n",
    "AKIA",
    "(1) ",
]


def test_all_kinds_are_looked_for_where_the_extra_is_installed():
    assert kinds_looked_for() == KINDS


@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_each_piece_is_found_once_in_order(pieces):
    text = " and ".join(pieces)
    assert [text[each.start : each.end] for each in find_in(text)] == [each for each in pieces if each in FOUND]


@given(TEXTS, st.lists(st.tuples(st.integers(0, 120), st.integers(0, 60)), max_size=4))
def test_only_what_stands_whole_in_a_passage_is_kept(text, lengths):
    passages = [(start, start + length) for start, length in lengths]
    naive = [f for f in find_in(text) if any(start <= f.start and f.end <= end for start, end in passages)]
    assert list(find_within(text, passages)) == naive


def test_a_passage_that_cuts_an_address_has_none():
    text = "write to jane@firm.com.au today"
    assert [each.kind for each in find_within(text, [(0, len(text))])] == ["email"]
    assert find_within(text, [(0, text.index(".au"))]) == ()
    assert find_within(text, []) == ()


def test_of_two_that_share_characters_the_secret_is_kept():
    text = "https://user:hunter2@host.example.org/"
    assert [(each.kind, text[each.start : each.end]) for each in find_in(text)] == [("secret", "hunter2")]


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_a_masked_text_is_as_long_and_has_nothing_found(text):
    found = find_in(text)
    hidden = masked(text, found)
    assert len(hidden) == len(text)
    taken = {place for each in found for place in range(each.start, each.end)}
    assert all(
        (hidden[place] == "•") if place in taken else (hidden[place] == text[place]) for place in range(len(text))
    )
    assert all(each.masked != text[each.start : each.end] for each in found)


@pytest.mark.parametrize("unit", HOSTILE)
def test_texts_made_to_slow_it_down_end(unit):
    find_in(unit * (20_000 // len(unit)))


@pytest.mark.slow
@pytest.mark.parametrize("unit", HOSTILE)
def test_as_long_as_the_service_accepts_them(unit):
    find_in(unit * (200_000 // len(unit)))
