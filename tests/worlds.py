"""Hypothesis strategies: small segments whose documents are tokenized at will."""

from __future__ import annotations

import numpy as np
from factories import segment_arrays, vocabulary_of
from hypothesis import strategies as st

from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays

LETTERS = b"ab "


@st.composite
def worlds(draw: st.DrawFn) -> tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]]:
    """A segment whose documents are tokenized at will, its words, its live documents' text, and the vocabulary."""
    longer = draw(st.sets(st.binary(min_size=2, max_size=5).map(on_letters), max_size=12))
    words = [bytes([letter]) for letter in LETTERS] + sorted(longer)
    vocabulary, arrays = vocabulary_of(words)
    token = st.integers(0, len(words) - 1)
    documents = draw(st.lists(st.lists(token, max_size=14), min_size=1, max_size=6))
    if draw(st.booleans()):  # frequent passages take the way through the vocabulary
        documents += [draw(st.lists(token, min_size=1, max_size=5)) * 30]
    removed = draw(st.sets(st.integers(0, len(documents) - 1), max_size=2))
    segment = segment_arrays(documents, len(words), removed)
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    return segment, arrays, [vocabulary.spell(np.array(document, np.int64)) for document in live], words


def on_letters(value: bytes) -> bytes:
    return bytes(LETTERS[byte % len(LETTERS)] for byte in value)


def as_bytes(text: bytes) -> np.ndarray:
    """A text as kernels read it."""
    return np.frombuffer(text, np.uint8)
