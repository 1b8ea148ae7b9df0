"""IP addresses in a text, as `ipaddress` reads them.

Only addresses that are reachable from everywhere (IANA's special-purpose registries, `is_global`): 127.0.0.1, private
ranges and those set aside for documentation point to nobody. A version number of four parts is told from an address
only by a "v" or "version" before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import regex

from wherefrom.audit.findings.finding import HIDDEN, IP_ADDRESS, Finding

_IPV4 = regex.compile(r"(?<![\w.])(?<!version[ :=]{1,2})[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?\w)", regex.IGNORECASE)
_IPV6 = regex.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:]|\.[0-9])")
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def ip_addresses(text: str) -> Iterator[Finding]:
    """Yields the public IPv4 and IPv6 addresses of a text, each kind in order. Linear in its length."""
    for found in _IPV4.finditer(text):
        if _is_public(found[0]):
            masked = f"{found[0].partition('.')[0]}{f'.{HIDDEN}' * 3}"
            yield Finding(IP_ADDRESS, found.start(), found.end(), masked, "IPv4 address")
    for found in _IPV6.finditer(text):
        if found[0].count(":") >= 2 and _is_public(found[0]):
            masked = f"{found[0].partition(':')[0]}:{HIDDEN}"
            yield Finding(IP_ADDRESS, found.start(), found.end(), masked, "IPv6 address")


def _is_public(written: str) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(written)
    except ValueError:
        return False
    return address.is_global and (address.version == 4 or address in _GLOBAL_UNICAST) and not address.is_multicast
