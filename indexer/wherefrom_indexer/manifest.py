"""The manifest: the only mutable file of an index.

`manifest.json` names the tokenizer, the segments, their removals, and every file's size and checksum. Its text is
canonical JSON that carries its own checksum, so that any change of any byte is noticed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wherefrom_indexer.array_file import FORMAT_VERSION
from wherefrom_indexer.errors import IndexDamagedError, IndexFormatError, IndexNotFoundError
from wherefrom_indexer.files import FileInfo, checksum_of, publish_file

MANIFEST = "manifest.json"
VERIFIED = "verified.json"
FORMAT = "wherefrom-index"

# View files hold what a text view adds (D10); the others belong to the documents of a segment.
SEGMENT_FILES: Mapping[str, str] = {
    "exact/tokens.bin": "",  # u2 or u4, as `token_bytes` says
    "exact/suffixes.bin": "u4",
    "exact/top.bin": "u8",
    "exact/starts.bin": "u8",
    "exact/frequencies.bin": "u8",
    "exact/characters.bin": "u4",
    "hashes.bin": "u8",
    "hash_order.bin": "u4",
    "id_hashes.bin": "u8",
    "id_ordinals.bin": "u4",
    "stored_texts.bin": "u4",
    "records.bin": "u1",
    "record_blocks.bin": "u8",
}
REMOVAL_FILES: Mapping[str, str] = {
    "documents.bin": "u4",
    "live.bin": "u8",
    "counts.bin": "u4",
    "frequencies.bin": "u8",
}

_SEGMENT_NAME = re.compile(r"\d{6,12}")
_REMOVAL_NAME = re.compile(r"removals-\d{6,12}")
_TOKENIZER_NAME = re.compile(r"tokenizer-[0-9a-f]{8,64}\.json")


def canonical(value: object) -> str:
    """Canonical JSON text: sorted keys, no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@dataclass(frozen=True, slots=True)
class TokenizerEntry:
    """The tokenizer of an index: its definition lies beside the manifest in `file`."""

    hash: str
    name: str
    vocabulary: int
    file: str
    info: FileInfo


@dataclass(frozen=True, slots=True)
class RemovalEntry:
    """What is removed from one segment: counts, and the files of the folder `name` in the segment's folder."""

    name: str
    documents: int
    tokens: int
    files: Mapping[str, FileInfo]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment: counts (removed documents included), bytes a token, files, removal.

    from_text: every document has the tokens that the index's tokenizer gives its text; tokenized sources may differ.
    """

    name: str
    documents: int
    tokens: int
    token_bytes: int
    from_text: bool
    files: Mapping[str, FileInfo]
    removal: RemovalEntry | None = None

    @property
    def positions(self) -> int:
        """Tokens and separators."""
        return self.tokens + self.documents

    @property
    def live_documents(self) -> int:
        """Documents that are not removed."""
        return self.documents - (self.removal.documents if self.removal else 0)

    @property
    def live_tokens(self) -> int:
        """Tokens of documents that are not removed."""
        return self.tokens - (self.removal.tokens if self.removal else 0)

    @property
    def bytes(self) -> int:
        """Bytes of all its files on disk."""
        removed = self.removal.files.values() if self.removal else ()
        return sum(info.bytes for info in (*self.files.values(), *removed))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of manifest.json. `next_number` is the first number no segment or removal was ever named by."""

    tokenizer: TokenizerEntry
    segments: tuple[SegmentEntry, ...]
    next_number: int

    @property
    def version(self) -> str:
        """What the index holds, as 32 hex digits: format, tokenizer, segments and removals, not times or names."""
        held = [
            [_plain_files(segment.files), _plain_files(segment.removal.files) if segment.removal else None]
            for segment in self.segments
        ]
        return checksum_of(canonical([FORMAT, FORMAT_VERSION, self.tokenizer.hash, held]).encode())

    def with_segments(self, segments: tuple[SegmentEntry, ...], next_number: int) -> Manifest:
        """The same index with other segments."""
        return replace(self, segments=segments, next_number=next_number)


def manifest_bytes(manifest: Manifest) -> bytes:
    """The content of manifest.json: canonical JSON and a line end."""
    body = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": manifest.version,
        "next_number": manifest.next_number,
        "tokenizer": {
            "hash": manifest.tokenizer.hash,
            "name": manifest.tokenizer.name,
            "vocabulary": manifest.tokenizer.vocabulary,
            "file": manifest.tokenizer.file,
            **_plain_info(manifest.tokenizer.info),
        },
        "segments": [segment_to_json(segment) for segment in manifest.segments],
    }
    checksum = checksum_of(canonical(body).encode())
    return (canonical({**body, "checksum": checksum}) + "\n").encode()


