"""Items of a request taken one by one: one that cannot be used is refused and counted, the others are kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.json_values import parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import IngestBatch, Json, Protocol, RawRequest, ScoreUpdate, SpanUpdate

MAX_NAME = 512
"""Code points of ids and names that are keys of the store."""

MAX_TEXT = 100_000
"""Code points of a score's words and comment."""

_HEX = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Request:
    """What surrounds the items of a request.

    Attributes:
        body: decompressed JSON.
        project: of what names none. only_project: the one that the API key is limited to.
    """

    body: bytes
    protocol: Protocol
    limits: IngestLimits
    path: str
    project: str | None = None
    only_project: str | None = None

    def value(self) -> Json:
        """The body's JSON.

        Raises:
            MalformedError: it is none.
            LimitError: it is nested too deeply.
        """
        return parse_json(self.body, nesting=self.limits.max_nesting, what="The body")


@dataclass(slots=True)
class Collected:
    """What was taken of a request's items so far.

    Attributes:
        refusals: by the place of an item, why it could not be used.
    """

    request: Request
    spans: list[SpanUpdate] = field(default_factory=list)
    scores: list[ScoreUpdate] = field(default_factory=list)
    refusals: dict[int, str] = field(default_factory=dict)

    def take(self, items: Iterable[Json], read: Callable[[Mapping[str, Json]], None]) -> Collected:
        """Reads each item; `read` adds to the spans and scores.

        Raises:
            LimitError: there are more than are accepted.
        """
        limits = self.request.limits
        for place, item in enumerate(items):
            if place >= limits.max_batch_items:
                raise LimitError(
                    f"The request holds more than {limits.max_batch_items} items; send fewer at once"
                    " (max_batch_items sets the limit)."
                )
            try:
                read(mapping(item, "an item"))
            except (LimitError, MalformedError):
                raise
            except RequestError as error:
                self.refusals[place] = str(error)
        return self

    def batch(self) -> IngestBatch:
        """All that was taken."""
        request = self.request
        return IngestBatch(
            spans=tuple(self.spans),
            scores=tuple(self.scores),
            raw=RawRequest(request.protocol, request.path, "application/json", "", request.body),
            project=request.project,
            only_project=request.only_project,
            rejected=len(self.refusals),
            reason=next(iter(self.refusals.values()), ""),
        )


def mapping(value: Json, what: str) -> Mapping[str, Any]:
    """An object.

    Raises:
        RequestError: it is none.
    """
    if not isinstance(value, dict):
        raise RequestError(f"{what} is no object")
    return value


def objects(value: Json) -> Mapping[str, Any]:
    """The object that a field holds, or an empty one."""
    return value if isinstance(value, dict) else {}


def items_of(value: Json, what: str) -> list[Json]:
    """A list of items.

    Raises:
        MalformedError: it is none.
    """
    if not isinstance(value, list):
        raise MalformedError(f"{what} is no array; send a list of items.")
    return value


def hex_id(value: Json, what: str) -> str:
    """An id as the store keeps it: hex as it is, a UUID without dashes, any other name by its hash.

    Raises:
        RequestError: it is no text, or empty.
    """
    if not isinstance(value, str) or not value:
        raise RequestError(f"{what} is {str(value)[:100]!r}, which is no id")
    lower = value.lower()
    if _HEX.fullmatch(lower):
        return lower
    if _UUID.fullmatch(lower):
        return lower.replace("-", "")
    return hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=16).hexdigest()


def aliases(*values: Json) -> tuple[str, ...]:
    """Those of the names that can be looked up, each once."""
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and 0 < len(value) <= MAX_NAME))


def text(value: Json, most: int = MAX_NAME) -> str | None:
    """A text that is not empty, cut to what is kept; None where it is none."""
    return value[:most] if isinstance(value, str) and value else None


def texts(value: Json) -> tuple[str, ...] | None:
    """The texts of a list; None where there are none."""
    return tuple(item for item in value if isinstance(item, str)) or None if isinstance(value, list) else None


def number(value: Json) -> float | None:
    """A number as a float, truth as 1 and 0; None where it is none."""
    return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else None
