"""Whole traces through the Python API and the command line: latency, first trace, opening, memory, a batch."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from inputs import WORK, corpus_of, index_of
from measuring import apart, core_counts, repeated, status_bytes, watch
from outcome import Cell, Figure, Part, Table
from scales import Scale

from parts.searching import TOKENS, queries

DISTINCT = 2_000
"""Texts of the batch that differ; making them takes longer than tracing them."""

FIRST_TRACE = """
import json, sys
from wherefrom import Tracer
Tracer.open(sys.argv[1]).trace(json.load(open(sys.argv[2]))[0])
"""

COMMAND_LINE = "from wherefrom.cli import main; main()"

PRESETS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("default", "`default`", {}),
    ("contexts", "`default`, contexts of 1,000 characters (about 250 tokens)", {"context_characters": 1000}),
    ("olmotrace", "`olmotrace`", {"preset": "olmotrace"}),
    ("undocumented", "`default`, no documents", {"max_documents": 0}),
)


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = {}
    index = index_of(corpus_of(scale))
    texts = WORK / f"traced-{TOKENS}.json"
    texts.write_text(json.dumps(queries(scale, TOKENS, scale.queries)), encoding="utf-8")
    latency: list[list[Cell]] = []
    for name, what, options in PRESETS:
        result = apart("parts.tracing", "trace", index=str(index), texts=str(texts), options=options).result
        p50, p95 = (float(value) for value in np.percentile(result["milliseconds"], [50, 95]))
        figures |= {f"trace.{name}.p50": Figure.of(p50, "ms"), f"trace.{name}.p95": Figure.of(p95, "ms")}
        spread = Figure.of(result["milliseconds"], "ms")
        stages = [Figure.of(result["stages"][stage], "ms") for stage in ("tokenize", "search", "documents", "rank")]
        latency.append([what, figures[f"trace.{name}.p50"], figures[f"trace.{name}.p95"],
                        Figure.of(spread.max, "ms"), *stages])  # fmt: skip
    tables = [
        Table(
            "Whole traces",
            f"`Tracer.trace` of {scale.queries} texts of {TOKENS} tokens like those that models write "
            "(`benchmarks/generations.py`), one after another, warm; each text's time is the best of three. The stages "
            "are medians.",
            ("preset", "p50", "p95", "slowest", "tokenize", "search", "documents", "rank"),
            latency,
        ),
        _starting(scale, index, texts, figures),
        _batch(scale, index, figures),
    ]
    return Part(tables, figures)


def trace(index: str, texts: str, options: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds of each text, and the median by stage, in the measured process."""
    from wherefrom import Tracer

    sample = json.loads(Path(texts).read_text(encoding="utf-8"))
    milliseconds = []
    stages: list[list[float]] = []
    with Tracer.open(index) as tracer:
        for text in sample[:10]:
            tracer.trace(text, **options)
        for text in sample:
            best, timing = float("inf"), None
            for _ in range(3):
                began = time.perf_counter()
                provenance = tracer.trace(text, **options)
                if (seconds := time.perf_counter() - began) < best:
                    best, timing = seconds, provenance.timing_ms
            milliseconds.append(best * 1000)
            assert timing is not None
            stages.append([timing.tokenize, timing.search, timing.documents, timing.rank])
    medians = np.median(np.array(stages), axis=0).tolist()
    return {
        "milliseconds": milliseconds,
        "stages": dict(zip(("tokenize", "search", "documents", "rank"), medians, strict=True)),
    }


