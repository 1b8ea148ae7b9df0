"""Batches: whatever their size and the number of threads, the same index."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_indexes import Faults, Killed, contents, lossy_tokenizer, operations_of, records, small_tokenizer

from wherefrom_indexer import Index, batches, build_index, verify_index
from wherefrom_indexer.batches import Batch, Place
from wherefrom_indexer.errors import DuplicateIdError, SourceError
from wherefrom_indexer.files import operation_hook
from wherefrom_indexer.sources import Document, Skipped, Source, SourceOptions, TokenizedDocument, open_source
from wherefrom_indexer.stored_documents import stored_tokens

TEXTS = {f"d{n}": f"document {n} says the people " * (n % 7) for n in range(60)}


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def with_batches_of(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    whole = batches.batches
    monkeypatch.setattr("wherefrom_indexer.encoding.batches", lambda *arguments: whole(*arguments, batch_bytes=size))


def files_of(index: Index) -> dict[str, bytes]:
    folders = sorted(path for path in index.path.rglob("*.bin"))
    return {path.relative_to(index.path).as_posix(): path.read_bytes() for path in folders}


def versions(build: Callable[[Path, int], Index], folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The versions of indexes that are built with other batches and threads; their bytes are compared."""
    first = build(folder / "first", 1)
    expected = files_of(first)
    found = {first.version}
    for size, threads in ((1, 1), (300, 3), (1_000, 2), (1 << 20, 2)):
        with monkeypatch.context() as patch:
            with_batches_of(patch, size)
            index = build(folder / f"{size}-{threads}", threads)
        assert files_of(index) == expected, (size, threads)
        found.add(index.version)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("wherefrom")]
    return found


@pytest.mark.parametrize("tokenizer", [small_tokenizer, lossy_tokenizer])
@pytest.mark.parametrize("segment_tokens", [None, 150])
def test_batches_and_threads_change_nothing(
    tokenizer: Callable[[], object], segment_tokens: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(folder: Path, threads: int) -> Index:
        return build_index(
            records(TEXTS, source="x"),
            folder,
            id_field="id",
            tokenizer=tokenizer(),  # type: ignore[arg-type]
            segment_tokens=segment_tokens,
            threads=threads,
        )

    assert len(versions(build, tmp_path, monkeypatch)) == 1
    index = Index.open(tmp_path / "1000-2")
    assert {key: text for key, (text, _) in contents(index).items()} == TEXTS
    assert (len(index.segments) > 1) == (segment_tokens is not None)
    assert verify_index(index.path) == []


def test_a_killed_build_goes_on_with_other_batches_and_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(record) + "\n" for record in records(dict(list(TEXTS.items())[:20]))))

    def build(folder: Path, threads: int, size: int) -> Index:
        with monkeypatch.context() as patch:
            with_batches_of(patch, size)
            return build_index(
                corpus, folder, id_field="id", tokenizer=small_tokenizer(), segment_tokens=60, threads=threads
            )

    expected = files_of(build(tmp_path / "whole", 1, 1 << 20))
    points = operations_of(lambda: build(tmp_path / "counted", 2, 700))
    for point in range(5, points, 41):
        folder = tmp_path / f"killed-{point}"
        with pytest.raises(Killed), operation_hook(Faults(point)):
            build(folder, 3, 700)
        assert files_of(build(folder, 1 + point % 3, (1, 400, 1 << 20)[point % 3])) == expected, point
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("wherefrom")]


