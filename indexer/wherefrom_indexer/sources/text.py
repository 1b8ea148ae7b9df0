"""Plain text: every file of a folder, or one file, is a document."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.base import RecordError, RecordSource, Row, SourceOptions, file_state, unreadable
from wherefrom_indexer.sources.files import BYTE_ORDER_MARK, READ_ERRORS, decode, open_bytes, read_all
from wherefrom_indexer.tokenization import clean_text


class TextSource(RecordSource):
    """Files, and all files below folders but hidden ones, in the order of their names; metadata hold the `path`."""

    def __init__(self, name: str, options: SourceOptions, roots: Sequence[Path]) -> None:
        super().__init__(name, replace(options, text_field="text"))
        self.roots = list(roots)
        self._bytes_read = 0
        digest, total = hashlib.blake2b(digest_size=16), 0
        for path, _ in self._files():
            state = file_state(path)
            total += state[1]
            digest.update(repr(state).encode("utf-8", errors="surrogateescape"))
        self.total_bytes = total
        self._files_digest = digest.hexdigest()

    @property
    def bytes_read(self) -> int:
        """The size of the files read so far."""
        return self._bytes_read

    def fingerprint(self) -> str:
        """Return a digest of the files' paths, sizes and times, as they were at opening, and of the options."""
        return self._digest(self._files_digest)

    def _rows(self, skip: int) -> Iterator[Row]:
        self._bytes_read = 0
        for number, (path, name) in enumerate(self._files()):
            if number >= skip:
                yield Row(str(path), (path, name))
            self._bytes_read += file_state(path)[1]

    def _fields(self, content: object) -> Mapping[str, object]:
        path, name = cast(tuple[Path, str], content)
        try:
            with open_bytes(path) as (stream, _):
                text = decode(read_all(stream).removeprefix(BYTE_ORDER_MARK))
        except READ_ERRORS as error:
            raise RecordError(str(unreadable("it", error))) from error
        return {"text": text, "path": name}

    def _files(self) -> Iterator[tuple[Path, str]]:
        """Yield all files with what metadata call them: a path within the folder, or as it was given."""
        for root in self.roots:
            for path in walk(root):
                name = path.relative_to(root) if path != root else path if len(self.roots) > 1 else path.name
                yield path, clean_text(str(name))


def walk(root: Path) -> Iterator[Path]:
    """Yield a file itself, or the regular files below a folder, by name, hidden files and folders left out."""
    if not root.is_dir():
        yield root
        return

    def stop(error: OSError) -> None:
        raise SourceError(f"{error.filename} cannot be read: {error.strerror}") from error

    for folder, inner, names in os.walk(root, onerror=stop):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield path
