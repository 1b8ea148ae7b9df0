from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.findings.ip_addresses import ip_addresses


def written(text):
    return [text[each.start : each.end] for each in ip_addresses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask 8.8.8.8. or 1.1.1.1:53, IP:9.9.9.9", ["8.8.8.8", "1.1.1.1", "9.9.9.9"]),
        ("v1.2.3.4 and version 8.8.8.8 and Version: 8.8.8.8", []),
        ("127.0.0.1 10.0.0.1 192.168.1.1 192.0.2.7 0.0.0.0 255.255.255.255 224.0.0.1", []),
        ("1.2.3 1.2.3.4.5 8.8.8.256 8.8.8.8x 08.8.8.8", []),
        ("[2001:4860:4860::8888]:443", ["2001:4860:4860::8888"]),
        ("std::abc a::b 12:34:56 ::1 fe80::1 2001:db8::1 fc00::1", []),
    ],
)
def test_public_addresses_are_found(text, expected):
    assert written(text) == expected


@given(st.ip_addresses())
def test_as_the_standard_library_says(address):
    text = f"from {address} it came"
    version_4 = isinstance(address, IPv4Address)
    public = address.is_global and not address.is_multicast and (version_4 or int(address) >> 125 == 1)
    assert written(text) == ([str(address)] if public else [])


@given(st.text("0123456789abcdefF.: v", max_size=50))
def test_whatever_is_found_is_an_address(text):
    for found in ip_addresses(text):
        address = text[found.start : found.end]
        assert (IPv6Address(address) if ":" in address else IPv4Address(address)).is_global
        assert found.masked.startswith(address[:1])
        assert len(set(found.masked) & set("•")) == 1
