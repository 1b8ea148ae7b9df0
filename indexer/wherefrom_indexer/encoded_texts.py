"""What encoding gives: the tokens of one text with their places, or those of many texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The tokens of a text.

    Attributes:
        ids: uint32, new ids.
        starts, ends: int64, for each token the bytes of the text (UTF-8) that it stands for: starts[i] to ends[i].
        faithful: the tokens' spellings, joined, are the text.
    """

    ids: NDArray[np.uint32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    faithful: bool


@dataclass(frozen=True, slots=True, eq=False)
class EncodedTexts:
    """The tokens of n texts.

    Attributes:
        raw: uint8, the UTF-8 of all texts (cleaned), joined.
        byte_starts: int64 (n + 1), where each text begins in `raw`.
        ids: uint32, new ids of all texts, joined.
        starts: int64 (n + 1), where the ids of each text begin.
        faithful: bool (n), whether the spellings of a text's tokens, joined, are the text.
    """

    raw: NDArray[np.uint8]
    byte_starts: NDArray[np.int64]
    ids: NDArray[np.uint32]
    starts: NDArray[np.int64]
    faithful: NDArray[np.bool_]
