"""Tokenized corpora: Megatron's .bin/.idx, and flat files of ids with an end-of-document id, as OLMo uses."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.base import (
    Document,
    RecordError,
    Source,
    SourceOptions,
    TokenizedDocument,
    file_state,
    unreadable,
)

MAX_DOCUMENT_TOKENS = 1 << 26
"""A longer document is refused: most likely the end-of-document id is not the one the file was written with."""

_SCANNED_AT_ONCE = 1 << 20
_NPY = b"\x93NUMPY"

_MEGATRON_MAGIC = b"MMIDIDX\x00\x00"
_MEGATRON_LEGACY = b"TNTIDX\x00\x00"
_MEGATRON_HEADER = np.dtype(
    [("magic", "V9"), ("version", "<u8"), ("dtype", "u1"), ("sequences", "<u8"), ("documents", "<u8")]
)
_MEGATRON_DTYPES = {1: "<u1", 2: "<i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}

Ids = NDArray[np.integer[Any]]


class TokenSource(Source):
    """Files of token ids, mapped into memory and read one after another."""

    def __init__(self, name: str, options: SourceOptions, paths: Sequence[Path]) -> None:
        super().__init__(name, options)
        self.paths = list(paths)
        self.total_bytes = sum(file_state(path)[1] for path in self.paths)
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        """How far `documents` got, in bytes of the files of ids."""
        return self._bytes_read

    def fingerprint(self) -> str:
        """Return a digest of the files' paths, sizes and times, and of the options."""
        return self._digest([file_state(path) for path in self.paths])

    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        self._bytes_read = 0
        ordinal = 0
        for path in self.paths:
            finished = self._bytes_read
            for number, (ids, end) in enumerate(self._ids_of(path)):
                location = f"{path}:document {number}"
                try:
                    tokens = _checked(ids) if skip == 0 or self.options.on_error == "skip" else None
                except RecordError as error:
                    self._refuse(location, error)
                else:
                    if skip:
                        skip -= 1
                    elif tokens is not None:
                        yield TokenizedDocument(f"{self.name}:{ordinal}", tokens, {}, location)
                ordinal += 1
                self._bytes_read = finished + end
            self._bytes_read = finished + file_state(path)[1]

    @abstractmethod
    def _ids_of(self, path: Path) -> Iterator[tuple[Ids, int]]:
        """Yield the ids of each document of a file, and the byte it ends at."""


class MegatronSource(TokenSource):
    """Pairs of .bin and .idx; `paths` are the .bin files. An `end_of_document` at a document's end is left out."""

    def fingerprint(self) -> str:
        """Return a digest of both files' paths, sizes and times, and of the options."""
        both = [file for path in self.paths for file in (path, path.with_suffix(".idx"))]
        return self._digest([file_state(file) for file in both])

    def _ids_of(self, path: Path) -> Iterator[tuple[Ids, int]]:
        index = path.with_suffix(".idx")
        dtype, sizes, pointers, documents = _read_megatron_index(index)
        ids = _mapped(path, np.dtype(np.uint8))
        end = 0
        for first, last in pairwise(documents):
            if first > last:
                raise SourceError(f"{index} is damaged: its documents do not follow one another")
            parts = []
            for sequence in range(int(first), int(last)):
                start, size = int(pointers[sequence]), int(sizes[sequence]) * dtype.itemsize
                if start < 0 or size < 0 or start + size > len(ids):
                    raise SourceError(f"{index} is damaged: its sequence {sequence} lies outside of {path}")
                # Copied byte-wise: the format does not promise that sequences are aligned.
                parts.append(np.frombuffer(ids[start : start + size].tobytes(), dtype=dtype))
                end = start + size
            document = np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
            if len(document) and document[-1] == self.options.end_of_document:
                document = document[:-1]
            yield document, end


class FlatTokenSource(TokenSource):
    """Files of nothing but ids, .npy with or without its header, in which an id ends each document.

    Ends that follow one another are padding and make no documents.
    """

    def __init__(self, name: str, options: SourceOptions, paths: Sequence[Path]) -> None:
        super().__init__(name, options, paths)
        if options.end_of_document is None:
            raise SourceError(f"{name} holds bare token ids: tell the id that ends a document (end of document)")

    def _ids_of(self, path: Path) -> Iterator[tuple[Ids, int]]:
        ids = _flat_ids(path, self.options.token_dtype)
        start = 0
        for scanned in range(0, len(ids), _SCANNED_AT_ONCE):
            chunk = ids[scanned : scanned + _SCANNED_AT_ONCE]
            for end in np.flatnonzero(chunk == self.options.end_of_document) + scanned:
                if end > start:
                    yield ids[start:end], int(end) * ids.itemsize
                start = int(end) + 1
        if start < len(ids):
            yield ids[start:], ids.nbytes


