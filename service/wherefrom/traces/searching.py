"""Text search over traces: which words stand in the spans, in any language and alike on every database.

A text's *terms* are its words, case-folded and in Unicode's compatibility form; scripts without spaces between words
give a term a character. SQLite and PostgreSQL only index and intersect them; neither applies a language's stemming or
stop words, so what is found does not depend on the language.

Terms are taken after ingest, by `indexing.py`: ingest only notes which spans have changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import regex
from sqlalchemy import (
    ColumnElement,
    Select,
    cast,
    column,
    exists,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from wherefrom.errors import RequestError
from wherefrom.traces.schema import span_texts

MAX_TERMS = 16_000
"""Terms of one span that are indexed, the first ones: PostgreSQL tells no places apart beyond 16,383."""

MAX_TERMS_BYTES = 600_000
"""UTF-8 bytes of these: a tsvector has at most one MiB."""

MAX_TERM = 64
"""Characters of a term; longer ones are cut, when they are indexed and when they are looked for."""

MAX_PLACES = 255
"""Places of one term that a tsvector keeps."""

MAX_QUERY_TERMS = 64

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TERM = regex.compile(rf"(?V1)[{_UNSPACED}&&\p{{L}}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}&&\p{{L}}]]+")
_ASCII_TERM = re.compile(r"[a-z0-9]+")
_PIECE = re.compile(r'"([^"]*)"?|([^\s"]+)')

_fts = table("span_terms", column("rowid"))
_fts_match: ColumnElement[Any] = literal_column("span_terms")


def terms_of(text: str) -> Iterator[str]:
    """Yield the terms of a text, in their order."""
    if text.isascii():
        found = (match[0] for match in _ASCII_TERM.finditer(text.lower()))
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        found = (match[0] for match in _TERM.finditer(folded))
    return (term[:MAX_TERM] for term in found)


def indexed_terms(texts: Iterable[str]) -> list[str]:
    """Return the terms of a span's texts that are indexed."""
    found: list[str] = []
    size = 0
    for text in texts:
        for term in terms_of(text):
            size += len(term) if term.isascii() else len(term.encode("utf-8"))
            if len(found) == MAX_TERMS or size > MAX_TERMS_BYTES:
                return found
            found.append(term)
    return found


def stored_terms(terms: list[str], dialect: str) -> str:
    """Return terms as `span_texts.terms` holds them."""
    if dialect != "postgresql":
        return " ".join(terms)
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms, 1):
        places.setdefault(term, []).append(place)
    return " ".join(f"'{term}':{','.join(map(str, found[:MAX_PLACES]))}" for term, found in places.items())


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for: phrases, all of which must stand in one span.

    Attributes:
        phrases: each of one or several terms that follow one another.
    """

    phrases: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Returns what a user's words ask for; what stands in double quotes is one phrase.

        Raises:
            RequestError: there is no word in it, or too many.
        """
        pieces = (match[1] if match[1] is not None else match[2] for match in _PIECE.finditer(text))
        phrases = tuple(phrase for phrase in (tuple(terms_of(piece)) for piece in pieces) if phrase)
        if not phrases:
            raise RequestError("text has no word to look for; give letters or digits.")
        if sum(map(len, phrases)) > MAX_QUERY_TERMS:
            raise RequestError(f"text has more than {MAX_QUERY_TERMS} words to look for; give fewer.")
        return cls(phrases)

    def match(self, texts: Iterable[str]) -> bool:
        """Tell whether a span of these texts is found."""
        terms = indexed_terms(texts)
        return all(_follows(terms, phrase) for phrase in self.phrases)

    def traces(self, dialect: str) -> Select[Any]:
        """Select the keys of the traces with a span that is found, some several times."""
        if dialect == "postgresql":
            return select(span_texts.c.trace_key).where(self._found_by_postgresql())
        joined = _fts.join(span_texts, span_texts.c.span_key == _fts.c.rowid)
        return select(span_texts.c.trace_key).select_from(joined).where(self._found_by_sqlite())

    def in_trace(self, key: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
        """Holds for the key of a trace that has a span that is found."""
        if dialect == "postgresql":
            return exists().where(span_texts.c.trace_key == key, self._found_by_postgresql())
        of_trace = select(span_texts.c.span_key).where(span_texts.c.trace_key == key)
        found = select(_fts.c.rowid).where(
            self._found_by_sqlite(), _fts.c.rowid.in_(of_trace.correlate_except(span_texts))
        )
        return exists(found.correlate_except(_fts))

    def _found_by_postgresql(self) -> ColumnElement[bool]:
        asked = " & ".join("(" + " <-> ".join(f"'{term}'" for term in phrase) + ")" for phrase in self.phrases)
        return span_texts.c.terms.bool_op("@@")(cast(literal(asked), TSQUERY))

    def _found_by_sqlite(self) -> ColumnElement[bool]:
        return _fts_match.bool_op("MATCH")(
            literal(" AND ".join('"' + " ".join(phrase) + '"' for phrase in self.phrases))
        )


def _follows(terms: list[str], phrase: tuple[str, ...]) -> bool:
    last = len(terms) - len(phrase)
    return any(tuple(terms[place : place + len(phrase)]) == phrase for place in range(last + 1))
