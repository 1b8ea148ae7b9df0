"""The records of documents (id, metadata, text where tokens do not spell it) in blocks of compressed JSON lines."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from wherefrom_indexer.array_file import ArrayWriter, open_array, write_array
from wherefrom_indexer.errors import IndexDamagedError, SourceError
from wherefrom_indexer.files import FileInfo

BLOCK_DOCUMENTS = 64
BLOCK_BYTES = 64 * 1024
_LEVEL = 3

HELD_BYTES = 4 * 1024 * 1024
"""Bytes of decompressed blocks that a table of records holds, at least one block."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a segment holds of a document beside its tokens. `text` is None where the tokens spell the text."""

    id: str
    metadata: Mapping[str, Any]
    text: str | None


_WITHOUT_TEXT = b"null]"
_DECODER = json.JSONDecoder()
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
# `JSONEncoder.encode` makes such an encoder anew for each value, which takes as long as to encode a short record. Where
# this one gives up (it does not see values that hold themselves) the other one says what is wrong.
_QUICK_ENCODER = getattr(json.encoder, "c_make_encoder", lambda *options: None)(
    None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", False, False, False
)
_ASCII_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def encode_record(record: Record) -> bytes:
    """A record as one JSON line without its line end; SourceError where its metadata are not JSON."""
    return _encoded((record.id, record.metadata, record.text))


def encode_textless(identifier: str, metadata: Mapping[str, Any]) -> bytes:
    """As `encode_record`, for a record without a text."""
    return _encoded((identifier, metadata, None))


def _encoded(row: tuple[str, Mapping[str, Any], str | None]) -> bytes:
    if _QUICK_ENCODER is not None:
        try:
            return "".join(_QUICK_ENCODER(row, 0)).encode("utf-8")
        except (ValueError, TypeError, RecursionError):
            pass
    try:
        try:
            return _ENCODER.encode(row).encode("utf-8")
        except UnicodeEncodeError:
            return _ASCII_ENCODER.encode(row).encode("utf-8")  # lone surrogates, which only escapes can write
    except (ValueError, TypeError, RecursionError) as error:
        raise SourceError(f"its metadata cannot be written as JSON ({error})") from error


def with_text(line: bytes, text: str) -> bytes:
    """The line of a record that has no text, with one."""
    return line.removesuffix(_WITHOUT_TEXT) + _ENCODER.encode(text).encode("utf-8") + b"]"


def decode_record(line: bytes) -> Record:
    """The reverse of `encode_record`; ValueError where the line is none."""
    row = _DECODER.decode(line.decode("utf-8"))
    if not (isinstance(row, list) and len(row) == 3):
        raise ValueError("a record is not a list of three")
    identifier, metadata, text = row
    if not (isinstance(identifier, str) and isinstance(metadata, dict) and (text is None or isinstance(text, str))):
        raise ValueError("a record does not hold an id, metadata and a text")
    return Record(identifier, metadata, text)


def decode_block(data: bytes | memoryview, raw_size: int) -> bytes:
    """The record lines of one compressed block, joined by newlines; ValueError where it is damaged."""
    try:
        # The frame's own size is compared before anything of that size is allocated.
        if zstandard.get_frame_parameters(data).content_size != raw_size:
            raise ValueError("a block is not as large as the table says")
        return zstandard.ZstdDecompressor().decompress(data)
    except (zstandard.ZstdError, MemoryError) as error:
        raise ValueError(str(error)) from error


def _line_of(raw: bytes, place: int) -> bytes:
    return raw.split(b"\n", place + 1)[place]