def is_megatron_index(path: Path) -> bool:
    """Return whether a file is there and begins as Megatron's .idx does."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_MEGATRON_MAGIC)).startswith((_MEGATRON_MAGIC, _MEGATRON_LEGACY))
    except OSError:
        return False


def _checked(ids: Ids) -> NDArray[np.uint32]:
    """Return ids as uint32; raises RecordError where one does not fit or there are too many."""
    if len(ids) > MAX_DOCUMENT_TOKENS:
        raise RecordError(
            f"it has {len(ids):,} tokens, more than {MAX_DOCUMENT_TOKENS:,}: is the end-of-document id right?"
        )
    if len(ids) and (ids.min() < 0 or ids.max() > np.iinfo(np.uint32).max):
        wrong = ids[(ids < 0) | (ids > np.iinfo(np.uint32).max)][0]
        raise RecordError(f"{wrong} is no token id")
    return ids.astype(np.uint32)


def _flat_ids(path: Path, token_dtype: str | None) -> Ids:
    try:
        with open(path, "rb") as file:
            has_header = file.read(len(_NPY)) == _NPY
        if not has_header:
            return _mapped(path, _token_dtype(path, token_dtype))
        ids: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise unreadable(path, error) from error
    if ids.dtype.kind not in "iu":
        raise SourceError(f"{path} holds {ids.dtype}, not whole numbers")
    return ids.reshape(-1)


def _token_dtype(path: Path, name: str | None) -> np.dtype[np.integer[Any]]:
    if name is None:
        raise SourceError(f'{path} has no header: tell the type of its ids (token dtype), such as "uint16"')
    try:
        dtype = np.dtype(name)
    except TypeError as error:
        raise SourceError(f"There is no token dtype {name!r}: give one such as uint16 or uint32") from error
    if dtype.kind not in "iu":
        raise SourceError(f"The token dtype {name!r} is not one of whole numbers: give one such as uint16 or uint32")
    return dtype


def _mapped(path: Path, dtype: np.dtype[Any], offset: int = 0, count: int | None = None) -> NDArray[Any]:
    size = file_state(path)[1] - offset
    wanted = size if count is None else count * dtype.itemsize
    if wanted > size or wanted % dtype.itemsize:
        raise SourceError(f"{path} has {size + offset:,} bytes, which do not fit its ids of {dtype.itemsize} bytes")
    if wanted == 0:
        return np.empty(0, dtype=dtype)
    try:
        return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=(wanted // dtype.itemsize,))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _read_megatron_index(path: Path) -> tuple[np.dtype[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the type of the ids, each sequence's size and byte, and each document's first sequence and the end."""
    if not path.exists():
        raise SourceError(f"{path} is missing: Megatron's .bin needs its .idx beside it")
    header = _mapped(path, _MEGATRON_HEADER, count=1)[0]
    if header["magic"].tobytes() != _MEGATRON_MAGIC:
        raise SourceError(f"{path} is no index of Megatron's current format (MMIDIDX)")
    if header["version"] != 1:
        raise SourceError(f"{path} is of version {header['version']}; only version 1 is known")
    if int(header["dtype"]) not in _MEGATRON_DTYPES:
        raise SourceError(f"{path} holds ids of type {header['dtype']}, which is none of whole numbers")
    sequences, ends = int(header["sequences"]), int(header["documents"])
    at = _MEGATRON_HEADER.itemsize
    sizes = _mapped(path, np.dtype("<i4"), at, sequences)
    pointers = _mapped(path, np.dtype("<i8"), at + 4 * sequences, sequences)
    documents = _mapped(path, np.dtype("<i8"), at + 12 * sequences, ends)
    if not ends or documents[0] != 0 or documents[-1] != sequences:
        raise SourceError(f"{path} is damaged: its documents do not cover its sequences")
    return np.dtype(_MEGATRON_DTYPES[int(header["dtype"])]), sizes, pointers, documents
