"""JSON Lines: one JSON object a line, plain or compressed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from wherefrom_indexer.sources import files
from wherefrom_indexer.sources.base import RecordError, Row
from wherefrom_indexer.sources.files import BYTE_ORDER_MARK, FileSource, decode, open_bytes, too_long

# NaN and Infinity, which JSON lacks but some writers write, come back by their names.
_DECODER = json.JSONDecoder(parse_constant=str)
_LINE_ENDS = ("\n", "\r\n", "")
_scan = _DECODER.scan_once  # type: ignore[attr-defined]


class JsonLinesSource(FileSource):
    """Files of JSON objects, one a line; blank lines are passed over but counted."""

    def _rows_of(self, path: Path, skip: int) -> Iterator[Row]:
        with open_bytes(path) as (stream, position):
            self._position = position
            name = str(path)  # once: a Path takes as long to be written as a line to be read
            for number, line in enumerate(_lines(stream), start=1):
                if number == 1 and line is not None:
                    line = line.removeprefix(BYTE_ORDER_MARK)
                if line is None or (line and not line.isspace()):
                    yield Row(f"{name}:{number}", line)

    def _fields(self, content: object) -> Mapping[str, object]:
        if not isinstance(content, bytes):
            raise RecordError(too_long())
        try:
            record = _parse(decode(content))
        except json.JSONDecodeError as error:
            raise RecordError(f"it is not JSON: {error.msg} (column {error.colno})") from error
        except (RecursionError, ValueError) as error:
            raise RecordError(f"it cannot be read as JSON: {error}") from error
        if not isinstance(record, dict):
            raise RecordError(f"a JSON object is expected, not a {type(record).__name__}")
        return record


def _parse(text: str) -> object:
    # What `decode` does about the scanner (it looks for blanks, in Python) takes a third as long as the scanner itself.
    try:
        record, end = _scan(text, 0)
        if text[end:] in _LINE_ENDS:
            return record
    except (StopIteration, json.JSONDecodeError):
        pass
    return _DECODER.decode(text.rstrip(" \t\n\r\v\f"))


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the lines of a stream; None stands for one that is too long to be read."""
    while line := stream.readline(files.MAX_RECORD_BYTES + 1):
        if len(line) <= files.MAX_RECORD_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(files.MAX_RECORD_BYTES)
        yield None
