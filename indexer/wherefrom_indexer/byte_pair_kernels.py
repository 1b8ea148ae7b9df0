"""From texts to token ids: split, look each pre-token up among those met before, merge the others.

A table of known pre-tokens holds the bytes of each in full beside its tokens, so that a look-up is exact. Its buckets
are of fixed size: a new pre-token takes the place of another where there is no room. Most pre-tokens are short, so
there are two tables: entries of 32 bytes (up to 15 bytes and 4 tokens) and of 128 bytes (63 bytes and 16 tokens).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import ZERO, inner_kernel, kernel, prefetch_read
from wherefrom_indexer.merge_kernels import Merges, Number, merge, whole_token
from wherefrom_indexer.split_kernels import split

BLOCK = 1024
"""Pre-tokens looked up at once: their places in the table are asked for before the first is read."""

BUCKET = 16
"""Words of a bucket of short pre-tokens: four entries, in two lines of the processor's cache."""

LONG_ENTRY = 16
"""Words of an entry for a long pre-token."""

SHORT_BYTES, SHORT_IDS = 15, 4
LONG_BYTES, LONG_IDS = 63, 16
SLACK = LONG_IDS
"""Room that `ids` must have beyond the last token: entries are written whole."""

_FIRST_MASK = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(SHORT_BYTES + 2)], np.uint64)
_SECOND_MASK = np.array([(1 << 8 * max(size - 8, 0)) - 1 for size in range(SHORT_BYTES + 2)], np.uint64)
_SHIFT = np.uint64(32)
_TOP = np.uint64(56)
_ID = np.uint64(0xFFFFFF)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LOW = np.uint64(0xFFFFFFFF)
_MULTIPLIERS = (np.uint64(0x9E3779B1), np.uint64(0x85EBCA77), np.uint64(0xC2B2AE3D), np.uint64(0x27D4EB2F))


class Texts(NamedTuple):
    """Texts to encode.

    Attributes:
        raw: uint8, their UTF-8 one after another, followed by at least 16 bytes that make the size a multiple of 8.
        words: uint64, `raw` seen as words.
        starts: int64 (texts + 1), where each text begins in `raw`.
    """

    raw: NDArray[np.uint8]
    words: NDArray[np.uint64]
    starts: NDArray[np.int64]

    @property
    def text(self) -> NDArray[np.uint8]:
        """What of `raw` is text."""
        return self.raw[: self.starts[-1]]


class Known(NamedTuple):
    """The pre-tokens that one thread has met, and its scratch.

    Attributes:
        short: uint64, buckets of four entries: 15 bytes and their number, then 4 ids and their number.
        long: uint64, entries: 63 bytes and their number, then 16 ids and their number.
        ends, places: int64 (BLOCK), of the pre-tokens in hand.
        keys: uint64 (2 * BLOCK), of the pre-tokens in hand.
        long_key: uint64 (8).
        nodes, heap: see `merge`.
    """

    short: NDArray[np.uint64]
    long: NDArray[np.uint64]
    ends: NDArray[np.int64]
    places: NDArray[np.int64]
    keys: NDArray[np.uint64]
    long_key: NDArray[np.uint64]
    nodes: NDArray[np.int64]
    heap: NDArray[np.int64]


@kernel
def encode(
    texts: Texts,
    progress: NDArray[np.int64],
    last: Number,
    rules: NDArray[np.uint16],
    classes: NDArray[np.uint8],
    merges: Merges,
    known: Known,
    ids: NDArray[np.uint32],
    counts: NDArray[np.int64],
) -> Number:
    """Encode texts into `ids` until they are done or `ids` is full.

    Args:
        texts: the texts.
        progress: number of a text and a byte in `raw`, from which to go on; set to where the call ended.
        last: the text before which to end.
        rules, classes: see `split`.
        merges: the tokenizer.
        known: one thread's.
        ids: filled from its begin.
        counts: the number of tokens of each text; added to.

    Returns:
        How many ids were written. Where progress[0] < last, progress[2] is the room that the next tokens need.
    """
    # Arrays are taken out of their tuples once: every time costs an atomic count of references. One level of functions
    # below this one: whatever a function calls is compiled with it again.
    raw, words, starts = texts.raw, texts.words, texts.starts
    short, long, ends, keys, places = known.short, known.long, known.ends, known.keys, known.places
    key, nodes, heap = known.long_key, known.nodes, known.heap
    written = ZERO
    begin: Number = np.int64(progress[1])
    for number in range(progress[0], last):
        while begin < starts[number + 1]:
            found = split(raw, begin, starts[number + 1], rules, classes, ends)
            room = ends[found - 1] - begin + SLACK
            if room > ids.size - written:
                progress[0], progress[1], progress[2] = number, begin, room
                return written
            _make_keys(words, begin, found, short, ends, keys, places)
            counts[number] -= written
            i = ZERO
            while True:
                i, written = _look_up(short, keys, places, i, found, ids, written)
                if i == found:
                    break
                begin = ends[i - 1] if i > 0 else begin
                size = ends[i] - begin
                place = _find_long(words, begin, size, key, long)
                if place < 0:
                    written += _copy_long(long, ~place, ids, written)
                else:
                    count = whole_token(merges, raw, begin, size, ids, written) if merges.whole.size > 0 else ZERO
                    if count == 0:
                        count = merge(merges, raw, begin, size, nodes, heap, ids, written)
                    _insert(short, long, places[i], place, keys[2 * i], keys[2 * i + 1], key, size, ids, written, count)
                    written += count
                i += 1
            counts[number] += written
            begin = ends[found - 1]
    progress[0] = last
    return written


