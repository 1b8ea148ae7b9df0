"""Coverage: the share of a text that stands in passages of the corpus, and the longest of them.

The share of characters inside verbatim matches of at least 50 characters is what Aerni et al. measure (2024, arXiv
2411.10242); other works count 50 tokens or 50 words, so the curve over thresholds is given beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from wherefrom.spans import Ranges, covered


def coverage(passages: Ranges, characters: int, threshold: int) -> float | None:
    """The share of characters in passages of at least `threshold` characters; it does not rise with the threshold.

    Args:
        passages: maximal verbatim passages, all of at least `threshold` characters among them.
        characters: of the text.
        threshold: at least 1.

    Returns:
        covered characters / characters; None for a text shorter than the threshold, which could not reach it.
    """
    if characters < max(1, threshold):
        return None
    return covered(passages.chosen(passages.lengths >= threshold)) / characters


def coverages(passages: Ranges, characters: int, thresholds: Sequence[int]) -> list[float | None]:
    """`coverage` at each threshold."""
    return [coverage(passages, characters, threshold) for threshold in thresholds]


def longest(passages: Ranges) -> int:
    """Characters of the longest passage; 0 if there is none."""
    return int(passages.lengths.max()) if len(passages) else 0
