"""Cutting a long text, for `tokenizers`, into pieces that tokenize as the whole does.

The library takes about 150 bytes of memory for a byte of text, so one document of 100 MB would take 15 GB. Long texts
are therefore encoded in pieces. A cut is made where a line or a word begins and where the tokens of the neighbourhood
do not change by it. Where no such place is found (a text without white space) the cut is made anyway: the pieces still
spell the text, only the tokens next to the cut may differ from those of the whole. `byte_pairs` needs no cuts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

PIECE_CHARACTERS = 1 << 17
"""Longer texts are cut; pieces have at least half as many characters, the last one excepted."""

_NEIGHBOURHOOD = 32
_CANDIDATES = 16
_BEGINNINGS = (re.compile(r"(?<=\n)(?=\w)"), re.compile(r"(?= \w)"))


def pieces(text: str, encode: Callable[[str], list[int]], longest: int = PIECE_CHARACTERS) -> list[str]:
    """Cut a text into pieces of at most `longest` characters; `encode` tells the tokens of a short text."""
    cuts = [0]
    while len(text) - cuts[-1] > longest:
        cuts.append(_cut(text, cuts[-1] + longest // 2, cuts[-1] + longest, encode))
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _cut(text: str, first: int, last: int, encode: Callable[[str], list[int]]) -> int:
    for beginning in _BEGINNINGS:
        for match in islice(beginning.finditer(text, first, last), _CANDIDATES):
            before = text[match.start() - _NEIGHBOURHOOD : match.start()]
            after = text[match.start() : match.start() + _NEIGHBOURHOOD]
            if encode(before) + encode(after) == encode(before + after):
                return match.start()
    return last
