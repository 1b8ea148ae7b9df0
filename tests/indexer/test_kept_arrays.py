"""Arrays kept between processes: they come back as they were, or not at all."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from wherefrom_indexer import kept_arrays
from wherefrom_indexer.tokenization import Tokenizer
from wherefrom_indexer.vocabulary import Vocabulary

SOURCES = ("vocabulary",)
ARRAYS = {
    "bytes": np.arange(5, dtype=np.uint8),
    "none": np.empty(0, np.int64),
    "numbers": np.arange(7, dtype=np.int64) - 3,
    "true": np.array([True]),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept_arrays, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_arrays_come_back() -> None:
    kept_arrays.keep("a", SOURCES, ARRAYS)
    found = kept_arrays.load("a", SOURCES)
    assert found is not None
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert found[name].flags.writeable
        assert found[name].flags.aligned
        np.testing.assert_array_equal(found[name], array)


def test_others_are_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_arrays.keep("a", SOURCES, ARRAYS)
    assert kept_arrays.load("b", SOURCES) is None
    assert kept_arrays.load("a", ("vocabulary", "spelling")) is None
    assert kept_arrays.load("a", ("no such module",)) is None
    kept_arrays.keep("a", ("no such module",), ARRAYS)
    monkeypatch.setattr(kept_arrays, "cache_folder", lambda: None)
    assert kept_arrays.load("a", SOURCES) is None
    kept_arrays.keep("a", SOURCES, ARRAYS)


def test_damaged_files_are_not_believed(folder: Path) -> None:
    kept_arrays.keep("a", SOURCES, ARRAYS)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        assert kept_arrays.load("a", SOURCES) is None
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert kept_arrays.load("a", SOURCES) is None
    path.unlink()
    path.mkdir()
    assert kept_arrays.load("a", SOURCES) is None
    kept_arrays.keep("a", SOURCES, ARRAYS)
    assert list(folder.iterdir()) == [path]


def test_few_files_are_kept(folder: Path) -> None:
    for number in range(2 * kept_arrays.MOST_KEPT):
        kept_arrays.keep(str(number), SOURCES, ARRAYS)
    assert len(list(folder.iterdir())) == kept_arrays.MOST_KEPT


def test_a_kept_tokenizer_is_the_one_that_was_made(folder: Path) -> None:
    definition = Tokenizer.default().definition
    made = Tokenizer.from_definition(definition, "made")
    assert len(list(folder.iterdir())) == 1
    kept = Tokenizer.from_definition(definition, "kept")
    lazy = Tokenizer(definition, "lazy")
    text = "How a tokenizer reads 1,234 texts – “quickly”.\n\tif (x) { return naïve(); }"
    for tokenizer in (kept, lazy):
        assert tokenizer.hash == made.hash
        assert tokenizer.definition == made.definition
        for field in fields(Vocabulary):
            own, other = (getattr(each.vocabulary, field.name) for each in (tokenizer, made))
            assert (own.dtype, own.flags.writeable) == (other.dtype, other.flags.writeable)
            np.testing.assert_array_equal(own, other)
        np.testing.assert_array_equal(tokenizer.encode(text).ids, made.encode(text).ids)
        np.testing.assert_array_equal(tokenizer._library.encode(text).ids, made.encode(text).ids)


def test_only_canonical_definitions_are_kept() -> None:
    definition = Tokenizer.default().definition
    assert Tokenizer.from_definition(" " + definition).definition == definition
    assert Tokenizer.from_definition(" " + definition).definition == definition
