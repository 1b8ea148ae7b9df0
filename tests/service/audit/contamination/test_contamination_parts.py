"""What a run of contamination is made of: items, words, scores, the ledger, the spool, the lists."""

from __future__ import annotations

import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.audit.contamination.holders import windows_of
from wherefrom.audit.contamination.items import Item, ItemFields, read_items, score_of
from wherefrom.audit.contamination.ledger import Ledger
from wherefrom.audit.contamination.listing import write_lists
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.scores import NORMAL_95, Moments, gain, mean_of
from wherefrom.audit.contamination.words import plain_words, written_words
from wherefrom.audit.spool import Spool
from wherefrom_indexer.errors import StorageError, UsageError

SCORES = st.lists(st.floats(-1e3, 1e3), max_size=20)


def items_of(folder: Path, *lines: Any, **fields: Any) -> list[Item]:
    path = folder / "items.jsonl"
    data = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(data))
    return list(read_items(path, ItemFields({"question": "q", "answer": "a"}, **fields)))


def test_items_have_texts_ids_and_scores(tmp_path: Path) -> None:
    first, second = items_of(
        tmp_path, {"id": 7, "q": " Which? \n", "a": ["one", 2], "s": True}, b"", {"q": "And?", "s": "3"}, score="s"
    )
    assert (first.line, first.id, first.texts, first.score) == (1, "7", {"question": "Which?", "answer": "one\n2"}, 1)
    assert (second.line, second.id, second.texts, second.fault) == (3, "line 3", {"question": "And?"}, None)
    assert second.score is not None
    assert math.isnan(second.score)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 5000, "not JSON"),
        ([1], "not a JSON object"),
        ({"q": {}}, "field q is not text"),
        ({"q": "fine", "a": [[]]}, "field a is not text"),
        ({"q": "  ", "a": None}, "empty"),
        ({"question": "elsewhere"}, "no such field"),
    ],
)
def test_a_line_that_is_no_item_has_a_fault(tmp_path: Path, line: Any, fault: str) -> None:
    items = items_of(tmp_path, line, {"q": "fine"})
    assert [(item.line, item.fault) for item in items] == [(1, fault), (2, None)]


def test_hostile_texts_are_cleaned(tmp_path: Path) -> None:
    (item,) = items_of(tmp_path, b'\xef\xbb\xbf{"id": "\\ud800", "q": "a \\udfff b"}')
    assert (item.id, item.texts["question"]) == ("\ufffd", "a \ufffd b")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="Cannot read"):
            list(read_items(path, ItemFields({"question": "q"})))


@pytest.mark.parametrize(
    ("value", "score"),
    [(True, 1.0), (False, 0.0), (0.25, 0.25), (None, None), ("1", math.nan), (math.inf, math.nan), (10**400, math.nan)],
)
def test_scores_are_numbers_or_nan(value: Any, score: float | None) -> None:
    assert score_of(value) == pytest.approx(score, nan_ok=True)


@settings(max_examples=60)
@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    for words in (plain_words(text), written_words(text)):
        for form, start, end in zip(words.forms, words.starts, words.ends, strict=True):
            assert form.lower() == text[start:end].lower()
    assert " ".join(written_words(text).forms) == " ".join(text.split())
    assert plain_words("It's 3 PM_now!").forms == ("it", "s", "3", "pm", "now")


@settings(max_examples=60)
@given(st.integers(1, 500))
def test_windows_cover_the_text(length: int) -> None:
    windows = windows_of("x" * length)
    assert {place for start, end in windows for place in range(start, end)} == set(range(length))
    assert all(end - start == min(50, length) for start, end in windows)


@settings(max_examples=60)
@given(clean=SCORES, others=SCORES)
def test_scores_against_numpy(clean: list[float], others: list[float]) -> None:
    both = [Moments(), Moments()]
    for moments, values in zip(both, (clean, others), strict=True):
        for value in values:
            moments.add(value)
    everything = mean_of(both[0].joined(both[1]))
    assert everything.n == len(clean + others)
    if clean + others:
        assert everything.value == pytest.approx(np.mean(clean + others), abs=1e-6)
    if len(clean + others) > 1:
        error = np.std(clean + others, ddof=1) / math.sqrt(len(clean + others))
        assert everything.high == pytest.approx(np.mean(clean + others) + NORMAL_95 * error, abs=1e-5)
    gained = gain(*both)
    if clean and others:
        assert gained.value == pytest.approx(np.mean(clean + others) - np.mean(clean), abs=1e-6)
    else:
        assert gained.value is None
    assert (gained.low is None) == (min(len(clean), len(others)) < 2)


