import base64
import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.audit.findings import secrets as module
from wherefrom.audit.findings.secrets import can_find_secrets, secrets

# Taken apart, so that nobody's scanner takes this file for one that leaks.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + string.ascii_lowercase + "0123456789"
STRIPE = "sk_" + "live_" + "0123456789abcdefghijABCD"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
KEY = "BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc==\n-----END RSA PRIVATE KEY-----"


def written(text):
    return [text[each.start : each.end] for each in secrets(text)]


@pytest.mark.parametrize("secret", [AWS, GITHUB, STRIPE, JWT, KEY])
@pytest.mark.parametrize("surrounding", ["{}", "key = '{}'\nnext", "é漢 \U0001f600\n\n{} end"])
def test_secrets_are_found_whole(secret, surrounding):
    assert written(surrounding.format(secret)) == [secret]


def test_prose_has_none():
    assert written("The internationalization of APERIODICITY, " * 20 + "a.b.c.d_e_f_g_h_i_j_k_l_m_n") == []
    assert written("eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIiOiIxMjM0NTY3ODkwIn1.nothing") == []  # no JSON in it


def test_a_password_in_an_address_is_found_alone_and_shows_nothing():
    (found,) = secrets("see https://user:hunter2@host.example/x")
    assert (found.name, found.masked) == ("Password in an address", "•••")


@settings(max_examples=25)
@given(st.integers(0, 3_000), st.sampled_from([AWS, GITHUB, STRIPE]))
def test_a_secret_anywhere_in_a_long_line_is_found(before, secret):
    text = "x " * before + secret + " y" * 500
    assert set(written(text)) == {secret}


@given(st.sampled_from([AWS, GITHUB, STRIPE, JWT, KEY]))
def test_the_masked_form_has_at_most_four_characters_of_it(secret):
    for found in secrets(secret):
        assert found.masked in (f"{secret[:4]}•••", "private key")


def test_without_the_library_only_passwords_are_found(monkeypatch):
    monkeypatch.setattr(module, "_rules", lambda: ())
    assert not can_find_secrets()
    assert written(f"{AWS} ftp://me:word@host") == ["word"]


@pytest.mark.parametrize("before", [0, 999, 1_500, 2_400])
def test_a_long_token_in_a_long_line_is_found_whole(before):
    payload = base64.urlsafe_b64encode(json.dumps({"sub": "x" * 600}).encode()).decode().rstrip("=")
    token = "eyJhbGciOiJIUzI1NiJ9" + f".{payload}." + "dozjgNryP4J3jVmNHl0w5N"
    assert set(written("x " * (before // 2) + token + " y" * 1_000)) == {token}
