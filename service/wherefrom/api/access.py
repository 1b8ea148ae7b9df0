"""Who may do what: callers, their roles and projects, the API keys that say so, and how often each may ask."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.datastructures import Headers

from wherefrom.errors import AccessError, OverloadedError, StoreUnavailableError, UnauthenticatedError
from wherefrom.traces.keys import ApiKey, id_of, is_key, list_keys, note_use

FRESH_S = 2.0
"""A revoked key is refused, by every process, after this time at the latest."""
_PAUSE_S = 0.2  # unknown keys make the list be read again, but not more often than this
_NOTE_S = 60.0


class Role(StrEnum):
    """What a key allows. A key that may administer may do everything; the other two exclude each other."""

    INGEST = "ingest"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    Attributes:
        project: the only project they may see or write; None: all.
        key_id: of their API key; None: a request from this machine, without one.
    """

    role: Role
    project: str | None = None
    key_id: str | None = None

    @classmethod
    def anyone(cls) -> Caller:
        """Who calls on loopback, where no key is needed."""
        return cls(Role.ADMIN)

    def may(self, role: Role) -> bool:
        """Whether the caller may do what `role` may."""
        return self.role in (Role.ADMIN, role)

    def project_or(self, named: str | None) -> str | None:
        """The project that a request is about: the one it names, if the caller may; theirs if it names none.

        Raises:
            AccessError: it names another than the caller's.
        """
        if self.project is None:
            return named
        if named is None or named == self.project:
            return self.project
        raise AccessError(f"This API key belongs to the project {self.project!r} and may use no other.")


class Keyring:
    """The API keys of a store, held for a moment, so that most requests are checked without a query.

    All methods but `refresh` return at once; `refresh` blocks.
    """

    def __init__(self, store: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._keys: dict[str, ApiKey] | None = None
        self._read_at = 0.0
        self._used: set[str] = set()
        self._noted_at = clock()

    def find(self, key: str) -> Caller | None:
        """Whose key it is; None if it is unknown or revoked."""
        kept = (self._keys or {}).get(id_of(key))
        if kept is None or not is_key(key, kept):
            return None
        self._used.add(kept.id)
        return Caller(Role(kept.role), kept.project, kept.id)

    def now(self) -> float:
        """The time that `is_as_of` understands."""
        return self._clock()

    def is_fresh(self) -> bool:
        """Whether a key that is found is one that is in use."""
        return self._keys is not None and self._clock() - self._read_at <= FRESH_S

    def is_as_of(self, moment: float) -> bool:
        """Whether a key that is not found did not exist at a moment."""
        return self._keys is not None and self._read_at >= moment

    def pause(self) -> float:
        """Seconds to wait before the keys are read again because of one that was not found."""
        return max(0.0, self._read_at + _PAUSE_S - self._clock())

    def refresh(self) -> None:
        """Reads the keys and notes which were used.

        Raises:
            StoreUnavailableError: they cannot be read and never were; those read before stay valid meanwhile.
        """
        now = self._clock()
        try:
            keys = self._store.read(lambda connection: list_keys(connection, revoked=False))
        except StoreUnavailableError:
            if self._keys is None:
                raise
            self._read_at = now
            return
        self._keys = {key.id: key for key in keys}
        self._read_at = now
        if self._used and now - self._noted_at > _NOTE_S:
            used, self._used, self._noted_at = self._used, set(), now
            self._store.write(lambda connection: note_use(connection, used, time.time_ns()))


class Rate:
    """How often each key may ask: a bucket of tokens that refills."""

    def __init__(self, per_second: float | None, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key_id: str) -> None:
        """Counts one request.

        Raises:
            OverloadedError: it is one too many.
        """
        if self._per_second is None:
            return
        now = self._clock()
        tokens, at = self._buckets.get(key_id, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        if tokens < 1:
            self._buckets[key_id] = (tokens, now)
            raise OverloadedError(
                f"This API key may send {self._per_second:g} requests a second (requests_per_second).",
                (1 - tokens) / self._per_second,
            )
        self._buckets[key_id] = (tokens - 1, now)


GATEWAY = "/gateway/"
"""Paths whose credentials are for the model that is asked, but for those of `_OF_GATEWAY`."""

_OF_GATEWAY = ("x-wherefrom-key", "helicone-auth")
_ALONE = ("x-wherefrom-key", "x-api-key", "dd-api-key")


def key_in(headers: Headers, path: str = "") -> str | None:
    """The API key of a request, wherever tracing clients send theirs.

    That is `X-Wherefrom-Key`, `x-api-key`, `DD-API-KEY`, `Helicone-Auth: Bearer`, `Authorization: Bearer`, the key
    alone in `Authorization`, or the password of `Authorization: Basic`; on the gateway's paths the first or the fourth.

    Raises:
        UnauthenticatedError: an Authorization that cannot be read.
    """
    if path.startswith(GATEWAY):
        return next((_bearer(key) for name in _OF_GATEWAY if (key := headers.get(name))), None)
    for name in _ALONE:
        if key := headers.get(name):
            return key.strip()
    if key := headers.get("helicone-auth"):
        return _bearer(key)
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    match scheme.lower():
        case "":
            return None
        case "bearer":
            return value.strip()
        case "basic":
            try:
                pair = base64.b64decode(value.strip(), validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise UnauthenticatedError("Authorization says Basic, but what follows is not base64.") from error
            return pair.partition(":")[2]
        case _ if not value:
            return scheme  # as Opik's clients send it
        case _:
            raise UnauthenticatedError("Authorization has a scheme that is not known here; send Bearer or x-api-key.")


def header_for(path: str) -> str:
    """Where a request to a path has its API key, for who has sent none."""
    return "X-Wherefrom-Key" if path.startswith(GATEWAY) else "x-api-key or Authorization: Bearer"


def _bearer(said: str) -> str:
    scheme, _, value = said.strip().partition(" ")
    return value.strip() if scheme.lower() == "bearer" else said.strip()