class RecordWriter:
    """Streams record lines into compressed blocks; memory: one open block and the table, 24 bytes a block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = ArrayWriter(folder / "records.bin", "u1")
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
        self._lines: list[bytes] = []
        self._open_bytes = 0
        self._documents = 0
        self._firsts = array("Q")
        self._offsets = array("Q")
        self._sizes = array("Q")

    def extend(self, lines: Sequence[bytes]) -> None:
        """Append records."""
        for line in lines:
            if self._lines and self._open_bytes + len(line) > BLOCK_BYTES:
                self._close_block()
            self._lines.append(line)
            self._open_bytes += len(line) + 1
            self._documents += 1
            if len(self._lines) == BLOCK_DOCUMENTS:
                self._close_block()

    def line(self, ordinal: int) -> bytes:
        """A record already appended: from the open block, or read back."""
        first = self._documents - len(self._lines)
        if ordinal >= first:
            return self._lines[ordinal - first]
        self._file.flush()
        block = bisect_right(self._firsts, ordinal) - 1
        end = self._offsets[block + 1] if block + 1 < len(self._offsets) else self._file.count
        data = open_array(self._file.path, "u1")[self._offsets[block] : end].data
        return _line_of(decode_block(data, self._sizes[block]), ordinal - self._firsts[block])

    def finish(self) -> dict[str, FileInfo]:
        """Write out and sync both files."""
        if self._lines:
            self._close_block()
        table = np.array([self._firsts, self._offsets, self._sizes], np.uint64)
        return {
            "records.bin": self._file.finish(),
            "record_blocks.bin": write_array(self._folder / "record_blocks.bin", table, "u8"),
        }

    def close(self) -> None:
        """Close without writing out."""
        self._file.close()

    def _close_block(self) -> None:
        raw = b"\n".join(self._lines)
        self._firsts.append(self._documents - len(self._lines))
        self._offsets.append(self._file.count)
        self._sizes.append(len(raw))
        self._file.append(self._compressor.compress(raw))
        self._lines = []
        self._open_bytes = 0


class RecordTable:
    """Reads records by ordinal. Holds the blocks last read: a trace reads twenty records, traces often the same ones.

    May be used by many threads at once.
    """

    def __init__(self, folder: Path, data: NDArray[np.uint8], blocks: NDArray[np.uint64], n_documents: int) -> None:
        self._path = folder / "records.bin"
        self._data = data
        if len(blocks) % 3:
            raise IndexDamagedError(f"{folder / 'record_blocks.bin'} is not a table of blocks: restore the file.")
        self._firsts, self._offsets, self._sizes = blocks.reshape(3, -1)
        self._n_documents = n_documents
        self._held: dict[int, bytes] = {}
        self._held_bytes = 0
        self._lock = Lock()

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self._firsts)

    def record(self, ordinal: int) -> Record:
        """The record of a document; IndexDamagedError where it cannot be read."""
        try:
            return decode_record(self.line(ordinal))
        except (ValueError, RecursionError) as error:
            raise self._damaged(ordinal, error) from error

    def line(self, ordinal: int) -> bytes:
        """The record of a document as its JSON line; IndexDamagedError where it cannot be read."""
        block = int(self._firsts.searchsorted(np.uint64(max(ordinal, 0)), side="right")) - 1
        if not (0 <= ordinal < self._n_documents and 0 <= block < self.n_blocks):
            raise self._damaged(ordinal, "the table of blocks lacks it")
        raw = self._held.get(block)
        if raw is None:
            raw = self._read(block)
            self._hold(block, raw)
        # Firsts are in order where `ordinal` was found, and `_read` saw that the block has a line for it.
        return _line_of(raw, ordinal - int(self._firsts[block]))

    def _read(self, block: int) -> bytes:
        """The lines of a block; IndexDamagedError where it cannot be read."""
        first, start = int(self._firsts[block]), int(self._offsets[block])
        last = block + 1 == self.n_blocks
        end = len(self._data) if last else int(self._offsets[block + 1])
        expected = (self._n_documents if last else int(self._firsts[block + 1])) - first
        if not 0 <= start < end <= len(self._data):
            raise self._damaged(first, "the table of blocks is out of order")
        try:
            raw = decode_block(self._data[start:end].data, int(self._sizes[block]))
        except ValueError as error:
            raise self._damaged(first, error) from error
        lines = raw.count(b"\n") + 1
        if lines != expected:
            raise self._damaged(first, f"its block holds {lines} records instead of {expected}")
        return raw

    def _hold(self, block: int, raw: bytes) -> None:
        """Hold a block, and let go of those that were read longest ago."""
        with self._lock:
            if block not in self._held:
                self._held[block] = raw
                self._held_bytes += len(raw)
            while self._held_bytes > HELD_BYTES and len(self._held) > 1:
                self._held_bytes -= len(self._held.pop(next(iter(self._held))))

    def _damaged(self, ordinal: int, cause: object) -> IndexDamagedError:
        return IndexDamagedError(
            f"{self._path} is damaged at the record of document {ordinal:,} ({cause}): restore the file, "
            "and let `verify` look for more."
        )
