"""The smaller parts of storage: memory plans, the file seam, the table of ids, records, the lock."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_indexes import contents, records, small_tokenizer

from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents, verify_index
from wherefrom_indexer.array_file import open_array, read_array, write_array
from wherefrom_indexer.errors import (
    DuplicateIdError,
    IndexBusyError,
    IndexDamagedError,
    MemoryBudgetError,
    SourceError,
    StorageError,
    UsageError,
)
from wherefrom_indexer.files import FileWriter, checksum_of, checksum_of_file, operation_hook, remove_tree, write_file
from wherefrom_indexer.id_table import IdTable
from wherefrom_indexer.lock import writer_lock
from wherefrom_indexer.memory import LEAST_POSITIONS, MOST_POSITIONS, memory_for, parse_memory, plan_memory
from wherefrom_indexer.records import Record, RecordTable, RecordWriter, decode_record, encode_record
from wherefrom_indexer.segment_writer import token_width


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("2 gb", 2 * 10**9), ("512MiB", 512 << 20), ("1.5G", 1_500_000_000), ("7", 7), (7, 7)],
)
def test_sizes(text: str | int, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("vocabulary", [300, 65_535, 65_536, 200_000])
def test_a_plan_grows_with_its_budget_and_stays_within_it(vocabulary: int) -> None:
    plans = [plan_memory(budget, vocabulary) for budget in ("700MB", "2GB", "8GB", "15GB", "30GB", "45GB", "2TB")]
    assert [plan.positions for plan in plans] == sorted(plan.positions for plan in plans)
    assert all(memory_for(plan.positions, vocabulary) <= plan.budget + 8 for plan in plans)
    assert plans[-1].positions == MOST_POSITIONS
    least = memory_for(LEAST_POSITIONS, vocabulary)
    assert plan_memory(least + 8, vocabulary).positions >= LEAST_POSITIONS
    with pytest.raises(MemoryBudgetError, match=f"{-(-least // 10**6):,} MB"):
        plan_memory(least - 1, vocabulary)


@pytest.mark.parametrize("size", ["", "GB", "-1GB", "0", "0GB", "2 GBB", "9" * 400 + "GB", True, 0, -5])
def test_what_is_no_size_is_refused(size: str | int) -> None:
    with pytest.raises(UsageError, match="is not a size"):
        parse_memory(size)


def test_token_widths() -> None:
    assert [token_width(size) for size in (1, 65_535, 65_536)] == [2, 2, 4]


def test_a_document_beyond_the_budget_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherefrom_indexer.memory.LEAST_POSITIONS", 10)
    memory = memory_for(60, small_tokenizer().vocabulary.size)
    texts = {"a": "short", "long": "the people " * 100}
    with pytest.raises(MemoryBudgetError, match=r"records:record 1.* needs a memory budget of \d+ MB"):
        build_index(records(texts), tmp_path / "index", id_field="id", tokenizer=small_tokenizer(), memory=memory)
    assert not (tmp_path / "index").exists()


def test_compaction_never_makes_a_segment_beyond_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherefrom_indexer.memory.LEAST_POSITIONS", 10)
    size = small_tokenizer().vocabulary.size
    texts = {f"d{number}": "the people of the United States" for number in range(20)}
    folder = tmp_path / "index"
    index = build_index(records(texts), folder, id_field="id", tokenizer=small_tokenizer(), segment_tokens=60)
    most = max(segment.n_positions for segment in index.segments)
    compacted = compact_index(folder, memory=memory_for(3 * most, size))
    assert len(compacted.segments) < len(index.segments)
    assert all(segment.n_positions <= 3 * most for segment in compacted.segments)
    remove_documents(folder, ["d0"])
    with pytest.raises(MemoryBudgetError, match="Rewriting segment"):
        compact_index(folder, memory=memory_for(most, size))
    assert Index.open(folder).documents == 19


def test_file_operations_refused_by_the_system_name_the_path(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="absent"):
        write_file(tmp_path / "absent" / "file", b"")

    def full(operation: str, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match=r"No space left to create .*file"), operation_hook(full):
        write_file(tmp_path / "file", b"")


def test_a_writer_counts_and_sums_what_it_writes(tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    with FileWriter(tmp_path / "file") as writer:
        for start, end in ((0, 10), (10, 2_000_000), (2_000_000, 2_000_001), (2_000_001, 3 << 20)):
            writer.write(data[start:end])
        info = writer.finish()
    assert (tmp_path / "file").read_bytes() == data
    assert (info.bytes, info.checksum) == (len(data), checksum_of(data))
    assert checksum_of_file(tmp_path / "file") == info


def test_a_lock_holds_without_its_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with writer_lock(tmp_path, "add"), pytest.raises(IndexBusyError), writer_lock(tmp_path, "remove"):
        pass


def test_a_lock_that_the_system_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refused)
    with pytest.raises(StorageError, match=r"Could not lock .*lock"), writer_lock(tmp_path, "add"):
        pass


def test_the_names_of_a_removal_are_durable_before_the_manifest_gives_them(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(records({"a": "the people", "b": "justice"}), folder, id_field="id", tokenizer=small_tokenizer())
    done: list[tuple[str, str]] = []
    with operation_hook(lambda operation, path: done.append((operation, path.relative_to(folder).as_posix()))):
        remove_documents(folder, ["a"])
    made = max(n for n, (kind, path) in enumerate(done) if kind == "mkdir" and "/removals-" in path)
    published = done.index(("rename", "manifest.json"))
    assert ("sync", "segments/000001") in done[made:published]


def test_deleting_follows_no_links(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("keep me")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "outside")
    remove_tree(tmp_path / "inside")
    assert (tmp_path / "outside" / "file").exists()
    assert not (tmp_path / "inside").exists()


def test_arrays_are_read_only_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "numbers.bin"
    info = write_array(path, np.arange(2_000_000), "u4")
    mapped = open_array(path, "u4", info, random=True)
    assert mapped.tolist()[:3] == [0, 1, 2]
    assert not mapped.flags.writeable
    assert np.array_equal(read_array(path, "u4", info), mapped)
    path.rename(tmp_path / "others.bin")
    with pytest.raises(IndexDamagedError, match="does not begin as a others file"):
        open_array(tmp_path / "others.bin", "u4", info)
    assert open_array(tmp_path / "empty.bin", "u8", write_array(tmp_path / "empty.bin", np.empty(0), "u8")).size == 0


@given(st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 2**32 - 1, 2**64 - 1]), max_size=300))
def test_the_table_of_ids_finds_all_equal_hashes(hashes: list[int]) -> None:
    table = IdTable()
    expected: dict[int, list[int]] = {}
    for ordinal, value in enumerate(hashes * 5):
        assert table.find(value) == expected.get(value, [])
        assert table.holds(np.array([value, value ^ 1], np.uint64)).tolist() == [
            value in expected,
            value ^ 1 in expected,
        ]
        table.extend(np.array([value], np.uint64))
        expected.setdefault(value, []).append(ordinal)
    assert table.hashes.tolist() == hashes * 5
    at_once = IdTable()
    at_once.extend(np.array(hashes * 5, np.uint64))
    assert all(at_once.find(value) == expected[value] for value in hashes)


def test_ids_with_equal_hashes_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def poor_hash(identifier: str) -> int:
        return len(identifier) % 2

    for module in ("segment", "encoding", "compaction", "verify"):
        monkeypatch.setattr(f"wherefrom_indexer.{module}.id_hash", poor_hash)
    texts = {f"d{number}": f"text {number}" for number in range(30)}
    folder = tmp_path / "index"
    build_index(records(texts), folder, id_field="id", tokenizer=small_tokenizer(), segment_tokens=60)
    remove_documents(folder, ["d4"])
    add_documents(records({"d7": "new", "e": "x"}), folder, id_field="id", on_duplicate_id="replace")
    with pytest.raises(DuplicateIdError, match="'d9'"):
        add_documents(records({"d9": "new"}), folder, id_field="id")
    compact_index(folder)
    expected = {key: text for key, text in texts.items() if key != "d4"} | {"d7": "new", "e": "x"}
    assert {key: text for key, (text, _) in contents(Index.open(folder)).items()} == expected
    assert verify_index(folder) == []


def test_an_id_replaced_again_and_again_is_read_once_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    line = RecordWriter.line
    monkeypatch.setattr(RecordWriter, "line", lambda self, ordinal: read.append(ordinal) or line(self, ordinal))
    texts = [{"id": "a", "text": f"text {number}"} for number in range(300)]
    options = {"id_field": "id", "tokenizer": small_tokenizer(), "on_duplicate_id": "replace"}
    index = build_index(texts, tmp_path / "index", **options)  # type: ignore[arg-type]
    assert len(read) == 299
    assert index.documents == 1
    assert index.document("a").text == "text 299"


@pytest.mark.parametrize("make", [lambda: float("nan"), lambda: object()])
def test_metadata_that_are_not_json_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(SourceError, match="metadata"):
        encode_record(Record("a", {"x": make()}, None))


def test_records_come_back_while_they_are_written(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path)
    lines = [encode_record(Record(f"\ud800{n}", {"n": "x" * (n * 37 % 5_000)}, None)) for n in range(400)]
    for ordinal, line in enumerate(lines):
        writer.extend([line])
        assert writer.line(ordinal) == line
        assert writer.line(ordinal // 2) == lines[ordinal // 2]
    assert decode_record(lines[3]).id == "\ud8003"
    writer.finish()


@pytest.mark.parametrize("held", [0, 100_000, 1 << 22])
def test_records_are_read_by_many_threads_and_hold_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr("wherefrom_indexer.records.HELD_BYTES", held)
    writer = RecordWriter(tmp_path)
    lines = [encode_record(Record(f"{n}", {"n": "x" * (n * 37 % 5_000)}, None)) for n in range(500)]
    writer.extend(lines)
    writer.finish()
    data = open_array(tmp_path / "records.bin", "u1")
    blocks = open_array(tmp_path / "record_blocks.bin", "u8")
    table = RecordTable(tmp_path, data, blocks, len(lines))

    def reads(seed: int) -> None:
        for ordinal in random.Random(seed).choices(range(len(lines)), k=400):
            assert table.line(ordinal) == lines[ordinal]
            assert table.record(ordinal) == decode_record(lines[ordinal])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(reads, range(4)))
    assert table._held_bytes == sum(map(len, table._held.values()))
    assert table._held_bytes <= held or len(table._held) == 1
