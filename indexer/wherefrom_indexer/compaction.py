"""Copying live documents from several segments into one, without their sources and without tokenizing again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from pathlib import Path

import numpy as np

from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.files import checksum_of_file, remove_tree
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.manifest import SegmentEntry
from wherefrom_indexer.memory import MemoryPlan, too_large
from wherefrom_indexer.progress import Progress, Report
from wherefrom_indexer.records import decode_record
from wherefrom_indexer.segment import Segment, id_hash, open_segment, segment_folder
from wherefrom_indexer.segment_writer import SegmentWriter, write_suffixes
from wherefrom_indexer.stored_documents import StoredDocuments

TIER_SEGMENTS = 4
"""So many segments of one tier are merged; a tier holds segments of up to 4 times the size of the tier below. An index
of n positions so has at most 3 segments for each of log4(n) tiers, however many additions made it."""

_DOCUMENTS_AT_ONCE = 1024
_POSITIONS_AT_ONCE = 1 << 20
# What copying reads. The other files of a segment are made anew.
_COPIED = (
    "exact/tokens.bin",
    "exact/starts.bin",
    "hashes.bin",
    "stored_texts.bin",
    "records.bin",
    "record_blocks.bin",
)

Group = tuple[SegmentEntry, ...]


def live_positions(entry: SegmentEntry) -> int:
    """Positions that remain of a segment when it is rewritten."""
    return entry.live_tokens + entry.live_documents


def full_compaction(entries: Sequence[SegmentEntry], plan: MemoryPlan) -> list[Group]:
    """All segments, gathered in order into groups as large as memory allows; one group makes one segment.

    MemoryBudgetError where a segment with removed documents is too large to be rewritten.
    """
    groups: list[list[SegmentEntry]] = []
    for entry in entries:
        if live_positions(entry) > plan.positions and entry.removal is not None:
            raise too_large(f"Rewriting segment {entry.name}", live_positions(entry), plan)
        if groups and _fits([*groups[-1], entry], plan):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return [tuple(group) for group in groups]


def next_tier_merge(entries: Sequence[SegmentEntry], plan: MemoryPlan) -> Group | None:
    """Segments of one tier to be merged after an addition, the smallest tier first; None where all is in order."""
    tiers: dict[int, list[SegmentEntry]] = {}
    for entry in entries:
        tiers.setdefault(_tier(entry), []).append(entry)
    for _, members in sorted(tiers.items()):
        if len(members) >= TIER_SEGMENTS and _fits(members[:TIER_SEGMENTS], plan):
            return tuple(members) if _fits(members, plan) else tuple(members[:TIER_SEGMENTS])
    return None


def replaced_by(entries: Sequence[SegmentEntry], group: Group, merged: SegmentEntry) -> tuple[SegmentEntry, ...]:
    """The segments with `merged` in the place of the first of `group`; a segment without documents is left out."""
    names = {entry.name for entry in group}
    result: list[SegmentEntry] = []
    for entry in entries:
        if entry.name == group[0].name and merged.documents:
            result.append(merged)
        elif entry.name not in names:
            result.append(entry)
    return tuple(result)


def merge(
    folder: Path, group: Group, name: str, tokenizer: IndexTokenizer, report: Report, threads: int
) -> SegmentEntry:
    """Write a new segment with the live documents of a group, in order; the sources' checksums are compared first.

    Raises:
        IndexDamagedError: a segment of the group is damaged: copying must not give damage a new checksum.
    """
    target = segment_folder(folder, name)
    remove_tree(target)
    total, done = sum(entry.documents for entry in group), 0
    with SegmentWriter(target, tokenizer.vocabulary) as writer:
        for entry in group:
            segment = open_segment(folder, entry, tokenizer)
            check_copied_files(segment)
            for first, end in _runs(segment):
                _copy(segment, range(first, end), writer)
                report(Progress("copy", done + end, total, "documents"))
            done += segment.n_documents
        entry = writer.finish(name, threads)
    report(Progress("sort", 0, entry.tokens, "tokens"))
    suffixes = write_suffixes(target, entry.token_bytes, threads)
    report(Progress("sort", entry.tokens, entry.tokens, "tokens"))
    return replace(entry, files={**entry.files, **suffixes})


def check_copied_files(segment: Segment) -> None:
    """IndexDamagedError where a file that copying reads does not have its checksum."""
    for name in _COPIED:
        path = segment.folder / name
        if checksum_of_file(path) != segment.entry.files[name]:
            raise IndexDamagedError(f"{path} does not have its checksum: restore the file.")


def _runs(segment: Segment) -> Iterator[tuple[int, int]]:
    """The documents of a segment in runs that are not too large to be copied at once."""
    first = positions = 0
    for ordinal in range(segment.n_documents):
        start, end = segment.span_of(ordinal)
        positions += end - start
        if positions >= _POSITIONS_AT_ONCE or ordinal + 1 - first == _DOCUMENTS_AT_ONCE:
            yield first, ordinal + 1
            first, positions = ordinal + 1, 0
    if first < segment.n_documents:
        yield first, segment.n_documents


def _copy(segment: Segment, ordinals: range, writer: SegmentWriter) -> None:
    """Append the live documents of a run."""
    live = [ordinal for ordinal in ordinals if segment.is_live(ordinal)]
    if not live:
        return
    lines = [segment.records.line(ordinal) for ordinal in live]
    spans = [segment.span_of(ordinal) for ordinal in live]
    separator = np.zeros(1, segment.tokens.dtype)
    parts = chain.from_iterable((segment.tokens[start:end], separator) for start, end in spans)
    copies = StoredDocuments(
        records=lines,
        id_hashes=np.array([id_hash(decode_record(line).id) for line in lines], np.uint64),
        content_hashes=segment.hashes[live],
        values=np.concatenate(list(parts)),
        starts=np.array([0, *accumulate(end + 1 - start for start, end in spans)], np.int64),
        stored=np.array([segment.has_stored_text(ordinal) for ordinal in live], np.bool_),
        from_text=segment.entry.from_text,
    )
    writer.extend(copies, 0, len(live))


def _fits(entries: Sequence[SegmentEntry], plan: MemoryPlan) -> bool:
    positions = sum(map(live_positions, entries))
    return positions <= plan.positions and sum(entry.live_documents for entry in entries) <= plan.documents


def _tier(entry: SegmentEntry) -> int:
    # Quarter of the bit length: sizes that differ by less than a factor of 4 share a tier.
    return live_positions(entry).bit_length() // 2
