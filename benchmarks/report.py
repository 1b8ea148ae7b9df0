"""The page `docs/benchmarks.md`, rendered from the results of all parts; no number in it is written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpora import LARGE, SMALL

Result = Mapping[str, Any]

PER_DOCUMENT_FILES = {
    "exact/starts.bin",
    "hashes.bin",
    "hash_order.bin",
    "id_hashes.bin",
    "id_ordinals.bin",
    "stored_texts.bin",
    "records.bin",
    "record_blocks.bin",
}
SHOWN_OF_PASSAGE = 100
QUIET_LOAD = 0.7

INTRODUCTION = """# Benchmarks

`make bench` measures everything on this page and writes it anew; nothing in it is written by hand.
`.venv/bin/python benchmarks/run.py --parts NAME` measures some parts and keeps the others. Each part says when, on
which machine and with which versions it was measured; results lie in `benchmarks/results/`. The corpora are fetched by
package name into `benchmarks/corpora/`, which git ignores.
"""

BUILD = """## Indexing large corpora

Time and memory of `build_index` with the default tokenizer and a budget (`--memory`) on anonymous memory, in a process
of its own. Memory is the anonymous memory of that process and its children, read every 20 ms; mapped files are not in
it. Bytes of the corpus are those of its JSON Lines file.
"""

TRUTH = """## Truth in characters

Passages of 20 to 400 characters, cut at random places of a corpus, also inside words, and put into foreign text; word
rule and limits off, spans of at least 16 characters. A passage is whole when one span contains it. Its document is owed
when the passage occurs no more often than the limit on documents (10). The `olmotrace` preset traces the same texts
without its limits: with its word and delimiter rules off, and on.
"""

SUFFIX_ARRAY = """## Suffix arrays

