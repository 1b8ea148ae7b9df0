"""Many texts in several processes: the answers of one, in order, and failures that say what they are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_indexes
import worker_functions

from wherefrom import Tracer
from wherefrom.tracer import WORTH_PROCESSES
from wherefrom_indexer import Index, build_index, remove_documents
from wherefrom_indexer.errors import IndexDamagedError, StorageError, UsageError

WORDS = ["needle", "hay", "and", "straw"]
TEXTS = {f"d{number}": " ".join(WORDS[: 1 + number % 4]) for number in range(20)}


@pytest.fixture
def tracer(tmp_path: Path) -> Iterator[Tracer]:
    records = small_indexes.records(TEXTS)
    with Tracer(
        [build_index(records, tmp_path / "index", id_field="id", tokenizer=small_indexes.small_tokenizer())]
    ) as it:
        yield it
    assert multiprocessing.active_children() == []


def test_processes_answer_in_order_as_one_does(tracer: Tracer) -> None:
    texts = [f"{WORDS[number % 4]} {number % 7}"[: 3 + number % 5] for number in range(WORTH_PROCESSES + 50)]
    found = list(tracer.map(worker_functions.count, iter(texts), 2))
    assert [number for number, _ in found] == [tracer.count(text).count for text in texts]
    assert os.getpid() not in {process for _, process in found}
    read: list[int] = []
    results = tracer.map(worker_functions.count, (read.append(1) or text for text in texts * 20), 2)  # type: ignore[func-returns-value]
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(read) < len(texts) * 20, "texts are read as they are needed"


@pytest.mark.parametrize(("text", "error"), [("die", StorageError), ("err", UsageError)])
def test_failures_of_processes_are_told(tracer: Tracer, text: str, error: type[Exception]) -> None:
    texts = ["ok"] * WORTH_PROCESSES + [text] + ["ok"] * 40
    with pytest.raises(error):
        list(tracer.map(worker_functions.fail_at, texts, 2))


def test_processes_do_not_search_another_version(tracer: Tracer, tmp_path: Path) -> None:
    remove_documents(tmp_path / "index", ["d3"])
    with pytest.raises(IndexDamagedError, match="changed"):
        list(tracer.map(worker_functions.count, WORDS * WORTH_PROCESSES, 2))
    assert isinstance(Index.open(tmp_path / "index"), Index)


def test_few_texts_are_traced_here(tracer: Tracer) -> None:
    provenances = list(tracer.trace_many(["needle hay and", "straw"], min_characters=1, max_documents=1))
    assert [provenance.text for provenance in provenances] == ["needle hay and", "straw"]
    assert provenances[0].spans
    with pytest.raises(UsageError):
        tracer.trace_many(["x"], preset="other")
    with pytest.raises(UsageError, match="empty"):
        list(tracer.trace_many(["needle", ""]))