@pytest.mark.parametrize("policy", ["skip", "replace"])
def test_duplicate_ids_in_any_batches(policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = np.random.default_rng(7).integers(0, 25, 80).tolist()
    corpus = [{"id": f"d{name}", "text": f"text {number} of {name}"} for number, name in enumerate(chosen)]
    expected: dict[str, str] = {}
    for record in corpus:
        if policy == "replace" or record["id"] not in expected:
            expected[record["id"]] = record["text"]

    def build(folder: Path, threads: int) -> Index:
        index = build_index(
            corpus,
            folder,
            id_field="id",
            tokenizer=small_tokenizer(),
            segment_tokens=150,
            on_duplicate_id=policy,  # type: ignore[arg-type]
            threads=threads,
        )
        assert {key: text for key, (text, _) in contents(index).items()} == expected
        return index

    assert len(versions(build, tmp_path, monkeypatch)) == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_duplicate_is_named(threads: int, tmp_path: Path) -> None:
    corpus = [{"id": str(number % 50), "text": "text"} for number in range(99)]
    with pytest.raises(DuplicateIdError, match=r"record 50: .* the id '0'"):
        build_index(corpus, tmp_path / "index", id_field="id", tokenizer=small_tokenizer(), threads=threads)
    assert not (tmp_path / "index").exists()


class Mixed(Source):
    """Texts and ids in turn, some of which cannot be stored."""

    def fingerprint(self) -> str:
        return "mixed"

    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        tokenizer = small_tokenizer()
        for number in range(skip, 60):
            name, text = f"m{number}", f"document {number}"
            if number % 10 == 3:
                yield Document(name, text, {"x": object()}, name)
            elif number % 10 == 4:
                yield TokenizedDocument(name, np.array([60_000], np.uint32), {}, name)
            elif number % 3:
                yield Document(name, text, {}, name)
            else:
                ids = tokenizer.vocabulary.original[tokenizer.encode(text).ids]
                yield TokenizedDocument(name, ids, {}, name)


def test_texts_and_ids_and_documents_that_cannot_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(folder: Path, threads: int) -> Index:
        skipped: list[Skipped] = []
        options = SourceOptions(on_error="skip")
        index = build_index(
            Mixed("mixed", options),
            folder,
            tokenizer=small_tokenizer(),
            source_options=options,
            segment_tokens=60,
            threads=threads,
            on_skip=skipped.append,
        )
        assert sorted(one.location for one in skipped) == sorted(f"m{n}" for n in range(60) if n % 10 in (3, 4))
        expected = {f"m{n}": f"document {n}" for n in range(60) if n % 10 not in (3, 4)}
        assert {key: text for key, (text, _) in contents(index).items()} == expected
        return index

    assert len(versions(build, tmp_path, monkeypatch)) == 1
    with pytest.raises(SourceError, match="m3: its metadata cannot be written"):
        build_index(Mixed("mixed", SourceOptions()), tmp_path / "strict", tokenizer=small_tokenizer())


def gathered(source: Source, passed: int, size: int) -> list[Batch]:
    return list(batches.batches([source], Place(0, passed), lambda skipped: None, size))


@pytest.mark.parametrize("size", [1, 300, 1 << 20])
@pytest.mark.parametrize("passed", [0, 1, 7, 39])
def test_batches_tell_the_places_of_their_documents(size: int, passed: int) -> None:
    source = open_source([{"text": f"text {number}", "n": number} for number in range(40)])
    found = gathered(source, passed, size)
    assert [place for batch in found for place in batch.places] == list(range(passed, 40))
    assert [text for batch in found for text in batch.texts] == [f"text {number}" for number in range(passed, 40)]
    assert all(batch.ids for batch in found)
    assert (len(found) == 40 - passed) == (size == 1 or passed == 39)


def test_large_metadata_and_many_documents_end_a_batch() -> None:
    large = open_source([{"text": "x", "more": "y" * 50_000} for _ in range(100)])
    assert len(gathered(large, 0, 1 << 20)) == 5
    many = open_source([{"text": ""} for _ in range(8_000)])
    assert len(gathered(many, 0, 1 << 20)) > 1


@given(st.lists(st.lists(st.integers(0, 65_534), max_size=5), max_size=8), st.sampled_from([2, 4]))
def test_stored_tokens_end_with_a_separator(documents: list[list[int]], token_bytes: int) -> None:
    ids = np.array([token for document in documents for token in document], np.uint32)
    starts = np.cumsum([0, *map(len, documents)])
    values, begun = stored_tokens(ids, starts, token_bytes)
    expected = [[token + 1 for token in document] + [0] for document in documents]
    assert values.dtype == f"<u{token_bytes}"
    assert [values[a:b].tolist() for a, b in pairwise(begun)] == expected
