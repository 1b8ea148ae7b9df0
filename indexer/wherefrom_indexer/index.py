"""An index: opened, asked for documents and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import DocumentNotFoundError, IndexDamagedError
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.manifest import Manifest, read_manifest
from wherefrom_indexer.segment import Segment, open_segment
from wherefrom_indexer.tokenization import Tokenizer


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A live document. `duplicates`: other live documents of the index with equal text."""

    id: str
    text: str
    metadata: Mapping[str, Any]
    duplicates: int


class Index:
    """An opened index; keeps the version that it opened, whatever writers do later.

    Attributes:
        path: its folder.
        name: what the folder is called.
        manifest: what manifest.json said.
        version: hash of what it holds, 32 hex digits.
        segments: its segments, opened.
        documents, tokens: live ones.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        """Open what `manifest` names; use `Index.open` unless you hold the writer's lock."""
        self.path = path
        self.name = path.resolve().name
        self.manifest = manifest
        self.version = manifest.version
        self._tokenizer = IndexTokenizer(path, manifest.tokenizer)
        self.segments: tuple[Segment, ...] = tuple(
            open_segment(path, entry, self._tokenizer) for entry in manifest.segments
        )
        self.documents = sum(entry.live_documents for entry in manifest.segments)
        self.tokens = sum(entry.live_tokens for entry in manifest.segments)

    @classmethod
    def open(cls, path: str | Path) -> Index:
        """Open a published index.

        Checks the manifest, every file's size and header, and the small tables' checksums; takes milliseconds.

        Raises:
            IndexNotFoundError: there is none.
            IndexFormatError: it is of another format version.
            IndexDamagedError: files are missing, truncated, grown or visibly changed.
        """
        folder = Path(path)
        manifest = read_manifest(folder)
        while True:
            try:
                return cls(folder, manifest)
            except FileNotFoundError as error:
                # A writer may have unlinked what the manifest just read named: then there is a newer one.
                newer = read_manifest(folder)
                if newer == manifest:
                    raise IndexDamagedError(
                        f"{error.filename} is missing: restore it, or build the index again."
                    ) from error
                manifest = newer

    def __repr__(self) -> str:
        return f"Index({str(self.path)!r}, {self.documents:,} documents, {self.tokens:,} tokens)"

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, loaded on first use."""
        return self._tokenizer.tokenizer

    @cached_property
    def occurrences(self) -> NDArray[np.int64]:
        """How often each token (by new id) occurs in live documents."""
        return self._sum_frequencies(1)

    @cached_property
    def document_frequency(self) -> NDArray[np.int64]:
        """In how many live documents each token (by new id) occurs."""
        return self._sum_frequencies(2)

    def find(self, identifier: str) -> tuple[Segment, int] | None:
        """The segment and ordinal of the live document with that id."""
        for segment in self.segments:
            ordinal = segment.ordinal_of(identifier)
            if ordinal is not None:
                return segment, ordinal
        return None

    def document(self, identifier: str) -> StoredDocument:
        """A live document by its id; DocumentNotFoundError where there is none."""
        found = self.find(identifier)
        if found is None:
            raise DocumentNotFoundError(f"{self.path} has no document with the id {identifier!r}.")
        segment, ordinal = found
        record = segment.record(ordinal)
        duplicates = self.duplicates(segment, ordinal)
        return StoredDocument(identifier, segment.text(ordinal), record.metadata, duplicates)

    def duplicates(self, segment: Segment, ordinal: int) -> int:
        """How many other live documents of the index have the text of this one."""
        digest = segment.hashes[ordinal]
        equal = sum(len(other.with_hash(digest)) for other in self.segments)
        return equal - 1 if segment.is_live(ordinal) else equal

    def _sum_frequencies(self, row: int) -> NDArray[np.int64]:
        by_stored = np.zeros(self.manifest.tokenizer.vocabulary + 1, np.int64)
        for segment in self.segments:
            by_stored[segment.frequencies[0].astype(np.int64)] += segment.frequencies[row].astype(np.int64)
            if segment.removal is not None:
                removed = segment.removal.frequencies
                by_stored[removed[0].astype(np.int64)] -= removed[row].astype(np.int64)
        return by_stored[1:]
