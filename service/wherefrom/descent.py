"""The way down the suffix array by the bytes of a text, whatever the tokens: depth first, with bounded work.

A node is an interval of suffixes whose first `depth` tokens spell the text up to byte `at`. The tokens that may come
next are those that spell the text from there on, or its next bytes and more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, Tokens, position_of, token_at
from wherefrom.spellings import SpellingArrays, with_next_byte
from wherefrom_indexer.kernels import ONE, ZERO, allocating_kernel, inner_kernel, prefetch_read

FEW = 8
"""Intervals of up to this many ranks are read suffix by suffix."""

STACK = 1 << 12
"""Nodes that may be left for later; sound data stay far below."""

EXACT = 1 << 9
"""Tokens that are looked at as the whole of what comes next: one for each length, in sound vocabularies."""

BRANCH_WORK = 1 << 10
"""Steps (about a nanosecond each) that a node counts for: a search in the vocabulary and one or two among suffixes."""

READ_WORK = 64
"""Steps that a suffix counts for that is read: one or two cache misses."""


@allocating_kernel
def new_stack() -> NDArray[np.int64]:
    """Room for nodes left for later (low, high, depth, at), and behind them for the tokens that `branch` looks at."""
    return np.empty((STACK + EXACT, 4), np.int64)


@inner_kernel
def push(stack: NDArray[np.int64], pending: int, low: int, high: int, depth: int, at: int) -> int:
    """Leaves a node for later; returns how many now are left."""
    stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3] = low, high, depth, at
    return pending + 1


@inner_kernel
def first_at_least(tokens: Tokens, suffixes: NDArray[np.uint32], low: int, high: int, depth: int, value: int) -> int:
    """The first rank of an interval whose token at `depth` is at least `value`."""
    while low < high:
        middle = (low + high) >> 1
        prefetch_read(suffixes, (low + middle) >> 1)
        prefetch_read(suffixes, (middle + high + 1) >> 1)
        if token_at(tokens, position_of(tokens, suffixes, middle) + depth) < value:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def with_token(segment: SegmentArrays, low: int, high: int, depth: int, value: int) -> tuple[int, int]:
    """The part of an interval whose token at `depth` is `value`: looked for by doubling steps from its first rank on,
    because it is mostly a small part."""
    low = first_at_least(segment.tokens, segment.suffixes, low, high, depth, value)
    step = ONE
    while low + step < high:
        rank = low + step
        if token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, rank) + depth) > value:
            high = rank
            break
        step *= 2
    first = low + (step >> 1) if step > 1 else low
    return low, first_at_least(segment.tokens, segment.suffixes, first, high, depth, value + 1)


@inner_kernel
def next_tokens(
    words: SpellingArrays, text: NDArray[np.uint8], at: int, stack: NDArray[np.int64]
) -> tuple[int, int, int, int]:
    """The tokens that begin with as much of text[at:] as any: their range and how many bytes; and how many tokens that
    spell less of it than the rest of the text were noted behind the stack, the shortest first."""
    first, beyond = words.by_first_byte[text[at]], words.by_first_byte[text[at] + 1]
    length, noted = ONE, ZERO
    if first == beyond:
        return first, beyond, ZERO, noted
    while at + length < text.size:
        token = first
        while token < beyond and words.offsets[token + 1] - words.offsets[token] == length and noted < EXACT:
            stack[STACK + noted, 0] = token
            noted += 1
            token += 1
        inner_first, inner_beyond = with_next_byte(words, token, beyond, length, text[at + length])
        if inner_first == inner_beyond:
            break
        first, beyond = inner_first, inner_beyond
        length += 1
    return first, beyond, length, noted


@inner_kernel
def branch(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    node: tuple[int, int, int, int],
    stack: NDArray[np.int64],
    pending: int,
) -> tuple[int, int, int, int]:
    """Leaves for later what goes on from a node with whole tokens.

    Returns:
        How many nodes now are left (-1 if there was no room); how many bytes of text[at:] some token begins with; the
        first rank whose next token begins with these, or comes later; and the first token that comes later still.
    """
    low, high, depth, at = node
    first, beyond, length, noted = next_tokens(words, text, at, stack)
    if depth == 0:
        place = segment.first_token[first + 1]
    else:
        place = first_at_least(segment.tokens, segment.suffixes, low, high, depth, first + 1)
    upper = high
    for number in range(noted - 1, -1, -1):  # the longest first, each below the one before
        token = stack[STACK + number, 0]
        value, length_of_token = token + 1, words.offsets[token + 1] - words.offsets[token]
        if depth == 0:
            child_low, upper = segment.first_token[value], segment.first_token[value + 1]
        else:
            if token < first:
                upper = min(upper, place)
            # Mostly the token just below the text tells that there is no such suffix.
            if (
                upper > low
                and token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, upper - 1) + depth) > value
            ):
                upper = first_at_least(segment.tokens, segment.suffixes, low, upper, depth, value + 1)
            if upper == low:
                break
            if token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, upper - 1) + depth) < value:
                continue
            child_low = first_at_least(segment.tokens, segment.suffixes, low, upper, depth, value)
        if child_low < upper:
            if pending == STACK:
                return -1, length, place, beyond
            pending = push(stack, pending, child_low, upper, depth + 1, at + length_of_token)
            upper = child_low
    return pending, length, place, beyond
