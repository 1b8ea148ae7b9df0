"""A text as one tokenizer sees it: its tokens, the bytes they spell, and the way back to its characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom.boundaries import Boundaries
from wherefrom.spans import Ranges
from wherefrom_indexer.tokenization import Encoding, Tokenizer


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A tokenized text.

    Attributes:
        text: the text, lone surrogates replaced.
        spelled: uint8, what its tokens spell: the text as UTF-8, unless the tokenizer changes it.
        values: int64 (n), stored values of its tokens.
        starts: int64 (n), the byte of `spelled` at which each token begins.
        token_characters: int64 (n), the code point in which each token begins.
        first_character, last_character: int64 (bytes + 1), for a passage of `spelled` that begins or ends at a byte,
            the code point of the text at which it begins or ends, cut down to whole characters.
    """

    text: str
    spelled: NDArray[np.uint8]
    values: NDArray[np.int64]
    starts: NDArray[np.int64]
    token_characters: NDArray[np.int64]
    first_character: NDArray[np.int64]
    last_character: NDArray[np.int64]

    def ranges(self, reach: NDArray[np.int64]) -> Ranges:
        """The passages of `spelled` given by their farthest ends (0: none) as ranges of the text."""
        starts = np.flatnonzero(reach)
        return Ranges.of(self.first_character[starts], self.last_character[reach[starts]])

    def allowed(self, boundaries: Boundaries | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where in `spelled` passages that keep to boundaries may begin, and where they may end: bool (bytes + 1).

        A part of a character counts as the character's edge. None: everywhere.
        """
        if boundaries is None:
            everywhere = np.ones(len(self.first_character), np.bool_)
            return everywhere, everywhere
        starts, ends = np.zeros((2, len(self.text) + 1), np.bool_)
        starts[boundaries.starts] = True
        ends[boundaries.ends] = True
        return starts[self.first_character], ends[self.last_character]

    def edges_of(self, start: int, end: int) -> tuple[int, int]:
        """Where in `spelled` that begins and ends which the tokens of text[start:end] spell."""
        first = int(np.searchsorted(self.first_character, start, side="right")) - 1
        return first, max(first, int(np.searchsorted(self.last_character, end, side="left")))

    def bytes_of(self, start: int, end: int) -> bytes:
        """What the tokens of text[start:end] spell."""
        first, last = self.edges_of(start, end)
        return self.spelled[first:last].tobytes()


def query_of(text: str, tokenizer: Tokenizer) -> Query:
    """Tokenize a text that holds no lone surrogates."""
    encoding = tokenizer.encode(text)
    if encoding.faithful:
        spelled = np.frombuffer(text.encode("utf-8"), np.uint8)
        starts = encoding.starts
        first, last = _characters_of_bytes(spelled)
        characters = last[starts]  # a token that begins inside a character begins in that one, not in the next
    else:
        spelled = np.frombuffer(tokenizer.vocabulary.spell(encoding.ids), np.uint8)
        lengths = tokenizer.vocabulary.lengths(encoding.ids)
        starts = np.cumsum(lengths) - lengths
        first, last = _characters_of_spelling(text, encoding, starts, lengths)
        characters = _characters_of_bytes(np.frombuffer(text.encode("utf-8"), np.uint8))[0][encoding.starts]
    return Query(text, spelled, encoding.ids.astype(np.int64) + 1, starts, characters, first, last)


def _characters_of_bytes(spelled: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The character that begins at or after each byte, and the number of characters that end at or before it."""
    begins = (spelled & 0xC0) != 0x80
    before = np.concatenate(([0], np.cumsum(begins))).astype(np.int64)  # characters begun before each byte
    inside = np.concatenate((~begins, [False]))
    return before, before - inside


def _characters_of_spelling(
    text: str, encoding: Encoding, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same for tokens that do not spell the text: exact at their edges, and inside those as long as their text."""
    source_first, source_last = _characters_of_bytes(np.frombuffer(text.encode("utf-8"), np.uint8))
    size = int(lengths.sum())
    first = np.zeros(size + 1, np.int64)
    last = np.zeros(size + 1, np.int64)
    for start, length, source, end in zip(
        starts.tolist(), lengths.tolist(), encoding.starts.tolist(), encoding.ends.tolist(), strict=True
    ):
        same = end - source == length
        inner_first = source_first[source:end] if same else source_first[[source] + [end] * (length - 1)]
        inner_last = source_last[source + 1 : end + 1] if same else source_last[[source] * (length - 1) + [end]]
        if length:
            first[start : start + length] = inner_first
            last[start + 1 : start + length + 1] = inner_last
    first[size] = len(text)
    return first, last
