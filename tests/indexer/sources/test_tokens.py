from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import Source, SourceOptions, TokenizedDocument, open_source, tokens

CODES = {"uint8": 1, "int32": 4, "int64": 5, "uint16": 8}


def write_megatron(
    prefix: Path, documents: Sequence[Sequence[Sequence[int]]], dtype: str = "uint16", **changes: object
) -> None:
    """Write documents, each of sequences of ids, as Megatron's MMapIndexedDataset."""
    sequences = [np.array(sequence, dtype=dtype) for document in documents for sequence in document]
    ends = np.cumsum([0, *(len(document) for document in documents)])
    pointers = np.cumsum([0, *(sequence.nbytes for sequence in sequences)])[:-1]
    header = {"magic": b"MMIDIDX\x00\x00", "version": 1, "code": CODES[dtype]} | changes
    with open(f"{prefix}.idx", "wb") as file:
        file.write(header["magic"])  # type: ignore[arg-type]
        file.write(struct.pack("<QBQQ", header["version"], header["code"], len(sequences), len(ends)))
        file.write(np.array([len(sequence) for sequence in sequences], dtype="<i4").tobytes())
        file.write(np.array(changes.get("pointers", pointers), dtype="<i8").tobytes())
        file.write(np.array(changes.get("ends", ends), dtype="<i8").tobytes())
    Path(f"{prefix}.bin").write_bytes(b"".join(sequence.tobytes() for sequence in sequences))


def read(source: Source, skip: int = 0) -> list[list[int]]:
    documents = list(source.documents(skip))
    for document in documents:
        assert isinstance(document, TokenizedDocument)
        assert document.tokens.dtype == np.uint32
        assert document.metadata == {}
    return [document.tokens.tolist() for document in documents]  # type: ignore[union-attr]


DOCUMENTS = [[[1, 2, 0]], [[3], [4, 5]], [], [[0]], [[255, 0, 6, 0]]]
FLAT = [[1, 2], [3, 4, 5], [], [], [255, 0, 6]]


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("spec", ["corpus", "corpus.bin", "corpus.idx", ".", "corpus.*"])
def test_megatron_by_prefix_file_folder_and_pattern(tmp_path: Path, dtype: str, spec: str) -> None:
    write_megatron(tmp_path / "corpus", DOCUMENTS, dtype)
    source = open_source(str(tmp_path / spec), SourceOptions(end_of_document=0))
    assert read(source) == FLAT
    for skip in range(6):
        assert read(source, skip) == FLAT[skip:]
    assert source.bytes_read == source.total_bytes == (tmp_path / "corpus.bin").stat().st_size
    first = next(source.documents())
    assert first.id == f"{source.name}:0"
    assert first.location == f"{tmp_path / 'corpus.bin'}:document 0"


def test_megatron_without_an_end_keeps_all_ids(tmp_path: Path) -> None:
    write_megatron(tmp_path / "corpus", DOCUMENTS)
    assert read(open_source(tmp_path / "corpus"))[0] == [1, 2, 0]


