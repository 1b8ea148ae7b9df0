"""Where spans of a text may begin and end: word boundaries and sentence ends, from its characters alone."""

from __future__ import annotations

from collections.abc import Iterator
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
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    starts, ends = _plain_boundaries(np.minimum(codes, _BEYOND))
    for first, line in () if text.isascii() else _marked_lines(text):
        last = first + len(line)
        starts[first:last] = False
        ends[first + 1 : last + 1] = False
        for place in _places(line):
            starts[first + place] |= place < len(line) and not line[place].isspace()
            ends[first + place] |= place > 0 and not line[place - 1].isspace()
    return Boundaries(np.flatnonzero(starts), np.flatnonzero(ends))


def _marked_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not all ASCII, each with the newline before it, and where they begin.

    There is always a boundary at a newline, so that the boundaries of each line can be told alone.
    """
    first = 0
    for number, line in enumerate(text.split("\n")):
        if not line.isascii():
            yield (first - 1, "\n" + line) if number else (first, line)
        first += len(line) + 1


def _places(text: str) -> list[int]:
    """The word boundaries of a text as `regex` finds them, which takes a microsecond for each."""
    return [match.start() for match in _WORD_BOUNDARY.finditer(text)]


_BEYOND = 128  # stands for all characters beyond ASCII
_LETTER, _DIGIT, _CONNECTOR, _IN_WORD, _IN_NUMBER, _SPACE, _APOSTROPHE, _VOWEL = (1 << bit for bit in range(8))


def _classes() -> NDArray[np.uint8]:
    classes = np.zeros(_BEYOND + 1, np.uint8)
    for code in range(_BEYOND):
        character = chr(code)
        classes[code] = (
            _LETTER * character.isalpha()
            | _DIGIT * character.isdigit()
            | _CONNECTOR * (character == "_")
            | _IN_WORD * (character in ".':")
            | _IN_NUMBER * (character in ".',;")
            | _SPACE * character.isspace()
            | _APOSTROPHE * (character == "'")
            | _VOWEL * (character in "aeiouAEIOU")
        )
    return classes


_CLASSES = _classes()


def _plain_boundaries(codes: NDArray[np.uint32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where words of ASCII text may start and end: bool (characters + 1) each.

    What is left of UAX 29 there: letters, digits and _ hold together (WB5, 8 to 10, 13), and so do letters around one
    of . ' : (WB6, 7) and digits around one of . ' , ; (WB11, 12). `regex` also holds an apostrophe and a vowel
    together, for French and Italian. White space is never an edge.
    """
    kinds = np.zeros(len(codes) + 2, np.uint8)
    kinds[1:-1] = _CLASSES[codes]
    around = kinds[:-2] & kinds[2:]
    inner = (around & _LETTER) & ((kinds[1:-1] & _IN_WORD) // _IN_WORD)
    inner |= ((around & _DIGIT) // _DIGIT) & ((kinds[1:-1] & _IN_NUMBER) // _IN_NUMBER)
    in_word = (kinds & (_LETTER | _DIGIT | _CONNECTOR)) != 0
    in_word[1:-1] |= inner != 0
    edge = ~(in_word[:-1] & in_word[1:])
    edge &= ((kinds[:-1] & _APOSTROPHE) == 0) | ((kinds[1:] & _VOWEL) == 0)
    filled = (kinds & _SPACE) == 0
    filled[[0, -1]] = False
    return edge & filled[1:], edge & filled[:-1]


def sentence_ends(text: str) -> NDArray[np.int64]:
    """Return the places just behind each sentence of a text, ascending."""
    return np.array([match.end() for match in _SENTENCE_END.finditer(text)], np.int64)
