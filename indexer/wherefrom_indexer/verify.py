"""Reading all of an index, to find what is damaged: checksums, suffix order, tables, records, removals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import IndexDamagedError, IndexFormatError, TokenizerError
from wherefrom_indexer.files import FileInfo, checksum_of_file
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.manifest import MANIFEST, Manifest, SegmentEntry, read_manifest
from wherefrom_indexer.progress import Progress, Report, silent
from wherefrom_indexer.removal import BLOCK_WORDS, Removal, live_words, removed_frequencies, sparse_frequencies
from wherefrom_indexer.segment import Segment, content_hash, id_hash, open_segment
from wherefrom_indexer.segment_kernels import mark_positions, token_frequencies
from wherefrom_indexer.segment_writer import sampled_characters
from wherefrom_indexer.top_level import LEADER_STEP, top_level
from wherefrom_indexer.verify_kernels import documents_are_consistent, first_disorder, rank_positions


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with an index: which file or folder of it, and what."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def verify_index(index: str | Path, *, progress: Report = silent) -> list[Finding]:
    """Read an index whole; an empty list says that every byte is what its writer wrote, and that it all fits together.

    Checks checksums of all files; of segments whose files are whole also the order of the suffixes, the tables, every
    record and text, and removals. Takes 4 bytes of anonymous memory a position of the largest segment.

    Raises:
        IndexNotFoundError: there is no index.
    """
    folder = Path(index)
    try:
        manifest = read_manifest(folder)
    except (IndexDamagedError, IndexFormatError) as error:
        return [Finding(MANIFEST, str(error))]
    findings = _check_files(folder, manifest, progress)
    if any(finding.path == manifest.tokenizer.file for finding in findings):
        return findings
    try:
        tokenizer = IndexTokenizer(folder, manifest.tokenizer)
        tokenizer.load()
    except (IndexDamagedError, TokenizerError, OSError) as error:
        return [*findings, Finding(manifest.tokenizer.file, str(error))]
    damaged = {Path(finding.path).parts[1] for finding in findings if finding.path.startswith("segments/")}
    segments: list[Segment] = []
    for entry in manifest.segments:
        if entry.name not in damaged:
            findings += _check_segment(folder, entry, tokenizer, segments)
    return findings + _check_ids(segments)


def _check_files(folder: Path, manifest: Manifest, progress: Report) -> list[Finding]:
    files = dict(_named_files(manifest))
    total, done = sum(info.bytes for info in files.values()), 0
    findings = []
    for name, info in files.items():
        try:
            found = checksum_of_file(folder / name)
        except OSError as error:
            findings.append(Finding(name, error.strerror or str(error)))
            continue
        if found.bytes != info.bytes:
            findings.append(Finding(name, f"it has {found.bytes:,} bytes instead of {info.bytes:,}"))
        elif found != info:
            findings.append(Finding(name, "its checksum does not fit"))
        done += info.bytes
        progress(Progress("verify", done, total, "bytes"))
    return findings


def _named_files(manifest: Manifest) -> Iterator[tuple[str, FileInfo]]:
    yield manifest.tokenizer.file, manifest.tokenizer.info
    for entry in manifest.segments:
        yield from _prefixed(f"segments/{entry.name}", entry.files)
        if entry.removal is not None:
            yield from _prefixed(f"segments/{entry.name}/{entry.removal.name}", entry.removal.files)


def _prefixed(prefix: str, files: Mapping[str, FileInfo]) -> Iterator[tuple[str, FileInfo]]:
    for name, info in files.items():
        yield f"{prefix}/{name}", info


def _check_segment(folder: Path, entry: SegmentEntry, tokenizer: IndexTokenizer, sound: list[Segment]) -> list[Finding]:
    """Findings in a segment whose files have their checksums; a segment without any is appended to `sound`."""
    name = f"segments/{entry.name}"
    try:
        segment = open_segment(folder, entry, tokenizer)
    except (IndexDamagedError, OSError) as error:
        return [Finding(name, str(error))]
    try:
        problems = [
            *_token_problems(segment, tokenizer),
            *_document_problems(segment),
            *_removal_problems(segment, tokenizer),
        ]
    except IndexDamagedError as error:
        problems = [("", str(error))]
    if not problems:
        sound.append(segment)
    return [Finding(f"{name}/{file}".rstrip("/"), problem) for file, problem in problems]


Problems = Iterator[tuple[str, str]]


def _token_problems(segment: Segment, tokenizer: IndexTokenizer) -> Problems:
    vocabulary = tokenizer.entry.vocabulary
    if not documents_are_consistent(segment.tokens, segment.starts, vocabulary):
        yield "exact/starts.bin", "documents and tokens do not fit together"
        return
    counted = sparse_frequencies(*token_frequencies(segment.tokens, segment.starts, None, vocabulary))
    if not np.array_equal(counted, segment.frequencies):
        yield "exact/frequencies.bin", "it does not hold the frequencies of the tokens"
    if not np.array_equal(sampled_characters(segment.tokens, tokenizer.vocabulary), segment.characters):
        yield "exact/characters.bin", "it does not hold the characters before the tokens"
    ranks = np.empty(segment.n_positions, np.uint32)
    if not rank_positions(segment.tokens, segment.suffixes, ranks):
        yield "exact/suffixes.bin", "it does not hold each token's position once"
    elif (rank := first_disorder(segment.tokens, segment.suffixes, ranks)) >= 0:
        yield "exact/suffixes.bin", f"the suffix of rank {rank:,} is out of order"
    elif not np.array_equal(
        top_level(segment.tokens, segment.suffixes, segment.codes)[len(segment.leaders) :], segment.keys
    ):
        yield "exact/top.bin", "it does not hold the keys of the suffixes"
    elif not np.array_equal(segment.keys[::LEADER_STEP], segment.leaders):
        yield "exact/top.bin", "it does not begin with every 64th key"


def _document_problems(segment: Segment) -> Problems:
    if not _is_permutation(segment.id_ordinals):
        yield "id_ordinals.bin", "it does not hold each document once"
        return
    if not bool((segment.id_hashes[1:] >= segment.id_hashes[:-1]).all()):
        yield "id_hashes.bin", "it is not sorted"
    if not _is_permutation(segment.hash_order):
        yield "hash_order.bin", "it does not hold each document once"
    elif not np.array_equal(np.lexsort((segment.hashes[:, 1], segment.hashes[:, 0])), segment.hash_order):
        yield "hash_order.bin", "it is not in the order of the hashes"
    id_hash_of = np.empty(segment.n_documents, np.uint64)
    id_hash_of[segment.id_ordinals] = segment.id_hashes
    for ordinal in range(segment.n_documents):
        record = segment.record(ordinal)
        if id_hash(record.id) != int(id_hash_of[ordinal]):
            yield "id_hashes.bin", f"it does not hold the id of document {ordinal:,}"
        if (record.text is not None) != segment.has_stored_text(ordinal):
            yield "stored_texts.bin", f"it is wrong about document {ordinal:,}"
        if content_hash(segment.text(ordinal).encode("utf-8")) != segment.hashes[ordinal].tobytes():
            yield "hashes.bin", f"it does not hold the hash of the text of document {ordinal:,}"


def _removal_problems(segment: Segment, tokenizer: IndexTokenizer) -> Problems:
    removal, entry = segment.removal, segment.entry.removal
    if removal is None or entry is None:
        return
    frequencies = removed_frequencies(removal.documents, segment.tokens, segment.starts, tokenizer.entry.vocabulary)
    if not np.array_equal(frequencies, removal.frequencies):
        yield f"{entry.name}/frequencies.bin", "it does not hold the frequencies of the removed tokens"
    if int(removal.counts[-1]) != segment.n_tokens - entry.tokens:
        yield f"{entry.name}/counts.bin", "its total is not what the manifest says"
    yield from _bitmap_problems(segment, removal, entry.name)


def _bitmap_problems(segment: Segment, removal: Removal, name: str) -> Problems:
    words, in_block = live_words(segment.suffixes, mark_positions(removal.documents, segment.starts))
    if len(words) % BLOCK_WORDS or not np.array_equal(words, removal.live):
        yield f"{name}/live.bin", "it does not mark the suffixes of live documents"
    if not np.array_equal(np.concatenate([[0], np.cumsum(in_block)]), removal.counts):
        yield f"{name}/counts.bin", "it does not count the live suffixes"


def _check_ids(segments: list[Segment]) -> list[Finding]:
    """Findings about ids that two live documents share."""
    if not segments:
        return []
    hashes = np.sort(np.concatenate([_live_id_hashes(segment) for segment in segments]))
    shared = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    seen: set[str] = set()
    findings = []
    for segment in segments:
        for place in np.flatnonzero(np.isin(segment.id_hashes, shared)):
            ordinal = int(segment.id_ordinals[place])
            if not segment.is_live(ordinal):
                continue
            identifier = segment.record(ordinal).id
            if identifier in seen:
                findings.append(Finding(f"segments/{segment.name}", f"the id {identifier!r} stands twice in the index"))
            seen.add(identifier)
    return findings


def _live_id_hashes(segment: Segment) -> NDArray[np.uint64]:
    if segment.removal is None:
        return segment.id_hashes
    return segment.id_hashes[~np.isin(segment.id_ordinals, segment.removal.documents)]


def _is_permutation(ordinals: NDArray[Any]) -> bool:
    return bool((np.bincount(ordinals, minlength=len(ordinals)) == 1).all()) if _bounded(ordinals) else False


def _bounded(ordinals: NDArray[Any]) -> bool:
    # A count for a huge ordinal would take as much memory as that.
    return not len(ordinals) or int(ordinals.max()) < len(ordinals)
