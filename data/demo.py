"""What `make demo` runs: index the addresses, trace real generations, show them beside a human-written control."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from demo_audit import REPORT, audit
from demo_index import BUILD, DATA, INDEX, STORE, build, console, warm
from demo_service import Service, end_on_signals, started
from demo_traces import provenance, read_records, send
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from wherefrom import Provenance, Tracer
from wherefrom.highlight import one_line, plural
from wherefrom.html import render_page
from wherefrom.terminal import EVIDENCE, ProvenanceView

PAGE = BUILD / "demo.html"
LOG = BUILD / "demo.service.log"
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
    end_on_signals()
    try:
        show_all(console())
    except KeyboardInterrupt:
        sys.exit(130)


def show_all(console: Console) -> None:
    warm(console)
    build(console)
    samples = trace(console)
    with started(INDEX, STORE, log=LOG) as service:  # it starts while the samples are shown
        for number, sample in enumerate(samples, start=1):
            show(console, sample, f"{number} of {len(samples)}")
        compare(console, samples)
        write_page(samples)
        audit(console)
        attach(console, service, samples)
    say_what_next(console)


def trace(console: Console) -> list[Sample]:
    records = read_records(DATA / "generations.jsonl")
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


def attach(console: Console, service: Service, samples: list[Sample]) -> None:
    """Sends the samples to the service as an application sends its traces, and sees what it says of them."""
    console.print(Text("\nThe same as traces of an application, sent to the service ...", style="bold"))
    service.wait_until_ready()
    began = time.perf_counter()
    send(service, [sample.record for sample in samples])
    found = provenance(service)
    took = time.perf_counter() - began
    same = sum(found[sample.id]["coverage"] == sample.provenance.coverage for sample in samples)
    console.print(
        f"{plural(len(found), 'trace')} with provenance, {took:.1f} s; coverage as above in {same} of {len(samples)}"
    )


def say_what_next(console: Console) -> None:
    index, page, report = map(from_here, (INDEX, PAGE, REPORT))
    console.print(Text("\nWhat next", style="bold"))
    for what, how in (
        ("the same as a page", f"open {page} in a browser"),
        ("read the audit", f"open {report} in a browser"),
        ("look at its traces", "make serve, then http://127.0.0.1:8484/v1/traces?project=demo"),
        ("trace a text of yours", f'.venv/bin/wherefrom trace {index} "with great satisfaction the opportunity"'),
        ("read a source", f".venv/bin/wherefrom document {index} 1790-Washington-1"),
        ("index your own corpus", ".venv/bin/wherefrom index corpus.jsonl --out corpus.index"),
        ("trace your application", "the section of README.md with that name"),
    ):
        console.print(f"  {what:<23} {how}", soft_wrap=True)


def from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


if __name__ == "__main__":
    main()
