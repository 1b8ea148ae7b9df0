"""An audit from its outputs to its report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wherefrom.audit.figures import Figures
from wherefrom.audit.findings import find_in, kinds_looked_for, masked
from wherefrom.audit.joining import Joined, join
from wherefrom.audit.measuring import MEASURED, Measuring
from wherefrom.audit.outputs import Output
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.parts import Parts, writing
from wherefrom.audit.remarks import limits_of, notes_of
from wherefrom.audit.summary import AuditReport, Group
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.progress import Report, silent

GENERATIONS_FILE, SPANS_FILE, REPORT_FILE = "generations.parquet", "spans.parquet", "report.json"
BASELINE = "baseline"

MOST_GROUPS = 50
"""Groups of a field that a report tells, the largest ones; the others are one together."""

OTHERS = "(other values)"


def audit(
    tracer: Tracer,
    outputs: Iterable[Output],
    parameters: AuditParameters,
    folder: Path,
    baseline: Iterable[Output] | None = None,
    processes: int = 1,
    progress: Report = silent,
    command: str = "",
    created: str | None = None,
) -> AuditReport:
    """Measure outputs, and write generations.parquet, spans.parquet and report.json into a folder.

    The baseline's tables are called baseline_generations.parquet and baseline_spans.parquet. Memory does not grow with
    the number of outputs. What was measured when an audit was interrupted is taken up by the next one into the same
    folder, as far as outputs, parameters and indexes are the same.

    Args:
        tracer: the opened indexes; their versions are used to the end.
        outputs: read once, in order; see `read_outputs`.
        parameters: what is measured, and how.
        folder: is made if it is not there.
        baseline: a comparison set: human text, another model, held-out text.
        processes: how many measure; more than one needs a guarded main module, as for `multiprocessing`.
        progress: is told how many outputs are measured, stages "measure" and "measure baseline".
        command: the command line, for the report.
        created: the date for the report; None: today's.

    Raises:
        UsageError: the outputs cannot be read, or there are none.
        StorageError: the folder cannot be written, or a process ended before its work was done.
        IndexDamagedError: damage was met, or an index was changed while processes started.
    """
    folder = Path(folder)
    outputs = _some(outputs, "outputs")
    baseline = None if baseline is None else _some(baseline, "texts in the baseline")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    run = _Run(tracer, parameters, folder, processes, progress)
    own = run.measured("", outputs)
    other = None if baseline is None else run.measured(f"{BASELINE}_", baseline)
    report = AuditReport(
        created=created or datetime.now(tz=UTC).date().isoformat(),
        command=command,
        indexes=tuple(
            {"name": each.name, "version": each.version, "documents": each.documents, "tokens": each.tokens}
            for each in tracer.indexes
        ),
        parameters=parameters.to_dict(),
        counts=own.joined.counts(),
        overall=own.overall.group(),
        baseline_counts=None if other is None else other.joined.counts(),
        baseline=None if other is None else other.overall.group(),
        differences=() if other is None else tuple(own.overall.differences(other.overall)),
        groups=own.groups,
        worst=tuple(_shown(each, hide=parameters.findings) for each in own.joined.worst),
        sources=own.joined.sources,
        findings=tuple(
            {"kind": kind, "count": count, "outputs": outputs}
            for kind, (count, outputs) in sorted(own.joined.findings.items())
        ),
        distinct_documents=own.joined.documents,
        notes=notes_of(own.joined, None if other is None else other.joined, parameters, kinds_looked_for()),
        limits=limits_of(parameters, indexes=len(tracer.indexes)),
    )
    write_report(report, folder)
    run.end()
    return report


def write_report(report: AuditReport, folder: Path) -> None:
    """Write report.json: UTF-8, one value a line, keys in their order.

    Raises:
        StorageError: it cannot be written.
    """
    text = json.dumps(report.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    with writing(folder / REPORT_FILE):
        (folder / REPORT_FILE).write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of outputs, measured."""

    joined: Joined
    overall: Figures
    groups: dict[str, tuple[Group, ...]]


