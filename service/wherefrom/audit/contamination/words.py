"""Words of a text with their places: as written between white space, and as letters and digits alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"\S+")
_PLAIN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text.

    Attributes:
        forms: each word.
        starts, ends: half-open ranges of code points.
    """

    forms: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.forms)

    def range_of(self, first: int, number: int) -> tuple[int, int]:
        """Where the `number` words from `first` on begin and end in the text."""
        return self.starts[first], self.ends[first + number - 1]

    def grams(self, number: int) -> list[tuple[str, ...]]:
        """All runs of so many words."""
        return [self.forms[first : first + number] for first in range(len(self.forms) - number + 1)]


def written_words(text: str) -> Words:
    """The words between white space, as they are written."""
    return _words(_WRITTEN, text)


def plain_words(text: str) -> Words:
    """The runs of letters and digits in lower case: punctuation, white space and case are ignored."""
    words = _words(_PLAIN, text)
    return Words(tuple(form.lower() for form in words.forms), words.starts, words.ends)


def _words(pattern: re.Pattern[str], text: str) -> Words:
    found = list(pattern.finditer(text))
    return Words(
        tuple(match[0] for match in found),
        tuple(match.start() for match in found),
        tuple(match.end() for match in found),
    )
