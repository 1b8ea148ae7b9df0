"""Byte-level BPE by kernels of our own: which tokenizers and texts they encode exactly, and encoding with them.

The tokenizers that language models have today are of this kind. Their texts are encoded here at some fifty times the
speed of `tokenizers`, to the same tokens. What is not exactly of this kind is left to `hugging_face`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import normalizers

from wherefrom_indexer.byte_pair_kernels import BLOCK, BUCKET, LONG_ENTRY, Known, Texts, encode
from wherefrom_indexer.definition import Definition, encoding_definition
from wherefrom_indexer.merge_kernels import MAX_MERGES, SHORT, Merges, pair_table
from wherefrom_indexer.spelling import byte_alphabet, is_byte_level
from wherefrom_indexer.split_pattern import SplitPattern, known_pattern
from wherefrom_indexer.vocabulary import Vocabulary

_PADDING = 24
"""Bytes after the texts, which are read by words; see `Texts`."""

# Known pre-tokens of a thread: 8 MiB of short ones, room for 262,144, and 4 MiB of long ones.
_SHORT_BUCKETS = 1 << 16
_LONG_ENTRIES = 1 << 15
_ITEM_BYTES = 1 << 18
"""Texts are given to threads in parts of about this size."""

_ITEM_IDS = 1 << 17

# Characters that NFC leaves alone whatever stands before them, in every version of Unicode: those before the first
# combining mark, and some ranges of which no character composes, decomposes or combines.
_NOT_SURELY_NFC = re.compile(
    "[^\0-\u02ff\u2010-\u2027\u2030-\u205e\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
)


class BytePairs:
    """A byte-level BPE tokenizer, encoding in threads of each call's own."""

    def __init__(self, merges: Merges, pattern: SplitPattern, *, composes: bool) -> None:
        self._merges = merges
        self._pattern = pattern
        self._composes = composes
        self._idle: list[_Worker] = []

    @classmethod
    def of(cls, definition: Definition, vocabulary: Vocabulary) -> BytePairs | None:
        """Return what encodes with a canonical definition, or None where it would not be exact."""
        pattern = known_pattern(definition)
        normalizer = definition["normalizer"]
        if pattern is None or not _merges_bytes(definition) or normalizer not in (None, {"type": "NFC"}):
            return None
        merges = _tables(encoding_definition(definition)["model"], vocabulary)
        return None if merges is None else cls(merges, pattern, composes=normalizer is not None)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], vocabulary: Vocabulary) -> BytePairs:
        """The reverse of `arrays`, with the vocabulary that it was made with."""
        merges = Merges(arrays["byte_ids"], arrays["pairs"], arrays["whole"], vocabulary.spellings, vocabulary.offsets)
        pattern, composes = bytes(arrays["pattern"]).decode(), bool(arrays["composes"][0])
        return cls(merges, SplitPattern(pattern), composes=composes)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it knows beside the vocabulary, as arrays of one dimension."""
        return {
            "byte_ids": self._merges.byte_ids,
            "pairs": self._merges.pairs,
            "whole": self._merges.whole,
            "pattern": np.frombuffer(self._pattern.value.encode(), np.uint8),
            "composes": np.array([self._composes]),
        }

    def accepts(self, text: str) -> bool:
        """Whether a text is encoded exactly: the normalizer, if there is one, surely leaves it as it is."""
        if not self._composes or text.isascii() or not _NOT_SURELY_NFC.search(text):
            return True
        composed: str = normalizers.NFC().normalize_str(text)
        return composed == text

    def encode(self, texts: Texts, threads: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the new ids of n texts, joined, and where those of each begin (n + 1)."""
        counts = np.zeros(len(texts.starts) - 1, np.int64)
        items = list(itertools.pairwise(_items(texts.starts)))
        if min(threads, len(items)) <= 1:
            parts = [self._encode_item(texts, counts, *item) for item in items]
        else:
            # Threads of the call's own: a fork finds none, and no caller waits for another's work.
            with ThreadPoolExecutor(min(threads, len(items))) as pool:
                parts = list(pool.map(lambda item: self._encode_item(texts, counts, *item), items))
        flat = list(itertools.chain.from_iterable(parts))
        ids = flat[0] if len(flat) == 1 else np.concatenate([np.empty(0, np.uint32), *flat])
        return ids, np.concatenate([[0], np.cumsum(counts)])

    def _encode_item(self, texts: Texts, counts: NDArray[np.int64], first: int, last: int) -> list[NDArray[np.uint32]]:
        """Return the ids of texts[first:last] in parts, and set their counts."""
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker()
        rules, classes = self._pattern.rules, self._pattern.classes
        ids = worker.ids
        parts = []
        progress = np.array([first, texts.starts[first], 0])
        while progress[0] < last:
            written = encode(texts, progress, last, rules, classes, self._merges, worker.known, ids, counts)
            parts.append(ids[:written].copy())
            if progress[0] < last and progress[2] > len(ids):
                ids = np.empty(progress[2], np.uint32)  # for a long pre-token
        self._idle.append(worker)
        return parts