class _Run:
    """One run of an audit over one or two sets of outputs."""

    def __init__(
        self, tracer: Tracer, parameters: AuditParameters, folder: Path, processes: int, progress: Report
    ) -> None:
        self._tracer = tracer
        self._parameters = parameters
        self._folder = folder
        self._processes = processes
        self._progress = progress
        self._parts: list[Parts] = []

    def measured(self, prefix: str, outputs: Iterable[Output]) -> _Set:
        """Measure one set and gather its figures; `prefix` is that of its files."""
        key = {
            "parameters": self._parameters.to_dict(),
            "indexes": [[each.name, each.version] for each in self._tracer.indexes],
            "findings": list(kinds_looked_for()),
        }
        store = Parts(self._folder / f".{prefix}parts", key)
        self._parts.append(store)
        measuring, stage = Measuring(self._parameters), f"measure {prefix.rstrip('_')}".strip()
        parts = store.measure(self._tracer, outputs, measuring, self._processes, self._progress, stage)
        generations = self._folder / f"{prefix}{GENERATIONS_FILE}"
        joined = join(parts, self._parameters, generations, self._folder / f"{prefix}{SPANS_FILE}")
        overall = Figures(BASELINE if prefix else "all", joined.status[MEASURED], self._parameters, prefix)
        groups = _Groups([] if prefix else joined.groups, joined.status[MEASURED], self._parameters)
        for rows in _rows(generations):
            overall.add(rows)
            groups.add(rows)
        return _Set(joined, overall, groups.groups())

    def end(self) -> None:
        """Throw away what a next run would take up."""
        for parts in self._parts:
            parts.remove()


class _Groups:
    """The figures of the groups by each field, the largest ones apart."""

    def __init__(self, counts: list[Counter[str]], total: int, parameters: AuditParameters) -> None:
        self._fields: list[dict[str, Figures]] = []
        self._names = parameters.group_by
        for name, sizes in zip(parameters.group_by, counts, strict=False):
            told = sorted(sizes.items(), key=lambda each: (-each[1], each[0]))[:MOST_GROUPS]
            rest = total - sum(size for _, size in told)
            told += [(OTHERS, rest)] * (rest > 0)
            self._fields.append({value: Figures(value, size, parameters, f"{name}={value}") for value, size in told})

    def add(self, rows: pa.Table) -> None:
        """Add measured outputs to their groups."""
        if not self._fields:
            return
        values = rows["groups"].to_pylist()
        for place, figures in enumerate(self._fields):
            names = [each[place] if each[place] in figures else OTHERS for each in values]
            for name in dict.fromkeys(names):
                figures[name].add(rows.filter(pa.array([each == name for each in names])))

    def groups(self) -> dict[str, tuple[Group, ...]]:
        """By field, the largest groups first."""
        return {
            name: tuple(each.group() for each in figures.values())
            for name, figures in zip(self._names, self._fields, strict=False)
        }


def _some(outputs: Iterable[Output], what: str) -> Iterable[Output]:
    """The outputs, of which there must be one; nothing is written before that is known."""
    each = iter(outputs)
    first = next(each, None)
    if first is None:
        raise UsageError(f"There are no {what}: the file is empty, or nothing in the store is what was asked for.")
    return chain([first], each)


def _rows(path: Path) -> Iterator[pa.Table]:
    """The measured outputs of a table of generations, some hundreds at a time."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            rows = file.read_row_group(number)
            yield rows.filter(pc.equal(rows["status"], MEASURED))


def _shown(case: dict[str, Any], *, hide: bool) -> dict[str, Any]:
    """A worst case, findings in its texts masked: as many characters as before."""
    if not hide:
        return case
    hidden = {name: masked(text, find_in(text)) for name in ("text", "prompt") if (text := case[name]) is not None}
    return case | hidden
