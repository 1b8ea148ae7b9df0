"""A passage cut anywhere is found whole, and its document with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from truth import Outcome, outcome, passages

from wherefrom import Tracer
from wherefrom_indexer import build_index

DEMO = Path(__file__).parents[2] / "data" / "sotu.jsonl"


def _outcomes(folder: Path, texts: Sequence[str], number: int) -> list[Outcome]:
    ids = [f"document-{place}" for place in range(len(texts))]
    records = [{"id": name, "text": text} for name, text in zip(ids, texts, strict=True)]
    build_index([records], folder / "corpus.index", id_field="id")
    with Tracer.open(folder / "corpus.index") as tracer:
        return [outcome(tracer, texts, ids, passage) for passage in passages(texts, number, seed=7)]


def test_every_passage_of_the_demo_corpus_is_found_whole_with_its_document(tmp_path: Path) -> None:
    texts = [json.loads(line)["text"] for line in DEMO.read_text(encoding="utf-8").splitlines()]
    outcomes = [part for part in _outcomes(tmp_path, texts, 1000) if len(part.passage.text) >= 40]
    assert len(outcomes) > 900
    assert [part.passage.text for part in outcomes if not part.whole] == []
    assert [part.passage.text for part in outcomes if part.document_owed and not part.document_found] == []


def _python_sources() -> list[str]:
    files = sorted(Path(json.__file__).parent.parent.glob("*.py"))
    return [file.read_text(encoding="utf-8") for file in files[:120]]


@pytest.mark.slow
def test_passages_of_source_code_are_found_whole(tmp_path: Path) -> None:
    outcomes = [part for part in _outcomes(tmp_path, _python_sources(), 1000) if len(part.passage.text) >= 40]
    assert sum(part.whole for part in outcomes) >= 0.99 * len(outcomes)
