from __future__ import annotations

import importlib
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import SourceOptions, hub, open_source


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HF_HUB_OFFLINE",
        "HF_ENDPOINT",
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


class Library:
    """Stands for the `datasets` package; keeps what it was asked for."""

    def __init__(self, loaded: object) -> None:
        self.loaded = loaded
        self.asked: list[Any] = []

    def load_dataset(self, path: str, name: str | None, split: str | None, streaming: bool) -> object:
        self.asked.append((path, name, split, streaming))
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


def use(monkeypatch: pytest.MonkeyPatch, loaded: object) -> Library:
    library = Library(loaded)
    monkeypatch.setattr(hub, "importlib", SimpleNamespace(import_module=lambda name: library))
    monkeypatch.setattr(hub, "_check_hub", lambda spec: None)
    return library


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ("owner/name", ("owner/name", None, None, True)),
        ("owner/name:train", ("owner/name", None, "train", True)),
        ("hf://name:test", ("name", None, "test", True)),
        ("hf://datasets/owner/name/config:test", ("owner/name", "config", "test", True)),
    ],
)
def test_names_are_taken_apart(monkeypatch: pytest.MonkeyPatch, spec: str, asked: tuple[object, ...]) -> None:
    library = use(monkeypatch, [{"text": "one", "n": 1}])
    source = open_source(spec)
    (document,) = source.documents()
    assert library.asked == [asked]
    assert document.metadata == {"n": 1}
    assert document.id == f"{spec.removeprefix('hf://')}:0"
    assert open_source(spec).fingerprint() == source.fingerprint()


def test_the_split_option(monkeypatch: pytest.MonkeyPatch) -> None:
    library = use(monkeypatch, ["one"])
    open_source("owner/name", SourceOptions(split="train"))
    open_source("name", SourceOptions(format="hub"))
    assert library.asked == [("owner/name", None, "train", True), ("name", None, None, True)]


def test_all_splits_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, {"train": [{"text": "one"}], "test": [{"text": "two"}]})
    documents = list(open_source("owner/name").documents())
    assert [document.metadata for document in documents] == [{"split": "train"}, {"split": "test"}]


def test_offline_reads_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    library = use(monkeypatch, [{"text": "one"}])
    monkeypatch.setattr(hub, "_check_hub", lambda spec: pytest.fail("the hub was asked"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    open_source("owner/name")
    assert library.asked == [("owner/name", None, None, False)]


def test_what_the_package_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FileNotFoundError("Dataset 'owner/name' doesn't exist\non the Hub"))
    with pytest.raises(SourceError, match="owner/name cannot be loaded: Dataset 'owner/name' doesn't exist on the Hub"):
        open_source("owner/name")

    def broken() -> Iterator[dict[str, object]]:
        yield {"text": "one"}
        raise ConnectionError("gone")

    use(monkeypatch, broken())
    with pytest.raises(SourceError, match="owner/name cannot be read on: gone"):
        list(open_source("owner/name").documents())


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(SourceError, match=r"install \"wherefrom\[datasets\]\""):
        open_source("owner/name")


def test_without_a_hub_the_answer_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    before = time.monotonic()
    with pytest.raises(SourceError, match=r"no file or folder owner/name, and the hub http://127.* cannot be reached"):
        open_source("owner/name")
    assert time.monotonic() - before < 10


def test_a_hub_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SourceError, match="cannot be reached to load a dataset of that name"):
            open_source("owner/name")


@pytest.mark.parametrize("endpoint", ["no address", "ftp://nowhere.invalid", "http://[bad"])
def test_a_hub_with_a_bad_address(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(SourceError, match="cannot be reached"):
        open_source("owner/name")
