"""The report of an audit, made of its report.json."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wherefrom.audit.report.audit_plots import (
    MOST_CURVES,
    difference_plots,
    group_plots,
    measure_plot,
    overall_plots,
)
from wherefrom.audit.report.audit_sections import (
    Report,
    counts_section,
    findings_section,
    method_section,
    part_of,
    sources_section,
)
from wherefrom.audit.report.cases import worst_cases
from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.measure_words import words_of
from wherefrom.audit.report.page import render_page
from wherefrom.audit.report.parts import (
    KeyFigure,
    Section,
    bullets,
    figures,
    key_figures,
    paragraph,
    table,
)
from wherefrom.audit.report.plots import Plot
from wherefrom.audit.report.scales import interval, number
from wherefrom.highlight import one_line, plural

HEADLINE = "share"
_KEY_FIGURES = ("share", "rarity_share", "longest", "creativity_index")
_MOST_ROWS = 50
_MOST_TOLD = 5


def audit_page(report: Report) -> tuple[str, list[Plot]]:
    """Returns the page, and its plots for `write_report`.

    Args:
        report: what report.json holds; parts that it lacks are left out.
    """
    baseline = report.get("baseline")
    whole = [*overall_plots(report["overall"], baseline), *difference_plots(report.get("differences") or [])]
    grouped = {field: _group_plots(field, n, groups, baseline) for n, (field, groups) in enumerate(_groups(report))}
    sections = [
        Section("measures", "Measures", _measures(report)),
        Section("curves", "Curves", figures(whole)) if whole else None,
        *(
            Section(f"group-{n}", f"By {one_line(field, 60)}", _grouped(groups, grouped[field], baseline))
            for n, (field, groups) in enumerate(_groups(report))
        ),
        Section("cases", "Worst cases", _cases(report)) if report.get("worst") else None,
        Section("sources", "Sources", sources_section(report["sources"]))
        if any(part_of(report, "sources").values())
        else None,
        Section("findings", "Personal data and secrets", findings_section(report["findings"]))
        if report.get("findings")
        else None,
        Section("outputs", "What was looked at", counts_section(report)),
        Section("method", "Method", method_section(report)),
        Section("limits", "Limits", bullets(report.get("limits") or [])),
    ]
    page = render_page(
        f"Audit of {plural(part_of(report, 'counts').get('outputs', report['overall']['outputs']), 'output')}",
        [section for section in sections if section is not None],
        lead=_lead(report),
        facts=_facts(report),
    )
    return page, [*whole, *(plot for plots in grouped.values() for plot in plots)]


def _groups(report: Report) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    yield from ((field, _ordered(groups)) for field, groups in part_of(report, "groups").items() if groups)


def _ordered(groups: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Groups named by numbers by these, what is no number after them; all others as they came."""
    numbers = [_number(str(group["name"])) for group in groups]
    if len(groups) > MOST_CURVES or all(math.isinf(each) for each in numbers):
        return groups
    return [groups[place] for place in sorted(range(len(groups)), key=lambda place: numbers[place])]


def _number(name: str) -> float:
    try:
        value = float(name)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(value) else value


def _facts(report: Report) -> list[str]:
    searched = [f"{index['name']}, {plural(index['documents'], 'document')}" for index in report["indexes"]]
    return [f"against {each}" for each in searched] + [str(report["created"])]


def _lead(report: Report) -> Markup:
    return joined(
        (
            element("p", " ".join(_sentences(report)).replace(" %", "\u00a0%"), class_="au-lead"),
            key_figures(list(_key_figures(report))),
        )
    )


def _sentences(report: Report) -> Iterator[str]:
    overall, baseline = report["overall"], report.get("baseline")
    share = overall["measures"].get(HEADLINE)
    if share is None or share.get("value") is None:
        long = f"No output is long enough for passages of {_shortest(report)} characters."
        yield long if overall["outputs"] else "No output could be measured."
        return
    yield (
        f"On average {_value(share, HEADLINE)} of an output stands verbatim in the corpus, in passages of at least "
        f"{_shortest(report)} characters."
    )
    for field, groups in list(_groups(report))[:1]:
        told = [f"{_value(group['measures'].get(HEADLINE) or {}, HEADLINE)} for {group['name']}" for group in groups]
        if 1 < len(told) <= _MOST_TOLD:
            yield f"By {field}: {', '.join(told)}."
    if baseline is not None:
        other = baseline["measures"].get(HEADLINE) or {}
        yield f"In the baseline of {plural(baseline['outputs'], 'text')} it is {_value(other, HEADLINE)}."
        for each in report.get("differences") or []:
            if each["measure"] == HEADLINE:
                yield _difference(each, _confidence(report))