class _Worker:
    """What one thread needs: the pre-tokens that it knows, and room for ids."""

    def __init__(self) -> None:
        self.known = Known(
            short=_aligned_zeros(_SHORT_BUCKETS * BUCKET),
            long=_aligned_zeros(_LONG_ENTRIES * LONG_ENTRY),
            ends=np.empty(BLOCK, np.int64),
            places=np.empty(BLOCK, np.int64),
            keys=np.empty(2 * BLOCK, np.uint64),
            long_key=np.empty(8, np.uint64),
            nodes=np.empty((SHORT, 4), np.int64),
            heap=np.empty(2 * SHORT, np.int64),
        )
        self.ids = np.empty(_ITEM_IDS, np.uint32)


def joined_texts(texts: Sequence[bytes]) -> Texts:
    """Return texts, given as UTF-8, as kernels read them."""
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    padding = bytes(_PADDING + -int(starts[-1]) % 8)
    raw = np.frombuffer(b"".join([*texts, padding]), np.uint8)
    return Texts(raw, raw.view(np.uint64), starts)


def _merges_bytes(definition: Definition) -> bool:
    """Whether a definition's model is BPE over bytes and nothing else."""
    model = definition["model"]
    others = ("dropout", "byte_fallback", "continuing_subword_prefix", "end_of_word_suffix")
    return model["type"] == "BPE" and not any(model.get(other) for other in others) and is_byte_level(definition)


def _tables(model: Definition, vocabulary: Vocabulary) -> Merges | None:
    """Return the tables of a model, or None if it lacks a byte, or a token of a merge."""
    original_of: dict[str, int] = model["vocab"]
    alphabet = byte_alphabet()
    if not isinstance(original_of, dict) or len(model["merges"]) > MAX_MERGES or alphabet.keys() - original_of.keys():
        return None
    merges = np.empty((3, len(model["merges"])), np.uint32)
    try:
        for row, tokens in zip(merges, _merge_tokens(model["merges"]), strict=True):
            row[:] = np.fromiter(map(original_of.__getitem__, tokens), np.int64, len(tokens))
    except KeyError:
        return None
    pairs = pair_table(vocabulary.renumbered[merges])
    byte_ids = np.empty(256, np.int64)
    byte_ids[list(alphabet.values())] = [vocabulary.renumbered[original_of[character]] for character in alphabet]
    whole = _whole_tokens(original_of, vocabulary) if model.get("ignore_merges") else np.empty(0, np.int64)
    return Merges(byte_ids, pairs, whole, vocabulary.spellings, vocabulary.offsets)


def _merge_tokens(merges: Sequence[str | Sequence[str]]) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Return the left, the right and the merged token of each merge."""
    if merges and isinstance(merges[0], str):
        lines = "\n".join(merges)  # type: ignore[arg-type]
        both = lines.replace(" ", "\n").split("\n")  # a tenth of the time of splitting one by one
        if len(both) == 2 * len(merges):
            return both[::2], both[1::2], lines.replace(" ", "").split("\n")
    pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]
    return [left for left, _ in pairs], [right for _, right in pairs], [left + right for left, right in pairs]


def _whole_tokens(original_of: dict[str, int], vocabulary: Vocabulary) -> NDArray[np.int64]:
    """For each new id the token that a pre-token spelled like it is, whatever the merges; -1 if there is none.

    That is the token itself, unless it cannot be made from text: then it may be another one, spelled alike.
    """
    alphabet = byte_alphabet().keys()
    if set().union(*original_of) <= alphabet:
        makeable = np.fromiter(original_of.values(), np.int64, len(original_of))
    else:
        makeable = np.array([original for token, original in original_of.items() if alphabet >= set(token)], np.int64)
    whole = np.full(vocabulary.size, -1, np.int64)
    new_ids = vocabulary.renumbered[makeable].astype(np.int64)
    whole[new_ids] = new_ids
    for other in np.flatnonzero(whole < 0).tolist():
        spelling = vocabulary.spelling(other)
        for twin in vocabulary.starting_with(spelling):
            if vocabulary.spelling(twin) != spelling:
                break
            if whole[twin] == twin:
                whole[other] = twin
    return whole


def _items(starts: NDArray[np.int64]) -> list[int]:
    """Cut texts into runs of about `_ITEM_BYTES`: the numbers of the first texts, and that after the last."""
    if len(starts) == 1:
        return []
    wanted = np.arange(0, max(starts[-1], 1), _ITEM_BYTES)
    return [*np.unique(np.searchsorted(starts[:-1], wanted)).tolist(), len(starts) - 1]


def _aligned_zeros(words: int) -> NDArray[np.uint64]:
    """Return zeros that begin with a line of the processor's cache."""
    zeros = np.zeros(words + 8, np.uint64)
    skipped = -zeros.ctypes.data % 64 // 8
    return zeros[skipped : skipped + words]
