from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wherefrom.highlight import cut, one_line, plural, visible

RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6).map(sorted)


@given(st.text(max_size=25), RANGES)
def test_pieces_join_to_the_text_and_name_the_spans_that_cover_them(text, ranges):
    pieces = cut(text, ranges)
    assert "".join(piece.text for piece in pieces) == text
    place = 0
    for piece in pieces:
        assert piece.text
        for character in range(place, place + len(piece.text)):
            assert set(piece.spans) == {k for k, (start, end) in enumerate(ranges) if start <= character < end}
        place += len(piece.text)
        assert set(piece.ending) == {
            k for k, (start, end) in enumerate(ranges) if min(end, len(text)) == place and start < min(end, len(text))
        }


def test_overlapping_spans_are_cut_into_three_pieces():
    pieces = [(piece.text, piece.spans, piece.ending) for piece in cut("abcdef", [(0, 4), (2, 6)])]
    assert pieces == [("ab", (0,), ()), ("cd", (0, 1), (0,)), ("ef", (1,), (1,))]


@given(st.text())
def test_nothing_that_acts_on_a_screen_stays(text):
    shown = visible(text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in shown)
    assert not any(0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in shown)
    shown.encode("utf-8")


def test_escapes_are_written_out():
    assert visible("a\x1b[31mb\x00\x9b\u202e\ud800\tc\r\nd\re") == "a\\x1b[31mb\\x00\\x9b\\u202e\\ud800\tc\nd\\x0de"


def test_emoji_and_letters_of_any_script_stay():
    text = "naïve 中文 עברית العربية 👩‍👩‍👧 e\u0301 \u200f"
    assert visible(text) == text


@given(st.text(), st.integers(20, 60))
def test_one_line_is_one_line_within_its_limit(text, limit):
    line = one_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit


def test_one_line_keeps_both_ends():
    assert one_line("begin " + "x" * 100 + " end", 20) == "begin xxxxx … xx end"


def test_plural():
    assert (plural(1, "span"), plural(1000, "span"), plural(2, "index", "indexes")) == (
        "1 span",
        "1,000 spans",
        "2 indexes",
    )
