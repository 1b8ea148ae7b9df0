"""Small segments in memory, made by brute force, for tests of the kernels."""

from __future__ import annotations

from collections.abc import Sequence

import naive
import numpy as np

from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays, spelling_arrays
from wherefrom_indexer.top_level import leader_count, token_codes, top_level
from wherefrom_indexer.vocabulary import Vocabulary

_NO_LIVE = np.empty(0, np.uint64)
_NO_COUNTS = np.empty(0, np.uint32)


def stored(documents: Sequence[Sequence[int]], dtype: type = np.uint16) -> np.ndarray:
    """The tokens file of documents given as new ids."""
    values: list[int] = []
    for document in documents:
        values += [token + 1 for token in document]
        values.append(0)
    return np.array(values, dtype)


def live_bits(suffixes: Sequence[int], documents: Sequence[Sequence[int]], removed: set[int]) -> np.ndarray:
    """True for the ranks whose suffixes stand in documents that are not removed."""
    ends = np.cumsum([len(document) + 1 for document in documents])
    owners = np.searchsorted(ends, np.asarray(suffixes, np.int64), side="right")
    return np.array([owner not in removed for owner in owners.tolist()], dtype=bool)


def segment_arrays(
    documents: Sequence[Sequence[int]], size: int, removed: set[int] | None = None, dtype: type = np.uint16
) -> SegmentArrays:
    """A segment over a vocabulary of `size` tokens, with some documents (by ordinal) removed."""
    tokens = stored(documents, dtype)
    suffixes = np.array(naive.suffix_array(tokens), np.uint32)
    live, live_before = np.empty(0, np.uint64), np.empty(0, np.uint32)
    if removed:
        bits = live_bits(suffixes, documents, removed)
        blocks = -(-len(bits) // 512)
        padded = np.zeros(blocks * 512, dtype=bool)
        padded[: len(bits)] = bits
        live = np.packbits(padded, bitorder="little").view(np.uint64)
        live_before = np.concatenate([[0], np.cumsum(padded.reshape(-1, 512).sum(axis=1))]).astype(np.uint32)
    return arrays_of(tokens, suffixes, size, live, live_before)


def arrays_of(
    tokens: np.ndarray,
    suffixes: np.ndarray,
    size: int,
    live: np.ndarray = _NO_LIVE,
    live_before: np.ndarray = _NO_COUNTS,
) -> SegmentArrays:
    """What kernels read of a segment of a vocabulary of `size` tokens; its tables are made from tokens and suffixes."""
    occurrences = np.bincount(tokens[suffixes], minlength=size + 1)
    present = np.flatnonzero(occurrences)
    codes = token_codes(np.stack([present, occurrences[present]]).astype(np.uint64), len(tokens), size)
    top, leaders = top_level(tokens, suffixes, codes), leader_count(len(suffixes))
    first_token = np.concatenate([[0], np.cumsum(occurrences)]).astype(np.int64)
    arrays = SegmentArrays(
        tokens, suffixes, first_token, live.view(), live_before.view(), codes, top[:leaders], top[leaders:]
    )
    for array in arrays:
        array.flags.writeable = False
    return arrays


def vocabulary_of(spellings: Sequence[bytes]) -> tuple[Vocabulary, SpellingArrays]:
    """A vocabulary of given spellings, and what kernels read of it."""
    vocabulary = Vocabulary.from_spellings(dict(enumerate(spellings)))
    return vocabulary, spelling_arrays(vocabulary)
