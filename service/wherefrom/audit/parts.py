"""Measured outputs on disk in parts, so that an audit that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wherefrom.audit.measuring import MeasuredOutput, Measuring
from wherefrom.audit.outputs import Output
from wherefrom.audit.tables import GENERATIONS, SPANS
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import IndexDamagedError, StorageError
from wherefrom_indexer.progress import Progress, Report

ROWS = 500
"""Outputs of a part: so many are measured again at most, and so many are held in memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is whole: its generations, its spans, and what its worst cases need."""

    folder: Path

    def generations(self) -> pa.Table:
        """See `tables.GENERATIONS`."""
        return pq.read_table(self.folder / "generations.parquet")

    def spans(self) -> pa.Table:
        """See `tables.SPANS`."""
        return pq.read_table(self.folder / "spans.parquet")

    def worst(self) -> list[dict[str, Any]]:
        """The outputs with most matched characters."""
        found: list[dict[str, Any]] = json.loads((self.folder / "worst.json").read_text(encoding="utf-8"))
        return found


class Parts:
    """The parts of one set of outputs, in a folder that nothing else uses."""

    def __init__(self, folder: Path, run: Mapping[str, Any]) -> None:
        """Take up the parts of the same run (`run`: what the measures depend on), or begin anew."""
        self._folder = folder
        with writing(folder):
            known = folder / "run.json"
            wanted = json.dumps(run, sort_keys=True)
            if not known.is_file() or known.read_text(encoding="utf-8") != wanted:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                known.write_text(wanted, encoding="utf-8")

    def measure(
        self,
        tracer: Tracer,
        outputs: Iterable[Output],
        measuring: Measuring,
        processes: int,
        report: Report,
        stage: str,
    ) -> list[Part]:
        """Measure the outputs of which there is no part yet; a part of other outputs than now is made anew."""
        waiting: deque[tuple[int, str, int]] = deque()
        parts: list[Part] = []
        done = 0

        def missing() -> Iterator[Output]:
            nonlocal done
            remaining = iter(outputs)
            while chunk := list(islice(remaining, ROWS)):
                part, digest = Part(self._folder / f"{len(parts):08}"), _digest(chunk)
                if _is_whole(part, digest):
                    done += len(chunk)
                    report(Progress(stage, done, None, "outputs"))
                else:
                    waiting.append((len(parts), digest, len(chunk)))
                parts.append(part)
                if waiting and waiting[-1][0] == len(parts) - 1:
                    yield from chunk

        measured: list[MeasuredOutput] = []
        for each in _measured(tracer, measuring, missing(), processes):
            measured.append(each)
            done += 1
            report(Progress(stage, done, None, "outputs"))
            number, digest, size = waiting[0]
            if len(measured) == size:
                with writing(self._folder):
                    _write(parts[number], digest, measured, measuring.parameters.worst)
                waiting.popleft()
                measured = []
        return parts

    def remove(self) -> None:
        """Throw all parts away."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell in one sentence what the operating system refused."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror or error}.") from error


def _measured(
    tracer: Tracer, measuring: Measuring, outputs: Iterator[Output], processes: int
) -> Iterator[MeasuredOutput]:
    """Measure outputs in their order.

    Processes open the indexes by themselves. Where one was changed just before, the version that this process holds
    open is used all the same, by this process alone; where one is damaged, that is met again.
    """
    waiting: deque[Output] = deque()

    def handed_out() -> Iterator[Output]:
        for output in outputs:
            waiting.append(output)
            yield output

    try:
        for measured in tracer.map(measuring, handed_out(), processes):
            waiting.popleft()
            yield measured
    except IndexDamagedError:
        if processes == 1:
            raise
        yield from tracer.map(measuring, chain(waiting, outputs), 1)


def _digest(outputs: Sequence[Output]) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for output in outputs:
        whole.update(repr(output).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _is_whole(part: Part, digest: str) -> bool:
    try:
        return (part.folder / "digest").read_text(encoding="utf-8") == digest
    except OSError:
        return False


def _write(part: Part, digest: str, measured: Sequence[MeasuredOutput], worst: int) -> None:
    """Write a part; the digest comes last, so that a part with one is whole."""
    shutil.rmtree(part.folder, ignore_errors=True)
    part.folder.mkdir(parents=True)
    rows = [each.row for each in measured]
    spans = [span for each in measured for span in each.spans]
    shown = [each.shown for each in measured if each.shown is not None]
    shown.sort(key=lambda each: (-matched_characters(each), each["line"]))
    pq.write_table(pa.Table.from_pylist(rows, schema=GENERATIONS), part.folder / "generations.parquet")
    pq.write_table(pa.Table.from_pylist(spans, schema=SPANS), part.folder / "spans.parquet")
    (part.folder / "worst.json").write_text(json.dumps(shown[:worst]), encoding="utf-8")
    (part.folder / "digest").write_text(digest, encoding="utf-8")


def matched_characters(shown: Mapping[str, Any]) -> int:
    """By what outputs are shown as the worst: characters in long passages."""
    characters = reached = 0
    for passage in shown["passages"]:
        characters += max(0, passage["end"] - max(passage["start"], reached))
        reached = max(reached, passage["end"])
    return characters
