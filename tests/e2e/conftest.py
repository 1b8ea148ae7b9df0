"""A service over the index of the addresses, as its own processes, for all tests of a module; and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import NoBrowserError, launch_options
from served import Service, running

from wherefrom_indexer import build_index

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What Playwright's `browser`, one in a process, is started with."""
    try:
        return launch_options()
    except NoBrowserError as error:
        pytest.fail(str(error))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`wherefrom serve` over the demo corpus, on a free port, with a store of its own."""
    folder = tmp_path_factory.mktemp("service")
    build_index([ROOT / "data" / "sotu.jsonl"], folder / "demo.index", text_field="text", id_field="id")
    with running(folder / "demo.index", folder / "traces", name="demo") as service:
        yield service
