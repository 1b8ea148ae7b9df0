"""Documents as sources give them, gathered into batches: what is encoded at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.records import encode_textless
from wherefrom_indexer.sources import Document, Skipped, SkipReport, Source, TokenizedDocument

BATCH_BYTES = 1 << 20
"""Text that is encoded at a time."""

# What a document takes beside its text and its record: its id, where it stands, a few Python objects.
_DOCUMENT_BYTES = 256


@dataclass(frozen=True, slots=True)
class Place:
    """A place between documents: the number of a source, and how many of its documents lie before."""

    source: int
    documents: int


@dataclass(slots=True, eq=False)
class Batch:
    """Documents of one source, in order; all of them texts, or all of them ids.

    Attributes:
        source: number of the source.
        places: for each document, how many of the source's documents lie before it.
        ids, locations: the id of each, and what to call it in errors.
        lines: the record of each, without a text.
        texts, tokens: the text of each, or its original token ids; the other one is empty.
        skipped: documents that are left out, and why.
    """

    source: int
    places: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    locations: list[str] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tokens: list[NDArray[np.uint32]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def without(self, reasons: Mapping[int, str]) -> Batch:
        """The batch without some of its documents of tokens, given by their indexes, ascending, with the reason."""
        kept = [index for index in range(len(self.ids)) if index not in reasons]
        return Batch(
            self.source,
            [self.places[index] for index in kept],
            [self.ids[index] for index in kept],
            [self.locations[index] for index in kept],
            [self.lines[index] for index in kept],
            [],
            [self.tokens[index] for index in kept],
            [*self.skipped, *(Skipped(self.locations[index], reason) for index, reason in reasons.items())],
        )


def batches(
    sources: Sequence[Source], begin: Place, on_skip: SkipReport, batch_bytes: int = BATCH_BYTES
) -> Iterator[Batch]:
    """The documents of the sources from `begin` on, in batches of about `batch_bytes`.

    `on_skip` is told what the sources pass over; what cannot be stored is in `Batch.skipped`.

    Raises:
        SourceError: as sources do.
    """
    for number in range(begin.source, len(sources)):
        passed = begin.documents if number == begin.source else 0
        yield from _batches_of(sources[number], number, passed, on_skip, batch_bytes)


def _batches_of(source: Source, number: int, passed: int, on_skip: SkipReport, batch_bytes: int) -> Iterator[Batch]:
    batch, size = Batch(number), 0
    for place, document in enumerate(source.documents(skip=passed, on_skip=on_skip), start=passed):
        other = batch.texts if isinstance(document, TokenizedDocument) else batch.tokens
        if size >= batch_bytes or other:
            yield batch
            batch, size = Batch(number), 0
        size += _add(batch, place, document)
    if batch.ids or batch.skipped:
        yield batch


def _add(batch: Batch, place: int, document: Document | TokenizedDocument) -> int:
    """Append a document; about how many bytes it takes."""
    identifier = document.id if document.id is not None else document.location
    try:
        line = encode_textless(identifier, document.metadata)
    except SourceError as error:
        batch.skipped.append(Skipped(document.location, str(error)))
        return _DOCUMENT_BYTES
    batch.places.append(place)
    batch.ids.append(identifier)
    batch.locations.append(document.location)
    batch.lines.append(line)
    if isinstance(document, Document):
        batch.texts.append(document.text)
        return _DOCUMENT_BYTES + len(line) + len(document.text)
    batch.tokens.append(document.tokens)
    return _DOCUMENT_BYTES + len(line) + document.tokens.nbytes
