"""Making new segments and removals part of an index, in one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.files import FileInfo, checksum_of, publish_file, remove_tree, sync_folder
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.manifest import Manifest, SegmentEntry, TokenizerEntry, publish_manifest
from wherefrom_indexer.removal import write_removal
from wherefrom_indexer.segment import open_segment, segment_folder
from wherefrom_indexer.tokenization import Tokenizer
from wherefrom_indexer.work import Work, clean, clean_tokenizers, sync_segments

Removed = Mapping[str, NDArray[np.integer[Any]]]
"""By segment name, ordinals to be removed."""


def store_tokenizer(folder: Path, tokenizer: Tokenizer) -> TokenizerEntry:
    """Write a tokenizer's definition into an index folder, unless it is there."""
    data = tokenizer.definition.encode("utf-8")
    path = folder / f"tokenizer-{tokenizer.hash}.json"
    if not (path.is_file() and path.read_bytes() == data):
        publish_file(path, data)
    info = FileInfo(len(data), checksum_of(data))
    return TokenizerEntry(tokenizer.hash, tokenizer.name, tokenizer.vocabulary.size, path.name, info)


def with_removals(
    folder: Path, entries: Iterable[SegmentEntry], removed: Removed, tokenizer: IndexTokenizer, number: int
) -> tuple[SegmentEntry, ...]:
    """Write what is newly removed, together with what was, and return the segments that say so.

    `number` names the removals: one that no published manifest has named.
    """
    return tuple(
        _with_removal(folder, entry, removed[entry.name], tokenizer, number)
        if len(removed.get(entry.name, ()))
        else entry
        for entry in entries
    )


def publish(folder: Path, manifest: Manifest) -> None:
    """Make a manifest the index's content; everything it names is synced before."""
    sync_segments(folder)
    publish_manifest(folder, manifest)


def clean_up(folder: Path, manifest: Manifest, work: Work) -> None:
    """Delete what a manifest that was just published no longer names, and the note of the work that led to it."""
    clean(folder, manifest)
    clean_tokenizers(folder, manifest)
    work.discard()


def next_number(entries: Sequence[SegmentEntry], at_least: int) -> int:
    """The first number that is larger than all that name segments, and not below `at_least`."""
    return max([at_least, *(int(entry.name) + 1 for entry in entries)])


def _with_removal(
    folder: Path, entry: SegmentEntry, ordinals: NDArray[np.integer[Any]], tokenizer: IndexTokenizer, number: int
) -> SegmentEntry:
    segment = open_segment(folder, entry, tokenizer)
    before = segment.removal.documents if segment.removal else np.empty(0, np.uint32)
    target = segment_folder(folder, entry.name) / f"removals-{number:06d}"
    remove_tree(target)
    removal = write_removal(
        target,
        np.union1d(before, ordinals).astype(np.uint32),
        tokens=segment.tokens,
        suffixes=segment.suffixes,
        starts=segment.starts,
        vocabulary=tokenizer.entry.vocabulary,
    )
    sync_folder(target.parent)  # the removal's own name, before a manifest gives it
    return replace(entry, removal=removal)
