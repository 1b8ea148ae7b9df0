"""Where spans of a text may begin and end: word boundaries and sentence ends, from its characters alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

_WORD_BOUNDARY = regex.compile(r"\b", regex.WORD)  # the default word boundaries of Unicode (UAX 29)

# A sentence ends behind . ! or ? and closing quotes and brackets, before white space or the end of the text: so `3.14`
# and `np.array` are whole. Initials do not end one: `U.S. Senate`. The forms of Chinese and Japanese need no white
# space. A newline ends a sentence only when doubled, because prose and code are wrapped at single ones.
_SENTENCE_END = regex.compile(
    r"""
    (?<! (?<!\p{L}) \p{Lu} (?=\.) ) [.!?]+ [\p{Pe}\p{Pf}"']* (?= \s | \Z )
    | [。！？｡]+ [\p{Pe}\p{Pf}"']*
    | \n [^\S\n]* \n \s*
    """,
    regex.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The places of a text, in code points from 0 to its length, at which a span may begin and end; ascending."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def word_boundaries(text: str) -> Boundaries:
    """Return the Unicode word boundaries of a text at which no white space would stand at a span's edge."""
    places = [match.start() for match in _WORD_BOUNDARY.finditer(text)]
    return Boundaries(
        np.array([place for place in places if place < len(text) and not text[place].isspace()], np.int64),
        np.array([place for place in places if place > 0 and not text[place - 1].isspace()], np.int64),
    )


def sentence_ends(text: str) -> NDArray[np.int64]:
    """Return the places just behind each sentence of a text, ascending."""
    return np.array([match.end() for match in _SENTENCE_END.finditer(text)], np.int64)
