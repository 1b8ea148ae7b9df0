from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import Document, SourceOptions, open_source


def make_folder(root: Path) -> None:
    for name, content in {
        "b.txt": b"\xef\xbb\xbfsecond\r\n",
        "a.md": "erster, größer".encode(),
        "inner/deep/c": b"third \x00",
        "inner/a.txt.gz": gzip.compress(b"packed"),
        ".hidden": b"hidden",
        ".git/config": b"hidden",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def test_every_file_is_a_document_in_the_order_of_names(tmp_path: Path) -> None:
    make_folder(tmp_path)
    source = open_source(tmp_path)
    read = [document for document in source.documents() if isinstance(document, Document)]
    assert [(document.metadata["path"], document.text) for document in read] == [
        ("a.md", "erster, größer"),
        ("b.txt", "second\r\n"),
        ("inner/a.txt.gz", "packed"),
        ("inner/deep/c", "third \x00"),
    ]
    assert [document.id for document in read] == [f"{tmp_path.name}:{number}" for number in range(4)]
    assert read[1].location == str(tmp_path / "b.txt")
    assert source.bytes_read == source.total_bytes
    for skip in range(5):
        assert list(source.documents(skip)) == read[skip:]


def test_the_path_can_be_the_id(tmp_path: Path) -> None:
    make_folder(tmp_path)
    source = open_source(tmp_path, SourceOptions(id_field="path", text_field="body"))
    first = next(source.documents())
    assert (first.id, first.metadata) == ("a.md", {})


@pytest.mark.parametrize("name", ["a.txt", "b.md", "c.rst", "no_suffix"])
def test_a_file_is_one_document(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("all of it\n\nand more")
    (document,) = open_source(tmp_path / name).documents()
    assert isinstance(document, Document)
    assert (document.text, document.id, document.metadata) == ("all of it\n\nand more", f"{name}:0", {"path": name})


def test_several_files_by_pattern(tmp_path: Path) -> None:
    make_folder(tmp_path)
    (tmp_path / "c.txt").write_text("more")
    source = open_source(str(tmp_path / "*.txt"))
    assert [document.metadata["path"] for document in source.documents()] == [
        str(tmp_path / "b.txt"),
        str(tmp_path / "c.txt"),
    ]


def test_what_is_no_text_is_named_or_skipped(tmp_path: Path) -> None:
    make_folder(tmp_path)
    (tmp_path / "image").write_bytes(b"\x89PNG\xff")
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(b"packed" * 100)[:-9])
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SourceError, match=r"cut.txt.gz: it cannot be read: Compressed file ended"):
        list(open_source(tmp_path).documents())
    source = open_source(tmp_path, SourceOptions(on_error="skip"))
    assert len(list(source.documents())) == 4
    assert [skipped.location for skipped in source.skipped] == [str(tmp_path / "cut.txt.gz"), str(tmp_path / "image")]
    assert source.skipped[1].reason == "it is not UTF-8 text (byte 1)"


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no documents"):
        list(open_source(tmp_path).documents())


def test_the_fingerprint_follows_the_files(tmp_path: Path) -> None:
    make_folder(tmp_path)
    before = open_source(tmp_path).fingerprint()
    assert open_source(tmp_path).fingerprint() == before
    (tmp_path / "z").write_text("new")
    assert open_source(tmp_path).fingerprint() != before
