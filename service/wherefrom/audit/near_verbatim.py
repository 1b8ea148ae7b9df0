"""Near-verbatim recall by block merging (Ahmed et al. 2026, arXiv 2601.02671).

Text and document are read as words (NFKC, one kind of quotes and dashes, lower case). Blocks of equal words not more
than 2 words apart are merged, those with fewer than 20 equal words are dropped; then the same with 10 and 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wherefrom.audit.word_blocks import Block, merged, shared_blocks
from wherefrom.audit.words import folded_words


@dataclass(frozen=True, slots=True)
class NearVerbatim:
    """What a text shares with a document, some words apart.

    Attributes:
        matched: equal words in blocks that were kept.
        words, reference_words: of the text and of the document.
        blocks: where they stand, in words.
    """

    matched: int
    words: int
    reference_words: int
    blocks: tuple[Block, ...]

    @property
    def share(self) -> float:
        """Matched words / words of the text."""
        return self.matched / max(1, self.words)

    @property
    def recall(self) -> float:
        """Matched words / words of the document, or of the part of it that was compared."""
        return self.matched / max(1, self.reference_words)


def near_verbatim(
    text: str, reference: str, gaps: Sequence[int] = (2, 10), keeps: Sequence[int] = (20, 100)
) -> NearVerbatim:
    """Compare a text with a document.

    Args:
        text: an output.
        reference: a document, or a part of one.
        gaps, keeps: in words, one of each for every round of merging and dropping.
    """
    return _compared(folded_words(text), folded_words(reference), gaps, keeps)


def nearest(
    text: str, references: Sequence[str], gaps: Sequence[int], keeps: Sequence[int]
) -> tuple[NearVerbatim, ...] | None:
    """Compare a text with documents; None for a text with fewer words than a block must have to be kept."""
    words = folded_words(text)
    if len(words) < max(keeps):
        return None
    return tuple(_compared(words, folded_words(reference), gaps, keeps) for reference in references)


def _compared(words: list[str], others: list[str], gaps: Sequence[int], keeps: Sequence[int]) -> NearVerbatim:
    known = set(others)
    blocks: list[Block] = []
    if sum(word in known for word in words) >= max(keeps):
        blocks = shared_blocks(words, others)
        for gap, keep in zip(gaps, keeps, strict=True):
            blocks = merged(blocks, gap, keep)
    return NearVerbatim(sum(block.matched for block in blocks), len(words), len(others), tuple(blocks))
