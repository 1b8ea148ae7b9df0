"""Damaged indexes: what `verify` finds, and that reading them ends in typed errors."""

from __future__ import annotations

import json
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from small_indexes import contents, files_in, lossy_tokenizer, records, small_tokenizer

from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents, verify_index
from wherefrom_indexer.array_file import FORMAT_VERSION, HEADER_BYTES
from wherefrom_indexer.errors import IndexDamagedError, IndexFormatError, IndexNotFoundError, WherefromError
from wherefrom_indexer.files import checksum_of
from wherefrom_indexer.manifest import MANIFEST, canonical, manifest_bytes, read_manifest

FLIPS = 2_000
FEW_FLIPS = 400
STEP = 4096
_DOCUMENTS = {f"d{n}": f"Document {n}: the people establish justice {n * 7919}. " * (n % 3) for n in range(8)}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments, one of which has removed documents."""
    folder = tmp_path_factory.mktemp("damage") / "index"
    build_index(records(_DOCUMENTS, year=1829), folder, id_field="id", tokenizer=small_tokenizer())
    remove_documents(folder, ["d2", "d7"])
    add_documents(records({"x": "more text", "y": "and more", "z": ""}), folder, id_field="id")
    assert len(Index.open(folder).segments) == 2
    return folder


def read_everything(folder: Path) -> None:
    """Open an index and ask it everything; only typed errors may come out, from each question."""
    try:
        index = Index.open(folder)
        assert index.occurrences.shape == index.document_frequency.shape
    except WherefromError:
        return
    for segment in index.segments:
        for ordinal in range(segment.n_documents):
            for question in (segment.record, segment.text, segment.duplicates):
                _ask(question, ordinal)
        for position in range(0, segment.n_positions, 5):
            _ask(segment.document_of, position)
            _ask(segment.characters_before, position)
    for identifier in ("d1", "d2", "x", "absent"):
        _ask(index.document, identifier)


def _ask(question: object, argument: object) -> None:
    with suppress(WherefromError):
        question(argument)  # type: ignore[operator]


def all_files(folder: Path) -> list[str]:
    return sorted(files_in(folder) - {"lock"})


def test_verify_finds_nothing_in_a_whole_index(index: Path) -> None:
    assert verify_index(index) == []


@pytest.mark.parametrize("flips", [FEW_FLIPS, pytest.param(FLIPS, marks=pytest.mark.slow)])
def test_flipped_bits_are_found_and_never_crash_a_reader(index: Path, flips: int) -> None:
    chance = random.Random(7)
    files = all_files(index)
    for flip in range(flips):
        # Evenly over files, not bytes: most of the bytes are the tokenizer's.
        path = index / files[flip % len(files)]
        original = path.read_bytes()
        place, bit = chance.randrange(len(original)), chance.randrange(8)
        damaged = bytearray(original)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        assert verify_index(index), (path, place, bit)
        if flip % 8 == 0:
            read_everything(index)
        path.write_bytes(original)
    assert verify_index(index) == []


def test_cut_and_grown_files_are_found(index: Path) -> None:
    for name in all_files(index):
        path = index / name
        original = path.read_bytes()
        borders = {0, 1, HEADER_BYTES - 1, HEADER_BYTES, len(original) - 1, *range(0, len(original), STEP)}
        for length in sorted(border for border in borders if border < len(original)):
            path.write_bytes(original[:length])
            assert verify_index(index), (name, length)
            with pytest.raises(IndexDamagedError):
                Index.open(index)
        path.write_bytes(original + b"\0" * 8)
        assert verify_index(index), name
        with pytest.raises(IndexDamagedError):
            Index.open(index)
        path.write_bytes(original)


def test_missing_files_are_found(index: Path) -> None:
    for name in all_files(index):
        path = index / name
        original = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexNotFoundError if name == MANIFEST else IndexDamagedError, match=str(index)):
            Index.open(index)
        if name != MANIFEST:
            assert [finding.path for finding in verify_index(index)] == [name]
        path.write_bytes(original)


def test_another_format_version_is_told(index: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(index, tmp_path / "copy")
    body = json.loads((copy / MANIFEST).read_bytes())
    body["format_version"] = FORMAT_VERSION + 1
    del body["checksum"]
    body["checksum"] = checksum_of(canonical(body).encode())
    (copy / MANIFEST).write_text(canonical(body) + "\n")
    with pytest.raises(IndexFormatError, match=f"version {FORMAT_VERSION + 1}"):
        Index.open(copy)
    assert verify_index(copy)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """An index whose files are beyond what `open` reads whole, so that only `verify` sees what happens to them."""
    folder = tmp_path / "large"
    chance = random.Random(3)
    words = ["the", "people", "of", "United", "States", "in", "order", "to", "form", "perfect", "union"]
    texts = {f"d{n}": " ".join(chance.choices(words, k=4)) for n in range(17_000)}
    build_index(records(texts), folder, id_field="id", tokenizer=small_tokenizer())
    remove_documents(folder, ["d100"])
    return folder


def test_damage_that_only_verify_sees(large: Path) -> None:
    segment = Index.open(large).segments[0]
    chance = np.random.default_rng(1)
    damaged = 0
    for name, info in segment.entry.files.items():
        path = segment.folder / name
        if info.bytes <= 1 << 16 or name == "exact/frequencies.bin":
            continue
        damaged += 1
        original = path.read_bytes()
        noise = bytearray(original)
        # The last item of starts.bin is compared when an index is opened.
        noise[HEADER_BYTES:-8] = chance.bytes(len(original) - HEADER_BYTES - 8)
        path.write_bytes(noise)
        _read_some(large)
        with pytest.raises(IndexDamagedError):
            _rewrite(large, name)
        assert any(name in finding.path for finding in verify_index(large))
        path.write_bytes(original)
    assert damaged >= 7


def _read_some(folder: Path) -> None:
    index = Index.open(folder)
    segment = index.segments[0]
    for ordinal in range(0, segment.n_documents, 800):
        for question in (segment.record, segment.text, segment.duplicates):
            _ask(question, ordinal)
        _ask(index.document, f"d{ordinal}")
    for rank in range(0, segment.n_tokens, 5_000):
        _ask(segment.document_of, int(segment.suffixes[rank]))
        _ask(segment.characters_before, int(segment.suffixes[rank]))


def _rewrite(folder: Path, name: str) -> None:
    """A writer that reads the damaged file must refuse; those that do not read it are not asked."""
    if name in ("exact/suffixes.bin", "exact/characters.bin", "hash_order.bin", "id_hashes.bin", "id_ordinals.bin"):
        raise IndexDamagedError("not read by compaction")
    before = read_manifest(folder)
    try:
        compact_index(folder)
    finally:
        assert read_manifest(folder) == before


def test_a_manifest_that_fits_its_checksum_is_not_believed(index: Path, tmp_path: Path) -> None:
    """What a program with a defect, or an enemy, may write."""
    copy = shutil.copytree(index, tmp_path / "copy")
    good = json.loads(manifest_bytes(read_manifest(index)))
    changes: list[tuple[list[object], object]] = [
        (["segments", 0, "name"], "../../../etc"),
        (["segments", 0, "documents"], 10**15),
        (["segments", 0, "tokens"], -1),
        (["segments", 0, "token_bytes"], 3),
        (["segments", 0, "files"], {}),
        (["segments", 0, "removal", "name"], "removals-1/../../x"),
        (["segments"], 5),
        (["tokenizer", "file"], "/etc/passwd"),
        (["tokenizer", "vocabulary"], 1),
        (["next_number"], True),
    ]
    for keys, value in changes:
        body = json.loads(json.dumps(good))
        target = body
        for key in keys[:-1]:
            target = target[key]
        target[keys[-1]] = value
        del body["checksum"]
        body["checksum"] = checksum_of(canonical(body).encode())
        (copy / MANIFEST).write_text(canonical(body) + "\n")
        assert verify_index(copy), keys
        with pytest.raises(IndexDamagedError):
            contents(Index.open(copy))


def test_texts_that_tokens_do_not_spell_are_read_and_checked(tmp_path: Path) -> None:
    texts = {"a": "Größe matters", "b": "plain text", "c": ""}
    build_index(records(texts), tmp_path / "index", id_field="id", tokenizer=lossy_tokenizer())
    index = Index.open(tmp_path / "index")
    assert {identifier: text for identifier, (text, _) in contents(index).items()} == texts
    assert len(index.segments[0].stored_texts)
    assert verify_index(tmp_path / "index") == []


def test_reading_is_unharmed_by_a_lock_that_is_held(index: Path) -> None:
    assert (index / "lock").exists()
    os.utime(index / "lock")
    assert Index.open(index).documents == 9
