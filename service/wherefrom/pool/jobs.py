"""What search processes are asked to do: small values that are pickled to them, with what makes the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from wherefrom.options import TraceOptions
from wherefrom.pool.encoding import provenance_json, to_json
from wherefrom_indexer.errors import DocumentNotFoundError, UsageError

if TYPE_CHECKING:  # the kernels' libraries are for search processes; who asks them does without
    from wherefrom.tracer import Occurrence, Tracer
    from wherefrom_indexer.index import Index, StoredDocument

TRACER_VERSION = version("wherefrom")
"""Of this program; with index versions, options and text it decides what a trace finds."""

MOST_HIGHLIGHTS = 10_000
"""Highlights of one page that are told; all are counted."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The indexes of a job, opened in a search process: a tracer over all of them, and each by name."""

    tracer: Tracer
    indexes: Mapping[str, Index]


class Job(Protocol):
    """Work on some indexes.

    `indexes`: their names; empty: all that are served.
    """

    @property
    def indexes(self) -> tuple[str, ...]:
        """Names of what is searched."""

    @property
    def cache_key(self) -> bytes | None:
        """What tells it from every other job on the same versions; None: its answer is not kept."""

    def run(self, opened: Opened) -> bytes:
        """The answer as JSON."""


@dataclass(frozen=True, slots=True)
class TraceJob:
    """Find where the passages of a text stand. The answer is a Provenance."""

    text: str
    prompt: str | None
    indexes: tuple[str, ...]
    options: TraceOptions

    @property
    def cache_key(self) -> bytes:
        """A digest of text, prompt, options and the tracer's version."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.text, self.prompt, repr(self.options), TRACER_VERSION):
            data = b"" if part is None else part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % (-1 if part is None else len(data)))
            digest.update(data)
        return digest.digest()

    def run(self, opened: Opened) -> bytes:
        """Trace."""
        return provenance_json(opened.tracer.trace_with(self.options, self.text, self.prompt))


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """Read a page of a document.

    Attributes:
        start: first code point of the page.
        characters: code points of the page at most.
        highlight: a text whose places in the document are told.
    """

    index: str
    id: str
    start: int
    characters: int
    highlight: str | None = None

    @property
    def indexes(self) -> tuple[str, ...]:
        """The index of the document."""
        return (self.index,)

    @property
    def cache_key(self) -> None:
        """Pages are cheap to make."""
        return

    def run(self, opened: Opened) -> bytes:
        """Read it."""
        index = opened.indexes[self.index]
        document = _document(index, self.index, self.id)
        end = min(self.start + self.characters, len(document.text))
        if self.start and self.start >= len(document.text):
            raise UsageError(
                f"The document has {len(document.text):,} characters: a page cannot begin at {self.start:,}."
            )
        places = _places(document.text, self.highlight, self.start, end)
        return to_json(
            {
                "index": self.index,
                "version": index.version,
                "id": document.id,
                "metadata": document.metadata,
                "duplicates": document.duplicates,
                "characters": len(document.text),
                "start": self.start,
                "end": end,
                "text": document.text[self.start : end],
                "highlights": places.on_page,
                "highlight_count": places.count,
                "previous_highlight": places.before,
                "next_highlight": places.after,
                "next": end if end < len(document.text) else None,
            }
        )


@dataclass(frozen=True, slots=True)
class DuplicatesJob:
    """List the other live documents of an index that have the text of one.

    Attributes:
        after: how many to leave out; they are in the order of the index.
        limit: how many to tell at most.
    """

    index: str
    id: str
    after: int = 0
    limit: int = 100

    @property
    def indexes(self) -> tuple[str, ...]:
        """The index of the document."""
        return (self.index,)

    @property
    def cache_key(self) -> None:
        """Lists are cheap to make."""
        return

    def run(self, opened: Opened) -> bytes:
        """List them."""
        index = opened.indexes[self.index]
        found = index.find(self.id)
        if found is None:
            raise _no_document(self.index, self.id)
        digest = found[0].hashes[found[1]]
        equal = [
            (segment, ordinal)
            for segment in index.segments
            for ordinal in segment.with_hash(digest).tolist()
            if not (segment is found[0] and ordinal == found[1])
        ]
        page = [segment.record(ordinal) for segment, ordinal in equal[self.after : self.after + self.limit]]
        end = self.after + len(page)
        return to_json(
            {
                "index": self.index,
                "version": index.version,
                "count": len(equal),
                "items": [{"id": record.id, "metadata": record.metadata} for record in page],
                "next": str(end) if end < len(equal) else None,
            }
        )


@dataclass(frozen=True, slots=True)
class PhraseJob:
    """Count a text in some indexes, and show documents in which it stands.

    Attributes:
        limit: documents at most; 0: count only.
        context_characters: shown on each side.
        seed: which documents are chosen where there are more.
    """

    text: str
    indexes: tuple[str, ...]
    limit: int = 10
    context_characters: int = 160
    seed: int = 42

    @property
    def cache_key(self) -> bytes:
        """A digest of all fields but the indexes."""
        fields = repr((self.limit, self.context_characters, self.seed, TRACER_VERSION)).encode()
        text = self.text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(b"phrase\0" + fields + b"\0" + text, digest_size=16).digest()

    def run(self, opened: Opened) -> bytes:
        """Count and sample."""
        counted = opened.tracer.count(self.text)
        found = (
            opened.tracer.find(self.text, self.limit, self.context_characters, self.seed)
            if self.limit and counted.count
            else []
        )
        return to_json(
            {
                "text": self.text,
                "indexes": [{"name": each.name, "version": each.version} for each in opened.tracer.indexes],
                "count": counted.count,
                "count_is_lower_bound": counted.is_lower_bound,
                "counts": dict(counted.by_index),
                "occurrences": [_plain(occurrence) for occurrence in found],
            }
        )


def _document(index: Index, name: str, identifier: str) -> StoredDocument:
    try:
        return index.document(identifier)
    except DocumentNotFoundError as error:  # its own sentence names the folder, which is the server's affair
        raise _no_document(name, identifier) from error


def _no_document(index: str, identifier: str) -> DocumentNotFoundError:
    return DocumentNotFoundError(f"The index {index!r} has no document with the id {identifier!r}.")


def _plain(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "index": occurrence.index,
        "document_id": occurrence.document_id,
        "start": occurrence.start,
        "end": occurrence.end,
        "context": occurrence.context,
        "highlight": list(occurrence.highlight),
    }


@dataclass(slots=True)
class _Places:
    """Where a text stands in a document: on the page, how often in all, and the next ones before and after the page."""

    on_page: list[list[int]]
    count: int = 0
    before: int | None = None
    after: int | None = None


def _places(text: str, wanted: str | None, start: int, end: int) -> _Places:
    """All places of a text, those that overlap too; a place is on the page when it shares a character with it."""
    places = _Places([])
    if not wanted:
        return places
    place = text.find(wanted)
    while place >= 0:
        places.count += 1
        if place + len(wanted) <= start:
            places.before = place
        elif place >= end:
            places.after = place if places.after is None else places.after
        elif len(places.on_page) < MOST_HIGHLIGHTS:
            places.on_page.append([place, place + len(wanted)])
        place = text.find(wanted, place + 1)
    return places
