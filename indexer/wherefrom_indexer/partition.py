"""Cuts a stream of documents into parts that fit in memory, and builds a segment of each; resumable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.duplicates import Identities, OnDuplicateId
from wherefrom_indexer.encoding import EncodedDocument, Place, encoded_documents
from wherefrom_indexer.files import remove_tree
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.memory import BATCH_BYTES, MemoryPlan, too_large
from wherefrom_indexer.progress import Progress, Report
from wherefrom_indexer.segment import Segment, open_segment, segment_folder
from wherefrom_indexer.segment_writer import SegmentWriter, write_suffixes
from wherefrom_indexer.sources import SkipReport, Source
from wherefrom_indexer.work import SUFFIXES, Part, Work

# How much passes between two reports of progress: so many documents, or so many tokens of long ones.
_REPORT_EVERY = 256
_REPORT_TOKENS = 1 << 18


@dataclass(frozen=True, slots=True)
class Partitioning:
    """What a build cuts and how.

    Attributes:
        sources: in order.
        tokenizer: of the index.
        plan: what memory allows a segment.
        segment_tokens: at most so many positions in a segment, unless one document has more; None: what memory allows.
        on_duplicate_id, skip_errors, on_skip: what happens to documents that cannot be indexed.
        report: told the progress.
    """

    sources: Sequence[Source]
    tokenizer: IndexTokenizer
    plan: MemoryPlan
    segment_tokens: int | None
    on_duplicate_id: OnDuplicateId
    skip_errors: bool
    on_skip: SkipReport
    report: Report


def build_parts(job: Partitioning, work: Work, base: Sequence[Segment], first_number: int) -> list[Part]:
    """Build all parts that are not whole yet; `base`: the segments of the index that is added to."""
    parts = work.parts()
    if parts and not parts[-1].sorted:
        parts[-1] = _sort(parts[-1], job, work)
    stream: _Stream | None = None
    while not parts or parts[-1].following is not None:
        if stream is None:
            begin = (parts[-1].following if parts else None) or (0, 0)
            stream = _Stream(_documents(job, Place(*begin)), job)
        name = f"{first_number + len(parts):06d}"
        earlier = [*base, *(open_segment(work.folder, part.entry, job.tokenizer) for part in parts)]
        parts.append(_sort(_write_part(job, work, stream, name, parts, earlier), job, work))
    return parts


def replaced_ordinals(work: Work, parts: Sequence[Part], segment: str) -> NDArray[np.uint32]:
    """The ordinals of a segment that documents of these parts replace, ascending."""
    found = [work.read_replaced(part, segment) for part in parts]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint32)


class _Stream:
    """The documents still to come, with the next one in sight; tells how much of the sources is read."""

    def __init__(self, documents: Iterator[EncodedDocument], job: Partitioning) -> None:
        self._documents = documents
        self._job = job
        self._passed = self._passed_tokens = 0
        totals = [source.total_bytes for source in job.sources]
        self._total = None if None in totals else sum(total or 0 for total in totals)
        self._report()
        self.head: EncodedDocument | None = next(documents, None)

    def advance(self) -> None:
        """Bring the next document in sight."""
        self._passed += 1
        self._passed_tokens += len(self.head.new_ids) if self.head else 0
        self.head = next(self._documents, None)
        if self._passed >= _REPORT_EVERY or self._passed_tokens >= _REPORT_TOKENS or self.head is None:
            self._report()

    def _report(self) -> None:
        self._passed = self._passed_tokens = 0
        read = sum(source.bytes_read for source in self._job.sources)
        self._job.report(Progress("read", read, self._total, "bytes"))


def _documents(job: Partitioning, begin: Place) -> Iterator[EncodedDocument]:
    return encoded_documents(
        job.sources,
        job.tokenizer.tokenizer,
        begin=begin,
        batch_bytes=BATCH_BYTES,
        skip_errors=job.skip_errors,
        on_skip=job.on_skip,
    )


def _write_part(
    job: Partitioning, work: Work, stream: _Stream, name: str, parts: Sequence[Part], earlier: Sequence[Segment]
) -> Part:
    folder = segment_folder(work.folder, name)
    remove_tree(folder)
    with SegmentWriter(folder, job.tokenizer.vocabulary) as writer:
        identities = Identities(
            job.on_duplicate_id,
            writer,
            earlier,
            lambda segment: replaced_ordinals(work, parts, segment),
            job.on_skip,
        )
        _fill(writer, stream, identities, job)
        entry = writer.finish(name)
    replaced = {
        segment: work.write_replaced(name, segment, ordinals) for segment, ordinals in identities.replaced(name).items()
    }
    following = (stream.head.place.source, stream.head.place.documents) if stream.head else None
    part = Part(entry, following, identities.passed_over, replaced)
    work.save(part)
    return part


def _fill(writer: SegmentWriter, stream: _Stream, identities: Identities, job: Partitioning) -> None:
    """Append documents until the segment is full or none are left."""
    limit = job.plan.positions if job.segment_tokens is None else min(job.plan.positions, job.segment_tokens)
    while (document := stream.head) is not None:
        positions = len(document.new_ids) + 1
        if positions > job.plan.positions:
            raise too_large(f"{document.location}: this document", positions, job.plan)
        full = writer.n_positions + positions > limit or writer.n_documents >= job.plan.documents
        if full and writer.n_documents:
            return
        if identities.admits(document):
            writer.append(
                document.record, document.id_hash, document.content_hash, document.new_ids, stored=document.stored
            )
        stream.advance()


def _sort(part: Part, job: Partitioning, work: Work) -> Part:
    entry = part.entry
    job.report(Progress("sort", 0, entry.tokens, "tokens"))
    suffixes = write_suffixes(segment_folder(work.folder, entry.name), entry.token_bytes)
    whole = replace(part, entry=replace(entry, files={**entry.files, SUFFIXES: suffixes}))
    work.save(whole)
    job.report(Progress("sort", entry.tokens, entry.tokens, "tokens"))
    return whole
