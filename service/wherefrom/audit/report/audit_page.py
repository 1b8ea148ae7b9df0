"""The report of an audit, made of its report.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wherefrom.audit.report.audit_plots import MOST_CURVES, curve_plots, difference_plots, measure_plot
from wherefrom.audit.report.cases import worst_cases
from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.measure_words import words_of
from wherefrom.audit.report.page import render_page
from wherefrom.audit.report.parts import (
    KeyFigure,
    Section,
    bullets,
    command_line,
    figures,
    index_table,
    key_figures,
    paragraph,
    parameter_table,
    table,
)
from wherefrom.audit.report.plots import Plot
from wherefrom.audit.report.scales import interval, number
from wherefrom.highlight import one_line, plural

Report = Mapping[str, Any]
HEADLINE = "share"
_KEY_FIGURES = ("share", "longest", "near_verbatim", "creativity_index", "rarity_share", "documents")
_MOST_ROWS = 50
_MOST_TOLD = 5
_FILES = (
    ("report.json", "everything on this page, as docs/audit.schema.json describes it"),
    ("generations.parquet", "a row for each output, with its measures"),
    ("spans.parquet", "a row for each passage, with its place, its count and its documents"),
    ("plots", "the plots of this page, as SVG and PNG"),
)


def audit_page(report: Report) -> tuple[str, list[Plot]]:
    """Returns the page, and its plots for `write_report`.

    Args:
        report: what report.json holds; parts that it lacks are left out.
    """
    baseline = report.get("baseline")
    overall = {**report["overall"], "name": "outputs"}
    whole = [*curve_plots([overall], baseline), *difference_plots(report.get("differences") or [])]
    grouped = {field: _group_plots(field, n, groups, baseline) for n, (field, groups) in enumerate(_groups(report))}
    sections = [
        Section("measures", "Measures", _measures(report)),
        Section("curves", "Curves", figures(whole)) if whole else None,
        *(
            Section(f"group-{n}", f"By {one_line(field, 60)}", _grouped(groups, grouped[field]))
            for n, (field, groups) in enumerate(_groups(report))
        ),
        Section("cases", "Worst cases", _cases(report)) if report.get("worst") else None,
        Section("sources", "Sources", _sources(report["sources"])) if any(_of(report, "sources").values()) else None,
        Section("findings", "Personal data and secrets", _findings(report["findings"]))
        if report.get("findings")
        else None,
        Section("outputs", "What was looked at", _counts(report)),
        Section("method", "Method", _method(report)),
        Section("limits", "Limits", bullets(report.get("limits") or [])),
    ]
    page = render_page(
        f"Audit of {plural(_of(report, 'counts').get('outputs', report['overall']['outputs']), 'output')}",
        [section for section in sections if section is not None],
        lead=_lead(report),
        facts=_facts(report),
    )
    return page, [*whole, *(plot for plots in grouped.values() for plot in plots)]


def _of(report: Report, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = report.get(name) or {}
    return found


def _groups(report: Report) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    yield from ((field, groups) for field, groups in _of(report, "groups").items() if groups)


def _facts(report: Report) -> list[str]:
    searched = [f"{index['name']}, {plural(index['documents'], 'document')}" for index in report["indexes"]]
    return [f"against {each}" for each in searched] + [str(report["created"])]


def _lead(report: Report) -> Markup:
    return joined(
        (element("p", " ".join(_sentences(report)), class_="au-lead"), key_figures(list(_key_figures(report))))
    )


def _sentences(report: Report) -> Iterator[str]:
    overall, baseline = report["overall"], report.get("baseline")
    share = overall["measures"].get(HEADLINE)
    if share is None or share.get("value") is None:
        yield "No output could be measured."
        return
    yield (
        f"On average {_value(share, HEADLINE)} of an output stands verbatim in the corpus, in passages of at least "
        f"{_shortest(report)} characters."
    )
    for field, groups in list(_groups(report))[:1]:
        told = [f"{group['name']} {_value(group['measures'].get(HEADLINE) or {}, HEADLINE)}" for group in groups]
        if 1 < len(told) <= _MOST_TOLD:
            yield f"By {field}: {', '.join(told)}."
    if baseline is not None:
        other = baseline["measures"].get(HEADLINE) or {}
        yield f"In the baseline of {plural(baseline['outputs'], 'text')} it is {_value(other, HEADLINE)}."
        for each in report.get("differences") or []:
            if each["measure"] == HEADLINE:
                yield _difference(each)


def _difference(each: Mapping[str, Any]) -> str:
    if each.get("value") is None:
        return ""
    points = f"{number(100 * each['value'])} percentage points"
    if each.get("low") is None:
        return f"The difference is {points}; there are too few texts for an interval."
    low, high = number(100 * each["low"]), number(100 * each["high"])
    told = "which leaves out 0" if each["low"] > 0 or each["high"] < 0 else "which does not leave out 0"
    return f"The difference is {points}, with a 95 % interval from {low} to {high}, {told}."


def _key_figures(report: Report) -> Iterator[KeyFigure]:
    measures = report["overall"]["measures"]
    others = (report.get("baseline") or {}).get("measures") or {}
    for name in _KEY_FIGURES:
        if (measures.get(name) or {}).get("value") is None:
            continue
        words, found = words_of(name), measures[name]
        notes = []
        if found.get("low") is not None:
            ends = interval(found["value"], found["low"], found["high"], percent=words.percent)
            notes.append(f"95 % interval {ends[ends.index('[') :]}")
        if others.get(name, {}).get("value") is not None:
            notes.append(f"baseline {number(others[name]['value'], percent=words.percent)}")
        unit = "" if words.percent or words.unit == "value" else f" {words.unit}"
        yield KeyFigure(words.label, number(found["value"], percent=words.percent) + unit, "; ".join(notes))


def _value(found: Mapping[str, Any], name: str) -> str:
    return interval(found.get("value"), percent=words_of(name).percent)


def _shortest(report: Report) -> str:
    parameters = _of(report, "parameters")
    return f"{parameters.get('match_characters', 50):,}"


def _measures(report: Report) -> Markup:
    """All measures of the outputs and of the baseline."""
    baseline = report.get("baseline")
    differences = {each["measure"]: each for each in report.get("differences") or []}
    header = ["Measure", "Outputs"] + (["Baseline", "Difference"] if baseline else []) + ["Measured"]
    rows = []
    for name, found in report["overall"]["measures"].items():
        words = words_of(name)
        cells = [words.label, _cell(found, words.percent)]
        if baseline:
            cells += [
                _cell(baseline["measures"].get(name), words.percent),
                _cell(differences.get(name), words.percent),
            ]
        rows.append([*cells, f"{found.get('n', 0):,}"])
    note = "Means over outputs, with 95 % intervals in brackets: percentiles of bootstrap resamples of the outputs."
    return joined((paragraph(note, soft=True), table(header, rows, numbers=1)))


def _cell(found: Mapping[str, Any] | None, percent: bool) -> str:
    return interval(found["value"], found.get("low"), found.get("high"), percent=percent) if found else "–"


def _group_plots(
    field: str, number_of_field: int, groups: Sequence[Mapping[str, Any]], baseline: Mapping[str, Any] | None
) -> list[Plot]:
    prefix, of = f"group-{number_of_field}-", f", by {one_line(field, 40)}"
    headline = measure_plot(groups[:_MOST_ROWS], baseline, HEADLINE, prefix, of)
    return [*([headline] if headline else []), *curve_plots(groups, baseline, prefix, of)]


def _grouped(groups: Sequence[Mapping[str, Any]], plots: Sequence[Plot]) -> Markup:
    names = [name for name in groups[0]["measures"] if any(_known(group, name) for group in groups)]
    rows = [
        [
            one_line(str(group["name"]), 120),
            f"{group['outputs']:,}",
            *(_cell(group["measures"].get(name), words_of(name).percent) for name in names),
        ]
        for group in groups[:_MOST_ROWS]
    ]
    notes = []
    if len(groups) > MOST_CURVES:
        notes.append(f"Curves are drawn of {MOST_CURVES} of {len(groups):,} groups.")
    if len(groups) > _MOST_ROWS:
        notes.append(f"{_MOST_ROWS} of {len(groups):,} groups are shown; report.json has all.")
    header = ["Group", "Outputs", *(words_of(name).label for name in names)]
    return joined(
        (paragraph(" ".join(notes), soft=True) if notes else "", figures(plots), table(header, rows, numbers=1))
    )


def _known(group: Mapping[str, Any], name: str) -> bool:
    return (group["measures"].get(name) or {}).get("value") is not None


def _cases(report: Report) -> Markup:
    note = (
        "The outputs with most of their text in long passages, the worst first. A number ends each passage; below the "
    )
    note += "text stand its length, its count, and documents that hold it."
    return joined((paragraph(note), worst_cases(report["worst"])))


def _sources(sources: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    parts: list[Markup] = [
        paragraph("Where the long passages stand, by what the documents' metadata say. A passage may stand in several.")
    ]
    for field, values in sources.items():
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


def _findings(findings: Sequence[Mapping[str, Any]]) -> Markup:
    rows = [[str(each["kind"]), f"{each['count']:,}", f"{each['outputs']:,}"] for each in findings]
    note = "Found inside matched text by their form, and masked wherever this report shows them. Some are none."
    return joined((paragraph(note), table(["Kind", "Found", "Outputs"], rows, numbers=1)))


def _counts(report: Report) -> Markup:
    sets = [counts for name in ("counts", "baseline_counts") if (counts := _of(report, name))]
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


def _method(report: Report) -> Markup:
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
            parameter_table(_of(report, "parameters")),
            element("h3", "Command"),
            command_line(str(report.get("command") or "")),
            element("h3", "Files beside this page"),
            bullets(files),
        )
    )
