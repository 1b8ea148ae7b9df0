from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import Document, Source, SourceOptions, files, open_source

RECORDS = [
    {"id": "a", "text": "first", "year": 1829, "tags": ["x", {"deep": None}]},
    {"id": "b", "text": "zweiter, größer, 日本語, שלום, 🙂", "year": 2.5},
    {"id": "c", "text": "", "year": None},
    {"id": "d", "text": "NUL \x00 and \r\n line ends", "year": True},
]


def lines(records: list[dict[str, object]] = RECORDS, end: str = "\n") -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + end for record in records).encode()


def documents(source: Source, skip: int = 0) -> list[Document]:
    read = list(source.documents(skip))
    assert all(isinstance(document, Document) for document in read)
    return read  # type: ignore[return-value]


def compressed(content: bytes, kind: str) -> bytes:
    if kind == "gz":
        return gzip.compress(content[:40]) + gzip.compress(content[40:])
    if kind == "zst":
        frames = [zstandard.ZstdCompressor().compress(part) for part in (content[:40], content[40:])]
        skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
        return skippable + skippable.join(frames)
    return content


@pytest.mark.parametrize("kind", ["plain", "gz", "zst"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \t\r\n"])
def test_records_of_every_compression_and_line_end(tmp_path: Path, kind: str, end: str) -> None:
    path = tmp_path / f"corpus.jsonl{'' if kind == 'plain' else '.' + kind}"
    content = b"\xef\xbb\xbf" + lines(end=end).rstrip()
    path.write_bytes(compressed(content, kind))
    source = open_source(path, SourceOptions(id_field="id"))
    read = documents(source)
    assert [document.id for document in read] == ["a", "b", "c", "d"]
    assert [document.text for document in read] == [record["text"] for record in RECORDS]
    assert read[0].metadata == {"year": 1829, "tags": ["x", {"deep": None}]}
    assert [document.metadata["year"] for document in read] == [1829, 2.5, None, True]
    assert read[1].location == f"{path}:{2 if len(end) < 3 else 4}"
    assert source.total_bytes == source.bytes_read == path.stat().st_size
    assert source.skipped_count == 0


def test_ids_without_an_id_field_and_other_field_names(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"body": "one"}\n{"body": "two", "n": 7}\n')
    source = open_source(str(tmp_path / "c.jsonl"), SourceOptions(text_field="body"))
    assert [document.id for document in documents(source)] == ["c.jsonl:0", "c.jsonl:1"]
    assert (
        documents(open_source(tmp_path / "c.jsonl", SourceOptions(text_field="body", id_field="n", on_error="skip")))[
            0
        ].id
        == "7"
    )


@pytest.mark.parametrize("on_error", ["error", "skip"])
def test_skip_passes_over_yielded_documents(tmp_path: Path, on_error: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines())
    (tmp_path / "b.jsonl").write_bytes(lines() + (b"" if on_error == "error" else b"broken\n") + lines())
    source = open_source(tmp_path, SourceOptions(on_error=on_error))  # type: ignore[arg-type]
    whole = documents(source)
    assert len(whole) == 12
    for skip in range(13):
        assert documents(source, skip) == whole[skip:]
    assert whole[-1].id == f"{tmp_path.name}:{11 if on_error == 'error' else 12}"


BAD_LINES = {
    b'{"text": "a"': r"it is not JSON: .* \(column 13\)",
    b'{"text": "a"} x': "it is not JSON: Extra data",
    b'{"text": "\xff"}': r"it is not UTF-8 text \(byte 11\)",
    b"[1]": "a JSON object is expected, not a list",
    b"null": "a JSON object is expected, not a NoneType",
    b"[" * 100_000: "it (cannot be read as|is not) JSON",
    b'{"text": "a", "n": ' + b"[" * 3_000 + b"]" * 3_000 + b"}": "(too deeply|cannot be read as JSON)",
    b'{"text": "a", "n": ' + b"1" * 5_000 + b"}": "it cannot be read as JSON: Exceeds the limit",
    b'{"other": "a", "more": 1}': "there is no text field 'text'; the fields are: other, more",
    b"{}": "there is no text field 'text'; the fields are: none",
    b'{"text": 7}': "the text field 'text' is of type int, not a string",
    b'{"text": null}': "the text field 'text' is null, not a string",
}


@pytest.mark.parametrize("line", BAD_LINES, ids=range(len(BAD_LINES)))
def test_bad_lines_are_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"text": "good"}\n\n' + line + b'\n{"text": "good"}\n')
    with pytest.raises(SourceError, match=rf"^.*bad.jsonl:3: .*{BAD_LINES[line]}"):
        documents(open_source(path))
    source = open_source(path, SourceOptions(on_error="skip"))
    for _ in range(2):
        assert [document.id for document in documents(source)] == ["bad.jsonl:0", "bad.jsonl:2"]
        assert source.skipped_count == len(source.skipped) == 1
        assert source.skipped[0].location == f"{path}:3"
        assert source.skipped[0].reason


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"", "there is no id field 'id'"),
        (b', "id": null', "the id field 'id' is null"),
        (b', "id": true', "the id field 'id' is of type bool"),
        (b', "id": 1.5', "the id field 'id' is of type float"),
        (b', "id": ""', "the id field 'id' is empty"),
    ],
)
def test_bad_ids_are_named(tmp_path: Path, value: bytes, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"text": "a"' + value + b"}\n")
    with pytest.raises(SourceError, match=f"bad.jsonl:1: {message}"):
        documents(open_source(path, SourceOptions(id_field="id")))


def test_only_the_first_skipped_records_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"x\n" * 1_500 + b'{"text": "good"}\n')
    source = open_source(path, SourceOptions(on_error="skip"))
    assert len(documents(source)) == 1
    assert source.skipped_count == 1_500
    assert len(source.skipped) == 1_000


