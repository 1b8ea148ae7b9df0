"""The sections of an audit's report that say what was looked at, and how: sources, findings, counts, method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.measure_words import words_of
from wherefrom.audit.report.parts import bullets, command_line, index_table, paragraph, parameter_table, table
from wherefrom.highlight import one_line

Report = Mapping[str, Any]
_MOST_ROWS = 50
_FILES = (
    ("report.json", "everything on this page, as docs/audit.schema.json describes it"),
    ("generations.parquet", "a row for each output, with its measures"),
    ("spans.parquet", "a row for each passage, with its place, its count and its documents"),
    ("baseline_generations.parquet, baseline_spans.parquet", "the same of the baseline, where there is one"),
    ("plots", "the plots of this page, as SVG and PNG"),
)


def part_of(report: Report, name: str) -> Mapping[str, Any]:
    """A part of the report that is an object; empty if it is missing."""
    found: Mapping[str, Any] = report.get(name) or {}
    return found


def sources_section(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    """What the metadata of documents say of the long passages."""
    parts: list[Markup] = [
        paragraph("Where the long passages stand, by what the documents' metadata say. A passage may stand in several.")
    ]
    for field, values in found.items():
        rows = [
            [one_line(str(each["value"]), 120), f"{each['documents']:,}", f"{each['characters']:,}"]
            for each in values[:_MOST_ROWS]
        ]
        if rows:
            parts += [
                element("h3", one_line(field, 120)),
                table([one_line(field, 60), "Documents", "Characters matched"], rows, numbers=1),
            ]
    return joined(parts)


def findings_section(found: Sequence[Mapping[str, Any]]) -> Markup:
    """Personal data and secrets by kind."""
    rows = [[str(each["kind"]), f"{each['count']:,}", f"{each['outputs']:,}"] for each in found]
    note = "Found inside matched text by their form, and masked wherever this report shows them. Some are none."
    return joined((paragraph(note), table(["Kind", "Found", "Outputs"], rows, numbers=1)))


def counts_section(report: Report) -> Markup:
    """What was read, what was left out and why, and what was searched."""
    sets = [counts for name in ("counts", "baseline_counts") if (counts := part_of(report, name))]
    header = ["", "Outputs", "Baseline"][: len(sets) + 1]
    rows = [[label, *(_count(counts.get(name)) for counts in sets)] for name, label in _COUNTED]
    thresholds = list(dict.fromkeys(threshold for counts in sets for threshold in counts.get("too_short") or {}))
    rows += [
        [
            f"Shorter than {int(threshold):,} characters: not measured at that length",
            *(_count((counts.get("too_short") or {}).get(threshold)) for counts in sets),
        ]
        for threshold in thresholds
    ]
    notes = report.get("notes") or []
    return joined(
        (
            table(header, rows, numbers=1),
            bullets(notes) if notes else "",
            index_table(report["indexes"]),
        )
    )


_COUNTED = (
    ("outputs", "Records read"),
    ("measured", "Measured"),
    ("empty", "Empty: counted apart, never as zero"),
    ("faulty", "Could not be read, or have no text"),
    ("duplicate_ids", "Left out: their id stood before"),
)


def _count(count: int | None) -> str | None:
    return None if count is None else f"{count:,}"


def method_section(report: Report) -> Markup:
    """How it was done: measures, parameters, command, files."""
    measured = [name for name in report["overall"]["measures"] if words_of(name).meaning]
    meanings = [[words_of(name).label, words_of(name).meaning, words_of(name).source or "–"] for name in measured]
    files = [joined((element("code", name), f": {words}.")) for name, words in _FILES]
    how = (
        "For every token of an output the longest passage that begins there and stands in the corpus is found, "
        "exact to the character, before any rule of display. All measures come from that one pass. Intervals are "
        "percentiles of bootstrap resamples of the outputs."
    )
    return joined(
        (
            paragraph(how),
            table(["Measure", "What it is", "Source"], meanings),
            element("h3", "Parameters"),
            parameter_table(part_of(report, "parameters")),
            element("h3", "Command"),
            command_line(str(report.get("command") or "")),
            element("h3", "Files beside this page"),
            bullets(files),
        )
    )
