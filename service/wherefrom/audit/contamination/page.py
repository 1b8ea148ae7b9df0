"""A run of contamination as people read it: index.html, and its plots as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wherefrom.audit.contamination.listing import SHOWN
from wherefrom.audit.contamination.summary import ContaminationReport
from wherefrom.audit.report.files import write_report
from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.page import render_page
from wherefrom.audit.report.parts import (
    KeyFigure,
    Passage,
    Section,
    bullets,
    command_line,
    document,
    figures,
    folded,
    index_table,
    key_figures,
    marked_text,
    paragraph,
    parameter_table,
    table,
)
from wherefrom.audit.report.plots import Axis, BarPlot, IntervalPlot, Plot, Row
from wherefrom.audit.report.scales import interval
from wherefrom.highlight import plural

SHOWN_ITEMS = 50
"""Items that the page tells with their evidence; report.json has more."""

_VERDICTS = {"short": "too short", "clean": "clean", "suspicious": "suspicious", "dirty": "dirty"}
_PLOTTED = ("clean", "suspicious", "dirty")
_SCORES = ("all", "clean", "suspicious", "dirty")


def write_page(report: ContaminationReport, folder: Path) -> bool:
    """Write the page of a report and its plots; return whether the plots were written as PNG too.

    Raises:
        StorageError: a file cannot be written.
    """
    told = report.to_dict()
    plots = _plots(told)
    return write_report(folder, page_of(told), plots)


def page_of(report: Mapping[str, Any]) -> str:
    """The page of a report as report.json has it."""
    sections = [
        Section("verdicts", "Verdicts", _verdicts(report)),
        *([Section("scores", "Scores", _scores(report))] if _is_scored(report) else []),
        Section("items", "Items that stand in the corpus", _items(report)),
        Section("documents", "Documents that hold items", _documents(report)),
        Section("method", "Method", _method(report)),
        Section("limits", "Limits", bullets(report["limits"])),
    ]
    counts = report["counts"]
    facts = [
        report["benchmark"],
        plural(counts["items"], "item"),
        f"searched in {', '.join(index['name'] for index in report['indexes'])}",
        report["created"],
    ]
    return render_page("Contamination of a benchmark", sections, lead=_lead(report), facts=facts)


def _lead(report: Mapping[str, Any]) -> Markup:
    tiles = []
    for variant in report["variants"]:
        items = variant["items"]
        judged = sum(items.values()) - items["short"]
        share = f"{items['dirty'] / judged:.1%} of {judged:,} that are long enough" if judged else "none is long enough"
        tiles.append(KeyFigure(f"Dirty by {variant['name']}", f"{items['dirty']:,}", share))
    return joined([key_figures(tiles), *_counted_apart(report["counts"])])


def _counted_apart(counts: Mapping[str, Any]) -> list[Markup]:
    faults = ", ".join(f"{number:,} {fault}" for fault, number in counts["faults"].items())
    return [paragraph(f"Counted apart, because they could not be judged: {faults}.")] if faults else []


def _plots(report: Mapping[str, Any]) -> list[Plot]:
    rows = tuple(
        (variant["name"], tuple(float(variant["items"][verdict]) for verdict in _PLOTTED))
        for variant in report["variants"]
    )
    caption = (
        "Items by the verdict of each variant. The verdict of an item is that of its question; without a question, of "
        "its passage; without that, of its answer. Items that are too short for a rule stand in the table."
    )
    plots: list[Plot] = [BarPlot("verdicts", "Items by variant", caption, _PLOTTED, rows)]
    gains = [
        Row(variant["name"], gain["value"], gain["low"], gain["high"], f"{gain['n']:,} items")
        for variant in report["variants"]
        if variant["scores"] and (gain := variant["scores"]["gain"])["value"] is not None
    ]
    if gains:
        caption = (
            "Mean score on all items less that on clean ones, with its 95 % interval. Above 0, items that are not "
            "clean raise the score."
        )
        plots.append(
            IntervalPlot("gain", "Score on all against clean", caption, Axis("difference of means"), tuple(gains))
        )
    return plots


def _verdicts(report: Mapping[str, Any]) -> Markup:
    plots = [plot for plot in _plots(report) if plot.name == "verdicts"]
    rows = [
        [variant["name"], role, *(f"{counts[verdict]:,}" for verdict in _VERDICTS)]
        for variant in report["variants"]
        for role, counts in variant["fields"].items()
    ]
    parts = [
        figures(plots),
        element("h3", "By field"),
        table(["Variant", "Field", *_VERDICTS.values()], rows, numbers=2),
    ]
    if {"question", "answer"} <= set(report["parameters"]["fields"]):
        both = "; ".join(f"{each['question_and_answer_dirty']:,} by {each['name']}" for each in report["variants"])
        parts.append(paragraph(f"Items whose question and answer are both dirty: {both}."))
    return joined(parts)


def _is_scored(report: Mapping[str, Any]) -> bool:
    return any(variant["scores"] for variant in report["variants"])


def _scores(report: Mapping[str, Any]) -> Markup:
    counts = report["counts"]
    rows = [
        [
            variant["name"],
            *(_estimate(variant["scores"][name]) for name in _SCORES),
            interval(*(variant["scores"]["gain"][key] for key in ("value", "low", "high"))),
        ]
        for variant in report["variants"]
    ]
    apart = (
        f"Items with a score: {counts['scored']:,}; without: {counts['without_score']:,}; with one that is no number: "
        f"{counts['scores_not_numbers']:,}."
    )
    explained = (
        "Mean scores with 95 % intervals by the normal approximation, and the number of items. All are those that the "
        "rule can judge. There is no interval where there are less than two scores."
    )
    gains = [plot for plot in _plots(report) if plot.name == "gain"]
    return joined(
        [
            figures(gains)
            if gains
            else paragraph("No variant has scores of clean and of other items: nothing to compare."),
            table(["Variant", *_SCORES, "all less clean"], rows, numbers=1),
            paragraph(explained, soft=True),
            paragraph(apart, soft=True),
        ]
    )


def _estimate(estimate: Mapping[str, Any]) -> str | None:
    if estimate["value"] is None:
        return None
    return f"{interval(estimate['value'], estimate['low'], estimate['high'])} ({estimate['n']:,})"


def _items(report: Mapping[str, Any]) -> Markup:
    worst = report["worst"][:SHOWN_ITEMS]
    if not worst:
        return paragraph("No item is suspicious or dirty by any variant.")
    told = (
        "Those that most variants call dirty come first. Marked are the longest passages that stand verbatim in "
        "the corpus; the rarer a passage and the lower its count, the more it says."
    )
    more = f"The first {SHOWN_ITEMS} are shown; report.json and evidence.parquet have more."
    return joined(
        [
            paragraph(told, soft=True),
            *map(_item, worst),
            paragraph(more, soft=True) if len(report["worst"]) > SHOWN_ITEMS else "",
        ]
    )


def _item(item: Mapping[str, Any]) -> Markup:
    verdicts = ", ".join(f"{name}: {_VERDICTS[verdict]}" for name, verdict in item["verdicts"].items())
    parts: list[Markup] = [paragraph(verdicts, soft=True)]
    for role, text in item["texts"].items():
        if "text" not in text:
            continue
        passages = [
            Passage(each["start"], min(each["end"], len(text["text"])), _counted(each))
            for each in text["evidence"]
            if each["start"] < len(text["text"])
        ]
        parts += [paragraph(role.capitalize(), soft=True), marked_text(text["text"], passages)]
        parts += [_evidence(number, each) for number, each in enumerate(text["evidence"], 1)]
    heading = f"{item['id']} (line {item['line']:,})"
    return element("article", element("h3", heading, dir="auto"), *parts)


def _counted(evidence: Mapping[str, Any]) -> str:
    least = "at least " if evidence["count_is_lower_bound"] else ""
    characters = plural(evidence["end"] - evidence["start"], "character")
    occurrences = plural(evidence["count"], "occurrence")
    return f"{characters}, {least}{occurrences}, log-probability {evidence['log_probability']:.0f}"


def _evidence(number: int, evidence: Mapping[str, Any]) -> Markup:
    places = [
        joined(
            [
                document(
                    place["index"], place["document_id"], {}, f"characters {place['start']:,} to {place['end']:,}"
                ),
                element("div", place["before"], element("mark", _short(evidence["text"])), place["after"], dir="auto"),
            ]
        )
        for place in evidence["places"]
    ]
    return folded(f"Passage {number}: {_counted(evidence)}", bullets(places))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} … {text[-60:]}"


def _documents(report: Mapping[str, Any]) -> Markup:
    share = report["parameters"]["contained"]
    told = (
        f"A document is listed if it holds at least {share:.0%} of the first text of an item that is not clean. Copies "
        "of a document are listed too. Remove them with the command below, then run this again: what is not verbatim "
        "shows once the verbatim copies are gone."
    )
    parts: list[Markup] = [paragraph(told, soft=True)]
    for listed in report["documents"]:
        if not listed["first"]:
            parts.append(paragraph(f"No document of {listed['index']} holds an item."))
            continue
        parts.append(element("h3", f"{listed['index']}: {plural(listed['documents'], 'document')}"))
        if listed["file"]:
            parts.append(command_line(f"wherefrom remove INDEX --ids-file {listed['file']}"))
        if listed["unlisted"]:
            parts.append(
                paragraph(f"{plural(listed['unlisted'], 'id')} cannot stand in a file of lines: remove with --id ID.")
            )
        rows = [[each["id"], f"{each['items']:,}", f"{each['share']:.0%}"] for each in listed["first"]]
        more = listed["documents"] + listed["unlisted"] - len(listed["first"])
        if more > 0:
            parts.append(paragraph(f"The first {SHOWN} by id; {more:,} more are in the file.", soft=True))
        parts.append(table(["Document", "Items", "Largest share"], rows, numbers=1))
    frequent = report["counts"]["too_frequent_to_list"]
    if frequent:
        parts.append(
            paragraph(f"Of {plural(frequent, 'item')} some window occurs too often for its documents to be listed.")
        )
    return joined(parts)


def _method(report: Mapping[str, Any]) -> Markup:
    rules = [[variant["name"], variant["rule"], variant["source"]] for variant in report["variants"]]
    return joined(
        [
            table(["Variant", "Rule", "Source"], rows=rules),
            index_table(report["indexes"]),
            folded("Parameters", parameter_table(report["parameters"])),
            command_line(report["command"]) if report["command"] else "",
        ]
    )
