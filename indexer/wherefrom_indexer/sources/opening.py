"""Which source a path, pattern, name or object means."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.arrow import ColumnSource, saved_dataset
from wherefrom_indexer.sources.base import Source, SourceOptions, unreadable
from wherefrom_indexer.sources.hub import PREFIX, open_dataset
from wherefrom_indexer.sources.jsonl import JsonLinesSource
from wherefrom_indexer.sources.records import IterableSource
from wherefrom_indexer.sources.text import TextSource, walk
from wherefrom_indexer.sources.tokens import FlatTokenSource, MegatronSource, is_megatron_index

_COMPRESSED = (".gz", ".zst", ".zstd")
_FORMAT_OF = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".npy": "tokens",
    ".bin": "tokens",
    ".idx": "megatron",
}
_FORMAT_OF_HEAD = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\x93NUMPY": "tokens", b"MMIDIDX": "megatron"}
_UNKNOWN = (".csv", ".tsv", ".xlsx", ".zip", ".tar", ".tgz", ".7z", ".bz2", ".xz", ".pdf", ".docx", ".epub", ".warc")
# What may stand beside data files without being data.
_COMPANION = re.compile(r"(readme|licen[cs]e|copying|notice|changelog|sha\d+sums|md5sums).*|.*\.(md|json|ya?ml)", re.I)
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?")


def open_sources(specs: Iterable[object], options: SourceOptions | None = None) -> list[Source]:
    """Open several sources; those of one name, as of two files in different folders, get the names they were given by.

    A single string or path is one source, not several.
    """
    listed = [specs] if isinstance(specs, str | Path) else list(specs)
    sources = [open_source(spec, options) for spec in listed]
    named = Counter(source.name for source in sources)
    for number, (spec, source) in enumerate(zip(listed, sources, strict=True)):
        if named[source.name] > 1:
            source.name = str(spec) if isinstance(spec, str | Path) else f"{source.name}-{number}"
    return sources


def open_source(spec: object, options: SourceOptions | None = None) -> Source:
    """Open a corpus.

    Args:
        spec: a file; a folder; a pattern with `*`, `?` or `[`; the prefix of Megatron's two files; the name of a
            dataset on a hub, as `owner/name`, `owner/name:split` or `hf://...`; or an iterable of dicts or strings.
            A folder is a dataset saved to disk if it says so; it is read as data if all its files are data of one
            format, besides such as README, LICENSE, *.md, *.json; it is a folder of texts if none is; otherwise the
            format has to be told.
        options: how to read it.

    Raises:
        SourceError: there is no such source, or it cannot be told what it is.
    """
    options = options or SourceOptions()
    if not isinstance(spec, str | Path):
        if not isinstance(spec, Iterable) or isinstance(spec, bytes | dict):
            raise SourceError(f"A {type(spec).__name__} is no source: give a path or an iterable of dicts or strings")
        return IterableSource(_name_of_object(spec), options, spec)
    path = Path(spec)
    if options.format == "hub" or str(spec).startswith(PREFIX):
        return open_dataset(str(spec), options, name=str(spec).removeprefix(PREFIX))
    if path.is_dir():
        return _open_folder(path, options)
    if path.exists():
        return _open_files(path.name, [path], options)
    if is_megatron_index(Path(f"{path}.idx")):
        return MegatronSource(path.name, options, [Path(f"{path}.bin")])
    if glob.has_magic(str(spec)):
        matches = glob.glob(str(spec), recursive=True)  # noqa: PTH207 - Path.glob knows no absolute patterns
        paths = [Path(match) for match in sorted(matches) if Path(match).is_file()]
        if not paths:
            raise SourceError(f"No file matches {spec}")
        return _open_files(str(spec), paths, options)
    if isinstance(spec, str) and _HUB_NAME.fullmatch(spec) and path.suffix not in (*_FORMAT_OF, *_COMPRESSED, ".txt"):
        return open_dataset(spec, options, name=spec)
    raise SourceError(f"There is no file or folder {spec}")


def _name_of_object(records: Iterable[object]) -> str:
    info = getattr(records, "info", None)
    return str(getattr(info, "dataset_name", None) or getattr(info, "builder_name", None) or "records")


def _open_files(name: str, paths: Sequence[Path], options: SourceOptions) -> Source:
    formats = {options.format or _format_of_file(path) for path in paths}
    if len(formats) > 1:
        raise SourceError(f"{name} are files of several formats ({', '.join(sorted(formats))}): give one at a time")
    return _source(formats.pop(), name, paths, options)


def _open_folder(folder: Path, options: SourceOptions) -> Source:
    name = folder.resolve().name
    is_saved = (folder / "dataset_dict.json").exists() or (folder / "state.json").exists()
    if options.format == "dataset" or (options.format is None and is_saved):
        return saved_dataset(folder, options, name)
    if options.format == "text":
        return TextSource(name, options, [folder])
    found, other = _data_files(folder)
    if options.format is not None:
        paths = [path for path in found if found[path] == options.format]
        if not paths:
            raise SourceError(f"{folder} holds no files of format {options.format}")
        return _source(options.format, name, paths, options)
    formats = sorted(set(found.values()))
    if not formats:
        return TextSource(name, options, [folder])
    if len(formats) > 1 or other is not None:
        beside = f" beside others, such as {other.relative_to(folder)}" if other is not None else ""
        raise SourceError(
            f"{folder} holds files of format {' and '.join(formats)}{beside}: tell the format to read (text reads all)"
        )
    return _source(formats[0], name, list(found), options)


def _data_files(folder: Path) -> tuple[dict[Path, str], Path | None]:
    """Return the data files below a folder with their formats, and one file that is neither data nor a companion."""
    found: dict[Path, str] = {}
    other = None
    for path in walk(folder):
        suffixes = _suffixes(path)
        kind = _FORMAT_OF.get(suffixes[0])
        if kind is None or suffixes == (".json", False):
            other = path if not _COMPANION.fullmatch(path.name) else other
        elif suffixes[0] in (".bin", ".idx"):
            if is_megatron_index(path.with_suffix(".idx")):
                found[path.with_suffix(".bin")] = "megatron"
            else:
                found[path] = kind
        else:
            found[path] = kind
    return found, other


def _suffixes(path: Path) -> tuple[str, bool]:
    """Return the suffix that tells the format, and whether one that tells a compression follows it."""
    suffix = path.suffix.lower()
    if suffix in _COMPRESSED:
        return Path(path.stem).suffix.lower(), True
    return suffix, False


def _format_of_file(path: Path) -> str:
    suffix = _suffixes(path)[0]
    if suffix in (".bin", ".idx") and is_megatron_index(path.with_suffix(".idx")):
        return "megatron"
    if suffix in _FORMAT_OF:
        return _FORMAT_OF[suffix]
    if suffix in _UNKNOWN:
        raise SourceError(f"{path} is of a format that is not read: make it JSON Lines, Parquet or text files")
    try:
        with open(path, "rb") as file:
            head = file.read(8)
    except OSError as error:
        raise unreadable(path, error) from error
    return next((kind for start, kind in _FORMAT_OF_HEAD.items() if head.startswith(start)), "text")


def _source(kind: str, name: str, paths: Sequence[Path], options: SourceOptions) -> Source:
    if kind == "jsonl":
        return JsonLinesSource(name, options, paths)
    if kind in ("parquet", "arrow"):
        return ColumnSource(name, options, paths)
    if kind == "megatron":
        return MegatronSource(name, options, sorted({path.with_suffix(".bin") for path in paths}))
    if kind == "tokens":
        return FlatTokenSource(name, options, paths)
    if kind == "text":
        return TextSource(name, options, paths)
    raise SourceError(f"{name} is no {kind}: that format is one of a folder or a name")
