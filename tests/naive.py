"""Brute-force oracles: what the fast code must agree with, written to be obviously right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def suffix_array(tokens: Sequence[int]) -> list[int]:
    """Positions of the suffixes that do not begin with a separator (0), in generalized suffix order.

    Each document's tokens are compared, then the position of the separator that ends it.
    """
    values = [int(token) for token in tokens]
    ends = [position for position, token in enumerate(values) if token == 0]
    keys = []
    start = 0
    for end in ends:
        # A separator is smaller than every token; among separators, the earlier is smaller.
        separator = end - len(values)
        keys += [([*values[position:end], separator], position) for position in range(start, end)]
        start = end + 1
    return [position for _, position in sorted(keys)]


def merged(symbols: Sequence[bytes], merges: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """What byte-pair encoding makes of symbols: the earliest merge that is possible, where it is first possible."""
    ranks = {pair: rank for rank, pair in enumerate(merges)}  # of equal merges the last counts
    symbols = list(symbols)
    while possible := [(ranks[pair], place) for place, pair in enumerate(pairwise(symbols)) if pair in ranks]:
        place = min(possible)[1]
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
    return symbols


# --- search ----------------------------------------------------------------------------------------------------------


def longest_matches(documents: Sequence[Sequence[int]], query: Sequence[int]) -> list[tuple[int, int]]:
    """For each place of the query: length of the longest prefix that stands in a document, and how often it does."""
    result = []
    for start in range(len(query)):
        length, count = 0, 0
        for candidate in range(1, len(query) - start + 1):
            occurrences = sum(count_of(document, query[start : start + candidate]) for document in documents)
            if occurrences == 0:
                break
            length, count = candidate, occurrences
        result.append((length, count))
    return result


def count_of(text: Sequence[int] | bytes | str, part: Sequence[int] | bytes | str) -> int:
    """Overlapping occurrences of a part."""
    return sum(text[place : place + len(part)] == part for place in range(len(text) - len(part) + 1))


def reaches(documents: Sequence[bytes], text: bytes) -> list[int]:
    """For each byte of the text: the end of the longest passage from there on that stands in a document."""
    result = []
    end = 0
    for start in range(len(text)):
        end = max(end, start)
        while end < len(text) and any(text[start : end + 1] in document for document in documents):
            end += 1
        result.append(end)
    return result


def maximal_spans(ends: Sequence[int]) -> list[tuple[int, int]]:
    """The passages (start, end) that no other contains, given the farthest end from each start."""
    spans, farthest = [], 0
    for start, end in enumerate(ends):
        if end > max(farthest, start):
            spans.append((start, end))
            farthest = end
    return spans
