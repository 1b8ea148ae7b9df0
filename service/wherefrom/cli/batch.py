"""Many texts traced at once: JSONL in, JSONL out, in the same order."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from wherefrom.cli.output import to_json, whole_file
from wherefrom_indexer.errors import UsageError, WherefromError
from wherefrom_indexer.progress import Progress, Report, silent

if TYPE_CHECKING:
    from wherefrom.tracer import Tracer


@dataclass(slots=True)
class Totals:
    """Records read, and those of them that failed."""

    records: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """Traces one line; a lone failure becomes part of the result."""

    preset: str
    options: dict[str, Any]

    def __call__(self, tracer: Tracer, numbered: tuple[int, bytes]) -> Traced:
        """Returns `{line, id, text, prompt, provenance}`, or `{line, id, error}` if the record cannot be traced."""
        number, line = numbered
        result: dict[str, Any] = {"line": number}
        try:
            record = _record(line)
            result["id"] = record.get("id")
            text, prompt = _string(record, "text"), _string(record, "prompt", required=False)
            provenance = tracer.trace(text, prompt=prompt, preset=self.preset, **self.options)
        except WherefromError as error:
            result["error"] = {"type": type(error).__name__, "message": str(error)}
        else:
            result["text"] = text
            if prompt is not None:
                result["prompt"] = prompt
            result["provenance"] = provenance.to_dict()
        return Traced(to_json(result).encode("utf-8") + b"\n", "error" in result, len(line))


@dataclass(frozen=True, slots=True)
class Traced:
    """What became of a line: the line of the result, whether it holds an error, and the bytes that the line had."""

    line: bytes
    failed: bool
    length: int


def trace_lines(
    tracer: Tracer,
    source: str,
    target: str,
    threads: int,
    preset: str,
    options: dict[str, Any],
    report: Report = silent,
) -> Totals:
    """Traces every record of the JSONL file `source` into `target`, which appears when it is whole.

    Raises:
        UsageError: `source` cannot be read.
        StorageError: `target` cannot be written, or a process ended before its work was done.
    """
    job = Job(preset, options)
    totals = Totals()
    with _opened(source) as lines, whole_file(target) as file:
        size = None if source == "-" else os.fstat(lines.fileno()).st_size
        done = 0
        for traced in tracer.map(job, _numbered(lines, source), threads):
            file.write(traced.line)
            totals.records += 1
            totals.failed += traced.failed
            done += traced.length
            report(Progress("trace", done, size, "bytes"))
    return totals


def _opened(source: str) -> AbstractContextManager[IO[bytes]]:
    if source == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror or error}.") from error


def _numbered(lines: IO[bytes], source: str) -> Iterator[tuple[int, bytes]]:
    """Yields the lines that hold anything, with their numbers from 1."""
    number = 0
    while True:
        try:
            line = lines.readline()
        except OSError as error:
            raise UsageError(f"Cannot read {source} after line {number:,}: {error.strerror or error}.") from error
        if not line:
            return
        number += 1
        if line.strip():
            yield number, line


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"The line is not UTF-8 text (byte {error.start + 1:,}).") from error
    except json.JSONDecodeError as error:
        raise UsageError(f"The line is not JSON: {error.msg} at column {error.colno:,}.") from error
    except (ValueError, RecursionError) as error:  # a number too long, arrays too deep
        raise UsageError(f"The line is JSON beyond what can be read: {error}.") from error
    if not isinstance(record, dict):
        raise UsageError("The line is not a JSON object; it needs a field text.")
    return record


def _string(record: dict[str, Any], name: str, *, required: bool = True) -> Any:
    value = record.get(name)
    if value is None and not required:
        return None
    if value is None:
        raise UsageError(f"The record has no field {name}; its fields are {', '.join(map(str, record)) or 'none'}.")
    if not isinstance(value, str):
        raise UsageError(f"The field {name} is not a string but {type(value).__name__}.")
    return value