def _difference(each: Mapping[str, Any], confidence: str) -> str:
    if each.get("value") is None:
        return ""
    points = f"{number(100 * each['value'])} percentage points"
    if each.get("low") is None:
        return f"The difference is {points}; there are too few texts for an interval."
    low, high = number(100 * each["low"]), number(100 * each["high"])
    told = "which leaves out 0" if each["low"] > 0 or each["high"] < 0 else "which does not leave out 0"
    return f"The difference is {points}, with a {confidence} interval from {low} to {high}, {told}."


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
            notes.append(f"{_confidence(report)} interval {ends[ends.index('[') :]}")
        if others.get(name, {}).get("value") is not None:
            notes.append(f"baseline {number(others[name]['value'], percent=words.percent)}")
        yield KeyFigure(words.label, number(found["value"], percent=words.percent), "; ".join(notes))
    if (distinct := report.get("distinct_documents")) is not None:
        searched = sum(index["documents"] for index in report["indexes"])
        yield KeyFigure("Documents with a long match", f"{distinct:,}", f"of {plural(searched, 'document')}")


def _confidence(report: Report) -> str:
    return number(part_of(report, "parameters").get("confidence", 0.95), percent=True)


def _value(found: Mapping[str, Any], name: str) -> str:
    return interval(found.get("value"), percent=words_of(name).percent)


def _shortest(report: Report) -> str:
    parameters = part_of(report, "parameters")
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
    note = (
        f"Means over outputs, with {_confidence(report)} intervals in brackets: percentiles of bootstrap resamples of "
        "the outputs."
    )
    return joined((paragraph(note, soft=True), table(header, rows, numbers=1)))


def _cell(found: Mapping[str, Any] | None, percent: bool) -> str:
    return interval(found["value"], found.get("low"), found.get("high"), percent=percent) if found else "–"


def _group_plots(
    field: str, number_of_field: int, groups: Sequence[Mapping[str, Any]], baseline: Mapping[str, Any] | None
) -> list[Plot]:
    prefix, of = f"group-{number_of_field}-", f", by {one_line(field, 40)}"
    headline = measure_plot(groups[:_MOST_ROWS], baseline, HEADLINE, prefix, of)
    return [*([headline] if headline else []), *group_plots(groups, baseline, prefix, of)]


def _grouped(groups: Sequence[Mapping[str, Any]], plots: Sequence[Plot], baseline: Mapping[str, Any] | None) -> Markup:
    notes = []
    if len(groups) > MOST_CURVES:
        notes.append(f"Curves are drawn of {MOST_CURVES} of {len(groups):,} groups.")
    if len(groups) > _MOST_ROWS:
        notes.append(f"{_MOST_ROWS} of {len(groups):,} groups are shown; report.json has all.")
    return joined(
        (
            paragraph(" ".join(notes), soft=True) if notes else "",
            figures(plots),
            _group_table([*groups[:_MOST_ROWS], *([baseline] if baseline else [])]),
        )
    )


def _group_table(groups: Sequence[Mapping[str, Any]]) -> Markup:
    """All measures of some groups: a column each while there is room for them, else a row each."""
    names = [name for name in groups[0]["measures"] if any(_known(group, name) for group in groups)]
    rows = [
        ["Outputs", *(f"{group['outputs']:,}" for group in groups)],
        *(
            [
                words_of(name).label,
                *(_cell(group["measures"].get(name), words_of(name).percent) for group in groups),
            ]
            for name in names
        ),
    ]
    header = ["Measure", *(one_line(str(group["name"]), 120) for group in groups)]
    if len(groups) > MOST_CURVES + 1:
        header, *rows = [list(column) for column in zip(header, *rows, strict=True)]
        header[0] = "Group"
    return table(header, rows, numbers=1)


def _known(group: Mapping[str, Any], name: str) -> bool:
    return (group["measures"].get(name) or {}).get("value") is not None


def _cases(report: Report) -> Markup:
    note = (
        "The outputs with most of their text in long passages, the worst first. A number ends each passage; below the "
    )
    note += "text stand its length, its count, and documents that hold it."
    return joined((paragraph(note), worst_cases(report["worst"])))
