"""Documents as sources give them, turned into what a segment stores: record, hashes, tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.records import Record, encode_record
from wherefrom_indexer.segment import content_hash, id_hash
from wherefrom_indexer.sources import Document, Skipped, SkipReport, Source, TokenizedDocument
from wherefrom_indexer.tokenization import Tokenizer, clean_text
from wherefrom_indexer.vocabulary import NO_TOKEN

_BATCH_DOCUMENTS = 2048
# A token id of a tokenized source stands for about so many bytes of text, in what a batch may hold.
_BYTES_PER_ID = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A place between documents: the number of a source, and how many of its documents lie before."""

    source: int
    documents: int


@dataclass(frozen=True, slots=True, eq=False)
class EncodedDocument:
    """A document as a segment stores it.

    Attributes:
        place: where it begins.
        id, location: its id, and what to call it in errors.
        record: its line.
        id_hash, content_hash: of its id and its text.
        new_ids: its tokens.
        stored: whether its text stands in its record.
    """

    place: Place
    id: str
    location: str
    record: bytes
    id_hash: int
    content_hash: bytes
    new_ids: NDArray[np.uint32]
    stored: bool


def encoded_documents(
    sources: Sequence[Source],
    tokenizer: Tokenizer,
    *,
    begin: Place,
    batch_bytes: int,
    skip_errors: bool,
    on_skip: SkipReport,
) -> Iterator[EncodedDocument]:
    """All documents of the sources from `begin` on, tokenized in batches of about `batch_bytes` of text.

    Raises:
        SourceError: as sources do; an id that a tokenized source holds is outside the vocabulary. With `skip_errors`
            such documents are passed over and told to `on_skip`.
    """
    for number in range(begin.source, len(sources)):
        passed = begin.documents if number == begin.source else 0
        for batch in _batches(sources[number], Place(number, passed), batch_bytes, on_skip):
            for document in _encode(batch, tokenizer):
                if isinstance(document, EncodedDocument):
                    yield document
                elif skip_errors:
                    on_skip(document)
                else:
                    raise SourceError(f"{document.location}: {document.reason}.")


_Batch = list[tuple[Place, Document | TokenizedDocument]]


def _batches(source: Source, begin: Place, batch_bytes: int, on_skip: SkipReport) -> Iterator[_Batch]:
    batch: _Batch = []
    size, place = 0, begin
    for document in source.documents(skip=begin.documents, on_skip=on_skip):
        batch.append((place, document))
        place = replace(place, documents=place.documents + 1)
        size += len(document.text) if isinstance(document, Document) else len(document.tokens) * _BYTES_PER_ID
        size += _weight(document.metadata)
        if size >= batch_bytes or len(batch) >= _BATCH_DOCUMENTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _weight(value: object) -> int:
    """About how many bytes a JSON value takes."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(key) + _weight(item) for key, item in value.items())
    return sum(map(_weight, value)) if isinstance(value, list) else 8


def _encode(batch: _Batch, tokenizer: Tokenizer) -> Iterator[EncodedDocument | Skipped]:
    texts = [clean_text(document.text) for _, document in batch if isinstance(document, Document)]
    plain = zip(texts, tokenizer.encode_batch(texts), strict=True)
    for place, document in batch:
        try:
            if isinstance(document, Document):
                yield _from_text(place, document, *next(plain), tokenizer)
            else:
                yield _from_ids(place, document, tokenizer)
        except SourceError as error:
            yield Skipped(document.location, str(error))


def _from_text(
    place: Place, document: Document, text: str, new_ids: NDArray[np.uint32], tokenizer: Tokenizer
) -> EncodedDocument:
    raw = text.encode("utf-8")
    return _assemble(place, document, raw, new_ids, None if tokenizer.vocabulary.spell(new_ids) == raw else text)


def _from_ids(place: Place, document: TokenizedDocument, tokenizer: Tokenizer) -> EncodedDocument:
    new_ids = tokenizer.vocabulary.renumber(document.tokens)
    unknown = np.flatnonzero(new_ids == NO_TOKEN)
    if len(unknown):
        raise SourceError(
            f"the token id {document.tokens[unknown[0]]} is outside of the vocabulary of the tokenizer {tokenizer.name}"
        )
    spelled = tokenizer.vocabulary.spell(new_ids)
    text = spelled.decode("utf-8", errors="replace")
    raw = text.encode("utf-8")
    return _assemble(place, document, raw, new_ids, None if raw == spelled else text)


def _assemble(
    place: Place,
    document: Document | TokenizedDocument,
    raw: bytes,
    new_ids: NDArray[np.uint32],
    stored_text: str | None,
) -> EncodedDocument:
    identifier = document.id if document.id is not None else document.location
    return EncodedDocument(
        place=place,
        id=identifier,
        location=document.location,
        record=encode_record(Record(identifier, document.metadata, stored_text)),
        id_hash=id_hash(identifier),
        content_hash=content_hash(raw),
        new_ids=new_ids,
        stored=stored_text is not None,
    )
