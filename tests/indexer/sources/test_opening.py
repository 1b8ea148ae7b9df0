from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wherefrom_indexer.errors import SourceError, UsageError
from wherefrom_indexer.sources import SourceOptions, open_source, open_sources

LINE = '{"text": "one"}\n'


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    for spec in (tmp_path / "gone.jsonl", str(tmp_path / "gone"), "some/gone.parquet", "gone.txt", "gone"):
        with pytest.raises(SourceError, match=f"There is no file or folder {spec}"):
            open_source(spec)
    with pytest.raises(SourceError, match=r"No file matches .*gone"):
        open_source(str(tmp_path / "gone*.jsonl"))


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Root may read everything, so it becomes nobody for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_what_may_not_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        locked = Path(folder) / "locked"
        locked.write_text("text")
        locked.chmod(0)
        with _without_privileges(), pytest.raises(SourceError, match="locked cannot be read: Permission denied"):
            list(open_source(locked).documents())


@pytest.mark.parametrize("name", ["table.csv", "corpus.tar", "corpus.tar.gz", "paper.pdf"])
def test_formats_that_are_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n")
    with pytest.raises(SourceError, match="is of a format that is not read"):
        open_source(tmp_path / name)


def test_files_are_known_by_name_or_first_bytes(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["one"]}), tmp_path / "nameless")
    assert [document.id for document in open_source(tmp_path / "nameless").documents()] == ["nameless:0"]
    (tmp_path / "records.txt").write_text(LINE)
    assert len(list(open_source(tmp_path / "records.txt", SourceOptions(format="jsonl")).documents())) == 1
    (tmp_path / "records.json").write_text(LINE)
    assert next(open_source(tmp_path / "records.json").documents()).metadata == {}


def test_a_folder_of_one_format_is_data(tmp_path: Path) -> None:
    for name in ("b.jsonl", "inner/a.jsonl.gz", "README.md", "LICENSE", "info.json", ".hidden", "SHA256SUMS"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(LINE)
    source = open_source(tmp_path)
    assert [document.location for document in source.documents()] == [
        f"{tmp_path / 'b.jsonl'}:1",
        f"{tmp_path / 'inner/a.jsonl.gz'}:1",
    ]


def test_a_folder_of_several_formats_needs_to_be_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(LINE)
    (tmp_path / "a.py").write_text("pass\n")
    with pytest.raises(SourceError, match=r"holds files of format jsonl beside others, such as a.py: tell the format"):
        open_source(tmp_path)
    assert len(list(open_source(tmp_path, SourceOptions(format="text")).documents())) == 2
    assert len(list(open_source(tmp_path, SourceOptions(format="jsonl")).documents())) == 1
    (tmp_path / "a.py").unlink()
    pq.write_table(pa.table({"text": ["one"]}), tmp_path / "b.parquet")
    with pytest.raises(SourceError, match="holds files of format jsonl and parquet: tell the format"):
        open_source(tmp_path)
    with pytest.raises(SourceError, match="files of several formats"):
        open_source(str(tmp_path / "*"))
    with pytest.raises(SourceError, match="holds no files of format tokens"):
        open_source(tmp_path, SourceOptions(format="tokens"))


def test_a_folder_of_json_files_is_text(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "some"}')
    (tmp_path / "index.js").write_text("let a = 1")
    assert len(list(open_source(tmp_path).documents())) == 2


def test_several_files_by_pattern(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "inner/c.jsonl", "other.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(LINE)
    pattern = str(tmp_path / "**" / "*.jsonl")
    source = open_source(pattern)
    assert [Path(document.location).name for document in source.documents()] == ["a.jsonl:1", "b.jsonl:1", "c.jsonl:1"]
    assert next(source.documents()).id == f"{pattern}:0"


def test_a_file_with_a_pattern_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_text(LINE)
    assert open_source(str(tmp_path / "a[1].jsonl")).name == "a[1].jsonl"


def test_sources_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "c.jsonl").write_text(LINE)
    specs = [tmp_path / "a" / "c.jsonl", str(tmp_path / "b" / "c.jsonl"), ["one"], ["two"]]
    sources = open_sources(specs)
    ids = [document.id for source in sources for document in source.documents()]
    assert ids == [f"{tmp_path}/a/c.jsonl:0", f"{tmp_path}/b/c.jsonl:0", "records-2:0", "records-3:0"]
    assert [source.name for source in open_sources(tmp_path / "a" / "c.jsonl")] == ["c.jsonl"]


def test_options_are_checked() -> None:
    with pytest.raises(UsageError, match="no source format 'csv': give one of jsonl, parquet"):
        SourceOptions(format="csv")
    with pytest.raises(UsageError, match='on_error is \'ignore\': give "error" or "skip"'):
        SourceOptions(on_error="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["dataset"])
def test_formats_of_folders_are_not_those_of_files(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.jsonl").write_text(LINE)
    with pytest.raises(SourceError, match="that format is one of a folder or a name"):
        open_source(tmp_path / "a.jsonl", SourceOptions(format=kind))
