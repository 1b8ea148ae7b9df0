"""The context of an occurrence, cut from its document at whole characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wherefrom_indexer.segment import Segment
from wherefrom_indexer.tokenization import Tokenizer

_MOST_BYTES = 4  # of a character as UTF-8; a token that text makes has at least one


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


def context_of(
    segment: Segment, tokenizer: Tokenizer, position: int, shift: int, match: str, characters: int
) -> Context | None:
    """Cut the context of an occurrence out of its document.

    Args:
        segment: the segment it stands in.
        tokenizer: the tokenizer of the segment.
        position, shift: the token in which the occurrence begins, and the byte of it.
        match: its text.
        characters: how many to show on each side.

    Returns:
        The context; None if the document's own text, where that is not what its tokens spell, does not hold the match.
    """
    ordinal = segment.document_of(position)
    if segment.has_stored_text(ordinal):
        return _from_text(segment.text(ordinal), match, characters)
    start, end = segment.span_of(ordinal)
    room = _MOST_BYTES * characters
    first = _cut_back(segment, tokenizer, max(start, position - room), position, room)
    last = min(end, position + len(match.encode("utf-8")) + room)
    spelled = tokenizer.vocabulary.spell_stored(segment.tokens[first:last])
    match_byte = len(tokenizer.vocabulary.spell_stored(segment.tokens[first:position])) + shift
    before = _decoded(spelled[:match_byte])
    after = _decoded(spelled[match_byte + len(match.encode("utf-8")) :])
    head = before[max(0, len(before) - characters) :]
    begin = segment.characters_before(first) + len(before) - len(head)
    return Context(head + match + after[:characters], begin, len(head), len(head) + len(match))


def _from_text(text: str, match: str, characters: int) -> Context | None:
    place = text.find(match)
    if place < 0:
        return None
    begin = max(0, place - characters)
    end = place + len(match)
    return Context(text[begin : end + characters], begin, place - begin, end - begin)


def _cut_back(segment: Segment, tokenizer: Tokenizer, first: int, position: int, room: int) -> int:
    """The last token from which on the tokens before a position have at least so many bytes: few need be spelled."""
    lengths = tokenizer.vocabulary.lengths(segment.tokens[first:position].astype(np.int64) - 1)
    enough = np.flatnonzero(np.cumsum(lengths[::-1]) >= room)
    return position - int(enough[0]) - 1 if len(enough) else first


def _decoded(data: bytes) -> str:
    """Text of bytes that may begin and end inside a character; such parts of characters are left out."""
    return data.decode("utf-8", errors="ignore")
