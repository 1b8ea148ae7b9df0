"""Files of text, compressed or not, read as a stream of bytes; and sources that are a sequence of files."""

from __future__ import annotations

import gzip
import io
import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from wherefrom_indexer.sources.base import RecordError, RecordSource, Row, SourceOptions, file_state, unreadable

MAX_RECORD_BYTES = 1 << 28
"""The longest line or text file that is read as one document: a file without line ends must not fill the memory."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

READ_ERRORS = (OSError, EOFError, zlib.error, pa.ArrowException)
"""What reading a damaged or vanished file may raise."""

_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
# Frames of data, and skippable frames, of which the lowest four bits are free.
_ZSTANDARD = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 | low]) + b"\x2a\x4d\x18" for low in range(16)))


class FileSource(RecordSource):
    """Records that stand in files, read one file after another."""

    def __init__(self, name: str, options: SourceOptions, paths: Sequence[Path]) -> None:
        super().__init__(name, options)
        self.paths = list(paths)
        self.total_bytes = sum(file_state(path)[1] for path in self.paths)
        self._finished_bytes = 0
        self._position: Callable[[], int] | None = None

    @property
    def bytes_read(self) -> int:
        """How far `documents` got, in bytes of the files."""
        position = self._position
        return self._finished_bytes + (position() if position else 0)

    def fingerprint(self) -> str:
        """Return a digest of the files' paths, sizes and times, and of the options."""
        return self._digest([file_state(path) for path in self.paths])

    def _rows(self, skip: int) -> Iterator[Row]:
        self._finished_bytes = 0
        for path in self.paths:
            try:
                for row in self._rows_of(path, skip):
                    if skip:
                        skip -= 1
                    else:
                        yield row
                self._position = None
                self._finished_bytes += path.stat().st_size
            except READ_ERRORS as error:
                raise unreadable(path, error) from error
            finally:
                self._position = None

    @abstractmethod
    def _rows_of(self, path: Path, skip: int) -> Iterator[Row]:
        """Yield all records of a file; of the first `skip` only their number matters."""


@contextmanager
def open_bytes(path: Path) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """Open a file, decompressed if it begins as gzip or Zstandard does; gives the stream and the place in the file."""
    # With the usual buffer of 8 KiB, a line of a usual length is put together from several.
    with open(path, "rb", buffering=_BUFFER_BYTES) as file:
        position = 0

        def tell() -> int:
            # A progress display may ask after the file was closed.
            nonlocal position
            if not file.closed:
                position = file.tell()
            return position

        head = file.read(4)
        file.seek(0)
        if head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=file) as stream:
                yield cast(IO[bytes], stream), tell
        elif head in _ZSTANDARD:
            # Not the `zstandard` package: its reader takes a file that was cut off for a whole one.
            with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
                yield cast(IO[bytes], io.BufferedReader(stream, buffer_size=1 << 17)), tell
        else:
            yield file, tell


def read_all(stream: IO[bytes]) -> bytes:
    """Return the rest of a stream; raises RecordError if it is longer than a record may be."""
    content = stream.read(MAX_RECORD_BYTES + 1)
    if len(content) > MAX_RECORD_BYTES:
        raise RecordError(too_long())
    return content


def too_long() -> str:
    """Return the reason for which a record of more than `MAX_RECORD_BYTES` is refused."""
    return f"it is longer than {MAX_RECORD_BYTES >> 20} MiB, the most that is read as one document"


def decode(content: bytes) -> str:
    """Return the text of bytes; raises RecordError if they are not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"it is not UTF-8 text (byte {error.start + 1})") from error
