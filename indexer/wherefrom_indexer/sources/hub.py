"""Datasets that are loaded by name through the `datasets` package (an extra), streamed from a hub."""

from __future__ import annotations

import http.client
import importlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.base import SourceOptions
from wherefrom_indexer.sources.records import IterableSource
from wherefrom_indexer.sources.values import shorten

PREFIX = "hf://"
_CONNECT_SECONDS = 5
_DEFAULT_HUB = "https://huggingface.co"
_YES = ("1", "on", "true", "yes")


def open_dataset(spec: str, options: SourceOptions, name: str) -> IterableSource:
    """Open "owner/name", "owner/name:split" or "hf://owner/name/configuration:split"; "hf://name" is possible too.

    With `HF_HUB_OFFLINE` set only what `datasets` has in its cache is found.

    Raises:
        SourceError: the package is not installed, the hub cannot be reached, or it has no such dataset.
    """
    path, configuration, split = _parse(spec, options.split)
    library = _library(spec)
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in _YES
    if not offline:
        _check_hub(spec)
    try:
        loaded = library.load_dataset(path, configuration, split=split, streaming=not offline)
    except Exception as error:  # a dataset's loader and the package's transports may raise anything
        raise SourceError(f"The dataset {spec} cannot be loaded: {shorten(str(error))}") from error
    records = _Splits(loaded) if isinstance(loaded, dict) else loaded
    return IterableSource(name, options, _Guarded(spec, records))


class _Splits:
    """All splits of a dataset one after another; records tell theirs in the field `split`."""

    def __init__(self, splits: dict[str, Iterable[dict[str, object]]]) -> None:
        self._splits = splits

    def __iter__(self) -> Iterator[dict[str, object]]:
        for split, records in self._splits.items():
            for record in records:
                yield {"split": split, **record}


class _Guarded:
    """Records whose transport may fail at any of them."""

    def __init__(self, spec: str, records: Iterable[dict[str, object]]) -> None:
        self._spec = spec
        self._records = records
        self._fingerprint = getattr(records, "_fingerprint", None) or spec

    def __iter__(self) -> Iterator[dict[str, object]]:
        records = iter(self._records)
        while True:
            try:
                record = next(records)
            except StopIteration:
                return
            except Exception as error:  # as above
                raise SourceError(f"The dataset {self._spec} cannot be read on: {shorten(str(error))}") from error
            yield record


def _parse(spec: str, split: str | None) -> tuple[str, str | None, str | None]:
    path, _, named_split = spec.removeprefix(PREFIX).removeprefix("datasets/").partition(":")
    owner_and_name = path.split("/", maxsplit=2)
    configuration = owner_and_name[2] if len(owner_and_name) == 3 else None
    return "/".join(owner_and_name[:2]), configuration, named_split or split


def _library(spec: str) -> Any:
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        raise SourceError(
            f'There is no file or folder {spec}; to load a dataset of that name, install "wherefrom[datasets]"'
        ) from error


def _check_hub(spec: str) -> None:
    """Ask the hub for its first page: the package itself tries for minutes."""
    hub = os.environ.get("HF_ENDPOINT", _DEFAULT_HUB)
    try:
        request = urllib.request.Request(hub, method="HEAD")
        urllib.request.urlopen(request, timeout=_CONNECT_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()  # it answered: that is enough
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise SourceError(
            f"There is no file or folder {spec}, and the hub {hub} cannot be reached to load a dataset of that name "
            f"({shorten(str(reason))}): give a dataset saved to disk, or set HF_HUB_OFFLINE=1 to use the local cache"
        ) from error
