"""Pages of lists: keyset, so that the thousandth page costs what the first does, and nothing shifts while one reads."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from wherefrom.errors import RequestError

MAX_LIMIT = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted.

    Attributes:
        limit: items a page.
        cursor: what the page before gave as `next`; None: the first page.
        oldest_first: the other way round.
    """

    limit: int = 50
    cursor: str | None = None
    oldest_first: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise RequestError(f"limit is {self.limit}; give 1 to {MAX_LIMIT}.")

    def position(self, length: int) -> tuple[int, ...] | None:
        """Returns the key of the last item seen, of `length` numbers; None for the first page.

        Raises:
            RequestError: `cursor` is not what a page of this list gave.
        """
        if self.cursor is None:
            return None
        try:
            packed = base64.urlsafe_b64decode(self.cursor.encode("ascii") + b"=" * (-len(self.cursor) % 4))
            return struct.unpack(f">{length}q", packed)
        except (ValueError, UnicodeError, binascii.Error, struct.error) as error:
            raise RequestError(
                "cursor is not what a page of this list gave as next; begin with the first page."
            ) from error

    def beyond(self, *columns: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Returns the condition that holds for the items after the last one seen, of a list ordered by `columns`."""
        position = self.position(len(columns))
        if position is None:
            return []
        given = tuple_(*(literal(value, BigInteger) for value in position))
        return [tuple_(*columns) > given if self.oldest_first else tuple_(*columns) < given]

    def ordered(self, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        """Returns the order of such a list."""
        return [column.asc() if self.oldest_first else column.desc() for column in columns]

    @property
    def fetched(self) -> int:
        """One more than the limit: whether there is a next page is then known."""
        return self.limit + 1


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a list, and where the next ones begin.

    Attributes:
        items: ready for JSON.
        next: for `PageRequest.cursor`; None: these were the last.
    """

    items: list[dict[str, Any]]
    next: str | None

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON form."""
        return {"items": self.items, "next": self.next}


def page_of(
    rows: Sequence[T], request: PageRequest, key: Callable[[T], tuple[int, ...]], item: Callable[[T], dict[str, Any]]
) -> Page:
    """Returns the page of rows of which up to `request.fetched` were read."""
    shown = rows[: request.limit]
    more = len(rows) > len(shown)
    return Page([item(row) for row in shown], cursor_text(key(shown[-1])) if more else None)


def cursor_text(position: tuple[int, ...]) -> str:
    """Returns a position as text that needs no escaping in a URL."""
    return base64.urlsafe_b64encode(struct.pack(f">{len(position)}q", *position)).decode("ascii").rstrip("=")


def among(column: ColumnElement[Any], keys: Sequence[int], dialect: str) -> ColumnElement[bool]:
    """Returns the condition that a column is one of many keys, sent as one value: databases limit their number."""
    if dialect == "postgresql":
        return column == func.any(literal(list(keys), ARRAY(BigInteger)))
    listed = func.json_each(literal("[" + ",".join(map(str, keys)) + "]")).table_valued("value")
    return column.in_(select(listed.c.value))
