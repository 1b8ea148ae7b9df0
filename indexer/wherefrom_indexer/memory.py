"""The memory planner: how large a segment may be, for a budget of anonymous memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from wherefrom_indexer import id_table
from wherefrom_indexer.errors import MemoryBudgetError, UsageError
from wherefrom_indexer.segment_writer import token_width
from wherefrom_indexer.suffix_array import bytes_per_token

PROGRAM_BYTES = 150 * 1000**2
"""What the interpreter, the libraries and the kernels take, which may have to be compiled (measured: 60 MB)."""

VOCABULARY_BYTES = 1600
"""What a tokenizer takes for each token of its vocabulary (measured: 1,500, for the default of 64,000 tokens)."""

BATCH_MEMORY = 100 * 1000**2
"""What the batches on their way take, for any number of threads, since what is built must not depend on it (measured:
20 MB for 1 thread and 75 MB for 8; where `tokenizers` encodes them 50 MB and 90 MB)."""

LEAST_POSITIONS = 1 << 20
"""A segment must have room for so many positions, or an index would fall into crumbs."""

MOST_POSITIONS = (1 << 32) - 1
"""Positions are stored in 32 bits, and counts of them must fit too."""

# Up to so many positions a place takes 4 bytes while suffixes are sorted, beyond them 8: a budget that is not enough
# for more stops here.
_NARROW_POSITIONS = (1 << 31) - 1

# Beside the suffix array: one bit a position for a removal bitmap, and a sample of 4 bytes every 256 positions.
_TABLES_PER_POSITION = 0.25
# Sorting the hashes of a segment's documents takes less than its table of ids and comes after it: see SegmentWriter.
_BYTES_PER_DOCUMENT = id_table.BYTES_PER_DOCUMENT + 16

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """How much of a corpus one segment takes: at most so many positions and documents, for a budget in bytes."""

    positions: int
    documents: int
    budget: int
    vocabulary: int


def parse_memory(memory: str | int) -> int:
    """Bytes of a size like "2GB", "512MiB", "1.5G" or a number; UsageError where it is none."""
    if isinstance(memory, int) and not isinstance(memory, bool):
        if memory > 0:
            return memory
    elif isinstance(memory, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?\s*", memory.upper())
        size = float(match[1]) * _UNITS.get(match[2], 0) if match else 0.0
        if 0 < size < float("inf"):
            return int(size)
    raise UsageError(f"The memory budget {memory!r} is not a size: write it like 2GB, 512MiB or a number of bytes.")


def plan_memory(memory: str | int, vocabulary: int) -> MemoryPlan:
    """How large segments may be so that the peak of anonymous memory stays within `memory`.

    `vocabulary`: number of tokens of the tokenizer.

    Raises:
        UsageError: `memory` is not a size.
        MemoryBudgetError: it is too small; says the least that would do.
    """
    budget = parse_memory(memory)
    least = memory_for(LEAST_POSITIONS, vocabulary)
    if budget < least:
        raise MemoryBudgetError(
            f"A memory budget of {_megabytes(budget)} is too small: the least that would do is {_megabytes(least)}."
        )
    room = budget - _fixed(vocabulary)
    narrow = min(_NARROW_POSITIONS, int(room / _per_position(vocabulary, LEAST_POSITIONS)))
    wide = min(MOST_POSITIONS, int(room / _per_position(vocabulary, MOST_POSITIONS)))
    documents = min(MOST_POSITIONS, int(room / _BYTES_PER_DOCUMENT))
    return MemoryPlan(max(narrow, wide), documents, budget, vocabulary)


def memory_for(positions: int, vocabulary: int) -> int:
    """The least budget with which a segment of so many positions can be built."""
    return _fixed(vocabulary) + int(positions * _per_position(vocabulary, positions)) + 1


def too_large(what: str, positions: int, plan: MemoryPlan) -> MemoryBudgetError:
    """The error for a document or segment of so many positions that does not fit in the budget."""
    least = memory_for(positions, plan.vocabulary)
    return MemoryBudgetError(
        f"{what} needs a memory budget of {_megabytes(least)}, and only {_megabytes(plan.budget)} are given."
    )


def _fixed(vocabulary: int) -> int:
    return PROGRAM_BYTES + VOCABULARY_BYTES * vocabulary + BATCH_MEMORY


def _per_position(vocabulary: int, positions: int) -> float:
    return bytes_per_token(np.dtype(f"u{token_width(vocabulary)}"), positions) + _TABLES_PER_POSITION


def _megabytes(size: int) -> str:
    return f"{-(-size // 10**6):,} MB"
