"""Keeping an index: taking documents out of it, and rewriting what is left of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wherefrom_indexer.compaction import Group, full_compaction, merge, replaced_by
from wherefrom_indexer.errors import DocumentNotFoundError, UsageError
from wherefrom_indexer.files import checksum_of
from wherefrom_indexer.index import Index
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.lock import writer_lock
from wherefrom_indexer.manifest import Manifest, canonical, read_manifest
from wherefrom_indexer.memory import plan_memory
from wherefrom_indexer.progress import Progress, Report, silent
from wherefrom_indexer.publish import clean_up, publish, with_removals
from wherefrom_indexer.read_ahead import usable_threads
from wherefrom_indexer.work import Command, Part, Work, clean

_LISTED_IDS = 5


@dataclass(frozen=True, slots=True)
class RemovedDocuments:
    """What a removal did.

    Attributes:
        removed: documents that were live before.
        already_removed: ids of documents that were removed before and stand in the files until they are compacted.
        missing: ids that the index does not know.
        index: the index after it.
    """

    removed: int
    already_removed: int
    missing: tuple[str, ...]
    index: Index


def remove_documents(
    index: str | Path, ids: Iterable[str], *, missing_ok: bool = False, progress: Report = silent
) -> RemovedDocuments:
    """Take documents out of every answer of an index at once; `compact_index` deletes them from disk.

    Raises:
        DocumentNotFoundError: ids that the index does not know, some of which are named; nothing is removed.
            `missing_ok` passes over them.
        IndexBusyError: another process writes the index.
    """
    folder = Path(index)
    read_manifest(folder)
    if isinstance(ids, str):
        raise UsageError("ids is one text: give a list of ids.")
    wanted = list(dict.fromkeys(ids))
    with writer_lock(folder, "remove"):
        manifest = read_manifest(folder)
        opened = Index(folder, manifest)
        found, already, missing = _locate(opened, wanted)
        if missing and not missing_ok:
            raise DocumentNotFoundError(_unknown(folder, missing))
        # Other commands' unfinished work began from an index that is about to change.
        work = Work(folder, manifest)
        clean(folder, manifest)
        if found:
            progress(Progress("remove", 0, len(wanted), "documents"))
            manifest = _publish_removal(folder, manifest, found)
            progress(Progress("remove", len(wanted), len(wanted), "documents"))
            opened = Index(folder, manifest)
        clean_up(folder, manifest, work)
        return RemovedDocuments(sum(map(len, found.values())), already, tuple(missing), opened)


def compact_index(index: str | Path, *, memory: str | int = "2GB", progress: Report = silent) -> Index:
    """Rewrite an index: removed documents leave the disk, segments are merged up to what memory allows.

    After a kill, the same call goes on with the segments that are whole. The old files are unlinked only after the new
    manifest is published; readers that have them open keep them.

    Raises:
        MemoryBudgetError: a segment with removed documents is too large for `memory`.
        IndexDamagedError: what is to be copied is damaged; the index is left as it is.
        IndexBusyError, StorageError: as `build_index`.
    """
    folder = Path(index)
    plan = plan_memory(memory, read_manifest(folder).tokenizer.vocabulary)
    with writer_lock(folder, "compact"):
        manifest = read_manifest(folder)
        groups = full_compaction(manifest.segments, plan)
        tokenizer = IndexTokenizer(folder, manifest.tokenizer)
        work = Work(folder, manifest)
        state = work.begin(Command("compact", checksum_of(canonical(plan.positions).encode())))
        if state != "published" and any(_is_rewritten(group) for group in groups):
            manifest = _rewrite(folder, manifest, groups, tokenizer, work, progress)
            publish(folder, manifest)
        opened = Index(folder, manifest)
        clean_up(folder, manifest, work)
        return opened


def _is_rewritten(group: Group) -> bool:
    return len(group) > 1 or group[0].removal is not None


def _rewrite(
    folder: Path, manifest: Manifest, groups: list[Group], tokenizer: IndexTokenizer, work: Work, progress: Report
) -> Manifest:
    rewritten = [group for group in groups if _is_rewritten(group)]
    names = [f"{manifest.next_number + number:06d}" for number in range(len(rewritten))]
    whole = {part.entry.name: part.entry for part in work.parts(names)}
    clean(folder, manifest, list(whole))
    entries = manifest.segments
    for name, group in zip(names, rewritten, strict=True):
        if name not in whole:
            whole[name] = merge(folder, group, name, tokenizer, progress, usable_threads(None))
            work.save(Part(whole[name], None, 0, {}))
        entries = replaced_by(entries, group, whole[name])
    return manifest.with_segments(entries, manifest.next_number + len(rewritten))


Located = dict[str, list[int]]


def _locate(index: Index, wanted: list[str]) -> tuple[Located, int, list[str]]:
    """Live ordinals by segment name, how many ids are removed already, and the ids that are unknown."""
    found: Located = {}
    already, missing = 0, []
    for identifier in wanted:
        place = index.find(identifier)
        if place is not None:
            found.setdefault(place[0].name, []).append(place[1])
        elif any(segment.ordinals_of(identifier) for segment in index.segments):
            already += 1
        else:
            missing.append(identifier)
    return found, already, missing


def _publish_removal(folder: Path, manifest: Manifest, found: Located) -> Manifest:
    tokenizer = IndexTokenizer(folder, manifest.tokenizer)
    removed = {name: np.array(sorted(ordinals), np.uint32) for name, ordinals in found.items()}
    entries = with_removals(folder, manifest.segments, removed, tokenizer, manifest.next_number)
    changed = manifest.with_segments(entries, manifest.next_number + 1)
    publish(folder, changed)
    return changed


def _unknown(folder: Path, missing: list[str]) -> str:
    listed = ", ".join(repr(identifier) for identifier in missing[:_LISTED_IDS])
    more = f" and {len(missing) - _LISTED_IDS:,} more" if len(missing) > _LISTED_IDS else ""
    return f"{folder} has no documents with the ids {listed}{more}; nothing was removed."
