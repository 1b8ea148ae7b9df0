"""Times as people and JSON have them: RFC 3339 in UTC, to the nanosecond, which no number of JavaScript can hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from wherefrom.errors import RequestError

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_NS, MIN_NS = (1 << 63) - 1, -(1 << 63)

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)


def time_text(ns: int | None) -> str | None:
    """Returns nanoseconds since 1970 as `2026-11-22T19:23:10.123456789Z`; None for None."""
    if ns is None:
        return None
    seconds, rest = divmod(ns, SECOND)
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def read_time(text: str, name: str) -> int:
    """Returns a time in nanoseconds since 1970; one without an offset is UTC, a date is its midnight.

    Raises:
        RequestError: it is none; the sentence calls it `name`.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise _unusable(text, name)
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError as error:
        raise _unusable(text, name) from error
    whole = int((moment - EPOCH) / timedelta(seconds=1)) - _offset_s(offset)
    ns = whole * SECOND + int((fraction or "").ljust(9, "0"))
    if not MIN_NS <= ns <= MAX_NS:
        raise RequestError(f"{name} is {text[:40]!r}; times from 1678 to 2261 can be used.")
    return ns


def milliseconds(start_ns: int | None, end_ns: int | None) -> float | None:
    """Returns what passed from one time to another; None where one is unknown. Clocks differ: it may be negative."""
    return None if start_ns is None or end_ns is None else (end_ns - start_ns) / 1_000_000


def _offset_s(offset: str | None) -> int:
    if offset is None or offset in "Zz":
        return 0
    digits = offset[1:].replace(":", "")
    seconds = int(digits[:2]) * 3_600 + int(digits[2:]) * 60
    return -seconds if offset[0] == "-" else seconds


def _unusable(text: str, name: str) -> RequestError:
    return RequestError(f"{name} is {text[:40]!r}; give a time like 2026-11-22T19:23:10Z, or a date.")
