"""E-mail addresses in a text.

The local part is what RFC 5321 allows without quotes (at most 64 characters of RFC 5322's atoms and dots), the domain a
name of at least two labels of which the last has letters only. Both may be of any script (RFC 6531).
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from wherefrom.audit.findings.finding import EMAIL, HIDDEN, Finding

_LONGEST_LOCAL = 64
_LOCAL = regex.compile(r"[\w!#$%&'*+/=?^`{|}~-]++(?:\.[\w!#$%&'*+/=?^`{|}~-]++)*+$")
_DOMAIN = regex.compile(
    r"(?:[\p{L}\p{M}\p{Nd}](?:[\p{L}\p{M}\p{Nd}-]{0,61}[\p{L}\p{M}\p{Nd}])?\.){1,8}\p{L}{2,63}(?!\w)"
)
_WRAPPING = "'`{|*/=?#$%&~!^-_"
"""What surrounds addresses in texts more often than it begins one, although the standard allows it."""


def emails(text: str) -> Iterator[Finding]:
    """Yields the e-mail addresses of a text, in order. Linear in its length."""
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        start = _local_start(text, at) if domain else None
        if domain and start is not None:
            masked = f"{text[start]}{HIDDEN * 3}@{domain[0][0]}{HIDDEN * 3}.{domain[0].rpartition('.')[2]}"
            yield Finding(EMAIL, start, domain.end(), masked, "E-mail address")
        at = text.find("@", at + 1)


def _local_start(text: str, at: int) -> int | None:
    """Where the local part that ends at an @ begins; None: there is none, or it is too long for one."""
    nearest = max(0, at - _LONGEST_LOCAL - 1)
    found = _LOCAL.search(text[nearest:at])
    if found is None or found.end() - found.start() > _LONGEST_LOCAL:
        return None
    bare = found[0].lstrip(_WRAPPING)
    return at - len(bare) if bare else None