@inner_kernel
def _make_keys(
    words: NDArray[np.uint64],
    begin: Number,
    found: Number,
    short: NDArray[np.uint64],
    ends: NDArray[np.int64],
    keys: NDArray[np.uint64],
    places: NDArray[np.int64],
) -> None:
    """Make the keys of pre-tokens, the first of which begins at `begin`, and ask for their buckets."""
    buckets = np.uint64(short.size // BUCKET - 1)
    for i in range(found):
        end = ends[i]
        size = min(end - begin, SHORT_BYTES + 1)
        first = _word_at(words, begin) & _FIRST_MASK[size]
        second = _word_at(words, begin + 8) & _SECOND_MASK[size] | np.uint64(size) << np.uint64(56)
        keys[2 * i], keys[2 * i + 1] = first, second
        place = np.int64(_mixed(first, second) & buckets) * BUCKET
        places[i] = place
        prefetch_read(short, place)
        begin = end


@inner_kernel
def _word_at(words: NDArray[np.uint64], byte: Number) -> Number:
    """The eight bytes from any byte on."""
    shift = np.uint64((byte & 7) << 3)
    place = byte >> 3
    return words[place] >> shift | (words[place + 1] << np.uint64(1)) << (np.uint64(63) - shift)


@inner_kernel
def _mixed(first: Number, second: Number) -> Number:
    """A hash. Halves are multiplied, so that no product overflows; the middle bits depend on all of a half's."""
    low = (first & _LOW) * _MULTIPLIERS[0] ^ (second & _LOW) * _MULTIPLIERS[1]
    high = (first >> _SHIFT) * _MULTIPLIERS[2] ^ (second >> _SHIFT) * _MULTIPLIERS[3]
    return (low ^ high) >> np.uint64(24)


@inner_kernel
def _look_up(
    short: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    places: NDArray[np.int64],
    i: Number,
    found: Number,
    ids: NDArray[np.uint32],
    written: Number,
) -> tuple[Number, Number]:
    """Write the tokens of the pre-tokens in hand from the i-th on, up to one that is not in the short table.

    Returns:
        The number of that one (or `found`), and the end of the ids.
    """
    while i < found:
        entry = places[i]
        last = entry + BUCKET - 4
        while entry < last and (short[entry] != keys[2 * i] or short[entry + 1] != keys[2 * i + 1]):
            entry += 4
        if short[entry] != keys[2 * i] or short[entry + 1] != keys[2 * i + 1]:
            break
        one, two = short[entry + 2], short[entry + 3]
        ids[written] = one & _LOW
        ids[written + 1] = one >> _SHIFT
        ids[written + 2] = two & _LOW
        ids[written + 3] = two >> _SHIFT & _ID
        written += np.int64(two >> _TOP)
        i += 1
    return i, written


@inner_kernel
def _find_long(
    words: NDArray[np.uint64], begin: Number, size: Number, key: NDArray[np.uint64], long: NDArray[np.uint64]
) -> Number:
    """Make the key of a pre-token, if that is not too long; return the place for it, as ~place if it is known."""
    if size > LONG_BYTES:
        return ZERO
    mixed = np.uint64(0)
    for word in range(8):
        bits = min(max(size - 8 * word, 0), 8) * 8
        key[word] = _word_at(words, begin + 8 * word) & _ALL >> np.uint64(64 - bits) if bits > 0 else np.uint64(0)
        mixed = _mixed(key[word], mixed)
    key[7] |= np.uint64(size) << _TOP
    place = np.int64(mixed & np.uint64(long.size // LONG_ENTRY - 1)) * LONG_ENTRY
    word = ZERO
    while word < 8 and long[place + word] == key[word]:
        word += 1
    return ~place if word == 8 else place


@inner_kernel
def _copy_long(long: NDArray[np.uint64], place: Number, ids: NDArray[np.uint32], written: Number) -> Number:
    for word in range(8):
        ids[written + 2 * word] = long[place + 8 + word] & _LOW
        ids[written + 2 * word + 1] = long[place + 8 + word] >> _SHIFT & _ID
    return np.int64(long[place + 15] >> _TOP)


@inner_kernel
def _insert(
    short: NDArray[np.uint64],
    long: NDArray[np.uint64],
    bucket: Number,
    place: Number,
    first: Number,
    second: Number,
    key: NDArray[np.uint64],
    size: Number,
    ids: NDArray[np.uint32],
    written: Number,
    count: Number,
) -> None:
    """Put a pre-token, given by its keys, into the bucket or the place where it belongs, if it fits."""
    for at in range(written + count, written + LONG_IDS):
        ids[at] = 0
    if size <= SHORT_BYTES and count <= SHORT_IDS:
        entry = bucket
        while entry < bucket + BUCKET - 4 and short[entry + 1] != 0:
            entry += 4
        if short[entry + 1] != 0:  # a full bucket: one of its entries makes room
            entry = bucket + 4 * np.int64((first ^ first >> np.uint64(11)) & np.uint64(3))
        short[entry], short[entry + 1] = first, second
        short[entry + 2] = np.uint64(ids[written]) | np.uint64(ids[written + 1]) << _SHIFT
        short[entry + 3] = (
            np.uint64(ids[written + 2]) | np.uint64(ids[written + 3]) << _SHIFT | np.uint64(count) << _TOP
        )
    elif size <= LONG_BYTES and count <= LONG_IDS:
        for word in range(8):
            long[place + word] = key[word]
            at = written + 2 * word
            long[place + 8 + word] = np.uint64(ids[at]) | np.uint64(ids[at + 1]) << _SHIFT
        long[place + 15] |= np.uint64(count) << _TOP