def test_several_megatron_pairs(tmp_path: Path) -> None:
    write_megatron(tmp_path / "b", [[[1]]])
    write_megatron(tmp_path / "a", [[[2]], [[3]]], "int32")
    source = open_source(tmp_path)
    assert read(source) == [[2], [3], [1]]
    assert read(source, 2) == [[1]]
    before = source.fingerprint()
    write_megatron(tmp_path / "b", [[[1]], [[]]])
    assert open_source(tmp_path).fingerprint() != before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"magic": b"TNTIDX\x00\x00\x01"}, "corpus.idx is no index of Megatron's current format"),
        ({"version": 2}, "corpus.idx is of version 2; only version 1 is known"),
        ({"code": 7}, "corpus.idx holds ids of type 7"),
        ({"ends": [0, 1, 3, 3, 4, 9]}, "its documents do not cover its sequences"),
        ({"ends": [0, 3, 1, 3, 4, 5]}, "its documents do not follow one another"),
        ({"pointers": [0, 6, 8, 12, 10**15]}, "its sequence 4 lies outside of"),
        ({"pointers": [-2, 6, 8, 12, 16]}, "its sequence 0 lies outside of"),
    ],
)
def test_damaged_megatron_indexes(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    write_megatron(tmp_path / "corpus", DOCUMENTS, **changes)
    with pytest.raises(SourceError, match=message):
        read(open_source(tmp_path / "corpus", SourceOptions(on_error="skip")))


@pytest.mark.parametrize("cut", range(0, 130, 7))
def test_megatron_indexes_that_are_cut(tmp_path: Path, cut: int) -> None:
    write_megatron(tmp_path / "corpus", DOCUMENTS)
    index = (tmp_path / "corpus.idx").read_bytes()
    assert len(index) > 130
    (tmp_path / "corpus.idx").write_bytes(index[:cut])
    with pytest.raises(SourceError, match="corpus"):
        read(open_source(tmp_path / "corpus.bin", SourceOptions(format="megatron")))


def test_megatron_files_that_miss_their_half(tmp_path: Path) -> None:
    write_megatron(tmp_path / "corpus", DOCUMENTS)
    (tmp_path / "corpus.bin").rename(tmp_path / "other.bin")
    with pytest.raises(SourceError, match=r"corpus.bin cannot be read: No such file"):
        open_source(tmp_path / "corpus")
    with pytest.raises(SourceError, match=r"other.idx is missing"):
        read(open_source(tmp_path / "other.bin", SourceOptions(format="megatron")))


def write_flat(path: Path, ids: Sequence[int], dtype: DTypeLike) -> SourceOptions:
    array = np.array(ids, dtype=dtype)
    if path.suffix == ".npy":
        np.save(path, array)
        return SourceOptions(end_of_document=0)
    path.write_bytes(array.tobytes())
    return SourceOptions(end_of_document=0, token_dtype=np.dtype(dtype).name)


@pytest.mark.parametrize("name", ["flat.npy", "flat.bin"])
@pytest.mark.parametrize("dtype", ["uint16", "uint32", "int64"])
def test_flat_files_with_and_without_a_header(tmp_path: Path, name: str, dtype: str) -> None:
    options = write_flat(tmp_path / name, [0, 1, 2, 0, 3, 0, 0, 0, 4, 5], dtype)
    source = open_source(tmp_path / name, options)
    assert read(source) == [[1, 2], [3], [4, 5]]
    assert read(source, 2) == [[4, 5]]
    assert [document.id for document in source.documents()] == [f"{name}:{number}" for number in range(3)]
    assert source.bytes_read == source.total_bytes


def test_npy_files_without_a_header_as_olmo_writes_them(tmp_path: Path) -> None:
    np.array([7, 8, 50_279, 9], dtype=np.uint16).tofile(tmp_path / "part-0.npy")
    options = SourceOptions(end_of_document=50_279, token_dtype="uint16")
    assert read(open_source(tmp_path, options)) == [[7, 8], [9]]
    with pytest.raises(SourceError, match="has no header: tell the type of its ids"):
        read(open_source(tmp_path, SourceOptions(end_of_document=0)))


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_flat_documents_are_what_lies_between_ends(
    tmp_path_factory: pytest.TempPathFactory, ids: list[int], at_once: int
) -> None:
    path = tmp_path_factory.mktemp("flat") / "flat.bin"
    options = write_flat(path, ids, "uint16")
    expected = [list(map(int, part)) for part in "".join(map(str, ids)).split("0") if part]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_SCANNED_AT_ONCE", at_once)
        if expected:
            assert read(open_source(path, options)) == expected
        else:
            with pytest.raises(SourceError, match="holds no documents"):
                read(open_source(path, options))


def test_ids_that_are_none(tmp_path: Path) -> None:
    options = write_flat(tmp_path / "flat.npy", [1, 0, -5, 0, 2**40, 0, 2], "int64")
    with pytest.raises(SourceError, match=r"flat.npy:document 1: -5 is no token id"):
        read(open_source(tmp_path / "flat.npy", options))
    skipping = SourceOptions(end_of_document=0, on_error="skip")
    source = open_source(tmp_path / "flat.npy", skipping)
    assert [document.id for document in source.documents()] == ["flat.npy:0", "flat.npy:3"]
    assert read(source, 1) == [[2]]
    assert [skipped.reason for skipped in source.skipped] == ["-5 is no token id", f"{2**40} is no token id"]


def test_a_document_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_DOCUMENT_TOKENS", 100)
    write_flat(tmp_path / "flat.npy", [1] * 101, "uint16")
    with pytest.raises(SourceError, match="it has 101 tokens, more than 100: is the end-of-document id right"):
        read(open_source(tmp_path / "flat.npy", SourceOptions(end_of_document=70_000)))


def test_options_that_flat_files_need(tmp_path: Path) -> None:
    write_flat(tmp_path / "flat.bin", [1, 0], "uint16")
    with pytest.raises(SourceError, match="tell the id that ends a document"):
        open_source(tmp_path / "flat.bin")
    for dtype, message in {"uint17": "no token dtype", "float32": "not one of whole numbers"}.items():
        with pytest.raises(SourceError, match=message):
            read(open_source(tmp_path / "flat.bin", SourceOptions(end_of_document=0, token_dtype=dtype)))
    with pytest.raises(SourceError, match="4 bytes, which do not fit its ids of 8 bytes"):
        read(open_source(tmp_path / "flat.bin", SourceOptions(end_of_document=0, token_dtype="uint64")))


def test_npy_files_of_something_else(tmp_path: Path) -> None:
    options = SourceOptions(end_of_document=0)
    np.save(tmp_path / "floats.npy", np.zeros(3))
    with pytest.raises(SourceError, match="holds float64, not whole numbers"):
        read(open_source(tmp_path / "floats.npy", options))
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(SourceError, match=r"objects.npy cannot be read"):
        read(open_source(tmp_path / "objects.npy", options))
    whole = (tmp_path / "floats.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:90])
    with pytest.raises(SourceError, match=r"cut.npy cannot be read"):
        read(open_source(tmp_path / "cut.npy", options))
