from __future__ import annotations

import pytest

from wherefrom.cli.arguments import indexes_and_text, limit, read_text
from wherefrom_indexer.errors import IndexNotFoundError, UsageError


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "corpus.index"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    return str(folder)


def test_indexes_come_before_the_text(index):
    assert indexes_and_text([index, "some text"]) == ([index], "some text")
    assert indexes_and_text([index, index, "x"]) == ([index, index], "x")


@pytest.mark.parametrize(
    "text", ["", " ", "a/b", ".", "..", "n\0ul", "x" * 100_000, "see corpus.index", "\udcff", "-x"]
)
def test_what_may_be_a_text(index, text):
    assert indexes_and_text([index, text]) == ([index], text)


def test_the_text_comes_from_elsewhere(index):
    assert indexes_and_text([index], text_elsewhere=True) == ([index], "")


@pytest.mark.parametrize(
    ("arguments", "elsewhere", "error", "words"),
    [
        (["missing.index", "text"], False, IndexNotFoundError, "No index at missing.index"),
        (["missing.index"], False, IndexNotFoundError, "No index at missing.index"),
        (["just some text"], False, IndexNotFoundError, "No index at just some text"),
        (["missing.index"], True, IndexNotFoundError, "No index at missing.index"),
        ([], True, IndexNotFoundError, "Give at least one index folder"),
        (["INDEX"], False, UsageError, "There is no text; give it as the last argument, or - for standard input"),
        (["INDEX", "missing.index"], False, UsageError, "'missing.index' is not an index"),
        (["INDEX", "FOLDER"], False, UsageError, "is not an index (it holds no manifest.json)"),
    ],
)
def test_what_is_missing_is_named(index, tmp_path, arguments, elsewhere, error, words):
    places = {"INDEX": index, "FOLDER": str(tmp_path)}
    with pytest.raises(error) as caught:
        indexes_and_text([places.get(argument, argument) for argument in arguments], text_elsewhere=elsewhere)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_is_read_as_it_stands(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("naïve\r\n\x00中".encode())
    assert read_text(str(path)) == "naïve\r\n\x00中"


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "binary"
    path.write_bytes(b"abc\xff")
    with pytest.raises(UsageError, match="binary is not UTF-8 text: the byte at offset 3 is part of no character"):
        read_text(str(path))
    with pytest.raises(UsageError, match=r"Cannot read .*missing: No such file or directory"):
        read_text(str(tmp_path / "missing"))


def test_limits_can_be_lifted():
    assert limit("--max-count", None, int) == {}
    assert limit("--max-count", "none", int) == {"max_count": None}
    assert limit("--max-count", "7", int) == {"max_count": 7}
    assert limit("--density", "0.5", float) == {"density": 0.5}
    with pytest.raises(UsageError, match=r"--max-count is .1\.5.; it must be a whole number or none"):
        limit("--max-count", "1.5", int)
