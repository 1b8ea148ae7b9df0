"""A finding: a place in a text that may tell who somebody is, or open something."""

from __future__ import annotations

from dataclasses import dataclass

EMAIL = "email"
PHONE = "phone"
IP_ADDRESS = "ip_address"
SECRET = "secret"
KINDS = (SECRET, EMAIL, IP_ADDRESS, PHONE)
"""Where two findings share characters, the one whose kind stands first here is kept."""

HIDDEN = "•"
"""Stands for hidden characters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text.

    Attributes:
        kind: `email`, `phone`, `ip_address` or `secret`.
        start, end: half-open range in code points of the text.
        masked: what may be shown of it: enough to tell two findings apart, never enough to use one.
        name: what it is more precisely, as "IPv6 address" or "GitHub Token".
    """

    kind: str
    start: int
    end: int
    masked: str
    name: str
