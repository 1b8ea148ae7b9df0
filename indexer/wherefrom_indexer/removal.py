"""What is removed from one segment: a bitmap over ranks with a popcount directory, and what to subtract.

A removal is a folder of small array files, written once and replaced as a whole by the next removal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.array_file import ArrayWriter, open_array, read_array, write_array
from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.files import FileInfo, make_folder, sync_folder
from wherefrom_indexer.manifest import RemovalEntry
from wherefrom_indexer.segment_kernels import live_ranks, mark_positions, token_frequencies

WORD_BITS = 64
BLOCK_WORDS = 8
BLOCK_RANKS = WORD_BITS * BLOCK_WORDS

# Ranks judged at a time while a bitmap is made: bounds memory, whole blocks.
_CHUNK_RANKS = BLOCK_RANKS * 4096


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """What is removed from one segment; read-only arrays.

    Attributes:
        documents: uint32, the removed ordinals, ascending.
        live: uint64, bit `rank % 64` of word `rank // 64` is 1 where the suffix of that rank is live; whole blocks of 8
            words, bits beyond the last rank are 0.
        counts: uint32 (blocks + 1), live ranks before each block of 512 ranks; the last is the number of live ranks.
        frequencies: uint64 (3, n), rows: stored token, its occurrences, and its documents, that are removed.
    """

    documents: NDArray[np.uint32]
    live: NDArray[np.uint64]
    counts: NDArray[np.uint32]
    frequencies: NDArray[np.uint64]

    @classmethod
    def open(cls, folder: Path, entry: RemovalEntry, n_documents: int, n_tokens: int) -> Removal:
        """Map a removal of a segment with so many documents and tokens; FileNotFoundError passes through."""
        blocks = block_count(n_tokens)
        documents = read_array(folder / "documents.bin", "u4", entry.files["documents.bin"])
        frequencies = read_array(folder / "frequencies.bin", "u8", entry.files["frequencies.bin"])
        live = open_array(folder / "live.bin", "u8", entry.files["live.bin"], random=True)
        counts = open_array(folder / "counts.bin", "u4", entry.files["counts.bin"], random=True)
        fits = (
            len(documents) == entry.documents <= n_documents
            and (not len(documents) or int(documents[-1]) < n_documents)
            and bool((documents[1:] > documents[:-1]).all())
            and len(live) == blocks * BLOCK_WORDS
            and len(counts) == blocks + 1
            and len(frequencies) % 3 == 0
        )
        if not fits:
            raise IndexDamagedError(f"The tables in {folder} do not fit together: restore the folder.")
        return cls(documents, live, counts, frequencies.reshape(3, -1))

    def removes(self, ordinal: int) -> bool:
        """Whether the document is removed."""
        place = int(np.searchsorted(self.documents, ordinal))
        return place < len(self.documents) and int(self.documents[place]) == ordinal


def block_count(n_tokens: int) -> int:
    """Blocks of 512 ranks that a bitmap over so many ranks has."""
    return -(-n_tokens // BLOCK_RANKS)


def write_removal(
    folder: Path,
    documents: NDArray[np.uint32],
    *,
    tokens: NDArray[Any],
    suffixes: NDArray[np.uint32],
    starts: NDArray[np.uint64],
    vocabulary: int,
) -> RemovalEntry:
    """Write the removal of `documents` (ascending ordinals) from a segment into a new folder.

    Anonymous memory: one bit a position beside bounded buffers.
    """
    make_folder(folder)
    removed = mark_positions(documents, starts)
    frequencies = removed_frequencies(documents, tokens, starts, vocabulary)
    counts, live_info = _write_live(folder / "live.bin", suffixes, removed)
    files: Mapping[str, FileInfo] = {
        "documents.bin": write_array(folder / "documents.bin", documents, "u4"),
        "live.bin": live_info,
        "counts.bin": write_array(folder / "counts.bin", counts, "u4"),
        "frequencies.bin": write_array(folder / "frequencies.bin", frequencies, "u8"),
    }
    sync_folder(folder)
    return RemovalEntry(folder.name, len(documents), len(suffixes) - int(counts[-1]), files)


def removed_frequencies(
    documents: NDArray[np.uint32], tokens: NDArray[Any], starts: NDArray[np.uint64], vocabulary: int
) -> NDArray[np.uint64]:
    """The sparse frequency table (rows: stored token, occurrences, documents) of some documents of a segment."""
    occurrences, in_documents = token_frequencies(tokens, starts, documents, vocabulary)
    return sparse_frequencies(occurrences, in_documents)


def sparse_frequencies(occurrences: NDArray[np.int64], documents: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Rows stored token, occurrences, documents, for the tokens that occur; both given by stored token."""
    present = np.flatnonzero(occurrences)
    return np.stack([present, occurrences[present], documents[present]]).astype(np.uint64)


def live_words(
    suffixes: NDArray[np.uint32], removed: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The bitmap of whole blocks over some ranks, and the live ranks in each block.

    `removed` has one bit a position (`mark_positions`); the first rank given must begin a block.
    """
    blocks = block_count(len(suffixes))
    words = np.zeros(blocks * BLOCK_WORDS, np.uint64)
    if live_ranks(suffixes, removed, words):
        raise IndexDamagedError("A suffix points outside of its segment: restore the index, or build it again.")
    in_block = np.bitwise_count(words).reshape(blocks, BLOCK_WORDS).sum(axis=1, dtype=np.int64)
    return words, in_block


def _write_live(
    path: Path, suffixes: NDArray[np.uint32], removed: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], FileInfo]:
    counts = np.zeros(block_count(len(suffixes)) + 1, np.int64)
    with ArrayWriter(path, "u8") as writer:
        for start in range(0, len(suffixes), _CHUNK_RANKS):
            words, in_block = live_words(suffixes[start : start + _CHUNK_RANKS], removed)
            writer.append(words)
            first = start // BLOCK_RANKS
            counts[first + 1 : first + 1 + len(in_block)] = in_block
        info = writer.finish()
    return np.cumsum(counts), info
