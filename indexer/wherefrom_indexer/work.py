"""The state of an unfinished command, by which the same command goes on after it was killed.

`unfinished.json` names the command and what it began from; `work/` holds one small file for each part (a segment not
yet published) that is whole. Segments are written where they will stay; the manifest makes them part of the index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.array_file import open_array, write_array
from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.files import FileInfo, make_folder, publish_file, remove_tree, sync_folder, unlink
from wherefrom_indexer.lock import LOCK
from wherefrom_indexer.manifest import (
    MANIFEST,
    SEGMENT_FILES,
    VERIFIED,
    Manifest,
    SegmentEntry,
    canonical,
    segment_from_json,
    segment_to_json,
)
from wherefrom_indexer.segment import segment_folder

UNFINISHED = "unfinished.json"
WORK = "work"
SEGMENTS = "segments"
SUFFIXES = "exact/suffixes.bin"
SORTED = (SUFFIXES, "exact/top.bin")  # what `write_suffixes` adds

State = Literal["fresh", "resumed", "published"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command that writes an index.

    Attributes:
        name: "build", "add" or "compact".
        fingerprint: of its sources and options: an equal one continues the work.
        tokenizer: file name and name of the tokenizer it made, if it trained one.
    """

    name: str
    fingerprint: str
    tokenizer: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of an unfinished command; its documents are whole, its suffixes perhaps still missing.

    Attributes:
        entry: the segment.
        following: source, and documents of it, where the next part begins; None after the last part.
        passed_over: documents that were skipped because their ids were taken.
        replaced: by segment name, the file in `work/` with the ordinals that documents of this part replace.
    """

    entry: SegmentEntry
    following: tuple[int, int] | None
    passed_over: int
    replaced: Mapping[str, FileInfo]

    @property
    def sorted(self) -> bool:
        """Whether the suffixes are there too."""
        return SUFFIXES in self.entry.files


class Work:
    """The unfinished work in one index folder; the caller holds the lock."""

    def __init__(self, folder: Path, manifest: Manifest | None) -> None:
        self.folder = folder
        self._base = _identity(manifest)

    def read_command(self) -> Command | None:
        """The command that was left unfinished, if it began from the index as it is or published already."""
        state = self._read_state()
        return state[0] if state else None

    def begin(self, command: Command) -> State:
        """Go on with `command` where it was left, or start it, deleting what other commands left.

        Returns "published" where only the cleaning up was left.
        """
        state = self._read_state()
        if state is not None and (state[0].name, state[0].fingerprint) == (command.name, command.fingerprint):
            if state[1] == self._base:
                return "resumed"
            return "published"
        self.discard()
        make_folder(self.folder / WORK)
        make_folder(self.folder / SEGMENTS)
        body = {
            "format": "wherefrom-unfinished",
            "command": command.name,
            "fingerprint": command.fingerprint,
            "tokenizer": list(command.tokenizer) if command.tokenizer else None,
            "base": self._base,
        }
        publish_file(self.folder / UNFINISHED, canonical(body).encode())
        return "fresh"

    def parts(self, names: Sequence[str] | None = None) -> list[Part]:
        """The parts that are whole, in order, up to the first that is not.

        Deletes the segments of parts that are not. `names`: those expected; without it, all that are there.
        """
        found = []
        candidates = names if names is not None else sorted(path.stem for path in (self.folder / WORK).glob("*.json"))
        for name in candidates:
            part = self._read_part(name)
            if part is None:
                break
            found.append(part)
        return found

    def save(self, part: Part) -> None:
        """Note a part as whole."""
        body = {
            "entry": segment_to_json(part.entry),
            "following": list(part.following) if part.following else None,
            "passed_over": part.passed_over,
            "replaced": {name: [info.bytes, info.checksum] for name, info in part.replaced.items()},
        }
        publish_file(self.folder / WORK / f"{part.entry.name}.json", canonical(body).encode())

    def write_replaced(self, part: str, segment: str, ordinals: NDArray[np.integer[Any]]) -> FileInfo:
        """Keep the ordinals of a segment that documents of a part replace."""
        path = self._replaced_file(part, segment)
        make_folder(path.parent)
        info = write_array(path, ordinals, "u4")
        sync_folder(path.parent)
        return info

    def read_replaced(self, part: Part, segment: str) -> NDArray[np.uint32]:
        """The ordinals of a segment that documents of a part replace."""
        if segment not in part.replaced:
            return np.empty(0, np.uint32)
        return open_array(self._replaced_file(part.entry.name, segment), "u4", part.replaced[segment])

    def discard(self) -> None:
        """Delete all unfinished work; the note about it goes last, so that a kill leaves it to be deleted again."""
        remove_tree(self.folder / WORK)
        unlink(self.folder / UNFINISHED)

    def _replaced_file(self, part: str, segment: str) -> Path:
        return self.folder / WORK / f"{part}-{segment}" / "replaced.bin"

    def _read_state(self) -> tuple[Command, object] | None:
        try:
            body = json.loads((self.folder / UNFINISHED).read_bytes())
            made = body["tokenizer"]
            command = Command(body["command"], body["fingerprint"], (made[0], made[1]) if made else None)
            return command, body["base"]
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None

    def _read_part(self, name: str) -> Part | None:
        try:
            body = json.loads((self.folder / WORK / f"{name}.json").read_bytes())
            following = body["following"]
            part = Part(
                segment_from_json(body["entry"], files=tuple(body["entry"]["files"])),
                (following[0], following[1]) if following else None,
                body["passed_over"],
                {segment: FileInfo(*info) for segment, info in body["replaced"].items()},
            )
            for segment in part.replaced:
                self.read_replaced(part, segment)
            folder = segment_folder(self.folder, name)
            files = part.entry.files
            whole = set(SEGMENT_FILES) - set(SORTED) <= set(files) and all(
                (folder / file).stat().st_size == info.bytes for file, info in files.items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, IndexDamagedError):
            return None
        return part if whole else None


def clean(folder: Path, manifest: Manifest | None, keep: Sequence[str] = ()) -> None:
    """Delete what crashed commands left: everything of ours that neither the manifest names nor `keep`, segment names.

    What a reader has mapped stays readable to it until it closes it.
    """
    entries = {entry.name: entry for entry in manifest.segments} if manifest else {}
    for path in _children(folder / SEGMENTS):
        if path.name in entries:
            removal = entries[path.name].removal
            for child in _children(path):
                if child.name.startswith("removals-") and (removal is None or child.name != removal.name):
                    remove_tree(child)
        elif path.name not in keep:
            remove_tree(path)
    for path in _children(folder):
        if path.name.endswith(".json.tmp"):
            unlink(path)


def clean_tokenizers(folder: Path, manifest: Manifest) -> None:
    """Delete the definitions of tokenizers that an index no longer uses."""
    for path in _children(folder):
        if path.name.startswith("tokenizer-") and path.name != manifest.tokenizer.file:
            unlink(path)


def is_ours(folder: Path) -> bool:
    """Whether a folder holds an index, unfinished work of ours, or nothing."""
    names = {path.name for path in folder.iterdir()}
    if MANIFEST in names:
        return True
    ours = {LOCK, WORK, SEGMENTS, VERIFIED, *(f"{name}.tmp" for name in (UNFINISHED, MANIFEST, VERIFIED)), UNFINISHED}
    return all(name in ours or (name.startswith("tokenizer-") and ".json" in name) for name in names)


def sync_segments(folder: Path) -> None:
    """Make the names of new segments durable, before a manifest names them."""
    sync_folder(folder / SEGMENTS)


def _identity(manifest: Manifest | None) -> str:
    # The number grows with every publication, so that one that changes nothing is still told apart.
    return f"{manifest.version}:{manifest.next_number}" if manifest else ""


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
