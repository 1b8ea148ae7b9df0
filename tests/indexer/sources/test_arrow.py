from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import Document, SourceOptions, open_source

ROWS = 1_000


def table(rows: int = ROWS) -> pa.Table:
    return pa.table({"id": range(rows), "text": [f"document {row} größer" for row in range(rows)], "n": [1.5] * rows})


def write_parquet(content: pa.Table, path: Path) -> None:
    pq.write_table(content, path, row_group_size=300)


def write_file(content: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, content.schema) as writer:
        writer.write_table(content, max_chunksize=300)


def write_stream(content: pa.Table, path: Path) -> None:
    with pa.ipc.new_stream(path, content.schema) as writer:
        writer.write_table(content, max_chunksize=300)


def write_feather(content: pa.Table, path: Path) -> None:
    pyarrow.feather.write_feather(content, path, compression="zstd", chunksize=300)


WRITERS = {"c.parquet": write_parquet, "c.arrow": write_file, "s.arrow": write_stream, "c.feather": write_feather}
write = pytest.mark.parametrize(("name", "writer"), WRITERS.items(), ids=WRITERS)
Writer = Callable[[pa.Table, Path], None]


@write
def test_rows_of_every_format(tmp_path: Path, name: str, writer: Writer) -> None:
    path = tmp_path / name
    writer(table(), path)
    source = open_source(path, SourceOptions(id_field="id"))
    read = list(source.documents())
    assert [document.id for document in read] == [str(row) for row in range(ROWS)]
    assert read[700] == Document("700", "document 700 größer", {"n": 1.5}, f"{path}:row 701")
    assert source.bytes_read == source.total_bytes == path.stat().st_size


@write
@pytest.mark.parametrize("on_error", ["error", "skip"])
def test_skipping_and_progress(tmp_path: Path, name: str, writer: Writer, on_error: str) -> None:
    writer(table(), tmp_path / f"a-{name}")
    writer(table(10), tmp_path / f"b-{name}")
    source = open_source(tmp_path, SourceOptions(on_error=on_error))  # type: ignore[arg-type]
    whole = list(source.documents())
    for skip in (0, 1, 63, 64, 65, 300, 999, 1_000, 1_005, 1_010):
        assert list(source.documents(skip)) == whole[skip:]
    places = [source.bytes_read for _ in source.documents()]
    assert places == sorted(places)
    assert len(set(places)) > 3


def test_values_that_json_lacks(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    now = datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=UTC)
    columns = {
        "text": ["a"],
        "when": [now],
        "nanoseconds": pa.array([1_700_000_000_000_000_001], pa.timestamp("ns")),
        "lasted": pa.array([1_000_000_001], pa.duration("ns")),
        "long": [timedelta(days=1)],
        "day": [date(2024, 2, 29)],
        "clock": [time(12, 30)],
        "price": [Decimal("3.10")],
        "utf8": [b"bytes"],
        "raw": [b"\xff\x00"],
        "nested": [{"list": [1, None], "when": [now]}],
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "nan": [float("nan")],
        "kind": pa.array(["x"]).dictionary_encode(),
        "nothing": pa.nulls(1),
    }
    pq.write_table(pa.table(columns), path)
    (document,) = open_source(path).documents()
    assert json.loads(json.dumps(document.metadata, allow_nan=False)) == {
        "when": "2024-02-29T12:30:01.000005+00:00",
        "nanoseconds": "2023-11-14 22:13:20.000000001",
        "lasted": 1_000_000_001,
        "long": "1 day, 0:00:00",
        "day": "2024-02-29",
        "clock": "12:30:00",
        "price": "3.10",
        "utf8": "bytes",
        "raw": "ff00",
        "nested": {"list": [1, None], "when": ["2024-02-29T12:30:01.000005+00:00"]},
        "map": [["k", 1]],
        "nan": "nan",
        "kind": "x",
        "nothing": None,
    }


