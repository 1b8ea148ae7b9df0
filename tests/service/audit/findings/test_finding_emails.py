import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.findings.emails import emails

ATOM = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
ENDING = st.text(string.ascii_lowercase, min_size=2, max_size=8)
PROSE = st.text(string.ascii_letters + ' ,;:()<>[]\n"é漢\U0001f600', max_size=40)


def written(text):
    return [text[each.start : each.end] for each in emails(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Write to jane.doe+x@mail.example.org.", ["jane.doe+x@mail.example.org"]),
        ("<bob@firm.co.uk>, `a@b.cc`, 'c@d.ee'", ["bob@firm.co.uk", "a@b.cc", "c@d.ee"]),
        ("mailto:x_1@host-name.de?subject=hi", ["x_1@host-name.de"]),
        ("用户@例子.广告 and jörg@müller.de", ["用户@例子.广告", "jörg@müller.de"]),
        ("@handle, a@b, a@@b.cc, a@.cc, @b.cc, a@b.c, a@1.2", []),
        ("a..b@c.dd", ["b@c.dd"]),
        ("x" * 64 + "@y.zz", ["x" * 64 + "@y.zz"]),
        ("x" * 65 + "@y.zz", []),
    ],
)
def test_addresses_are_found_whole(text, expected):
    assert written(text) == expected


@given(PROSE, st.lists(ATOM, min_size=1, max_size=3), st.lists(LABEL, min_size=1, max_size=3), ENDING, PROSE)
def test_an_address_between_other_words_is_found_where_it_stands(before, local, labels, ending, after):
    address = ".".join(local) + "@" + ".".join(labels) + "." + ending
    text = f"{before} {address} {after}"
    (found,) = emails(text)
    assert (found.start, found.end) == (len(before) + 1, len(before) + 1 + len(address))


@given(st.text("ab.@- \nß", max_size=60))
def test_whatever_is_found_has_the_form_of_an_address(text):
    for found in emails(text):
        local, _, domain = text[found.start : found.end].rpartition("@")
        assert 1 <= len(local) <= 64
        assert not local.startswith(".")
        assert not local.endswith(".")
        assert "@" not in local
        assert "." in domain
        assert all(domain.split("."))


@given(st.lists(ATOM, min_size=1, max_size=3), LABEL, ENDING)
def test_the_masked_form_has_two_letters_and_the_last_label(local, label, ending):
    name = ".".join(local)
    (found,) = emails(f"{name}@{label}.{ending}")
    assert found.masked == f"{name[0]}•••@{label[0]}•••.{ending}"
