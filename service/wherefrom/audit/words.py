"""The words of a text, as measures count them."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−⸺⸻", "-"),
    }
)
"""Quotes and dashes that editions of one text change for each other."""


def word_ranges(text: str) -> NDArray[np.int64]:
    """Where the words of a text stand: int64 (words, 2), half-open ranges of code points.

    A word is a run of letters, digits and underscores. There is at least one character between two of them.
    """
    found = [match.span() for match in _WORD.finditer(text)]
    return np.array(found, np.int64).reshape(-1, 2)


def folded_words(text: str) -> list[str]:
    """The words between white space, with NFKC, one kind of quotes and of dashes, in lower case."""
    return unicodedata.normalize("NFKC", text).translate(_SAME).lower().split()