def test_text_as_bytes_and_text_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    pq.write_table(pa.table({"text": ["größer".encode(), b"\xff", None, b""]}), path)
    source = open_source(path, SourceOptions(on_error="skip"))
    assert [document.id for document in source.documents()] == ["c.parquet:0", "c.parquet:3"]
    assert [skipped.reason for skipped in source.skipped] == [
        "the text field 'text' is not UTF-8 (byte 1)",
        "the text field 'text' is null, not a string",
    ]


def test_strings_that_are_not_utf8(tmp_path: Path) -> None:
    buffers = [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    text = pa.Array.from_buffers(pa.string(), 2, buffers)
    write_file(pa.table({"text": text}), tmp_path / "c.arrow")
    with pytest.raises(SourceError, match=r"c.arrow:row 2: it has a value that cannot be read"):
        list(open_source(tmp_path / "c.arrow").documents())
    source = open_source(tmp_path / "c.arrow", SourceOptions(on_error="skip"))
    assert [document.id for document in source.documents()] == ["c.arrow:0"]
    assert source.skipped_count == 1


def test_a_missing_text_column_is_named(tmp_path: Path) -> None:
    write_parquet(table(), tmp_path / "c.parquet")
    with pytest.raises(
        SourceError, match=r"c.parquet:row 1: there is no text field 'body'; the fields are: id, text, n"
    ):
        list(open_source(tmp_path / "c.parquet", SourceOptions(text_field="body")).documents())


@write
@pytest.mark.parametrize("cut", [0, 4, 20, -100])
def test_a_file_that_is_cut_is_an_error(tmp_path: Path, name: str, writer: Writer, cut: int) -> None:
    path = tmp_path / name
    writer(table(), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SourceError, match=f"{name} (cannot be read|holds no documents)"):
        list(open_source(path).documents())


def test_old_feather_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.feather").write_bytes(b"FEA1" + b"\0" * 100)
    with pytest.raises(SourceError, match="version 1 of Feather"):
        list(open_source(tmp_path / "old.feather").documents())


def saved(rows: int, name: str = "x") -> datasets.Dataset:
    return datasets.Dataset.from_dict({"text": [f"{name} {row}" for row in range(rows)], "n": list(range(rows))})


def test_a_dataset_saved_to_disk(tmp_path: Path) -> None:
    saved(100).select(range(10, 90)).save_to_disk(tmp_path / "corpus", num_shards=3)
    source = open_source(tmp_path / "corpus")
    read = list(source.documents())
    assert [document.id for document in read] == [f"corpus:{row}" for row in range(80)]
    assert [document.metadata for document in read] == [{"n": row} for row in range(10, 90)]
    assert list(source.documents(50)) == read[50:]
    assert source.bytes_read == source.total_bytes


def test_the_splits_of_a_dataset_saved_to_disk(tmp_path: Path) -> None:
    splits = {"validation": saved(3, "v"), "train": saved(5, "t")}
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "corpus")
    read = list(open_source(tmp_path / "corpus").documents())
    assert [document.metadata["split"] for document in read] == ["validation"] * 3 + ["train"] * 5
    train = list(open_source(tmp_path / "corpus", SourceOptions(split="train")).documents())
    assert [document.metadata for document in train] == [{"n": row} for row in range(5)]
    with pytest.raises(SourceError, match="no split 'test'; its splits are: validation, train"):
        open_source(tmp_path / "corpus", SourceOptions(split="test"))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("broken", "state.json is not JSON"),
        ("[]", "state.json does not describe a dataset"),
        ("{}", "state.json does not name the data files"),
        ('{"_data_files": [{"filename": "gone.arrow"}]}', "gone.arrow cannot be read: No such file"),
        ('{"_indices_data_files": [{}]}', "saved with an indices mapping"),
    ],
)
def test_damaged_descriptions_of_a_dataset(tmp_path: Path, state: str, message: str) -> None:
    (tmp_path / "state.json").write_text(state)
    with pytest.raises(SourceError, match=message):
        open_source(tmp_path)
