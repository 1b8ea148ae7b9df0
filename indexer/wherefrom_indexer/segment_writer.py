"""Writes one segment: documents are streamed in, then its tables are made, then its suffix array.

Memory while streaming: the table of id hashes and one open block of records. Everything else goes to the files.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.array_file import ArrayWriter, open_array, write_array
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.files import FileInfo, make_folder, sync_folder
from wherefrom_indexer.id_table import IdTable
from wherefrom_indexer.manifest import SegmentEntry
from wherefrom_indexer.read_ahead import beside
from wherefrom_indexer.records import RecordWriter, decode_record
from wherefrom_indexer.removal import sparse_frequencies
from wherefrom_indexer.segment_kernels import CHARACTER_STEP, character_starts, sample_characters, token_frequencies
from wherefrom_indexer.stored_documents import StoredDocuments
from wherefrom_indexer.suffix_array import suffix_array
from wherefrom_indexer.top_level import write_top_level
from wherefrom_indexer.vocabulary import Vocabulary


def token_width(vocabulary_size: int) -> int:
    """Bytes of a stored token: 2 as long as every token + 1 fits, else 4."""
    return 2 if vocabulary_size <= 65_535 else 4


class SegmentWriter:
    """Streams documents into a new segment's folder.

    `finish` makes the tables of documents and tokens; `write_suffixes` then completes the segment, so that a build
    that was killed while it sorted suffixes need not read its sources again.
    """

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self.folder = folder
        self.token_bytes = token_width(vocabulary.size)
        self.n_documents = 0
        self.n_positions = 0
        self._from_text = True
        self._vocabulary = vocabulary
        self._dtype = np.dtype(f"<u{self.token_bytes}")
        self._ids = IdTable()
        self._stored = array("I")
        self._view = folder / "exact"
        make_folder(self._view)
        self._tokens = ArrayWriter(self._view / "tokens.bin", self._dtype)
        self._starts = ArrayWriter(self._view / "starts.bin", "u8")
        self._hashes = ArrayWriter(folder / "hashes.bin", "u8")
        self._records = RecordWriter(folder)

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in (self._tokens, self._starts, self._hashes, self._records):
            file.close()

    def extend(self, documents: StoredDocuments, first: int, end: int) -> None:
        """Append the documents `first` to `end` of some."""
        starts = documents.starts[first : end + 1]
        self._starts.append(starts[:-1] + (self.n_positions - starts[0]))
        self._tokens.append(documents.values[starts[0] : starts[-1]])
        self._hashes.append(documents.content_hashes[first:end])
        self._records.extend(documents.records[first:end])
        self._ids.extend(documents.id_hashes[first:end])
        self._stored.extend((np.flatnonzero(documents.stored[first:end]) + self.n_documents).tolist())
        self._from_text &= documents.from_text
        self.n_documents += end - first
        self.n_positions += int(starts[-1] - starts[0])

    def holds_id_hashes(self, id_hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """For each hash whether the id of a document appended so far has it."""
        return self._ids.holds(id_hashes)

    def with_id_hash(self, id_hash: int) -> list[int]:
        """The documents appended so far whose ids have that hash, ascending."""
        return self._ids.find(id_hash)

    def id_of(self, ordinal: int) -> str:
        """The id of a document appended so far."""
        return decode_record(self._records.line(ordinal)).id

    def finish(self, name: str, threads: int = 1) -> SegmentEntry:
        """Write, sync and close everything but the suffixes; the entry lacks them until `write_suffixes`."""
        self._starts.append(self.n_positions.to_bytes(8, "little"))
        self._starts.flush()
        self._tokens.flush()
        with beside(self._token_tables, threads) as token_tables:
            files = {
                "exact/tokens.bin": self._tokens.finish(),
                "exact/starts.bin": self._starts.finish(),
                "hashes.bin": self._hashes.finish(),
                "stored_texts.bin": write_array(
                    self.folder / "stored_texts.bin", np.array(self._stored, np.uint32), "u4"
                ),
                **self._records.finish(),
                **self._write_id_order(),
                **self._write_hash_order(),
            }
            frequencies, characters = token_tables()
        files["exact/frequencies.bin"] = write_array(self._view / "frequencies.bin", frequencies, "u8")
        files["exact/characters.bin"] = write_array(self._view / "characters.bin", characters, "u4")
        sync_folder(self._view)
        sync_folder(self.folder)
        tokens = self.n_positions - self.n_documents
        return SegmentEntry(name, self.n_documents, tokens, self.token_bytes, self._from_text, files)

    def _write_id_order(self) -> Mapping[str, FileInfo]:
        hashes = self._ids.hashes.copy()
        self._ids = IdTable()
        order = np.argsort(hashes, kind="stable")
        return {
            "id_hashes.bin": write_array(self.folder / "id_hashes.bin", hashes[order], "u8"),
            "id_ordinals.bin": write_array(self.folder / "id_ordinals.bin", order, "u4"),
        }

    def _write_hash_order(self) -> Mapping[str, FileInfo]:
        hashes = open_array(self.folder / "hashes.bin", "u8").reshape(-1, 2)
        order = np.lexsort((hashes[:, 1], hashes[:, 0]))
        return {"hash_order.bin": write_array(self.folder / "hash_order.bin", order, "u4")}

    def _token_tables(self) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
        tokens = open_array(self._view / "tokens.bin", self._dtype)
        starts = open_array(self._view / "starts.bin", "u8")
        frequencies = sparse_frequencies(*token_frequencies(tokens, starts, None, self._vocabulary.size))
        return frequencies, sampled_characters(tokens, self._vocabulary)


def sampled_characters(tokens: NDArray[Any], vocabulary: Vocabulary) -> NDArray[np.uint32]:
    """For every 256th position the code points of its document that begin before that position's token."""
    samples = np.zeros(-(-len(tokens) // CHARACTER_STEP), np.uint32)
    begun = character_starts(vocabulary.spellings, vocabulary.offsets)
    if sample_characters(tokens, begun, samples) > np.iinfo(np.uint32).max:
        raise SourceError("A document has more than 4,294,967,295 characters: split it.")
    return samples


def write_suffixes(folder: Path, token_bytes: int, threads: int = 1) -> Mapping[str, FileInfo]:
    """Sort the suffixes of a segment whose tokens are written; write and sync them and their top level.

    Anonymous memory: `bytes_per_token` a position; the tokens are mapped.
    """
    view = folder / "exact"
    tokens = open_array(view / "tokens.bin", f"u{token_bytes}")
    frequencies = open_array(view / "frequencies.bin", "u8").reshape(3, -1)
    suffixes = suffix_array(tokens, threads=threads)
    files = {
        "exact/suffixes.bin": write_array(view / "suffixes.bin", suffixes, "u4"),
        "exact/top.bin": write_top_level(view / "top.bin", tokens, suffixes, frequencies),
    }
    sync_folder(view)
    return files
