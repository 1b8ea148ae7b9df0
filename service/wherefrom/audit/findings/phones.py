"""Telephone numbers in a text, as libphonenumber (the package `phonenumbers`, extra `audit`) finds them.

A number counts when the numbering plan of its country has such numbers. One written nationally is looked for in the
plans of the regions asked for, and only if something groups its digits: ten digits in a row are more often a date, an
ISBN or an identifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType

import regex

from wherefrom.audit.findings.finding import HIDDEN, PHONE, Finding

REGIONS = ("US",)
"""Where numbers without a country code are looked for unless something else is asked for."""

_GROUPING = " ()./-\u00a0\u2010\u2011\u2012\u2013"
_CANDIDATE = regex.compile(r"(?:[0-9][ ()./\-\u00a0\u2010-\u2013]{0,3}){7}[0-9]")
_LONGEST_LINE = 10_000
"""Characters looked at together: a number does not span more, and the finder's time grows faster than its text."""


def phones(text: str, regions: Sequence[str] = REGIONS) -> Iterator[Finding]:
    """Yields the telephone numbers of a text, in order; none where the library is not installed."""
    library = _library()
    if library is None or not _CANDIDATE.search(text):
        return
    start = 0
    for line in text.splitlines(keepends=True):
        for piece in range(0, len(line), _LONGEST_LINE):
            written = line[piece : piece + _LONGEST_LINE]
            if _CANDIDATE.search(written):
                yield from _of_line(library, written, start + piece, regions)
        start += len(line)


def can_find_phones() -> bool:
    """Whether the library is installed."""
    return _library() is not None


def _of_line(library: ModuleType, line: str, offset: int, regions: Sequence[str]) -> Iterator[Finding]:
    found: dict[tuple[int, int], Finding] = {}
    for region in regions or (None,):
        for match in library.PhoneNumberMatcher(line, region, leniency=library.Leniency.VALID):
            written: str = match.raw_string
            if not written.startswith("+") and not any(mark in written for mark in _GROUPING):
                continue
            masked = f"+{match.number.country_code} {HIDDEN * 3} {written[-2:]}"
            place = (offset + match.start, offset + match.end)
            found.setdefault(place, Finding(PHONE, *place, masked, "Telephone number"))
    yield from (found[place] for place in sorted(found))


@cache
def _library() -> ModuleType | None:
    try:
        import phonenumbers
    except ModuleNotFoundError:
        return None
    module: ModuleType = phonenumbers
    return module
