"""How long traces take, as users meet them: one by one, with long contexts, the first of a process, and many at once.

    python benchmarks/trace.py INDEX [FILE.jsonl] [--batch 2000]

FILE holds texts as `generations.py` makes them; without it, 200 are made over the source of Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wherefrom import Tracer
from wherefrom.workers import cores

LONG_CONTEXT = 1000
"""Characters on each side of a match: about 250 tokens."""

_FIRST_TRACE = """
import sys, time
text = sys.stdin.read()
from wherefrom import Tracer
imported = time.perf_counter()
tracer = Tracer.open(sys.argv[1])
opened = time.perf_counter()
tracer.trace(text)
print(opened - imported, time.perf_counter() - opened)
"""


def measure(index: str | Path, texts: Sequence[str], batch: int = 2000) -> dict[str, Any]:
    """Measure traces of texts in an index: seconds for processes and the batch, milliseconds for single traces.

    Single traces are taken when each text was traced once before; `processor` is their processor time, which says more
    on a busy machine. The batch repeats the texts.
    """
    with Tracer.open(index) as tracer:
        for text in texts:
            tracer.trace(text)
        return {
            "texts": len(texts),
            "tokens": int(np.median([tracer.trace(text, max_documents=0).tokens for text in texts])),
            "default": _single(tracer, texts),
            "long_contexts": _single(tracer, texts, context_characters=LONG_CONTEXT),
            "first_trace": [first_trace(index, texts[0]) for _ in range(3)],
            "batch": _batch(tracer, [texts[number % len(texts)] for number in range(batch)]),
        }


def _single(tracer: Tracer, texts: Sequence[str], **options: int) -> dict[str, Any]:
    wall, processor, phases = [], [], []
    for text in texts:
        began, used = time.perf_counter(), time.thread_time()
        timing = tracer.trace(text, **options).timing_ms
        wall.append((time.perf_counter() - began) * 1000)
        processor.append((time.thread_time() - used) * 1000)
        phases.append((timing.tokenize, timing.search, timing.documents, timing.rank))
    names = ("tokenize", "search", "documents", "rank")
    return {
        "wall": _percentiles(wall),
        "processor": _percentiles(processor),
        "phases": dict(zip(names, np.median(phases, axis=0).round(3).tolist(), strict=True)),
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(values, share)), 3) for share in (50, 95, 100)}


def first_trace(index: str | Path, text: str) -> dict[str, float]:
    """A new process that opens the index and traces one text, with the kernels' cache warm from before."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-c", _FIRST_TRACE, str(index)]
    printed = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.split()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "processor": used, "opening": float(printed[0]), "trace": float(printed[1])}


def _batch(tracer: Tracer, texts: Sequence[str]) -> dict[str, float]:
    before, began = os.times(), time.perf_counter()
    done = sum(1 for _ in tracer.trace_many(texts))
    wall, after = time.perf_counter() - began, os.times()
    used = sum(after[:4]) - sum(before[:4])
    return {"texts": done, "wall": wall, "texts_a_second": done / wall, "cores": cores(), "cores_busy": used / wall}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--batch", type=int, default=2000)
    arguments = parser.parse_args()
    if arguments.file is None:
        from generations import linux_generations

        texts = linux_generations(200)
    else:
        texts = [json.loads(line)["text"] for line in Path(arguments.file).read_text(encoding="utf-8").splitlines()]
    print(json.dumps(measure(arguments.index, texts, arguments.batch), indent=1))


if __name__ == "__main__":
    main()
