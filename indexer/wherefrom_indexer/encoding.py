"""Batches of documents turned into what a segment stores: records, hashes, tokens."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.batches import Batch, Place, batches
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.read_ahead import in_order
from wherefrom_indexer.records import with_text
from wherefrom_indexer.segment import content_hash, id_hash
from wherefrom_indexer.sources import Skipped, SkipReport, Source
from wherefrom_indexer.stored_documents import StoredDocuments, stored_tokens
from wherefrom_indexer.tokenization import Tokenizer
from wherefrom_indexer.vocabulary import NO_TOKEN


@dataclass(frozen=True, slots=True, eq=False)
class EncodedBatch:
    """Documents of one source as a segment stores them, in order.

    Attributes:
        source: number of the source.
        places: for each document, how many of the source's documents lie before it.
        ids, locations: the id of each, and what to call it in errors.
        documents: what is stored of them.
        skipped: documents that are left out, and why.
    """

    source: int
    places: Sequence[int]
    ids: Sequence[str]
    locations: Sequence[str]
    documents: StoredDocuments
    skipped: Sequence[Skipped]

    def __len__(self) -> int:
        return len(self.ids)


def encoded_batches(
    sources: Sequence[Source],
    tokenizer: Tokenizer,
    token_bytes: int,
    *,
    begin: Place,
    threads: int,
    skip_errors: bool,
    on_skip: SkipReport,
) -> Generator[EncodedBatch, None, None]:
    """All documents of the sources from `begin` on; none of the batches is empty.

    Sources are read, and `on_skip` is called, by the thread that takes the batches; they are encoded in `threads`
    threads. What comes does not depend on their number.

    Raises:
        SourceError: as sources do; an id that a tokenized source holds is outside the vocabulary. With `skip_errors`
            such documents are passed over and told to `on_skip`.
    """
    encode = partial(_encode, tokenizer=tokenizer, token_bytes=token_bytes)
    with closing(in_order(encode, batches(sources, begin, on_skip), threads)) as encoded:
        for batch in encoded:
            for skipped in batch.skipped:
                if not skip_errors:
                    raise SourceError(f"{skipped.location}: {skipped.reason}.")
                on_skip(skipped)
            if len(batch):
                yield batch


def _encode(batch: Batch, tokenizer: Tokenizer, token_bytes: int) -> EncodedBatch:
    if batch.tokens:
        return _from_ids(batch, tokenizer, token_bytes)
    return _from_texts(batch, tokenizer, token_bytes)


def _from_texts(batch: Batch, tokenizer: Tokenizer, token_bytes: int) -> EncodedBatch:
    encoded = tokenizer.encode_texts(batch.texts, threads=1)
    raw = encoded.raw.tobytes()
    texts = [raw[begin:end] for begin, end in pairwise(encoded.byte_starts.tolist())]
    values, starts = stored_tokens(encoded.ids, encoded.starts, token_bytes)
    return _assemble(batch, texts, values, starts, ~encoded.faithful)


def _from_ids(batch: Batch, tokenizer: Tokenizer, token_bytes: int) -> EncodedBatch:
    vocabulary = tokenizer.vocabulary
    starts = np.array([0, *accumulate(map(len, batch.tokens))], np.int64)
    new_ids = vocabulary.renumber(np.concatenate([np.empty(0, np.uint32), *batch.tokens]))
    unknown = np.flatnonzero(new_ids == NO_TOKEN)
    if len(unknown):
        return _from_ids(_without_unknown(batch, starts, unknown, tokenizer), tokenizer, token_bytes)
    spelled = vocabulary.spell(new_ids)
    bounds = np.concatenate(([0], np.cumsum(vocabulary.lengths(new_ids))))[starts]
    spellings = [spelled[begin:end] for begin, end in pairwise(bounds.tolist())]
    # A document whose tokens spell no UTF-8 is the text that is shown for them.
    texts = [spelling.decode("utf-8", errors="replace").encode("utf-8") for spelling in spellings]
    stored = np.array([text != spelling for text, spelling in zip(texts, spellings, strict=True)], np.bool_)
    values, starts = stored_tokens(new_ids, starts, token_bytes)
    return _assemble(batch, texts, values, starts, stored)


def _without_unknown(
    batch: Batch, starts: NDArray[np.int64], unknown: NDArray[np.int64], tokenizer: Tokenizer
) -> Batch:
    """The batch without the documents with unknown ids, which stand at some places of all its tokens."""
    documents, firsts = np.unique(np.searchsorted(starts, unknown, side="right") - 1, return_index=True)
    reasons = {}
    for document, first in zip(documents.tolist(), unknown[firsts].tolist(), strict=True):
        wrong = batch.tokens[document][first - int(starts[document])]
        reasons[document] = f"the token id {wrong} is outside of the vocabulary of the tokenizer {tokenizer.name}"
    return batch.without(reasons)


def _assemble(
    batch: Batch,
    texts: Sequence[bytes],
    values: NDArray[Any],
    starts: NDArray[np.int64],
    stored: NDArray[np.bool_],
) -> EncodedBatch:
    lines = list(batch.lines)
    for index in np.flatnonzero(stored).tolist():
        lines[index] = with_text(lines[index], texts[index].decode("utf-8"))
    documents = StoredDocuments(
        records=lines,
        id_hashes=np.array([id_hash(identifier) for identifier in batch.ids], np.uint64),
        content_hashes=np.frombuffer(b"".join(map(content_hash, texts)), "<u8").reshape(-1, 2),
        values=values,
        starts=starts,
        stored=stored,
        from_text=not batch.tokens,
    )
    return EncodedBatch(batch.source, batch.places, batch.ids, batch.locations, documents, batch.skipped)
