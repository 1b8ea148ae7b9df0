"""Suffix arrays of documents by induced sorting (SA-IS): in linear time, and almost without memory beside the result.

The order is that of gSA-IS (Louza et al. 2017): a separator, 0, ends each document; separators are smaller than every
token and ordered among themselves by position. Three consequences keep the code short. Documents are classified
independently, for no suffix compares beyond its separator. Separators need no place in the array: they induce, in
order of position, before everything else. And they need no place in the recursion: an LMS substring that ends at a
separator equals no other.

Words of the algorithm (Nong, Zhang, Chan 2011). A suffix is S-type if it is smaller than the suffix that follows it,
else L-type. An LMS position holds an S-type suffix after an L-type one. An LMS substring reaches from one LMS position
to the next. Sorting the LMS suffixes is enough: they induce the order of the L-type ones, and these that of the rest.

Nearly all time goes into reads and writes at random places, so every such loop prefetches: the text around a suffix
that is `FAR` steps ahead, then, from the symbol found there, the bucket's pointer and the place it points to.

Threads share what can be split into ranges: marking, counting, placing, naming and translating back. Induction, more
than half of the time, cannot: each step depends on those before it. The result is the same for every number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.suffix_kernels import (
    Bits,
    Places,
    Text,
    Work,
    count_lms,
    count_symbols,
    induce_l,
    induce_s,
    mark_lms,
    place_lms,
    spread_counted_lms,
    spread_lms,
)
from wherefrom_indexer.suffix_names import (
    close_gaps,
    collect_lms,
    list_lms,
    measure_lms,
    name_lms,
    reduce_text,
    replace_by_positions,
)

Result = TypeVar("Result")

LEAST_PART = 1 << 16
"""Handing a part to another thread takes longer than to do a smaller one."""

FEW_SYMBOLS = 64
"""Threads count symbols, each in a table of its own, if for each of its places there are so many positions."""


def suffix_array(
    tokens: NDArray[Any], *, out: NDArray[np.uint32] | None = None, threads: int = 1
) -> NDArray[np.uint32]:
    """Sort the suffixes of a segment.

    Args:
        tokens: stored values, uint16 or uint32, 0 after each document; fewer than 2^32.
        out: where to put the result, one place for each token that is not 0, contiguous.
        threads: how many threads may work; the result is the same for every number.

    Returns:
        The positions of all suffixes that do not begin with a separator, in order.

    Raises:
        ValueError: tokens or `out` have another type or shape, or `threads` is not positive.
    """
    if tokens.dtype not in (np.uint16, np.uint32) or tokens.ndim != 1 or tokens.size >= 1 << 32:
        raise ValueError("tokens must be one uint16 or uint32 array of fewer than 2^32 positions")
    if threads < 1:
        raise ValueError("at least one thread must work")
    n_tokens = int(np.count_nonzero(tokens))
    if out is not None and (out.dtype != np.uint32 or out.shape != (n_tokens,) or not out.flags.c_contiguous):
        raise ValueError(f"out must be a contiguous uint32 array of {n_tokens} places, one for each token")
    if n_tokens == 0:
        return np.empty(0, np.uint32) if out is None else out
    text = _read_only(np.ascontiguousarray(tokens))
    dtype = np.int32 if tokens.size < 1 << 31 else np.int64
    with ThreadPoolExecutor(threads - 1) if threads > 1 else nullcontext() as others:
        return _sort_documents(text, out, n_tokens, dtype, _Workers(threads, others))


def bytes_per_token(dtype: Any, n_positions: int = 0) -> float:
    """Anonymous memory that a build takes for each position, its result included, beside the text: the worst case.

    Natural text takes 4.2. The worst is every second position LMS and nearly all of their substrings distinct: then
    the reduced text has a bucket for nearly every symbol, 2 bytes, and the bits of LMS positions take 0.2; 6.3 were
    measured at 10 million positions, 0.1 of it for tables that do not grow (benchmarks/suffix_array.py). From 2^31
    positions on, positions take 8 bytes while they are sorted. More threads add about 0.1.
    """
    del dtype  # the same for every width of token
    return 6.25 if n_positions < 1 << 31 else 16.5


@dataclass(frozen=True, slots=True)
class _Workers:
    """The threads that share work: the calling one and those of a pool."""

    threads: int = 1
    others: ThreadPoolExecutor | None = None

    def share(self, work: Callable[[int, int, int], Result], limits: list[int]) -> list[Result]:
        """The results of `work(part, begin, end)` for the parts between the limits, in order."""
        parts = list(pairwise(limits))
        results: list[Any] = [None] * len(parts)
        remaining = iter(range(len(parts)))  # next() of a range's iterator is atomic

        def take() -> None:
            for part in remaining:
                results[part] = work(part, *parts[part])

        helpers = [self.others.submit(take) for _ in range(min(self.threads, len(parts)) - 1)] if self.others else []
        take()
        for helper in helpers:
            helper.result()
        return results

    def limits(self, size: int, least: int) -> list[int]:
        """Limits of about as many equal parts of `size` items as there are threads, in whole multiples of `least`."""
        step = max(-(-size // self.threads // least) * least, least)
        return [*range(0, size, step), size]


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Where the suffixes that begin with each symbol stand: [starts[c], starts[c + 1]).

    Without `starts`, where memory is short, the symbols are counted again whenever new pointers are needed.
    """

    text: Text
    pointers: Places
    starts: Places | None

    def heads(self) -> Places:
        """A pointer to each bucket's first place, for a kernel to advance."""
        if self.starts is None:
            self._measure(self.pointers, self.pointers[1:])
        else:
            self.pointers[:] = self.starts
        return self.pointers[:-1]

    def ends(self) -> Places:
        """A pointer behind each bucket's last place, for a kernel to move back."""
        if self.starts is None:
            self._measure(self.pointers[:-1], self.pointers[:-1])
        else:
            self.pointers[:-1] = self.starts[1:]
        return self.pointers[:-1]

    def _measure(self, pointers: Places, counts: Places) -> None:
        pointers[:] = 0
        count_symbols(self.text, counts)
        counts[0] = 0  # separators have no suffix in the array
        np.cumsum(pointers, out=pointers, dtype=pointers.dtype)