def publish_manifest(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the index's content, in one durable step."""
    publish_file(folder / MANIFEST, manifest_bytes(manifest))


def read_manifest(folder: Path) -> Manifest:
    """Read and check manifest.json.

    Raises:
        IndexNotFoundError: there is none.
        IndexFormatError: it is of another format version.
        IndexDamagedError: it cannot be read, or any byte of it was changed.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexNotFoundError(f"{folder} holds no index: it has no {MANIFEST}.") from error
    except OSError as error:
        raise IndexDamagedError(f"Could not read {path}: {error.strerror}.") from error
    return parse_manifest(data, path)


def parse_manifest(data: bytes, path: Path) -> Manifest:
    """Check the bytes of a manifest; errors as `read_manifest`, naming `path`."""
    damaged = f"{path} is damaged; restore it from a copy, or build the index again"
    try:
        body = json.loads(data)
        if not isinstance(body, dict) or body.get("format") != FORMAT:
            raise IndexDamagedError(f"{damaged} (it is not the manifest of an index).")
        checksum = body.pop("checksum", None)
        actual = checksum_of(canonical(body).encode())
    except (ValueError, RecursionError) as error:
        raise IndexDamagedError(f"{damaged} (it is not JSON).") from error
    if actual != checksum:
        raise IndexDamagedError(f"{damaged} (its checksum does not fit).")
    if body.get("format_version") != FORMAT_VERSION:
        raise IndexFormatError(
            f"{path} is of format version {body.get('format_version')!r}, this program reads version {FORMAT_VERSION}: "
            "build the index again, or use the program that made it."
        )
    try:
        manifest = _from_json(body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IndexDamagedError(f"{damaged} ({error}).") from error
    if manifest_bytes(manifest) != data:
        raise IndexDamagedError(f"{damaged} (its text is not the canonical one).")
    return manifest


def segment_to_json(segment: SegmentEntry) -> dict[str, Any]:
    """A segment as it stands in the manifest."""
    removal = segment.removal
    return {
        "name": segment.name,
        "documents": segment.documents,
        "tokens": segment.tokens,
        "token_bytes": segment.token_bytes,
        "from_text": segment.from_text,
        "files": _plain_files(segment.files),
        "removal": removal
        and {
            "name": removal.name,
            "documents": removal.documents,
            "tokens": removal.tokens,
            "files": _plain_files(removal.files),
        },
    }


def segment_from_json(value: Mapping[str, Any], *, files: Collection[str] = tuple(SEGMENT_FILES)) -> SegmentEntry:
    """The reverse of `segment_to_json`; KeyError, TypeError or ValueError where something does not fit.

    `files`: those that the segment must have; all of them unless it is unfinished.
    """
    removal = value["removal"]
    return SegmentEntry(
        name=_name(value["name"], _SEGMENT_NAME),
        documents=_count(value["documents"]),
        tokens=_count(value["tokens"]),
        token_bytes=_one_of(value["token_bytes"], (2, 4)),
        from_text=_flag(value["from_text"]),
        files=_files(value["files"], files),
        removal=removal
        and RemovalEntry(
            name=_name(removal["name"], _REMOVAL_NAME),
            documents=_count(removal["documents"]),
            tokens=_count(removal["tokens"]),
            files=_files(removal["files"], REMOVAL_FILES),
        ),
    )


def _from_json(body: Mapping[str, Any]) -> Manifest:
    tokenizer = body["tokenizer"]
    segments = tuple(segment_from_json(segment) for segment in body["segments"])
    if len({segment.name for segment in segments}) != len(segments):
        raise ValueError("two segments have one name")
    return Manifest(
        tokenizer=TokenizerEntry(
            hash=_text(tokenizer["hash"]),
            name=_text(tokenizer["name"]),
            vocabulary=_count(tokenizer["vocabulary"]),
            file=_name(tokenizer["file"], _TOKENIZER_NAME),
            info=_info(tokenizer),
        ),
        segments=segments,
        next_number=_count(body["next_number"]),
    )


def _plain_info(info: FileInfo) -> dict[str, Any]:
    return {"bytes": info.bytes, "checksum": info.checksum}


def _plain_files(files: Mapping[str, FileInfo]) -> dict[str, Any]:
    return {name: _plain_info(info) for name, info in files.items()}


def _info(value: Mapping[str, Any]) -> FileInfo:
    return FileInfo(_count(value["bytes"]), _text(value["checksum"]))


def _files(value: Mapping[str, Any], expected: Collection[str]) -> dict[str, FileInfo]:
    if set(value) != set(expected):
        raise ValueError(f"files {sorted(value)} instead of {sorted(expected)}")
    return {name: _info(value[name]) for name in expected}


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def _one_of(value: Any, allowed: tuple[int, ...]) -> int:
    if type(value) is not int or value not in allowed:
        raise ValueError(f"{value!r} is none of {allowed}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _name(value: object, pattern: re.Pattern[str]) -> str:
    name = _text(value)
    # A name becomes part of a path: nothing but the names that writers give.
    if not pattern.fullmatch(name):
        raise ValueError(f"{name!r} is not a name that an index gives")
    return name
