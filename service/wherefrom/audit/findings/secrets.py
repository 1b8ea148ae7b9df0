"""Key-like secrets in a text, by the rules of detect-secrets (extra `audit`) whose form is unmistakable.

Left out are its rules for high entropy and for the words around a value (most of what they find in prose is none),
those for Artifactory (capitalised words pass for its keys) and for public addresses (`ip_addresses` has them).
Passwords in addresses are found by a rule of our own: the library's takes cubic time. Its rule for private keys finds
the first line; here the key goes with it. Nothing is ever verified: that would send the secret away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import regex

from wherefrom.audit.findings.finding import HIDDEN, SECRET, Finding

_DETECTORS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "cloudant": "CloudantDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "ibm_cos_hmac": "IbmCosHmacDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "softlayer": "SoftlayerDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
_PRIVATE_KEY = "Private Key"
_WEB_TOKEN = "JSON Web Token"
_CANDIDATE = regex.compile(r"[\w/+=.-]{20}|PRIVATE KEY")
"""Stands in every line that has a secret: all others are left at once."""
_PASSWORD_IN_ADDRESS = regex.compile(r"://[^\s:/@]{1,256}:([^\s:/@]{1,256})@")
_REST_OF_KEY = regex.compile(
    r"[^\n]{0,64}\n(?:[^\n]{0,200}\n){0,200}?[^\n]{0,64}END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-*"
)
_RESTS = {_PRIVATE_KEY: _REST_OF_KEY, _WEB_TOKEN: regex.compile(r"[\w.+/=-]{0,2000}", regex.ASCII)}
"""What belongs to a secret beyond what the library's rule takes of it."""
_LONGEST = 2_000
"""Characters looked at together: some rules take time that grows with the square of a text made to slow them."""
_OVERLAP = 1_000
"""A secret that is longer may be missed in a longer line."""


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: regex.Pattern[str]
    detector: object


def secrets(text: str) -> Iterator[Finding]:
    """Yields the secrets of a text; one may be found twice, by two rules. Only passwords without the library."""
    if "://" in text:
        for found in _PASSWORD_IN_ADDRESS.finditer(text):
            yield _finding(text, *found.span(1), "Password in an address")
    if not _CANDIDATE.search(text):
        return
    start = 0
    for line in text.split("\n"):
        if _CANDIDATE.search(line):
            for piece in range(0, max(1, len(line) - _OVERLAP), _LONGEST - _OVERLAP):
                yield from _of_piece(text, line[piece : piece + _LONGEST], start + piece)
        start += len(line) + 1


def can_find_secrets() -> bool:
    """Whether the library is installed."""
    return bool(_rules())


def _of_piece(text: str, piece: str, offset: int) -> Iterator[Finding]:
    for rule in _rules():
        for found in rule.pattern.finditer(piece):
            groups = [number for number in range(1, (found.re.groups or 0) + 1) if found[number]]
            # As the library does it: what stands in a group is the secret, unless the group is part of its form.
            span = found.span(groups[0]) if groups and len(found[groups[0]]) >= 20 else found.span()
            if rule.name == _WEB_TOKEN and not _is_token(rule.detector, piece[slice(*span)]):
                continue
            start, end = offset + span[0], offset + span[1]
            rest = _RESTS[rule.name].match(text, end) if rule.name in _RESTS else None
            end = rest.end() if rest else end
            yield _finding(text, start, end, rule.name)


def _finding(text: str, start: int, end: int, name: str) -> Finding:
    shown = text[start : start + 4] if end - start >= 20 and name != "Password in an address" else ""
    return Finding(SECRET, start, end, "private key" if name == _PRIVATE_KEY else f"{shown}{HIDDEN * 3}", name)


def _is_token(detector: object, written: str) -> bool:
    check = getattr(detector, "is_formally_valid", None)
    return check is None or bool(check(written))


@cache
def _rules() -> tuple[_Rule, ...]:
    try:
        import_module("detect_secrets.plugins.base")
    except ModuleNotFoundError:
        return ()
    rules = []
    for module, name in _DETECTORS.items():
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        rules += [_Rule(str(detector.secret_type), pattern, detector) for pattern in detector.denylist]
    return tuple(rules)
