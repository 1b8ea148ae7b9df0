"""Headers on their way through the gateway: which go on, which stay, and what they say of the request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from starlette.datastructures import Headers

from wherefrom.api.observing import SECURITY_HEADERS
from wherefrom.traces.ingest.gateway import Labels

Pairs = list[tuple[bytes, bytes]]

# Of one connection, not of the message (RFC 9110, 7.6.1).
_HOPS = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"}
    | {b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
# What is ours, or says something of this address; encodings are named anew.
_STAYS = _HOPS | {b"host", b"content-length", b"content-encoding", b"cookie", b"accept-encoding", b"expect"}
# An answer is shown under this service's address: what it may do there is not for the upstream to say.
_NOT_BACK = (
    (_HOPS | frozenset(SECURITY_HEADERS) | {b"date", b"set-cookie", b"alt-svc", b"strict-transport-security"})
    | {b"service-worker-allowed", b"clear-site-data"}
) - {b"cache-control"}

READABLE = ("gzip", "deflate", "zstd", "identity")
"""Encodings of answers that can be recorded."""

_PARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_PROPERTY = "helicone-property-"
_TOLD = {"helicone-session-name": "session_name", "helicone-session-path": "session_path"}
_MAX_VALUE = 512
_MAX_PROPERTIES = 100


def to_upstream(sent: Iterable[tuple[bytes, bytes]], content_encoding: str = "") -> Pairs:
    """The headers that the upstream gets.

    Args:
        sent: names in lower case.
        content_encoding: of the body as it is passed on.
    """
    listed = list(sent)
    named = _named_by_connection(listed)
    found = [
        (name, value)
        for name, value in listed
        if name not in _STAYS and name not in named and not name.startswith((b"x-wherefrom-", b"helicone-"))
    ]
    wanted = b",".join(value for name, value in listed if name == b"accept-encoding")
    found.append((b"accept-encoding", _readable(wanted.decode("latin-1")).encode()))
    if content_encoding:
        found.append((b"content-encoding", content_encoding.encode()))
    return found


def to_caller(answered: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """The headers that the caller gets."""
    listed = [(name.lower(), value) for name, value in answered]
    named = _named_by_connection(listed)
    return [
        (name, value)
        for name, value in listed
        if name not in _NOT_BACK and name not in named and not name.startswith(b"access-control-")
    ]


def labels_of(headers: Headers, only_project: str | None) -> Labels:
    """What headers say of a request, in our words or Helicone's; of a key of one project, that one is meant."""
    metadata = {said: value for name, said in _TOLD.items() if (value := _text(headers.get(name)))}
    for name, value in headers.items():
        if name.startswith(_PROPERTY) and len(metadata) < _MAX_PROPERTIES and (told := _text(value)):
            metadata[name.removeprefix(_PROPERTY)[:_MAX_VALUE]] = told
    found = _PARENT.fullmatch(headers.get("traceparent", "").strip())
    return Labels(
        project=only_project or _text(headers.get("x-wherefrom-project")),
        session_id=_text(headers.get("x-wherefrom-session")) or _text(headers.get("helicone-session-id")),
        user_id=_text(headers.get("x-wherefrom-user")) or _text(headers.get("helicone-user-id")),
        metadata=metadata,
        parent=(found[1], found[2]) if found else None,
        request_id=_text(headers.get("helicone-request-id")),
    )


def speaks_helicone(headers: Headers) -> bool:
    """Whether a caller uses Helicone's headers."""
    return any(name.startswith("helicone-") for name in headers)


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    values = b",".join(value for name, value in headers if name == b"connection")
    return frozenset(name.strip().lower() for name in values.split(b",")) - {b""}


def _readable(wanted: str) -> str:
    """Of the encodings that a caller takes, those that can be read here; none: as it is."""
    listed = [item.strip() for item in wanted.split(",")]
    return ", ".join(item for item in listed if item.partition(";")[0].strip().lower() in READABLE) or "identity"


def _text(value: str | None) -> str | None:
    """A header's text, whose bytes are UTF-8 where clients send more than ASCII; None where it is none."""
    if value is None:
        return None
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    cut = value.strip()[:_MAX_VALUE]
    return cut if cut and cut.isprintable() else None
