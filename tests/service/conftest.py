"""The demo corpus and its index, built once for all tests of the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wherefrom import Tracer
from wherefrom_indexer import build_index

CORPUS = Path(__file__).parents[2] / "data" / "sotu.jsonl"


@pytest.fixture(scope="session")
def demo_texts() -> dict[str, str]:
    """The texts of the demo corpus by id."""
    records = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return {record["id"]: record["text"] for record in records}


@pytest.fixture(scope="session")
def demo_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the demo corpus."""
    folder = tmp_path_factory.mktemp("demo") / "sotu.index"
    build_index([str(CORPUS)], folder, id_field="id")
    return folder


@pytest.fixture(scope="session")
def demo(demo_index: Path) -> Tracer:
    """A tracer over the demo corpus."""
    return Tracer.open(demo_index)
