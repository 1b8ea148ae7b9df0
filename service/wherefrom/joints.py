"""Joints: places of a text at which every tokenization begins a token, whatever stands around them.

The tokenizers that `Tokenizer.has_joints` names split a text before they make tokens, and always where, for example, an
ASCII letter is followed by a space. A passage that occurs and contains such a place, with a byte on either side, has
the same tokens between its first joint and its last one in every document: so the longest match of tokens from a joint
bounds how far any passage that begins before that joint may reach, and most of a text need not be looked at byte by
byte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LETTER, _DIGIT, _LINE_END, _SPACE, _SYMBOL, _APOSTROPHE, _CONTROL = range(1, 8)

# Between which kinds of bytes all known patterns split. An apostrophe may begin a contraction and belong to the word
# before it; symbols may be followed by line ends in one token, and by letters.
_JOINED_BY = {
    _LETTER: (_DIGIT, _LINE_END, _SPACE, _SYMBOL, _CONTROL),
    _DIGIT: (_LETTER, _LINE_END, _SPACE, _SYMBOL, _CONTROL),
    _LINE_END: (_LETTER, _DIGIT),
    _SYMBOL: (_SPACE,),
}


def _kinds() -> NDArray[np.int64]:
    kinds = np.zeros(256, np.int64)
    kinds[:128] = _SYMBOL
    kinds[:32] = kinds[127] = _CONTROL
    kinds[[*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1)]] = _LETTER
    kinds[ord("0") : ord("9") + 1] = _DIGIT
    kinds[[ord("\n"), ord("\r")]] = _LINE_END
    kinds[[ord(" "), ord("\t")]] = _SPACE
    kinds[ord("'")] = _APOSTROPHE
    return kinds


_KINDS = _kinds()
_SPLIT = np.zeros((8, 8), np.bool_)
for _before, _behind in _JOINED_BY.items():
    _SPLIT[_before, list(_behind)] = True


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """The joints among the tokens of a text of n tokens.

    Attributes:
        following: int64 (n + 2), the first joint at or behind each token; n, the end of the text, counts as one.
        before: int64 (n + 1), the last joint before each token; 0, the begin of the text, if there is none.
    """

    following: NDArray[np.int64]
    before: NDArray[np.int64]


def joints_of(spelled: NDArray[np.uint8], starts: NDArray[np.int64], *, known: bool) -> Joints:
    """Find the joints of a text.

    Args:
        spelled: uint8, the text as UTF-8.
        starts: int64 (n), the byte at which each token begins.
        known: whether the tokenizer has joints, and all documents have the tokens that it gives them.
    """
    size = len(starts)
    marks = np.zeros(size, np.bool_)
    if known:
        inner = starts[1:]
        marks[1:] = _SPLIT[_KINDS[spelled[inner - 1]], _KINDS[spelled[np.minimum(inner, len(spelled) - 1)]]]
    places = np.arange(size)
    behind = np.minimum.accumulate(np.where(marks, places, size)[::-1])[::-1]
    before = np.maximum.accumulate(np.where(marks, places, 0))
    return Joints(
        np.concatenate((behind, [size, size])).astype(np.int64),
        np.concatenate(([0], before)).astype(np.int64),
    )
