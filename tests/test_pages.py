"""The count of pages that a cold search reads."""

from __future__ import annotations

import random
from pathlib import Path

import pages
import pytest
from small_indexes import records, small_tokenizer

from wherefrom_indexer import Index, build_index


def test_pages_are_counted_by_file(tmp_path: Path) -> None:
    chance = random.Random(1)
    words = ["the", "people", "of", "United", "States", "in", "order", "to", "form", "perfect", "union"]
    texts = {f"d{n}": " ".join(chance.choices(words, k=20)) for n in range(800)}
    build_index(records(texts), tmp_path / "index", id_field="id", tokenizer=small_tokenizer())
    measured = pages.measure(tmp_path / "index", [texts["d7"], texts["d90"]])
    segment = Index.open(tmp_path / "index").segments[0]
    assert measured["positions"] == sum(len(small_tokenizer().encode(texts[name]).ids) for name in ("d7", "d90"))
    assert 0 < measured["lengths"] <= measured["counts"]
    assert sum(measured["files"].values()) == pytest.approx(measured["counts"])
    for name, read in measured["files"].items():
        size = segment.entry.files[f"exact/{name}"].bytes
        assert 0 < read * measured["positions"] <= 2 * -(-size // pages.PAGE_BYTES), name
