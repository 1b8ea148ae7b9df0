"""What of an output stands in its prompt: repeating the question is no memory of the corpus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.spans import Ranges


def in_prompt(text: str, prompt: str | None, least: int) -> NDArray[np.bool_]:
    """Which characters of a text lie in a passage of at least `least` characters that stands in the prompt too.

    A character lies in such a passage exactly if a window of `least` characters around it stands in the prompt.

    Returns:
        bool (characters).
    """
    inside = np.zeros(len(text), np.bool_)
    if not prompt or len(text) < least or len(prompt) < least:
        return inside
    windows = {prompt[place : place + least] for place in range(len(prompt) - least + 1)}
    starts = [place for place in range(len(text) - least + 1) if text[place : place + least] in windows]
    edges = np.zeros(len(text) + 1, np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, np.array(starts, np.int64) + least, -1)
    return np.cumsum(edges[:-1]) > 0


def outside(passages: Ranges, inside: NDArray[np.bool_]) -> Ranges:
    """What is left of passages without the characters in the prompt."""
    if not inside.any() or not len(passages):
        return passages
    edges = np.flatnonzero(np.diff(np.concatenate(([1], inside.astype(np.int8), [1]))))
    starts, ends = edges[0::2], edges[1::2]  # of the stretches that do not stand in the prompt
    begins: list[int] = []
    stops: list[int] = []
    for start, end in passages.pairs():
        touched = slice(int(np.searchsorted(ends, start, side="right")), int(np.searchsorted(starts, end)))
        begins += np.maximum(starts[touched], start).tolist()
        stops += np.minimum(ends[touched], end).tolist()
    return Ranges.of(np.array(begins, np.int64), np.array(stops, np.int64))


def tokens_inside(inside: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many tokens from each one on lie wholly in one stretch of characters that stand in the prompt: int64 (n).

    Args:
        inside: bool (characters).
        starts: int64 (n), the code point in which each token begins.
    """
    number = len(starts)
    ends = np.maximum(np.append(starts[1:], len(inside)), starts + 1)  # several tokens may lie in one character
    outer = np.flatnonzero(np.concatenate((~inside, [True])))
    stretch_end = outer[np.searchsorted(outer, starts)] if number else starts
    lengths: NDArray[np.int64] = np.searchsorted(ends, stretch_end, side="right") - np.arange(number)
    return np.maximum(lengths, 0)
