"""An audit of many outputs through the command line: time, memory beside that of fewer outputs, the report's size."""

from __future__ import annotations

import json
import resource
import shutil
import sys
from itertools import cycle, islice
from pathlib import Path

from inputs import WORK, corpus_of, index_of
from measuring import core_counts, watch
from outcome import Cell, Figure, Part, Table
from scales import Scale

from parts.searching import TOKENS, queries
from parts.tracing import COMMAND_LINE, DISTINCT

FEWER = 5
"""A run over so many times fewer outputs shows whether memory grows with their number."""


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    index = index_of(corpus_of(scale))
    texts = queries(scale, TOKENS, min(scale.generations, DISTINCT))
    cores = core_counts()[-1]
    figures: dict[str, Figure] = {}
    rows: list[list[Cell]] = []
    for name, number in (("fewer.", scale.generations // FEWER), ("", scale.generations)):
        outputs, report = WORK / "audited.jsonl", WORK / "audit"
        _write(outputs, texts, number)
        shutil.rmtree(report, ignore_errors=True)
        command = [sys.executable, "-c", COMMAND_LINE, "audit", str(index), str(outputs), "--report", str(report)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        watched = watch([*command, "--group-by", "kind", "--threads", str(cores), "--quiet"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / watched.seconds / cores
        written = sum(path.stat().st_size for path in report.rglob("*") if path.is_file())
        figures |= {
            f"audit.{name}seconds": Figure.of(watched.seconds, "s"),
            f"audit.{name}peak": Figure.of(watched.peak(), "bytes"),
            f"audit.{name}busy": Figure.of(busy * 100, "%"),
            f"audit.{name}written": Figure.of(written, "bytes"),
        }
        rows.append(
            [number, cores, *(figures[f"audit.{name}{each}"] for each in ("seconds", "busy", "peak", "written"))]
        )
    table = Table(
        "An audit",
        f"`wherefrom audit` of outputs of {TOKENS} tokens like those that models write, {len(texts):,} different ones "
        "again and again, in two groups, all measures, the start of the program, the report and its plots included. "
        "Peak: anonymous memory of all its processes. Busy: processor time over wall time and cores.",
        ("outputs", "threads", "seconds", "cores busy", "peak", "written"),
        rows,
    )
    return Part([table], figures)


def _write(path: Path, texts: list[str], number: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for place, text in enumerate(islice(cycle(texts), number)):
            file.write(json.dumps({"id": str(place), "text": text, "kind": "even" if place % 2 else "odd"}) + "\n")
