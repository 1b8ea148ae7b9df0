"""The indexes that are served, by name: which version is current, and whether its files are as they should be.

Reads manifests and sizes only, never what is mapped: a file truncated under a map ends the process that reads it, so
only search processes do.
"""

from __future__ import annotations

import itertools
import pickle
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wherefrom.errors import NotFoundError
from wherefrom_indexer.errors import IndexDamagedError, IndexNotFoundError, WherefromError
from wherefrom_indexer.files import FileInfo
from wherefrom_indexer.manifest import MANIFEST, Manifest, read_manifest
from wherefrom_indexer.segment import segment_folder
from wherefrom_indexer.verification import Verification, read_verification

POLL_S = 1.0
"""Seconds between looks at the manifests."""

_CHECKED_EVERY = 5
"""Looks after which the sizes of all files are compared again, and damaged indexes are tried again."""

_numbers = itertools.count(1)


class IndexStatus(StrEnum):
    """What is known of an index's folder."""

    OK = "ok"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """One version of an index, to be opened by search processes.

    Attributes:
        number: no other opening has it, so that files that were restored are opened anew.
        packed: (name, path, manifest) pickled, made once, since every job carries it.
    """

    name: str
    path: Path
    manifest: Manifest
    version: str
    number: int
    packed: bytes

    @classmethod
    def of(cls, name: str, path: Path, manifest: Manifest) -> Opening:
        """An opening with a number of its own."""
        packed = pickle.dumps((name, path, manifest), pickle.HIGHEST_PROTOCOL)
        return cls(name, path, manifest, manifest.version, next(_numbers), packed)


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index as clients see it.

    Attributes:
        manifest: of the version that is served, or of the last one that was; None: there never was one.
        status, reason: of its folder; the reason is empty where all is well, and names no path.
        serving: whether it is searched: one whose folder was unlinked serves on.
        verified: what `verify` last found, in whichever version; None: nobody noted that.
    """

    name: str
    manifest: Manifest | None
    status: IndexStatus
    reason: str
    serving: bool
    verified: Verification | None = None

    @property
    def version(self) -> str | None:
        """The version that is served."""
        return self.manifest.version if self.manifest else None


@dataclass(slots=True)
class _Watched:
    """An index that is watched; `seen` tells one manifest file from the next, `refused` files that no search process
    could use from others."""

    name: str
    path: Path
    opening: Opening | None = None
    status: IndexStatus = IndexStatus.MISSING
    reason: str = "it was not looked at yet"
    serving: bool = False
    seen: tuple[int, int, int] | None = None
    refused: int | None = None
    verified: Verification | None = None


class IndexRegistry:
    """The indexes by name, each with its current version.

    May be used by many threads at once. Nothing here raises because an index is damaged or missing, except where that
    index is asked for.
    """

    def __init__(self, paths: Mapping[str, str | Path], poll_s: float = POLL_S) -> None:
        """Read the manifests; `start` watches them from then on."""
        self._lock = threading.Lock()
        self._poll_s = poll_s
        self._watched = {name: _Watched(name, Path(path)) for name, path in paths.items()}
        self._changes = 0
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        for watched in self._watched.values():
            self._look(watched, thoroughly=True)

    @property
    def changes(self) -> int:
        """A number that grows whenever another version is served."""
        return self._changes

    def start(self) -> None:
        """Watch the manifests until `close`."""
        self._thread = threading.Thread(target=self._watch, name="index-registry", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def names(self) -> tuple[str, ...]:
        """All names, whatever the state of the indexes."""
        return tuple(self._watched)

    def indexes(self) -> tuple[IndexState, ...]:
        """All indexes as they are now."""
        with self._lock:
            return tuple(
                IndexState(
                    watched.name,
                    watched.opening.manifest if watched.opening else None,
                    watched.status,
                    watched.reason,
                    watched.serving,
                    watched.verified,
                )
                for watched in self._watched.values()
            )

    def serving(self) -> tuple[Opening, ...]:
        """The current version of every index that is served."""
        with self._lock:
            return tuple(each.opening for each in self._watched.values() if each.serving and each.opening)

    def current(self, names: Sequence[str] = ()) -> tuple[Opening, ...]:
        """The current versions of some indexes; without names, of all that are served.

        Raises:
            NotFoundError: an index of that name is not served here.
            IndexDamagedError: it is, and cannot be searched; or none can.
        """
        if not names:
            openings = self.serving()
            if not openings:
                raise IndexDamagedError("No index can be searched: GET /v1/indexes tells why.")
            return openings
        with self._lock:
            return tuple(self._opening(name) for name in dict.fromkeys(names))

    def check(self) -> None:
        """Look at every index thoroughly, now."""
        for watched in self._watched.values():
            self._look(watched, thoroughly=True)

    def damaged(self, opening: Opening, reason: str, *, serving: bool) -> None:
        """Take note of damage that a search process met; `serving`: whether it may be searched on."""
        with self._lock:
            watched = self._watched.get(opening.name)
            if watched is None or watched.opening is not opening:
                return
            if serving and watched.status is IndexStatus.MISSING:
                return
            watched.status, watched.reason = IndexStatus.DAMAGED, reason
            watched.serving = watched.serving and serving
            if not serving:
                watched.refused = _fingerprint(_files(watched.path, opening.manifest))

    def _opening(self, name: str) -> Opening:
        watched = self._watched.get(name)
        if watched is None:
            raise unknown_index(name, self._watched)
        if watched.opening is None or not watched.serving:
            raise IndexDamagedError(f"The index {name!r} cannot be searched: {watched.reason}.")
        return watched.opening

    def _watch(self) -> None:
        for look in itertools.count(1):
            if self._closed.wait(self._poll_s):
                return
            for watched in self._watched.values():
                self._look(watched, thoroughly=look % _CHECKED_EVERY == 0)

    def _look(self, watched: _Watched, *, thoroughly: bool) -> None:
        """Compare an index's folder with what is known of it."""
        if thoroughly:
            watched.verified = read_verification(watched.path)
        try:
            seen = _identity(watched.path / MANIFEST)
            if seen == watched.seen and not thoroughly:
                return
            manifest = read_manifest(watched.path)
        except IndexNotFoundError:
            self._lost(watched)
        except WherefromError as error:
            self._unreadable(watched, _without_path(str(error), watched.path))
        else:
            self._found(watched, seen, manifest)

    def _lost(self, watched: _Watched) -> None:
        with self._lock:
            watched.seen = None
            watched.status = IndexStatus.MISSING
            watched.reason = "its folder holds no index" + (
                " any more; what was opened is searched on" if watched.serving else ""
            )

    def _unreadable(self, watched: _Watched, reason: str) -> None:
        with self._lock:
            watched.seen = None
            watched.status, watched.reason = IndexStatus.DAMAGED, reason

    def _found(self, watched: _Watched, seen: tuple[int, int, int], manifest: Manifest) -> None:
        files = list(_files(watched.path, manifest))
        wrong = next(filter(None, (file.wrong() for file in files)), "")
        with self._lock:
            watched.seen = seen
            known = watched.opening
            if wrong:
                watched.status, watched.reason = IndexStatus.DAMAGED, wrong
                if known is None:
                    watched.opening = Opening.of(watched.name, watched.path, manifest)
                # What was unlinked stays readable where it is mapped; what was cut off does not.
                elif any(file.cut_off() for file in _files(watched.path, known.manifest)):
                    watched.serving = False
                return
            unchanged = known is not None and known.manifest == manifest and watched.serving
            if unchanged and watched.status is not IndexStatus.MISSING:
                return  # damage that is told of by a search stays until another version comes
            if watched.refused is not None and watched.refused == _fingerprint(files):
                return
            watched.refused = None
            watched.opening = Opening.of(watched.name, watched.path, manifest)
            watched.status, watched.reason, watched.serving = IndexStatus.OK, "", True
            self._changes += 1