def test_gain_by_hand() -> None:
    clean, others = Moments(), Moments()
    for value in (0, 1, 0, 1):
        clean.add(value)
    for value in (1, 1, 1, 0):
        others.add(value)
    gained = gain(clean, others)
    assert gained.value == pytest.approx(0.625 - 0.5)
    error = 0.5 * math.sqrt(1 / 3 / 4 + 0.25 / 4)
    assert (gained.low, gained.high) == (
        pytest.approx(0.125 - NORMAL_95 * error),
        pytest.approx(0.125 + NORMAL_95 * error),
    )


def test_the_ledger_knows_ids_and_scores(tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "score": 0.5}',
        '{"id": 1, "score": 9}',
        '{"id": "2", "score": NaN}',
        "no",
        '{"id": 3}',
        "[]",
        "",
    ]
    (tmp_path / "scores").write_text("\n".join(lines))
    with Ledger(tmp_path / "ledger") as ledger:
        assert [ledger.is_new(name) for name in ("a", "b", "a")] == [True, True, False]
        assert ledger.read_scores(str(tmp_path / "scores"), "id", "score") == 3
        assert (ledger.score("1"), ledger.score("3")) == (0.5, None)
        assert math.isnan(ledger.score("2") or 0)
        with pytest.raises(UsageError, match="Cannot read"):
            ledger.read_scores(str(tmp_path), "id", "score")
    assert not (tmp_path / "ledger").exists()


def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot write"), Ledger(tmp_path / "ledger"):
        raise sqlite3.OperationalError("database or disk is full")


def test_the_spool_goes_on_after_the_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = Spool(path, {"run": 1})
    assert list(spool.append(iter([{"a": 1}, {"a": 2}]))) == [{"a": 1}, {"a": 2}]
    with path.open("ab") as file:
        file.write(b'{"a": 3')
    again = Spool(path, {"run": 1})
    assert again.done == 2
    list(again.append(iter([{"a": 4}])))
    assert list(again.results()) == [{"a": 1}, {"a": 2}, {"a": 4}]
    assert Spool(path, {"run": 2}).done == 0
    with pytest.raises(StorageError, match="Cannot write"):
        Spool(tmp_path / "none" / "spool", {})


def test_lists_hold_what_remove_can_read(tmp_path: Path) -> None:
    (tmp_path / "documents-earlier.ids").write_text("x")
    with Ledger(tmp_path / "ledger") as ledger:
        for index, name, share in (
            ("a/b", "one", 0.9),
            ("a/b", "one", 1.0),
            ("a/b", "two\nlines", 1.0),
            ("a?b", "x", 1.0),
        ):
            ledger.note_document(index, name, share)
        lists = write_lists(tmp_path, iter(["a/b", "a?b", "none"]), ledger)
    assert [(each.file, each.documents, each.unlisted) for each in lists] == [
        ("documents-a_b.ids", 1, 1),
        ("documents-a_b-2.ids", 1, 0),
        (None, 0, 0),
    ]
    assert (tmp_path / "documents-a_b.ids").read_text() == "one\n"
    assert not (tmp_path / "documents-earlier.ids").exists()
    assert (lists[0].first[0].items, lists[0].first[0].share) == (2, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants": ()},
        {"variants": ("gpt5",)},
        {"fields": {}},
        {"fields": {"title": "t"}},
        {"gpt3_words": 0},
        {"evidence": 0},
        {"contained": 0.0},
        {"contained": math.nan},
    ],
)
def test_parameters_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ContaminationParameters(**wrong)


def test_the_weightiest_field_comes_first() -> None:
    parameters = ContaminationParameters(fields={"answer": "a", "question": "q"}, variants=("palm", "palm"))
    assert list(parameters.roles) == ["question", "answer"]
    assert [variant.name for variant in parameters.chosen(None)] == ["palm"]