def _starting(scale: Scale, index: Path, texts: Path, figures: dict[str, Figure]) -> Table:
    opened = apart("parts.tracing", "opening", index=str(index), texts=str(texts), runs=max(3, scale.runs)).result
    figures["trace.open"] = Figure.of(opened["open"], "ms")
    figures["trace.ready"] = Figure.of(opened["ready"], "ms")
    figures["trace.memory"] = Figure.of(opened["bytes"] / opened["tokens"], "B/token")
    figures["trace.memory.index"] = Figure.of(opened["index_bytes"] / opened["tokens"], "B/token")
    firsts = [
        watch([sys.executable, "-c", FIRST_TRACE, str(index), str(texts)]).seconds
        for _ in range(max(3, scale.runs) + 1)
    ]
    figures["trace.first"] = Figure.of(firsts[1:], "s")  # the first one loads the program's files
    imports = [watch([sys.executable, "-c", "import numba"]).seconds for _ in range(3)]
    figures["trace.import_numba"] = Figure.of(imports, "s")
    return Table(
        "Starting",
        "Opening: `Index.open` in a process that has opened it before, the tokenizer aside. Memory: growth of "
        "anonymous memory by a tracer and ten traces, beside another one whose tokenizer it shares, and by the first "
        "one of all. First trace: a new Python, from its start to its end, kernels in the "
        "cache.",
        ("what", "figure"),
        [
            ["opening an index", figures["trace.open"]],
            ["opening it ready to trace (`Tracer.open`)", figures["trace.ready"]],
            ["memory of one index more", figures["trace.memory.index"]],
            ["memory of the first, tokenizer and kernels included", figures["trace.memory"]],
            ["first trace of a new process", figures["trace.first"]],
            ["of that, `import numba` alone", figures["trace.import_numba"]],
        ],
    )


def opening(index: str, texts: str, runs: int) -> dict[str, Any]:
    """Milliseconds of opening, and growth of anonymous memory, in the measured process."""
    from wherefrom import Tracer
    from wherefrom_indexer import Index

    sample = json.loads(Path(texts).read_text(encoding="utf-8"))[:10]

    def traced() -> tuple[Tracer, int]:
        """A tracer that has traced ten texts, and by how much anonymous memory grew."""
        before = status_bytes("RssAnon")
        tracer = Tracer.open(index)
        for text in sample:
            tracer.trace(text)
        return tracer, status_bytes("RssAnon") - before

    first, first_bytes = traced()
    second, second_bytes = traced()
    return {
        "open": [seconds * 1000 for seconds in repeated(lambda: Index.open(index), runs)],
        "ready": [seconds * 1000 for seconds in repeated(lambda: Tracer.open(index), runs)],
        "bytes": first_bytes,
        "index_bytes": max(0, second_bytes),
        "tokens": sum(part.tokens for tracer in (first, second) for part in tracer.indexes) // 2,
    }


def _batch(scale: Scale, index: Path, figures: dict[str, Figure]) -> Table:
    """The command line over a file of generations, on one core and on all."""
    lines = WORK / "batch.jsonl"
    texts = queries(scale, TOKENS, min(scale.generations, DISTINCT))
    with lines.open("w", encoding="utf-8") as file:
        for number, text in enumerate(islice(cycle(texts), scale.generations)):
            file.write(json.dumps({"id": str(number), "text": text}) + "\n")
    rows: list[list[Cell]] = []
    for cores in core_counts()[-1:]:
        command = [sys.executable, "-c", COMMAND_LINE, "trace", str(index), "--jsonl", str(lines)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        watched = watch([*command, "--out", str(WORK / "batch.out.jsonl"), "--threads", str(cores), "--quiet"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / watched.seconds / cores
        figures |= {
            "batch.seconds": Figure.of(watched.seconds, "s"),
            "batch.busy": Figure.of(busy * 100, "%"),
            "batch.speed": Figure.of(scale.generations / watched.seconds, "texts/s"),
            "batch.positions": Figure.of(scale.generations * TOKENS / watched.seconds, "positions/s"),
        }
        rows.append([cores, scale.generations, *(figures[f"batch.{name}"] for name in ("seconds", "speed", "busy")),
                     Figure.of(watched.peak(), "bytes"), figures["batch.positions"]])  # fmt: skip
        os.unlink(WORK / "batch.out.jsonl")
    return Table(
        "A batch of generations",
        f"`wherefrom trace --jsonl` with the default preset, {len(texts):,} different texts of {TOKENS} tokens again "
        "and again, the start of the program included. Busy: processor time over wall time and cores.",
        ("threads", "texts", "seconds", "texts a second", "cores busy", "peak", "positions traced a second"),
        rows,
    )
