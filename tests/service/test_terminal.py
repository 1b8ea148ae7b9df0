from __future__ import annotations

import io
from dataclasses import replace

import pytest
from handmade import PASSAGES, TEXT, make_provenance
from rich.console import Console

from wherefrom.provenance import IndexSummary, Provenance, Withheld
from wherefrom.terminal import EVIDENCE, ProvenanceView, highlighted, metadata_line


def printed(provenance: Provenance, *, colour: bool = False, encoding: str = "utf-8", **view: int) -> str:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="backslashreplace", write_through=True)
    console = Console(file=stream, width=120, force_terminal=colour, color_system="truecolor" if colour else None)
    console.print(ProvenanceView(provenance, **view))
    stream.flush()
    return buffer.getvalue().decode(encoding)


def test_without_colour_spans_stand_in_numbered_brackets():
    assert (
        "The Congress of [the United States met [in December]¹, and the President]² sent his"
        " [annual message to both Houses.]³"
    ) in printed(make_provenance()).replace("\n", " ").replace("  ", " ")


def test_an_ascii_terminal_gets_ascii_numbers():
    assert "[the United States met [in December]^1, and the President]^2" in printed(
        make_provenance(), encoding="ascii"
    )


def test_adjacent_spans_have_different_colours_and_overlaps_are_underlined():
    text = printed(make_provenance("abcdef", ["abc", "def"]), colour=True)
    first, second = text.split("abc")[0].rsplit("\x1b[", 1)[1], text.split("def")[0].rsplit("\x1b[", 1)[1]
    assert first != second
    overlapping = printed(make_provenance(), colour=True)
    assert overlapping.split("in December")[0].rsplit("\x1b[", 1)[1].startswith("1;4;")


def test_documents_stand_with_metadata_duplicates_and_the_match():
    text = printed(make_provenance())
    assert "sotu:1825  year: 1825 · president: John Quincy Adams" in text
    assert "sotu:1825/1  +1 duplicate  year" in text
    assert "sotu:1825/2  +2 duplicates  year" in text
    for number, passage in enumerate(PASSAGES):
        assert f"… In the year of our Lord, [{passage}]{'¹²³'[number]} and so it was" in text


def test_spans_of_one_place_share_a_snippet():
    provenance = make_provenance("a passage, a passage", ["a passage"])
    [document] = provenance.documents
    [snippet] = document.snippets
    twice = replace(document, snippets=(snippet, replace(snippet, span=1)))
    assert "… In the year of our Lord, [a passage]¹·² and so" in printed(replace(provenance, documents=(twice,)))


def test_figures():
    text = printed(make_provenance())
    assert "76% of the text stands verbatim in the data; 3 spans shown, the longest of 33 characters." in text
    assert "Withheld spans: 3 too short, 1 beyond the density limit." in text
    assert "Searched demo.index (41 documents, 203,418 tokens, version b2f0c4d1a9e8)" in text
    assert EVIDENCE in text


def test_no_span_is_said_so():
    text = printed(make_provenance(passages=[], withheld={}))
    assert text.startswith(TEXT)
    assert "0% of the text stands verbatim in the data; no span is shown." in text
    assert "Withheld" not in text


def test_documents_left_out_are_told():
    text = printed(make_provenance(), documents=1)
    assert "and 2 more documents (--json and --html give all)" in text
    assert "sotu:1825/1" not in text


def test_an_empty_text():
    assert "0% of the text" in printed(make_provenance("", []))


def test_several_indexes_are_named_with_each_document():
    indexes = (IndexSummary("demo.index", "v1", 1, 2), IndexSummary("other.index", "v2", 1, 1))
    text = printed(make_provenance(indexes=indexes))
    assert "sotu:1825  in demo.index" in text
    assert "other.index (1 document, 1 token, version v2)" in text


@pytest.mark.parametrize("colour", [False, True])
def test_text_of_a_corpus_neither_acts_on_the_terminal_nor_is_markup(colour):
    hostile = "[bold red]x[/] \x1b]0;owned\x07 \x1b[2J \x9b31m \u202eevil \x00 [link=http://x]:smile:"
    provenance = make_provenance(
        f"before {hostile} after",
        [hostile],
        before=hostile,
        after=hostile,
        document_id=f"id {hostile}",
        metadata={hostile: hostile, "list": [hostile]},
        indexes=(IndexSummary(hostile, hostile, 1, 1),),
    )
    text = printed(provenance, colour=colour)
    assert "[bold red]x[/]" in text
    assert ":smile:" in text
    assert "\\x1b]0;owned\\x07" in text
    for raw in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\x00"):
        assert raw not in text


def test_right_to_left_and_emoji_stay_whole():
    passage = "مرحبا بالعالم 👩‍👩‍👧"
    assert f"[{passage}]¹" in printed(make_provenance(f"salute: {passage} !", [passage]))


def test_metadata_is_one_short_line():
    line = metadata_line({"a": "x\ny" * 100, "b": {"c": [1, None]}, "d": None})
    assert "\n" not in line
    assert len(line) < 120
    assert line.endswith('b: {"c": [1, null]} · d: null')


def test_highlighted_marks_every_place():
    text, places = highlighted("one two one", "one", coloured=False)
    assert (text.plain, places) == ("[one] two [one]", 2)
    text, places = highlighted("one two one", "one")
    assert (text.plain, len(text.spans), places) == ("one two one", 2, 2)
    assert highlighted("one", "")[1] == 0


def test_every_reason_for_withholding_has_words():
    text = printed(make_provenance(withheld=dict.fromkeys(Withheld, 2)))
    assert (
        "Withheld spans: 2 too frequent, 2 too short, 2 beyond the density limit, 2 without a live document."
    ) in text
