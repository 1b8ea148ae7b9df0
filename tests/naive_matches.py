"""What of a text stands in documents, by brute force over their strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import naive

from wherefrom.audit.contamination.examined import Examined, Surroundings

TOKEN = re.compile(r"\s*\S{1,3}|\s+")
"""Tokens for tests: white space with up to three characters after it."""


def token_starts(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in TOKEN.finditer(text))


def passages(text: str, documents: Sequence[str], least: int) -> list[tuple[int, int]]:
    ends = []
    for start in range(len(text)):
        end = start
        while end < len(text) and any(text[start : end + 1] in document for document in documents):
            end += 1
        ends.append(end)
    return [(start, end) for start, end in naive.maximal_spans(ends) if end - start >= least]


def examined(text: str, documents: Sequence[str], least: int = 1, *, read: bool = False) -> Examined:
    """A text with its passages; with `read`, every document is read around the first occurrence of every passage."""
    found = passages(text, documents, least)
    around = []
    for start, end in found if read else []:
        for number, document in enumerate(documents):
            place = document.find(text[start:end])
            if place >= 0:
                first = next((token for token in token_starts(text) if token >= start), start)
                begins = place + first - start
                tokens = tuple(begins + token for token in token_starts(document[begins:]))
                around.append(Surroundings("i", str(number), start, document, begins, tokens))
    return Examined(text, tuple(found), token_starts(text), tuple(around))
