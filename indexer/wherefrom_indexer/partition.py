"""Cuts a stream of documents into parts that fit in memory, and builds a segment of each; resumable."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.batches import Place
from wherefrom_indexer.duplicates import Identities, OnDuplicateId
from wherefrom_indexer.encoding import EncodedBatch, encoded_batches
from wherefrom_indexer.files import remove_tree
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.memory import MemoryPlan, too_large
from wherefrom_indexer.progress import Progress, Report
from wherefrom_indexer.segment import Segment, open_segment, segment_folder
from wherefrom_indexer.segment_writer import SegmentWriter, token_width, write_suffixes
from wherefrom_indexer.sources import SkipReport, Source
from wherefrom_indexer.work import Part, Work


@dataclass(frozen=True, slots=True)
class Partitioning:
    """What a build cuts and how.

    Attributes:
        sources: in order.
        tokenizer: of the index.
        plan: what memory allows a segment.
        segment_tokens: at most so many positions in a segment, unless one document has more; None: what memory allows.
        on_duplicate_id, skip_errors, on_skip: what happens to documents that cannot be indexed.
        threads: so many encode, and sort.
        report: told the progress.
    """

    sources: Sequence[Source]
    tokenizer: IndexTokenizer
    plan: MemoryPlan
    segment_tokens: int | None
    on_duplicate_id: OnDuplicateId
    skip_errors: bool
    on_skip: SkipReport
    threads: int
    report: Report


def build_parts(job: Partitioning, work: Work, base: Sequence[Segment], first_number: int) -> list[Part]:
    """Build all parts that are not whole yet; `base`: the segments of the index that is added to."""
    parts = work.parts()
    if parts and not parts[-1].sorted:
        parts[-1] = _sort(parts[-1], job, work)
    if not parts or parts[-1].following is not None:
        begin = (parts[-1].following if parts else None) or (0, 0)
        with closing(_encoded(job, Place(*begin))) as batches:
            stream = _Stream(batches, job)
            earlier = list(base)
            while not parts or parts[-1].following is not None:
                name = f"{first_number + len(parts):06d}"
                new = parts[len(earlier) - len(base) :]
                earlier += [open_segment(work.folder, part.entry, job.tokenizer) for part in new]
                parts.append(_sort(_write_part(job, work, stream, name, parts, earlier), job, work))
    return parts


def replaced_ordinals(work: Work, parts: Sequence[Part], segment: str) -> NDArray[np.uint32]:
    """The ordinals of a segment that documents of these parts replace, ascending."""
    found = [work.read_replaced(part, segment) for part in parts]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint32)


class _Stream:
    """The documents still to come; tells how much of the sources is read.

    Attributes:
        batch: the one that is being taken; None at the end.
        taken: how many of its documents are.
    """

    def __init__(self, batches: Iterator[EncodedBatch], job: Partitioning) -> None:
        self._batches = batches
        self._job = job
        totals = [source.total_bytes for source in job.sources]
        self._total = None if None in totals else sum(total or 0 for total in totals)
        self.batch: EncodedBatch | None = None
        self._next()

    def take(self, documents: int) -> None:
        """Pass over the next documents of the batch; a new one comes where none is left."""
        assert self.batch is not None
        self.taken += documents
        if self.taken == len(self.batch):
            self._next()

    @property
    def place(self) -> tuple[int, int] | None:
        """The place of the next document; None at the end."""
        return (self.batch.source, self.batch.places[self.taken]) if self.batch is not None else None

    def _next(self) -> None:
        self._report()
        self.batch, self.taken = next(self._batches, None), 0
        if self.batch is None:
            self._report()

    def _report(self) -> None:
        read = sum(source.bytes_read for source in self._job.sources)
        self._job.report(Progress("read", read, self._total, "bytes"))


def _encoded(job: Partitioning, begin: Place) -> Generator[EncodedBatch, None, None]:
    return encoded_batches(
        job.sources,
        job.tokenizer.tokenizer,
        token_width(job.tokenizer.vocabulary.size),
        begin=begin,
        threads=job.threads,
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
        entry = writer.finish(name, job.threads)
    replaced = {
        segment: work.write_replaced(name, segment, ordinals) for segment, ordinals in identities.replaced(name).items()
    }
    part = Part(entry, stream.place, identities.passed_over, replaced)
    work.save(part)
    return part


def _fill(writer: SegmentWriter, stream: _Stream, identities: Identities, job: Partitioning) -> None:
    """Append documents until the segment is full or none are left."""
    limit = job.plan.positions if job.segment_tokens is None else min(job.plan.positions, job.segment_tokens)
    while (batch := stream.batch) is not None:
        first = stream.taken
        doubtful = deque((identities.in_doubt(batch.documents.id_hashes[first:]) + first).tolist())
        while stream.batch is batch:
            first = stream.taken
            end = _end_of_fitting(writer, batch, first, limit, job.plan)
            if end == first:
                return
            if doubtful and doubtful[0] == first:
                doubtful.popleft()
                end = first + 1
                admitted = identities.admits(batch, first)
            else:
                end = min(end, doubtful[0]) if doubtful else end
                admitted = True
            if admitted:
                writer.extend(batch.documents, first, end)
            stream.take(end - first)


def _end_of_fitting(writer: SegmentWriter, batch: EncodedBatch, first: int, limit: int, plan: MemoryPlan) -> int:
    """The end of the documents from `first` on that the segment has room for; one that is alone may pass the limit."""
    starts = batch.documents.starts
    last = starts[first] + limit - writer.n_positions
    end = min(
        int(np.searchsorted(starts, last, side="right")) - 1,
        len(batch),
        first + plan.documents - writer.n_documents,
    )
    if end > first:
        return end
    positions = int(starts[first + 1] - starts[first])
    if positions > plan.positions:
        raise too_large(f"{batch.locations[first]}: this document", positions, plan)
    return first if writer.n_documents else first + 1


def _sort(part: Part, job: Partitioning, work: Work) -> Part:
    entry = part.entry
    job.report(Progress("sort", 0, entry.tokens, "tokens"))
    suffixes = write_suffixes(segment_folder(work.folder, entry.name), entry.token_bytes, job.threads)
    whole = replace(part, entry=replace(entry, files={**entry.files, **suffixes}))
    work.save(whole)
    job.report(Progress("sort", entry.tokens, entry.tokens, "tokens"))
    return whole
