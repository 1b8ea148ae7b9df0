"""From sources to a published index: partition, sort, publish; a build that was killed goes on with what is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wherefrom_indexer.array_file import FORMAT_VERSION
from wherefrom_indexer.compaction import merge, next_tier_merge, replaced_by
from wherefrom_indexer.duplicates import OnDuplicateId, check_policy
from wherefrom_indexer.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    SourceError,
    UsageError,
)
from wherefrom_indexer.files import checksum_of, make_folder, remove_tree, sync_folder
from wherefrom_indexer.index import Index
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.lock import LOCK, writer_lock
from wherefrom_indexer.manifest import Manifest, canonical, read_manifest
from wherefrom_indexer.memory import MemoryPlan, parse_memory, plan_memory
from wherefrom_indexer.partition import Partitioning, build_parts, replaced_ordinals
from wherefrom_indexer.progress import Report, silent
from wherefrom_indexer.publish import clean_up, next_number, publish, store_tokenizer, with_removals
from wherefrom_indexer.read_ahead import usable_threads
from wherefrom_indexer.segment import open_segment
from wherefrom_indexer.sources import Document, Skipped, SkipReport, Source, SourceOptions, open_sources
from wherefrom_indexer.tokenization import Tokenizer, limit_threads
from wherefrom_indexer.work import SEGMENTS, Command, Part, Work, clean, is_ours

# A tokenizer is trained on at most so much text, evenly from the beginnings of all sources.
_TRAINING_CHARACTERS = 50_000_000


def build_index(
    sources: Any,
    out: str | Path,
    *,
    text_field: str = "text",
    id_field: str | None = None,
    tokenizer: str | Path | Tokenizer = "default",
    memory: str | int = "2GB",
    threads: int | None = None,
    on_duplicate_id: OnDuplicateId = "error",
    on_error: str = "error",
    source_options: SourceOptions | None = None,
    segment_tokens: int | None = None,
    overwrite: bool = False,
    progress: Report = silent,
    on_skip: SkipReport | None = None,
) -> Index:
    """Index a corpus into a new folder; after a kill, the same call goes on with the segments that are whole.

    Args:
        sources: a source or several (see `open_sources`), opened ones, or records (an iterable of dicts, a dataset).
        out: the folder of the index; new, empty, or holding the unfinished work of the same call.
        text_field, id_field, on_error: as in `SourceOptions`.
        tokenizer: "default", "train", a tokenizer.json, a model folder, or a Tokenizer.
        memory: peak anonymous memory, like "2GB"; mapped files are not counted.
        threads: of the tokenizer; None: all cores.
        on_duplicate_id: what happens to a document whose id is taken: "error", "skip", or "replace" the earlier one.
        source_options: all options of the sources, instead of `text_field`, `id_field` and `on_error`.
        segment_tokens: at most so many positions in a segment; None: as many as memory allows.
        overwrite: replace the index that is in `out`; readers have the old one until the new one is published.
        progress: called with a `Progress` now and then.
        on_skip: called with each record that is passed over.

    Raises:
        UsageError: an option cannot be used, `out` holds something else, the corpus has no text; nothing is left.
        IndexBusyError: another process writes there.
        StorageError: the disk is full, or the system refuses; the same call can go on.
    """
    options = source_options or SourceOptions(text_field, id_field, on_error)  # type: ignore[arg-type]
    settings = _Settings.of(options, on_duplicate_id, memory, threads, segment_tokens, progress, on_skip)
    _check_apart(sources, Path(out))
    opened = _open_sources(sources, options)
    loaded = _load_tokenizer(tokenizer)
    folder, made = _prepare(Path(out))
    spelled = "train" if loaded is None else loaded.hash
    command = Command("build", settings.fingerprint(opened, spelled, overwrite))
    with writer_lock(folder, "build"):
        published, unreadable = _published(folder, overwrite)
        work = Work(folder, published)
        unfinished = work.read_command()
        ours = unfinished is not None and unfinished.fingerprint == command.fingerprint
        others = _other_segments(folder, work.parts() if ours else []) if unreadable else ()
        if published is not None and not overwrite and not ours:
            raise UsageError(
                f"{folder} already holds an index: add to it, choose another folder, or say to overwrite it."
            )
        with _nothing_left_behind(
            folder, published, work, folder_is_new=made, unreadable=others if unreadable else None
        ):
            tokens = _index_tokenizer(folder, loaded, opened, unfinished if ours else None)
            state = work.begin(replace(command, tokenizer=(tokens.entry.file, tokens.entry.name)))
            if state == "published" and published is not None:
                return _finished(folder, published, work)
            # Numbers go on where the index that is replaced ended: names are never used for a second segment.
            number = published.next_number if published else 1 + max(map(int, others), default=0)
            start = Manifest(tokens.entry, (), number)
            manifest = _ingest(folder, start, tokens, opened, settings, work, keep=published, others=others)
        return _finished(folder, manifest, work)


def add_documents(
    sources: Any,
    index: str | Path,
    *,
    text_field: str = "text",
    id_field: str | None = None,
    memory: str | int = "2GB",
    threads: int | None = None,
    on_duplicate_id: OnDuplicateId = "error",
    on_error: str = "error",
    source_options: SourceOptions | None = None,
    segment_tokens: int | None = None,
    progress: Report = silent,
    on_skip: SkipReport | None = None,
) -> Index:
    """Add documents to an index as a new segment, then merge segments where a tier has become full.

    Arguments and errors as `build_index`; the tokenizer is the index's.
    """
    options = source_options or SourceOptions(text_field, id_field, on_error)  # type: ignore[arg-type]
    settings = _Settings.of(options, on_duplicate_id, memory, threads, segment_tokens, progress, on_skip)
    folder = Path(index)
    read_manifest(folder)
    _check_apart(sources, folder)
    opened = _open_sources(sources, options)
    with writer_lock(folder, "add"):
        published = read_manifest(folder)
        tokens = IndexTokenizer(folder, published.tokenizer)
        work = Work(folder, published)
        with _nothing_left_behind(folder, published, work):
            state = work.begin(Command("add", settings.fingerprint(opened, tokens.entry.hash, False)))
            if state != "published":
                published = _ingest(folder, published, tokens, opened, settings, work, keep=published)
        published = _merge_tiers(folder, published, tokens, settings)
        return _finished(folder, published, work)


@dataclass(frozen=True, slots=True)
class _Settings:
    options: SourceOptions
    on_duplicate_id: OnDuplicateId
    memory: str | int
    segment_tokens: int | None
    threads: int
    report: Report
    on_skip: SkipReport

    @classmethod
    def of(
        cls,
        options: SourceOptions,
        on_duplicate_id: OnDuplicateId,
        memory: str | int,
        threads: int | None,
        segment_tokens: int | None,
        progress: Report,
        on_skip: SkipReport | None,
    ) -> _Settings:
        check_policy(on_duplicate_id)
        plan_memory(memory, 0)  # refuse what no tokenizer makes possible before anything is made
        if segment_tokens is not None and segment_tokens < 1:
            raise UsageError(f"segment_tokens is {segment_tokens}: give at least 1.")
        if threads is not None:
            if threads < 1:
                raise UsageError(f"threads is {threads}: give at least 1.")
            limit_threads(threads)
        return cls(
            options, on_duplicate_id, memory, segment_tokens, usable_threads(threads), progress, on_skip or _ignore
        )

    def plan(self, vocabulary: int) -> MemoryPlan:
        return plan_memory(self.memory, vocabulary)

    def fingerprint(self, sources: Sequence[Source], tokenizer: str, overwrite: bool) -> str:
        """Of all that decides what a build makes: an equal one may continue its work."""
        prints = [[source.name, source.fingerprint()] for source in sources]
        how = [self.on_duplicate_id, parse_memory(self.memory), self.segment_tokens, overwrite]
        return checksum_of(canonical([FORMAT_VERSION, prints, tokenizer, how]).encode())


def _ignore(skipped: Skipped) -> None:
    pass


def _ingest(
    folder: Path,
    base: Manifest,
    tokenizer: IndexTokenizer,
    sources: Sequence[Source],
    settings: _Settings,
    work: Work,
    keep: Manifest | None,
    others: Sequence[str] = (),
) -> Manifest:
    """Build the segments of the sources, and publish them behind those of `base`.

    Nothing of `keep` is deleted, nor the segments `others`, which are of an index that cannot be read.
    """
    clean(folder, keep, [*others, *(part.entry.name for part in work.parts())])
    job = Partitioning(
        sources,
        tokenizer,
        settings.plan(tokenizer.entry.vocabulary),
        settings.segment_tokens,
        settings.on_duplicate_id,
        settings.options.on_error == "skip",
        settings.on_skip,
        settings.threads,
        settings.report,
    )
    segments = [open_segment(folder, entry, tokenizer) for entry in base.segments]
    parts = build_parts(job, work, segments, base.next_number)
    if not any(part.entry.tokens or part.passed_over for part in parts):
        names = ", ".join(source.name for source in sources)
        raise SourceError(f"The sources hold no text ({names}): every document is empty.")
    manifest = _with_parts(folder, base, parts, tokenizer, work)
    publish(folder, manifest)
    return manifest


def _with_parts(folder: Path, base: Manifest, parts: Sequence[Part], tokenizer: IndexTokenizer, work: Work) -> Manifest:
    entries = (*base.segments, *(part.entry for part in parts if part.entry.documents))
    number = next_number([part.entry for part in parts], base.next_number)
    removed = {entry.name: replaced_ordinals(work, parts, entry.name) for entry in entries}
    return base.with_segments(with_removals(folder, entries, removed, tokenizer, number), number + 1)


def _merge_tiers(folder: Path, manifest: Manifest, tokenizer: IndexTokenizer, settings: _Settings) -> Manifest:
    """Merge and publish until no tier is full. A kill leaves segments that nobody names, and merging starts again."""
    plan = settings.plan(tokenizer.entry.vocabulary)
    if settings.segment_tokens is not None:
        plan = replace(plan, positions=min(plan.positions, settings.segment_tokens))
    while group := next_tier_merge(manifest.segments, plan):
        clean(folder, manifest)
        name = f"{manifest.next_number:06d}"
        merged = merge(folder, group, name, tokenizer, settings.report, settings.threads)
        entries = replaced_by(manifest.segments, group, merged)
        manifest = manifest.with_segments(entries, manifest.next_number + 1)
        publish(folder, manifest)
    return manifest


def _finished(folder: Path, manifest: Manifest, work: Work) -> Index:
    index = Index(folder, manifest)
    clean_up(folder, manifest, work)
    return index


def _open_sources(sources: Any, options: SourceOptions) -> list[Source]:
    if isinstance(sources, Source):
        return [sources]
    if isinstance(sources, Path):
        return open_sources([sources], options)
    if isinstance(sources, Mapping) or not isinstance(sources, Iterable):
        raise UsageError(f"A {type(sources).__name__} is no source: give a path, a list of sources, or one of records.")
    if isinstance(sources, Sequence) and not isinstance(sources, str):
        if not sources:
            raise UsageError("There is nothing to index: the list of sources is empty.")
        if all(isinstance(source, Source) for source in sources):
            return list(sources)
        if isinstance(sources[0], Mapping):  # records in memory are one source
            return open_sources([sources], options)
    if not isinstance(sources, Sequence):  # a generator of records, a dataset
        return open_sources([sources], options)
    return open_sources(sources, options)


def _check_apart(sources: Any, index: Path) -> None:
    """UsageError where the folder of an index lies in a folder that is read: it would be read while it is written."""
    here = index.resolve()
    for source in sources if isinstance(sources, list | tuple) else [sources]:
        is_folder = isinstance(source, str | Path) and Path(source).is_dir()
        if is_folder and here.is_relative_to(Path(source).resolve()):
            raise UsageError(f"The index {index} lies in the source {source}: put it into a folder outside of it.")


def _load_tokenizer(tokenizer: str | Path | Tokenizer) -> Tokenizer | None:
    """The tokenizer, or None where it is to be trained."""
    if isinstance(tokenizer, Tokenizer):
        return tokenizer
    return None if tokenizer == "train" else Tokenizer.load(tokenizer)


def _index_tokenizer(
    folder: Path, loaded: Tokenizer | None, sources: Sequence[Source], unfinished: Command | None
) -> IndexTokenizer:
    """The tokenizer of a build: given, trained, or, where the same build trained it before it was killed, read back."""
    if loaded is None and unfinished is not None and unfinished.tokenizer is not None:
        file, name = unfinished.tokenizer
        with suppress(OSError, UnicodeDecodeError):
            loaded = Tokenizer.from_definition((folder / Path(file).name).read_text(encoding="utf-8"), name=name)
    if loaded is None:
        loaded = Tokenizer.train(_training_texts(sources))
    return IndexTokenizer(folder, store_tokenizer(folder, loaded), loaded)


def _training_texts(sources: Sequence[Source]) -> Iterator[str]:
    share = _TRAINING_CHARACTERS // len(sources)
    for source in sources:
        characters = 0
        for document in source.documents():
            if characters >= share:
                break
            if not isinstance(document, Document):
                raise UsageError(f"{source.name} is tokenized already: name its tokenizer instead of training one.")
            characters += len(document.text)
            yield document.text


def _prepare(folder: Path) -> tuple[Path, bool]:
    """Make the folder of a new index; says whether it was not there before."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a folder for the index.")
    if folder.is_dir() and not is_ours(folder):
        raise UsageError(f"{folder} holds other files and no index: name a new or empty folder.")
    if folder.is_dir():
        return folder, False
    make_folder(folder)
    sync_folder(folder.parent)
    return folder, True