@dataclass(frozen=True, slots=True)
class _File:
    """A file as a manifest describes it; `label` is what clients may know of its path."""

    path: Path
    label: str
    info: FileInfo

    def wrong(self) -> str:
        """What is wrong with its size; empty: nothing."""
        size = self._size()
        if size == self.info.bytes:
            return ""
        if size is None:
            return f"{self.label} is missing; restore it, or build the index again"
        return f"{self.label} has {size:,} bytes instead of {self.info.bytes:,}; restore it, or build the index again"

    def cut_off(self) -> bool:
        """Whether it is there and shorter than it should be."""
        size = self._size()
        return size is not None and size < self.info.bytes

    def identity(self) -> tuple[int, ...]:
        """What changes when the file does; nothing where it is not there."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _size(self) -> int | None:
        found = self.identity()
        return found[1] if found else None


def _files(folder: Path, manifest: Manifest) -> Iterator[_File]:
    """All files that a manifest names."""
    yield _File(folder / manifest.tokenizer.file, manifest.tokenizer.file, manifest.tokenizer.info)
    for segment in manifest.segments:
        files = dict(segment.files)
        if segment.removal:
            files |= {f"{segment.removal.name}/{name}": info for name, info in segment.removal.files.items()}
        for name, info in files.items():
            path = segment_folder(folder, segment.name) / name
            yield _File(path, f"segments/{segment.name}/{name}", info)


def _fingerprint(files: Iterable[_File]) -> int:
    """What changes when any of the files does."""
    return hash(tuple(file.identity() for file in files))


def unknown_index(name: str, names: Iterable[str]) -> NotFoundError:
    """The error of whoever asks for an index that is not there."""
    known = ", ".join(map(repr, names)) or "none"
    return NotFoundError(f"There is no index named {name!r} here; the indexes are: {known}.")


def _identity(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise IndexNotFoundError(f"{path} cannot be found.") from error
    return found.st_ino, found.st_size, found.st_mtime_ns


def _without_path(message: str, path: Path) -> str:
    """The sentence for people who have no business with the server's folders."""
    return message.replace(f"{path}/", "").replace(str(path), "it").removesuffix(".")
