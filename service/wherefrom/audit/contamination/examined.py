"""A text of a benchmark with what of it stands in the corpus: what every variant judges by."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from wherefrom.audit.contamination.words import Words, plain_words, written_words


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What surrounds an occurrence of a passage in a document.

    Attributes:
        index, document_id: the document.
        passage: where the passage begins in the examined text.
        text: the part of the document.
        start: where the occurrence begins in `text`.
        token_starts: the code point of `text` at which each token from `start` on begins; the first is `start`.
    """

    index: str
    document_id: str
    passage: int
    text: str
    start: int
    token_starts: tuple[int, ...]


@dataclass(frozen=True)
class Examined:
    """A text and its matches. Not slotted: what variants share is computed once.

    Attributes:
        text: the text.
        passages: half-open ranges of the maximal verbatim passages, by start.
        token_starts: the code point at which each token begins, ascending.
        surroundings: what stands around some passages in some of their documents. Rules that ignore spaces,
            symbols, case or a few tokens look here for what is not verbatim.
    """

    text: str
    passages: tuple[tuple[int, int], ...]
    token_starts: tuple[int, ...]
    surroundings: tuple[Surroundings, ...] = ()

    def stands(self, start: int, end: int) -> bool:
        """Whether text[start:end] stands verbatim in the corpus, as far as passages of its length were looked for."""
        place = bisect_right(self._starts, start)
        return place > 0 and self._farthest[place - 1] >= end

    @cached_property
    def plain(self) -> Words:
        """Its words as letters and digits alone, in lower case."""
        return plain_words(self.text)

    @cached_property
    def written(self) -> Words:
        """Its words as they are written."""
        return written_words(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.passages]

    @cached_property
    def _farthest(self) -> list[int]:
        farthest, ends = 0, []
        for _, end in self.passages:
            farthest = max(farthest, end)
            ends.append(farthest)
        return ends
