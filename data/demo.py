"""What `make demo` runs: index the addresses, trace real generations, show them beside a human-written control."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from wherefrom import Provenance, Tracer
from wherefrom.highlight import one_line, plural
from wherefrom.html import render_page
from wherefrom.terminal import EVIDENCE, ProvenanceView
from wherefrom.warm import is_warm
from wherefrom_indexer import build_index

DATA = Path(__file__).parent
BUILD = DATA.parent / "build"
CORPUS = DATA / "sotu.jsonl"
INDEX = BUILD / "demo.index"
PAGE = BUILD / "demo.html"
CONTEXT = 80
BAR = 24


@dataclass(frozen=True, slots=True)
class Sample:
    """One record of generations.jsonl with its provenance."""

    record: dict[str, Any]
    provenance: Provenance

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def source(self) -> str:
        return str(self.record["model"])

    @property
    def label(self) -> str:
        """Its id and who wrote it; for the small GPT also how often it had seen what its prompt begins."""
        seen = self.record["settings"].get("times_seen")
        note = "" if seen is None else f", prompt seen {plural(seen, 'time')} in training"
        return f"{self.id} by {'a human' if self.source == 'human' else self.source}{note}"

    @property
    def longest(self) -> int:
        return max((span.end - span.start for span in self.provenance.spans), default=0)


def main() -> None:
    console = Console(width=None if sys.stdout.isatty() else 100, markup=False, emoji=False, highlight=False)
    if not is_warm():
        warm(console)
    build(console)
    samples = trace(console)
    for number, sample in enumerate(samples, start=1):
        show(console, sample, f"{number} of {len(samples)}")
    compare(console, samples)
    write_page(samples)
    say_what_next(console)


def warm(console: Console) -> None:
    """Compiles the kernels in all cores; where that fails, they are compiled one by one when first called."""
    console.print(Text("Compiling the kernels, once ...", style="bold"))
    began = time.perf_counter()
    # A process of its own: those that compile would import this file first.
    command = [sys.executable, "-c", "from wherefrom.cli import main; main(['warm', '--quiet'])"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    console.print(f"{time.perf_counter() - began:.1f} s")


def build(console: Console) -> None:
    console.print(Text(f"Indexing {CORPUS.relative_to(DATA.parent)} ...", style="bold"))
    shutil.rmtree(INDEX, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    began = time.perf_counter()
    index = build_index([CORPUS], INDEX, text_field="text", id_field="id")
    took = time.perf_counter() - began
    console.print(f"{plural(index.documents, 'document')}, {plural(index.tokens, 'token')}, {took:.1f} s")


def trace(console: Console) -> list[Sample]:
    records = [json.loads(line) for line in (DATA / "generations.jsonl").read_text(encoding="utf-8").splitlines()]
    console.print(Text(f"Tracing {plural(len(records), 'text')} ...", style="bold"))
    began = time.perf_counter()
    tracer = Tracer.open(INDEX)
    samples = [
        Sample(record, tracer.trace(record["text"], prompt=record["prompt"], context_characters=CONTEXT))
        for record in records
    ]
    tracer.close()
    took = time.perf_counter() - began
    last = samples[-1].provenance.timing_ms.total
    console.print(f"{took:.1f} s in all, {last:.0f} ms for the last one\n")
    return samples


def show(console: Console, sample: Sample, place: str) -> None:
    console.print(Rule(Text(f"{place}  {sample.label}", style="bold"), align="left", style="bright_black"))
    if prompt := sample.record["prompt"]:
        console.print(Text(f"Prompt: {one_line(prompt, 300)}\n", style="italic"))
    console.print(ProvenanceView(sample.provenance, documents=2, snippets=1, figures=False))
    console.print()


def compare(console: Console, samples: list[Sample]) -> None:
    console.print(
        Rule(
            Text("How much of each text stands verbatim in the addresses", style="bold"),
            align="left",
            style="bright_black",
        )
    )
    table = Table("text", "by", box=None, pad_edge=False)
    table.add_column("coverage", justify="right")
    table.add_column("")
    table.add_column("longest span", justify="right")
    for sample in samples:
        table.add_row(sample.id, sample.source, *_figures(sample.provenance.coverage, sample.longest))
    table.add_row()
    for source in dict.fromkeys(sample.source for sample in samples):
        group = [sample for sample in samples if sample.source == source]
        coverage, longest = (
            mean(sample.provenance.coverage for sample in group),
            mean(sample.longest for sample in group),
        )
        table.add_row("mean", source, *_figures(coverage, longest), style="bold")
    console.print(table)
    controls = [sample for sample in samples if sample.record["kind"] == "control"]
    found = sum(bool(sample.provenance.spans) for sample in controls)
    told = f"common phrases in {found} of {len(controls)} texts" if found else "nothing of 20 characters or more"
    console.print(
        f"\nThe control, written by humans 170 years after the addresses, shares {told} with them. {EVIDENCE}"
    )


def _figures(coverage: float, longest: float) -> tuple[str, Text, str]:
    bar = Text("█" * round(coverage * BAR), style="#1683b8").append("░" * (BAR - round(coverage * BAR)), "bright_black")
    return f"{coverage:.0%}", bar, f"{longest:.0f} characters" if longest else "none"


def write_page(samples: list[Sample]) -> None:
    page = render_page(
        [sample.provenance for sample in samples],
        "Where the words come from: the demo",
        labels=[sample.label for sample in samples],
        introduction="Outputs of two models and passages that humans wrote 170 years later, traced to the annual"
        " messages of the presidents before 1830.",
    )
    PAGE.write_text(page, encoding="utf-8")


def say_what_next(console: Console) -> None:
    here = Path.cwd()
    index, page = (path.relative_to(here) if path.is_relative_to(here) else path for path in (INDEX, PAGE))
    console.print(Text("\nWhat next", style="bold"))
    for what, how in (
        ("the same as a page", f"open {page} in a browser"),
        ("trace a text of yours", f'.venv/bin/wherefrom trace {index} "with great satisfaction the opportunity"'),
        ("read a source", f".venv/bin/wherefrom document {index} 1790-Washington-1"),
        ("index your own corpus", ".venv/bin/wherefrom index corpus.jsonl --out corpus.index"),
    ):
        console.print(f"  {what:<22} {how}", soft_wrap=True)


if __name__ == "__main__":
    main()