One thread; processor seconds, the best of {repeat} run(s); anonymous memory at the peak beside the tokens. Text is the
beginning of Linux's source in tokens of the default tokenizer; the other cases are made up.
"""


def write_page(results: Path, page: Path) -> None:
    """Render the page from whatever results there are."""
    parts = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}
    sections = [INTRODUCTION]
    builds = [parts[name] for name in LARGE if name in parts]
    if builds:
        sections += [BUILD, _builds(builds), _files(builds), _conditions(builds)]
    if "truth" in parts:
        sections += [TRUTH, _truth(parts["truth"]["corpora"]), _failures(parts["truth"]), _conditions([parts["truth"]])]
    if "suffix-array" in parts:
        sorting = parts["suffix-array"]
        sections += [SUFFIX_ARRAY.format(repeat=sorting["repeat"]), _sorting(sorting), _conditions([sorting])]
    page.write_text("\n".join(sections), encoding="utf-8")


def _builds(builds: Sequence[Result]) -> str:
    stages = list(builds[0]["stages"])
    rows: list[tuple[str, list[str]]] = [
        ("package", [f"`{part['package']}`" for part in builds]),
        ("what it is", [LARGE[part["name"]][1] + (" (only the beginning)" if part["cut"] else "") for part in builds]),
        ("bytes", [_megabytes(part["corpus_bytes"]) for part in builds]),
        ("documents", [f"{part['documents']:,}" for part in builds]),
        ("tokens", [f"{part['tokens']:,}" for part in builds]),
        ("memory given", [part["memory"] for part in builds]),
        ("**peak of anonymous memory**", [f"**{_megabytes(part['peak'])}**" for part in builds]),
        ("- while reading", [_megabytes(part["peak_by_stage"]["read"]) for part in builds]),
        ("- while sorting", [_megabytes(part["peak_by_stage"]["sort"]) for part in builds]),
        ("segments", [str(part["segments"]) for part in builds]),
        ("**time, whole**", [f"**{part['seconds']:,.0f} s**" for part in builds]),
        *((f"- {stage}", [_share(part, stage) for part in builds]) for stage in stages),
        ("speed, end to end", [f"{part['corpus_bytes'] / part['seconds'] / 1e6:.2f} MB/s" for part in builds]),
        ("speed of sorting", [f"{_per_second(part, 'sort suffixes'):.2f} M tokens/s" for part in builds]),
        ("`verify`: time", [_verified(part, lambda made: f"{made['seconds']:,.0f} s") for part in builds]),
        (
            "`verify`: peak of anonymous memory",
            [_verified(part, lambda made: _megabytes(made["peak"])) for part in builds],
        ),
        ("`verify`: findings", [_verified(part, lambda made: str(len(made["findings"]))) for part in builds]),
    ]
    return _table(["", *(part["name"] for part in builds)], ([name, *cells] for name, cells in rows))


def _verified(build: Result, shown: Callable[[Result], str]) -> str:
    return shown(build["verify"]) if "verify" in build else "not measured"


def _share(build: Result, stage: str) -> str:
    seconds = build["stages"][stage]
    return f"{seconds:,.1f} s ({seconds / build['seconds']:.0%})"


def _per_second(build: Result, stage: str) -> float:
    return float(build["tokens"] / build["stages"][stage] / 1e6)


def _files(builds: Sequence[Result]) -> str:
    """Bytes on disk: of the files that grow with tokens, a token; of the table of documents, a document."""
    header = ["bytes on disk", *(f"{part['name']}, a {unit}" for part in builds for unit in ("token", "document"))]
    rows = [[f"`{file}`", *(cell for part in builds for cell in _sizes(part, [file]))] for file in builds[0]["files"]]
    by_token = [file for file in builds[0]["files"] if file not in PER_DOCUMENT_FILES]
    by_document = sorted(PER_DOCUMENT_FILES)
    sums = [
        ["**that grow with tokens**", *(f"**{cell}**" for part in builds for cell in _sizes(part, by_token))],
        ["**that grow with documents**", *(f"**{cell}**" for part in builds for cell in _sizes(part, by_document))],
        ["**together**", *(f"**{cell}**" for part in builds for cell in _sizes(part, builds[0]["files"]))],
    ]
    return _table(header, [*rows, *sums])


def _sizes(build: Result, files: Iterable[str]) -> tuple[str, str]:
    size = sum(build["files"][file] for file in files)
    return f"{size / build['tokens']:.3f}", f"{size / build['documents']:,.1f}"


def _truth(corpora: Sequence[Result]) -> str:
    header = ["corpus", "documents", "characters", "passages of", "passages", "whole", "documents owed, found"]
    rows = []
    for part in corpora:
        for group in part["groups"]:
            number = group["passages"]
            rows.append(
                [
                    SMALL[part["corpus"]][0],
                    f"{part['documents']:,}",
                    f"{part['characters']:,}",
                    f"{group['least']}+",
                    f"{number:,}",
                    f"{group['whole']:,} ({_percent(group['whole'], number)})",
                    f"{group['owed']:,}, {group['found']:,}",
                    _percent(group["olmotrace"], number),
                    _percent(group["olmotrace_with_rules"], number),
                ]
            )
    return _table([*header, "whole by `olmotrace`, rules off", "rules on"], rows)


def _failures(truth: Result) -> str:
    """Every passage that was not found whole, or without its document, with the cause."""
    lines = ["Failures, each with its cause:\n"]
    for part in truth["corpora"]:
        for failure in part["failures"]:
            text = json.dumps(failure["passage"], ensure_ascii=False).replace("`", "'")
            shown = text if len(text) <= SHOWN_OF_PASSAGE else text[: SHOWN_OF_PASSAGE // 2] + " ... " + text[-40:]
            lines.append(
                f"- {part['corpus']}, {len(failure['passage'])} characters, {failure['occurrences']} occurrences: "
                f"`{shown}`\n  missing {failure['missing_before']} characters before and {failure['missing_after']} "
                f"after; the span found occurs {failure['found_occurrences']} times. {failure['cause']}."
            )
        if part["failed"] > len(part["failures"]):
            lines.append(f"- {part['corpus']}: {part['failed'] - len(part['failures'])} more")
    return "\n".join(lines if len(lines) > 1 else ["There were no failures.\n"]) + "\n"


def _sorting(sorting: Result) -> str:
    header = ["case", "positions", "seconds", "M positions/s", "bytes a position", "time against the first"]
    first = sorting["cases"][0]["seconds"] / sorting["cases"][0]["positions"]
    rows = []
    for case in sorting["cases"]:
        each = case["seconds"] / case["positions"]
        peak = case["bytes"] / case["positions"]
        rows.append(
            [
                case["case"],
                f"{case['positions']:,}",
                f"{case['seconds']:.2f}",
                f"{1e-6 / each:.2f}",
                f"{peak:.2f}",
                f"{each / first:.2f}",
            ]
        )
    return _table(header, rows)


def _conditions(parts: Sequence[Result]) -> str:
    """When and on what the parts were measured, once for all that agree."""
    lines = []
    for part in parts:
        made = part["conditions"]
        what = f" ({part['name']})" if len(parts) > 1 else ""
        lines.append(
            f"Measured{what} {made['date']}, commit {made['commit']}, on {made['machine']}; {made['versions']}. "
            f"{_busy(made['load'])}"
        )
    return "\n\n".join(lines) + "\n"


def _busy(load: float) -> str:
    """What the load before a measurement, in processes that want to run, means for its times."""
    if load < QUIET_LOAD:
        return "The machine was quiet."
    return f"Other work took part of the machine (load {load:.1f} before it began): on a quiet one times are shorter."


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _percent(part: int, whole: int) -> str:
    """A share, never rounded up to 100 %."""
    return f"{int(1000 * part / whole) / 10:.1f} %" if whole else "-"