@dataclass(frozen=True, slots=True)
class _Level:
    """A text to be sorted: the tokens, or a reduced text of the recursion."""

    text: Text
    buckets: _Buckets
    is_lms: Bits
    n_lms: int
    few_symbols: bool
    limits: list[int]  # of the parts, in words of `is_lms`, in which symbols are counted


def _sort_documents(
    tokens: Text, out: NDArray[np.uint32] | None, n_tokens: int, dtype: Any, workers: _Workers
) -> NDArray[np.uint32]:
    """Sort into `out`, or into new memory; in place if `out` is as wide as the work and large enough."""
    level = _new_level(tokens, int(tokens.max()), dtype, [], workers)
    # A slot for every second position always fits beside the LMS positions, unless very many documents are empty.
    needed = max(n_tokens, level.n_lms + (tokens.size + 1) // 2)
    in_place = out is not None and out.size == needed and out.itemsize == np.dtype(dtype).itemsize
    work = out.view(dtype) if out is not None and in_place else np.empty(needed, dtype)
    suffixes = work[:n_tokens]
    _sort(level, suffixes, work, [], workers)
    if out is None:
        return suffixes.view(np.uint32) if dtype == np.int32 else suffixes.astype(np.uint32)
    if not in_place:
        out[:] = suffixes
    return out


def _sort(level: _Level, suffixes: Work, work: Work, spare: list[Work], workers: _Workers) -> None:
    """Sort the suffixes of one level of the recursion into `suffixes`, which is the beginning of `work`."""
    text, buckets = level.text, level.buckets
    lms_counts = _place_lms(level, suffixes, workers)
    if level.n_lms > 1:
        induce_l(text, suffixes, buckets.heads(), False)
        induce_s(text, suffixes, buckets.ends(), False)
        collect_lms(suffixes)
        _sort_lms(level, work, spare, workers)
        if lms_counts is None or buckets.starts is None:
            spread_lms(text, suffixes, level.n_lms, buckets.ends())
        else:
            spread_counted_lms(suffixes, level.n_lms, buckets.starts, lms_counts)
    induce_l(text, suffixes, buckets.heads(), True)
    induce_s(text, suffixes, buckets.ends(), True)


def _sort_lms(level: _Level, work: Work, spare: list[Work], workers: _Workers) -> None:
    """Turn the order of the LMS substrings, in the first `n_lms` places of `work`, into that of the LMS suffixes.

    The work holds, with m = n_lms <= n / 2: that order in [0, m); the names of the LMS substrings, by position, first
    in slots from m on, then without gaps as the reduced text in [n - m, n); between them is room for deeper levels.
    """
    n_lms, is_lms = level.n_lms, level.is_lms
    order, reduced = work[:n_lms], work[work.size - n_lms :]
    n_names = _name_lms(level, order, work[n_lms : n_lms + (level.text.size + 1) // 2], reduced, workers)
    if n_names == n_lms:  # no two are equal: sorted already
        return
    reduced_text = _read_only(reduced.view(np.uint32) if work.dtype == np.int32 else reduced)
    spare = [*spare, work[n_lms : work.size - n_lms]]
    if level.buckets.starts is None:
        spare.append(level.buckets.pointers.view(work.dtype))
    _sort(_new_level(reduced_text, n_names, work.dtype, spare, workers), order, order, spare, workers)
    list_lms(is_lms, reduced)
    workers.share(
        lambda _, begin, end: replace_by_positions(order, reduced, begin, end), workers.limits(n_lms, LEAST_PART)
    )


def _name_lms(level: _Level, order: Work, slots: Work, reduced: Work, workers: _Workers) -> int:
    """Name the LMS substrings, which `order` lists in order, and write the reduced text if any two are equal."""
    text, is_lms = level.text, level.is_lms
    workers.share(
        lambda _, begin, end: measure_lms(is_lms, text.size, slots, begin, end),
        workers.limits(is_lms.size, LEAST_PART // 64),
    )
    # Several parts for each thread, their size a power of two: finding the part of a name must not take a division.
    part = max((order.size // (4 * workers.threads)).bit_length(), LEAST_PART.bit_length() - 1)
    limits = [*range(0, order.size, 1 << part), order.size] if workers.threads > 1 else [0, order.size]
    lengths = [0] + [int(slots[order[begin - 1] >> 1]) for begin in limits[1:-1]]
    counts = workers.share(lambda i, begin, end: name_lms(text, order, slots, lengths[i], begin, end), limits)
    n_names = sum(counts)
    if n_names < order.size:
        reduce_text(is_lms, slots, reduced)
        if len(counts) > 1:
            gaps = np.array(limits) - np.cumsum([0, *counts])
            workers.share(
                lambda _, begin, end: close_gaps(reduced, gaps, part, begin, end),
                workers.limits(order.size, LEAST_PART),
            )
    return n_names


def _read_only(text: Text) -> Text:
    """A view that cannot be written: Numba would compile every kernel once more for texts that can."""
    view = text.view()
    view.setflags(write=False)
    return view


def _new_level(text: Text, symbols: int, dtype: Any, spare: list[Work], workers: _Workers) -> _Level:
    """Find the LMS positions and measure the buckets: of 0, the separator, and `symbols` symbols."""
    few_symbols = symbols * workers.threads * FEW_SYMBOLS <= text.size
    buckets = _new_buckets(text, symbols, dtype, spare, few_symbols)
    is_lms = np.empty(-(-text.size // 64), np.uint64)
    limits = workers.limits(is_lms.size, LEAST_PART // 64) if few_symbols else [0, is_lms.size]
    counts = buckets.pointers if buckets.starts is None else buckets.starts
    tables = [counts[1:], *(np.empty_like(counts[1:]) for _ in limits[2:])]

    def mark(part: int, begin: int, end: int) -> int:
        tables[part][:] = 0
        return mark_lms(text, is_lms, tables[part], 64 * begin, min(64 * end, text.size))

    n_lms = sum(workers.share(mark, limits))
    for table in tables[1:]:
        tables[0] += table
    counts[:2] = 0  # separators have no suffix in the array
    np.cumsum(counts, out=counts, dtype=counts.dtype)
    return _Level(text, buckets, is_lms, n_lms, few_symbols, limits)


def _new_buckets(text: Text, symbols: int, dtype: Any, spare: list[Work], few_symbols: bool) -> _Buckets:
    """Two tables if they find spare room or are small, else one, which takes at most 2 bytes for each token."""
    dtype = np.dtype(np.uint32 if dtype == np.int32 else np.int64)
    pointers, starts = _take(symbols + 2, dtype, spare), _take(symbols + 2, dtype, spare)
    if starts is None and (few_symbols or not spare):  # there is no spare room for the tokens' own buckets
        starts = np.empty(symbols + 2, dtype)
    return _Buckets(text, np.empty(symbols + 2, dtype) if pointers is None else pointers, starts)


def _take(size: int, dtype: Any, spare: list[Work]) -> Places | None:
    """An array in the first piece of spare room that it fits into."""
    for i, piece in enumerate(spare):
        if piece.size >= size:
            spare[i] = piece[size:]
            found: Places = piece[:size].view(dtype)
            return found
    return None


def _place_lms(level: _Level, suffixes: Work, workers: _Workers) -> Places | None:
    """Put the LMS positions at the ends of their buckets; return how many begin with each symbol, if these are few."""
    workers.share(lambda _, begin, end: suffixes[begin:end].fill(0), workers.limits(suffixes.size, LEAST_PART))
    ends = [level.buckets.ends()]
    if len(level.limits) > 2:  # each part fills its own places in every bucket
        for part_counts in _count_lms(level, workers)[:-1]:
            ends.append(ends[-1] - part_counts)
    workers.share(
        lambda i, begin, end: place_lms(level.text, level.is_lms, suffixes, ends[i], begin, end), level.limits
    )
    if level.buckets.starts is None or not level.few_symbols:
        return None
    counts: Places = level.buckets.starts[1:] - ends[-1]
    return counts


def _count_lms(level: _Level, workers: _Workers) -> list[Places]:
    """How many LMS positions begin with each symbol, in each part of the text."""
    tables = [np.empty_like(level.buckets.pointers[:-1]) for _ in level.limits[1:]]

    def count(part: int, begin: int, end: int) -> None:
        tables[part][:] = 0
        count_lms(level.text, level.is_lms, tables[part], begin, end)

    workers.share(count, level.limits)
    return tables