def test_lone_surrogates_are_replaced_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"id": "\\udfff", "text": "a\\ud800b\\udc00c \\ud83d\\ude42", "\\ud800": ["\\ud800"]}\n')
    source = open_source(path, SourceOptions(id_field="id"))
    for _ in range(2):
        (document,) = documents(source)
        assert document.text == "a\ufffdb\ufffdc 🙂"
        assert document.id == "\ufffd"
        assert document.metadata == {"\ufffd": ["\ufffd"]}
        assert source.replaced_surrogates == 3


def test_numbers_that_json_lacks_stay_readable(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "a", "x": NaN, "y": -Infinity, "z": 1e999}\n')
    (document,) = documents(open_source(path))
    assert document.metadata == {"x": "NaN", "y": "-Infinity", "z": "inf"}


def test_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": "é" * 5_000_000}, ensure_ascii=False) + '\n{"text": "b"}\n')
    assert [len(document.text) for document in documents(open_source(path))] == [5_000_000, 1]


def test_a_line_longer_than_a_record_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_RECORD_BYTES", 1 << 20)
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b'{"text": "' + b"a" * 3_500_000 + b'"}\n{"text": "b"}\n{"text": "' + b"a" * 2_000_000)
    with pytest.raises(SourceError, match=r"corpus.jsonl:1: it is longer than 1 MiB"):
        documents(open_source(path))
    source = open_source(path, SourceOptions(on_error="skip"))
    assert [document.id for document in documents(source)] == ["corpus.jsonl:1"]
    assert [skipped.location for skipped in source.skipped] == [f"{path}:1", f"{path}:3"]


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_damaged_compression_is_an_error(tmp_path: Path, kind: str, damage: str) -> None:
    path = tmp_path / f"corpus.jsonl.{kind}"
    whole = compressed(lines(RECORDS * 100), kind)
    path.write_bytes(whole[:-3] if damage == "cut" else whole + b"garbage")
    with pytest.raises(SourceError, match=f"corpus.jsonl.{kind} cannot be read"):
        documents(open_source(path, SourceOptions(on_error="skip")))


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_corpus_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"corpus.jsonl holds no documents$"):
        documents(open_source(path))


def test_a_corpus_of_broken_lines_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b"x\ny\n")
    with pytest.raises(SourceError, match="holds no documents; all 2 records were skipped"):
        documents(open_source(path, SourceOptions(on_error="skip")))


def test_a_file_that_vanishes_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(lines())
    source = open_source(path)
    path.unlink()
    with pytest.raises(SourceError, match=r"corpus.jsonl cannot be read: No such file"):
        documents(source)


def test_the_fingerprint_follows_files_and_options(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(lines())
    before = open_source(path).fingerprint()
    assert open_source(path).fingerprint() == before
    assert open_source(path, SourceOptions(text_field="body")).fingerprint() != before
    path.write_bytes(lines() * 2)
    assert open_source(path).fingerprint() != before


def test_progress_is_measured_in_compressed_bytes(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.zst"
    records = [{"text": random.Random(number).randbytes(5_000).hex()} for number in range(500)]
    path.write_bytes(compressed(lines(records), "zst"))
    source = open_source(path)
    places = [source.bytes_read for _ in source.documents()]
    assert places == sorted(places)
    assert len(set(places)) > 1
    assert places[0] < places[-1] <= path.stat().st_size == source.total_bytes


def test_a_file_that_grows_a_thousandfold_streams(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.zst"
    line = json.dumps({"text": "a" * 100_000}).encode() + b"\n"
    with open(path, "wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as writer:
        for _ in range(3_000):
            writer.write(line)
    assert path.stat().st_size * 1_000 < 3_000 * len(line)
    script = (
        "import resource, sys\n"
        "from wherefrom_indexer.sources import open_source\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "count = sum(len(document.text) for document in open_source(sys.argv[1]).documents())\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    characters, grown = map(int, done.stdout.split())
    assert characters == 300_000_000
    # Of 300 MB of text no more than a few lines are in memory; ru_maxrss counts KiB (bytes on macOS).
    assert grown < (64 << 10) * (1024 if sys.platform == "darwin" else 1), grown
