"""Measure everything, and write docs/benchmarks.md, docs/scaling.md and the plots.

    python benchmarks/run.py [--scale quick|bench|full] [--parts NAME ...]

`make bench` takes half an hour on two cores, `make bench-service` a quarter, `make bench-interface` two minutes, `make
bench-quick` three, `make bench-full` as long as it takes.
Results lie in `benchmarks/results/`, one file a part (`NAME-full.json` from `full`); a part that is not measured keeps
its last result, and the pages show all. `quick` only shows that everything works: its results and pages go into the
ignored folder of the corpora. `--parts` without a name only writes the pages anew.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from corpora import FOLDER, HERE
from inputs import WORK
from report import write_pages
from scales import SCALES

PARTS = {
    "building": "Building an index",
    "sorting": "Suffix arrays",
    "tokenizing": "Tokenizing",
    "searching": "Searching",
    "paging": "Pages of a cold search",
    "tracing": "Tracing",
    "auditing": "Auditing",
    "curves": "Cost against size",
    "truth": "Truth in characters",
    "serving": "The service: traces",
    "ingesting": "The service: ingest and attachment",
    "formats": "The service: ingest of other clients' formats",
    "reading": "The service: reading",
    "gateway": "The gateway",
    "interface": "The web interface",
}
"""In the order in which they are measured: later ones use the index that `building` leaves."""

APART = ("serving", "ingesting", "formats", "reading", "gateway", "interface")
"""Measured by `make bench-service` and `make bench-interface`: they would take `make bench` beyond half an hour."""

PEERS = ("infini-gram", "tokengrams", "tokenizers", "tiktoken")
OURS = ("wherefrom", "numpy", "numba", "pyarrow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="bench")
    parser.add_argument(
        "--parts",
        nargs="*",
        default=[part for part in PARTS if part not in APART],
        metavar="NAME",
        help=f"of {', '.join(PARTS)}",
    )
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print("\n" + json.dumps(_measured_here(arguments.measure, arguments.scale), ensure_ascii=False))
        return
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    quick = arguments.scale == "quick"
    results = FOLDER / "quick" / "results" if quick else HERE / "results"
    docs = FOLDER / "quick" if quick else HERE.parent / "docs"
    results.mkdir(parents=True, exist_ok=True)
    failed = [name for name in PARTS if name in arguments.parts and not _measure(name, arguments.scale, results)]
    if arguments.parts:
        shutil.rmtree(WORK, ignore_errors=True)
    write_pages(results, docs, PARTS)
    print(f"Written: {docs / 'benchmarks.md'}", file=sys.stderr)
    if failed:
        sys.exit(f"Not measured, because of the errors above: {', '.join(failed)}. Their last results are kept.")


def _measure(name: str, scale: str, results: Path) -> bool:
    """Measure one part in a process of its own, and keep what it hands back."""
    print(f"Measuring {name} ...", file=sys.stderr, flush=True)
    made, began = conditions(), time.monotonic()
    command = [sys.executable, __file__, "--measure", name, "--scale", scale]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return False
    seconds = time.monotonic() - began
    part = json.loads(done.stdout.splitlines()[-1])
    kept = {"part": name, "scale": scale, "conditions": made, "seconds": seconds, **part}
    file = results / f"{name}{'-full' if scale == 'full' else ''}.json"
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"  {seconds:.0f} s", file=sys.stderr, flush=True)
    return True


def _measured_here(name: str, scale: str) -> dict[str, Any]:
    part: dict[str, Any] = importlib.import_module(f"parts.{name}").measure(SCALES[scale]).to_json()
    return part


def conditions() -> dict[str, Any]:
    """The machine, the versions, the moment, and how busy the machine was before anything was measured."""
    git = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": _machine(),
        "versions": f"Python {platform.python_version()}, {_versions(OURS)}",
        "peers": _versions(PEERS),
        "commit": subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown",
        "busy": _busy_share(),
    }


def _versions(names: tuple[str, ...]) -> str:
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def _busy_share(seconds: float = 2.0) -> float:
    """The share of all cores that other processes keep busy while this one waits."""
    before = _processor_times()
    time.sleep(seconds)
    spent = [late - early for late, early in zip(_processor_times(), before, strict=True)]
    idle = spent[3] + spent[4]
    return round(1 - idle / sum(spent), 3)


def _processor_times() -> list[int]:
    return [int(part) for part in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


def _machine() -> str:
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in processors if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    main()
