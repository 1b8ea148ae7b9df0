"""Measure everything, and write `docs/benchmarks.md`.

    python benchmarks/run.py [--parts linux-source evals truth suffix-array] [--quick] [--memory 2GB]

Results lie in `benchmarks/results/`, one file a part; parts that are not measured keep theirs, and the page shows all.
`--quick` measures small cuts, into the ignored folder of the corpora, to see that everything works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import build
import numpy as np
from corpora import FOLDER, HERE, LARGE, SMALL, large_corpus
from report import write_page

PARTS = (*LARGE, "truth", "suffix-array")
SORTED_TOKENS = 10_000_000
SORTED_REPEAT = 1
QUICK_CHARACTERS = 5_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)} (default: all; none: only write)"
    )
    parser.add_argument("--quick", action="store_true", help="small cuts, kept apart")
    parser.add_argument("--memory", default="2GB", help="budget of the builds (default: 2GB)")
    parser.add_argument("--limit", type=int, help="about so many characters of the large corpora (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    limit = QUICK_CHARACTERS if arguments.quick else arguments.limit
    measures: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        **{name: lambda name=name: _large(name, arguments.memory, limit) for name in LARGE},  # type: ignore[misc]
        "truth": lambda: _truth(50 if arguments.quick else 1000),
        "suffix-array": lambda: _sorting(200_000 if arguments.quick else SORTED_TOKENS, limit),
    }
    results = FOLDER / "quick" if arguments.quick else HERE / "results"
    page = results / "benchmarks.md" if arguments.quick else HERE.parent / "docs" / "benchmarks.md"
    results.mkdir(parents=True, exist_ok=True)
    for part in arguments.parts:
        print(f"Measuring {part} ...", file=sys.stderr, flush=True)
        made = conditions()
        for result in measures[part]():  # kept as it grows, so that nothing is lost where a later step fails
            text = json.dumps({"name": part, "conditions": made, **result}, indent=1, ensure_ascii=False) + "\n"
            (results / f"{part}.json").write_text(text, encoding="utf-8")
            write_page(results, page)
    write_page(results, page)
    print(f"Written: {page.relative_to(HERE.parent)}", file=sys.stderr)


def _large(name: str, memory: str, limit: int | None) -> Iterator[dict[str, Any]]:
    corpus = large_corpus(name, limit)
    index = corpus.with_suffix(".index")
    shutil.rmtree(index, ignore_errors=True)
    result = {"package": LARGE[name][0].obtain().stem, "cut": limit, **build.measure(corpus, memory, index)}
    yield result
    yield {**result, "verify": build.measure_verifying(index)}


def _truth(passages: int) -> Iterator[dict[str, Any]]:
    import truth_table  # each part imports its own, so that one that cannot run leaves the others

    measured: list[dict[str, Any]] = []
    for corpus in SMALL:
        measured.append(truth_table.measure(corpus, passages))
        yield {"corpora": measured}


def _sorting(size: int, limit: int | None) -> Iterator[dict[str, Any]]:
    """The cases of `suffix_array.py`; the natural text is the beginning of Linux's source, where it was indexed."""
    import suffix_array

    tokens = _linux_tokens(size, limit)
    measured = []
    for case, stored in suffix_array.cases(tokens, None, size):
        result = suffix_array.measure_apart(stored, SORTED_REPEAT)
        measured.append({"case": case, "positions": int(stored.size), **result})
        yield {"repeat": SORTED_REPEAT, "cases": measured}


def _linux_tokens(size: int, limit: int | None) -> Path | None:
    from wherefrom_indexer import Index

    folder = large_corpus("linux-source", limit).with_suffix(".index")
    if not folder.exists():
        return None
    path = FOLDER / "linux-tokens.npy"
    np.save(path, np.asarray(Index.open(folder).segments[0].tokens[:size]))
    return path


def conditions() -> dict[str, Any]:
    """The machine, the versions, the moment, and how busy the machine was before anything was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "tokenizers", "wherefrom"))
    git = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": _machine(),
        "versions": f"Python {platform.python_version()}, {packages}",
        "commit": subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown",
        "load": os.getloadavg()[0],
    }


def _machine() -> str:
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in processors if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    main()
