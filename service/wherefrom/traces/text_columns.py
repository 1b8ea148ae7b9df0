"""Columns of texts that strangers wrote: with NUL, lone surrogates, or longer than an index holds."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import String
from sqlalchemy.types import TypeDecorator

from wherefrom_indexer.tokenization import clean_text

_ESCAPE = "\ufdd0"  # a noncharacter: no text has reason to hold it, and where one does it is doubled


class Text(TypeDecorator[str]):
    """Text in which NUL survives on every database; lone surrogates become U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Escape NUL."""
        if value is None or value.isascii():
            return value if value is None or "\0" not in value else value.replace("\0", _ESCAPE + "0")
        value = clean_text(value)
        if "\0" not in value and _ESCAPE not in value:
            return value
        return value.replace(_ESCAPE, _ESCAPE + _ESCAPE).replace("\0", _ESCAPE + "0")

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Undo the escape."""
        if value is None or _ESCAPE not in value:
            return value
        pieces = value.split(_ESCAPE + _ESCAPE)
        return _ESCAPE.join(piece.replace(_ESCAPE + "0", "\0") for piece in pieces)


class IndexedText(Text):
    """Text that stands in an index, which PostgreSQL bounds at 2,704 bytes: what is longer is cut and ends in its hash.

    What it is compared with is cut alike, so that a long text is found by itself.
    """

    cache_ok = True

    def __init__(self, max_bytes: int = 2000) -> None:
        """Take the bound, in bytes of UTF-8."""
        super().__init__()
        self.max_bytes = max_bytes

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Escape and cut."""
        value = super().process_bind_param(value, dialect)
        if value is None or len(value) * 4 <= self.max_bytes:
            return value
        return cut_text(value, self.max_bytes)


def stored_text(text: str) -> str:
    """Return a text as it is read again from a column of `IndexedText`."""
    if text.isascii() and len(text) * 4 <= _INDEXED.max_bytes:
        return text
    stored: str = _INDEXED.process_result_value(_INDEXED.process_bind_param(text, None), None)
    return stored


def cut_text(text: str, max_bytes: int) -> str:
    """Return a text of at most so many bytes in UTF-8: itself, or its beginning with its hash."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return text
    beginning = encoded[: max_bytes - 68].decode("utf-8", "ignore").rstrip(_ESCAPE)  # no half of an escape
    return f"{beginning}…{hashlib.sha256(encoded).hexdigest()}"


_INDEXED = IndexedText()
