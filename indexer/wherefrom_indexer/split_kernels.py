"""The scanner that cuts a text into pre-tokens, as the regular expressions of known byte-level tokenizers would.

The five patterns (`split_pattern`) have one grammar: words, numbers, runs of symbols and white space, each with small
differences. Which, is told by the class bits that a pattern gives each code point, and by the RULES that it adds up to
a number; so one kernel serves them all, and only one is compiled. A pre-token depends on nothing before it.

Every character is looked at a bounded number of times (a run of white space thrice, a word of capitals twice), so that
no text takes more than linear time. One thread, 201 MB of Linux source, H bytes a second:
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import ONE, ZERO, inlined_kernel, kernel

# Class bits of a character. One without any is a pre-token of its own.
START: Any = np.int64(1)  # begins a word
UPPER: Any = np.int64(2)  # may stand in the first part of a word: capitals, and letters without case
LOWER: Any = np.int64(4)  # may stand in the second part of a word: all but capitals, or all letters
NUMBER: Any = np.int64(8)
SYMBOL: Any = np.int64(16)
SPACE: Any = np.int64(32)
NEWLINE: Any = np.int64(64)  # a carriage return or line feed that is not like other white space
PREFIX: Any = np.int64(128)  # belongs to the word that follows it

# Rules of a pattern; the lowest bits are the most digits of a number, 0 without limit.
DIGITS: Any = np.int64(7)
CONTRACTION_BEFORE_WORD: Any = np.int64(8)  # 's, 't, 're, 've, 'm, 'll and 'd are pre-tokens
CONTRACTION_AFTER_WORD: Any = np.int64(16)  # they belong to the word before them
CONTRACTION_OF_ANY_CASE: Any = np.int64(32)
SPACE_BEFORE_NUMBER: Any = np.int64(64)  # a number takes the space before it
LAST_SPACE_APART: Any = np.int64(128)  # white space leaves its last character to what follows, whatever that is
LINE_ENDS_AFTER_SYMBOLS: Any = np.int64(256)  # symbols take the line ends after them
SLASHES_AFTER_SYMBOLS: Any = np.int64(512)  # and slashes among those line ends


@kernel
def split_text(
    text: NDArray[np.uint8], begin: int, end: int, rules: int, classes: NDArray[np.uint8], ends: NDArray[np.int64]
) -> int:
    """Do what `split` does, which only kernels can call."""
    return split(text, begin, end, rules, classes, ends)


@inlined_kernel
def split(
    text: NDArray[np.uint8], begin: int, end: int, rules: int, classes: NDArray[np.uint8], ends: NDArray[np.int64]
) -> int:
    """Write where each pre-token of the document text[begin:end] (valid UTF-8) ends into `ends`, and return how many.

    If `ends` is too small it is filled; the last end is where to go on. `classes`: the class bits of all code points.
    """
    count = 0
    at = begin
    while at < end and count < ends.size:
        at = pre_token_end(text, at, end, rules, classes)
        ends[count] = at
        count += 1
    return count


@inlined_kernel
def pre_token_end(text: NDArray[np.uint8], at: int, end: int, rules: int, classes: NDArray[np.uint8]) -> int:
    """Where the pre-token that begins at `at` ends; the document ends at `end`, beyond `at`."""
    byte = np.int64(text[at])
    if byte == 39 and rules & CONTRACTION_BEFORE_WORD:
        after = _contraction_end(text, at, end, rules)
        if after > at:
            return after
    bits, after = _character(text, at, end, classes)
    if bits & START:
        return _word_end(text, at, end, rules, classes)
    if bits & PREFIX and after < end:
        next_bits, after_next = _character(text, after, end, classes)
        if next_bits & START:
            return _word_end(text, after, end, rules, classes)
        if byte == 32 and next_bits & SYMBOL:
            return _symbols_end(text, after_next, end, rules, classes)
        if next_bits & NUMBER and rules & SPACE_BEFORE_NUMBER:
            return _number_end(text, after_next, end, rules, classes)
    if bits & SYMBOL:
        return _symbols_end(text, after, end, rules, classes)
    if bits & SPACE:
        return _space_end(text, at, end, rules, classes)
    if bits & NUMBER:
        return _number_end(text, after, end, rules, classes)
    return _run_end(text, after, end, classes, NEWLINE) if bits & NEWLINE else after


@inlined_kernel
def _character(text: NDArray[np.uint8], at: int, end: int, classes: NDArray[np.uint8]) -> tuple[Any, int]:
    """The class bits of the character at `at`, and where it ends. Whatever the bytes are, none beyond `end` is read."""
    byte = np.int64(text[at])
    if byte < 0x80:
        return np.int64(classes[byte]), at + 1
    if byte < 0xE0:
        if at + 2 <= end:
            return np.int64(classes[(byte & 0x1F) << 6 | np.int64(text[at + 1]) & 0x3F]), at + 2
    elif byte < 0xF0:
        if at + 3 <= end:
            low = (np.int64(text[at + 1]) & 0x3F) << 6 | np.int64(text[at + 2]) & 0x3F
            return np.int64(classes[(byte & 0x0F) << 12 | low]), at + 3
    elif at + 4 <= end:
        low = (np.int64(text[at + 2]) & 0x3F) << 6 | np.int64(text[at + 3]) & 0x3F
        point: Any = (byte & 0x07) << 18 | (np.int64(text[at + 1]) & 0x3F) << 12 | low
        return np.int64(classes[min(point, 0x10FFFF)]), at + 4
    return np.int64(0), end


@inlined_kernel
def _run_end(text: NDArray[np.uint8], at: int, end: int, classes: NDArray[np.uint8], wanted: int) -> int:
    """Where the run of characters that have one of the wanted bits, and begins at `at`, ends."""
    while at < end:
        bits, after = _character(text, at, end, classes)
        if not bits & wanted:
            break
        at = after
    return at


@inlined_kernel
def _word_end(text: NDArray[np.uint8], at: int, end: int, rules: int, classes: NDArray[np.uint8]) -> int:
    """Where the word that begins at `at`, a character with START, ends.

    It is the first that matches of UPPER* LOWER+ and UPPER+. A pattern whose words are plain runs has no UPPER.
    """
    lower_end: int = -ONE
    bits = ZERO
    while at < end:
        bits, after = _character(text, at, end, classes)
        if not bits & UPPER:
            break
        if bits & LOWER:
            lower_end = after
        at = after
    if at < end and bits & LOWER:
        at = _run_end(text, at, end, classes, LOWER)
    elif lower_end >= 0:
        at = lower_end  # the regular expression gives back capitals until what is left ends on a LOWER
    if rules & CONTRACTION_AFTER_WORD and at < end and text[at] == 39:
        return _contraction_end(text, at, end, rules)
    return at


@inlined_kernel
def _contraction_end(text: NDArray[np.uint8], at: int, end: int, rules: int) -> int:
    """Where the contraction that begins with the apostrophe at `at` ends; `at` if there is none."""
    if at + 1 >= end:
        return at
    fold = np.int64(0x20) if rules & CONTRACTION_OF_ANY_CASE else np.int64(0)
    first = np.int64(text[at + 1]) | fold
    if first == 0x73 or first == 0x74 or first == 0x6D or first == 0x64:  # s, t, m, d
        return at + 2
    if at + 2 >= end:
        return at
    second = np.int64(text[at + 2]) | fold
    if second == (0x6C if first == 0x6C else 0x65) and (first == 0x6C or first == 0x72 or first == 0x76):  # ll, re, ve
        return at + 3
    # U+017F, the long s, is an s in another case.
    return at + 3 if fold and text[at + 1] == 0xC5 and text[at + 2] == 0xBF else at


@inlined_kernel
def _number_end(text: NDArray[np.uint8], at: int, end: int, rules: int, classes: NDArray[np.uint8]) -> int:
    """Where the number ends whose first digit lies before `at`."""
    limit = rules & DIGITS
    if limit == 0:
        return _run_end(text, at, end, classes, NUMBER)
    while limit > 1 and at < end:
        bits, after = _character(text, at, end, classes)
        if not bits & NUMBER:
            break
        at = after
        limit -= 1
    return at


@inlined_kernel
def _symbols_end(text: NDArray[np.uint8], at: int, end: int, rules: int, classes: NDArray[np.uint8]) -> int:
    """Where the run of symbols ends whose first lies before `at`."""
    at = _run_end(text, at, end, classes, SYMBOL)
    if rules & LINE_ENDS_AFTER_SYMBOLS:
        slashes = rules & SLASHES_AFTER_SYMBOLS
        while at < end and (text[at] == 10 or text[at] == 13 or (slashes and text[at] == 47)):
            at += 1
    return at


@inlined_kernel
def _space_end(text: NDArray[np.uint8], at: int, end: int, rules: int, classes: NDArray[np.uint8]) -> int:
    """Where the pre-token of white space that begins at `at` ends: after the last line end of the run, if any."""
    begin = at
    last = at
    line_end: int = -ONE
    bits = ZERO
    while at < end:
        bits, after = _character(text, at, end, classes)
        if not bits & SPACE:
            break
        if bits & NEWLINE:
            line_end = after
        last = at
        at = after
    if line_end >= 0:
        return line_end
    if at == end or last == begin:
        return at
    taken = text[last] == 32 and bits & (LOWER | SYMBOL)  # by the word or the symbols that follow
    return last if taken or rules & LAST_SPACE_APART else at
