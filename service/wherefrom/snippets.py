"""The contexts of occurrences, cut from their documents at whole characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedSegment
from wherefrom.search import Tokens, token_at
from wherefrom.spellings import SpellingArrays
from wherefrom_indexer.kernels import ONE, ZERO, inner_kernel, kernel
from wherefrom_indexer.segment_kernels import CHARACTER_STEP


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence of a text (`match`) in a segment: its document, the token in which it begins, the byte of it."""

    ordinal: int
    position: int
    shift: int
    match: str


@dataclass(frozen=True, slots=True)
class Context:
    """A passage of a document.

    Attributes:
        text: what stands there.
        start: the code point of the document at which it begins.
        match_start, match_end: the occurrence, in code points of `text`.
    """

    text: str
    start: int
    match_start: int
    match_end: int

    @property
    def end(self) -> int:
        """The code point of the document before which the passage ends."""
        return self.start + len(self.text)


def contexts_of(
    searched: SearchedSegment, words: SpellingArrays, places: Sequence[Place], characters: int
) -> list[Context | None]:
    """Cut the contexts of occurrences out of their documents.

    Args:
        searched: the segment they stand in.
        words: how the tokens of the segment are spelled.
        places: the occurrences.
        characters: how many to show on each side.

    Returns:
        For each place its context; None if the document's own text, where that is not what its tokens spell, does not
        hold the match.
    """
    segment = searched.segment
    contexts: dict[int, Context | None] = {}
    spelled = []
    for number, place in enumerate(places):
        if len(segment.stored_texts) and segment.has_stored_text(place.ordinal):
            contexts[number] = _from_text(segment.text(place.ordinal), place.match, characters)
        else:
            spelled.append(number)
    if spelled:
        chosen = [places[number] for number in spelled]
        wanted = [(place.ordinal, place.position, place.shift, len(place.match.encode("utf-8"))) for place in chosen]
        text, table = _contexts(
            searched.arrays.tokens, words, segment.starts, segment.characters, np.array(wanted, np.int64), characters
        )
        data = text.tobytes()
        for number, place, (first, last, start, head) in zip(spelled, chosen, table.tolist(), strict=True):
            passage = data[first:last].decode("utf-8", errors="ignore")
            contexts[number] = Context(passage, start, head, head + len(place.match))
    return [contexts[number] for number in range(len(places))]


def _from_text(text: str, match: str, characters: int) -> Context | None:
    place = text.find(match)
    if place < 0:
        return None
    begin = max(0, place - characters)
    end = place + len(match)
    return Context(text[begin : end + characters], begin, place - begin, end - begin)


@inner_kernel
def _begins(byte: int) -> int:
    """1 for a byte with which a character begins."""
    return ONE if (byte & 0xC0) != 0x80 else ZERO  # type: ignore[no-any-return]


@inner_kernel
def _bounds(words: SpellingArrays, value: int) -> tuple[int, int]:
    """Where the spelling of a stored value begins and ends; that of no token is empty."""
    if value == 0 or value >= words.offsets.size:
        return ZERO, ZERO
    return words.offsets[value - 1], words.offsets[value]


@inner_kernel
def _back(
    tokens: Tokens, words: SpellingArrays, floor: int, position: int, byte: int, characters: int
) -> tuple[int, int, int, int]:
    """Goes back so many characters from a byte of a token, at most to the token at `floor`: the token and its byte
    there, and how many characters and bytes that is."""
    start, _ = _bounds(words, token_at(tokens, position))
    left, passed = characters, ZERO
    while left > 0:
        if byte > start:
            byte -= 1
            passed += 1
            left -= _begins(words.spellings[byte])
        elif position > floor:
            position -= 1
            start, byte = _bounds(words, token_at(tokens, position))
        else:
            break
    return position, byte, characters - left, passed


@inner_kernel
def _forth(
    tokens: Tokens, words: SpellingArrays, end: int, position: int, byte: int, match: int, characters: int
) -> int:
    """How many bytes a match of so many bytes and so many characters behind it have, at most to the token `end`."""
    _, stop = _bounds(words, token_at(tokens, position))
    passed, begun = ZERO, ZERO
    while True:
        if byte < stop:
            if passed >= match:
                begun += _begins(words.spellings[byte])
                if begun > characters:
                    return passed  # type: ignore[no-any-return]
            byte += 1
            passed += 1
        elif position + 1 < end:
            position += 1
            byte, stop = _bounds(words, token_at(tokens, position))
        else:
            return passed  # type: ignore[no-any-return]


@inner_kernel
def _characters_before(
    tokens: Tokens, words: SpellingArrays, samples: NDArray[np.uint32], start: int, position: int, byte: int
) -> int:
    """The code points of a document, which begins at `start`, that begin before a byte of a token."""
    sample, count = position // CHARACTER_STEP, ZERO
    if sample * CHARACTER_STEP > start and sample < samples.size:
        start, count = sample * CHARACTER_STEP, np.int64(samples[sample])
    for place in range(start, position):
        value = token_at(tokens, place)
        if 0 < value < words.offsets.size:
            count += words.characters[value - 1]
    first, _ = _bounds(words, token_at(tokens, position))
    for place in range(first, byte):
        count += _begins(words.spellings[place])
    return count  # type: ignore[no-any-return]


@kernel
def _contexts(
    tokens: Tokens,
    words: SpellingArrays,
    starts: NDArray[np.uint64],
    samples: NDArray[np.uint32],
    places: NDArray[np.int64],
    characters: int,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Spell the contexts of occurrences.

    Args:
        tokens: stored values.
        words: SpellingArrays.
        starts: uint64 (documents + 1), the first position of each document.
        samples: uint32, code points of its document before every `CHARACTER_STEP`th position.
        places: int64 (n, 4), rows of document, position, shift, and bytes of the match.
        characters: how many on each side.

    Returns:
        uint8, UTF-8, and int64 (n, 4): the bytes of it at which each context begins and ends, the code point of the
        document at which it begins, and the code points before the match.
    """
    table = np.zeros((places.shape[0], 4), np.int64)
    first = np.zeros((places.shape[0], 2), np.int64)
    total = ZERO
    for number in range(places.shape[0]):
        ordinal, position, shift, match = places[number, 0], places[number, 1], places[number, 2], places[number, 3]
        start: Any = np.int64(starts[ordinal])
        end: Any = np.int64(starts[ordinal + 1]) - 1
        token_start, token_end = _bounds(words, token_at(tokens, position))
        byte = min(token_start + shift, token_end)
        begin, begin_byte, head, passed = _back(tokens, words, start, position, byte, characters)
        size = passed + _forth(tokens, words, end, position, byte, match, characters)
        first[number, 0], first[number, 1] = begin, begin_byte
        table[number, 0], table[number, 1] = total, total + size
        table[number, 2] = _characters_before(tokens, words, samples, start, begin, begin_byte)
        table[number, 3] = head
        total += size
    text = np.empty(total, np.uint8)
    for number in range(places.shape[0]):
        position, byte = first[number, 0], first[number, 1]
        _, stop = _bounds(words, token_at(tokens, position))
        for place in range(table[number, 0], table[number, 1]):
            while byte == stop:
                position += 1
                byte, stop = _bounds(words, token_at(tokens, position))
            text[place] = words.spellings[byte]
            byte += 1
    return text, table
