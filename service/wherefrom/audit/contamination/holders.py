"""The documents that hold an item: those to take out of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.words import plain_words
from wherefrom.tracer import Tracer

WINDOW = 50
"""Characters of the pieces by which documents are found; laid edge to edge."""

WORDS = 8
"""Length of the runs of words by which the documents that were read are compared."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Holder:
    """A document that holds a text: the name of its index, its id, and the share of the text that it holds."""

    index: str
    id: str
    share: float


def holders(tracer: Tracer, text: Examined, contained: float, most: int) -> tuple[list[Holder], int]:
    """Find the documents that hold at least a share of a text.

    A share is that of the windows of 50 characters, laid edge to edge, that stand verbatim in the document: all
    documents are found for it, copies included. Of the documents that were read around a passage it is also the share
    of the text's runs of 8 words, punctuation, white space and case ignored; the larger one counts.

    Args:
        tracer: the corpus.
        text: the text and what was read around its passages.
        contained: the share.
        most: a window that occurs more often in an index tells no documents.

    Returns:
        The documents by index and id, and how many windows told none.
    """
    windows = windows_of(text.text)
    found, left_out = tracer.documents_holding(text.text, windows, most)
    telling = set(range(len(windows))) - set(left_out)  # what is too frequent in one index tells nothing in any
    shares = {
        (each.index, each.document_id): len(telling.intersection(each.passages)) / len(telling)
        for each in found
        if telling
    }
    grams = set(text.plain.grams(WORDS))
    for part in text.surroundings if grams else ():
        share = len(grams.intersection(plain_words(part.text).grams(WORDS))) / len(grams)
        key = (part.index, part.document_id)
        shares[key] = max(share, shares.get(key, 0.0))
    least = contained - _ROUNDING
    return [Holder(*key, share) for key, share in sorted(shares.items()) if share >= least], len(left_out)


def windows_of(text: str) -> Sequence[tuple[int, int]]:
    """Windows of 50 characters laid edge to edge; the last one ends with the text; a shorter text is one."""
    if len(text) <= WINDOW:
        return [(0, len(text))]
    starts = list(range(0, len(text) - WINDOW + 1, WINDOW))
    if starts[-1] + WINDOW < len(text):
        starts.append(len(text) - WINDOW)
    return [(start, start + WINDOW) for start in starts]