def _published(folder: Path, overwrite: bool) -> tuple[Manifest | None, bool]:
    """What the index in a folder holds, and whether there is one that cannot be read, which only may be replaced."""
    try:
        return read_manifest(folder), False
    except IndexNotFoundError:
        return None, False
    except (IndexFormatError, IndexDamagedError):
        if not overwrite:
            raise
        return None, True


def _other_segments(folder: Path, parts: Sequence[Part]) -> tuple[str, ...]:
    """The segments of an index that cannot be read: those that are older than the first of these parts."""
    first = int(parts[0].entry.name) if parts else None
    names = (path.name for path in (folder / SEGMENTS).glob("*") if path.name.isdecimal())
    return tuple(name for name in names if first is None or int(name) < first)


@contextmanager
def _nothing_left_behind(
    folder: Path,
    published: Manifest | None,
    work: Work,
    *,
    folder_is_new: bool = False,
    unreadable: Sequence[str] | None = None,
) -> Iterator[None]:
    """After a mistake of the caller, delete the unfinished work: correcting the mistake starts another command.

    `unreadable`: the segments of an index that is to be replaced and cannot be read; it is left as it was.
    """
    try:
        yield
    except UsageError:
        clean(folder, published, unreadable or ())
        work.discard()
        if published is None and unreadable is None:
            for path in folder.glob("tokenizer-*.json"):
                remove_tree(path)
            remove_tree(folder / SEGMENTS)
            remove_tree(folder if folder_is_new else folder / LOCK)
        raise
