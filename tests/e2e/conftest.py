"""A service over the index of the addresses, as its own processes, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Service, running

from wherefrom_indexer import build_index

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`wherefrom serve` over the demo corpus, on a free port, with a store of its own."""
    folder = tmp_path_factory.mktemp("service")
    build_index([ROOT / "data" / "sotu.jsonl"], folder / "demo.index", text_field="text", id_field="id")
    with running(folder / "demo.index", folder / "traces", name="demo") as service:
        yield service
