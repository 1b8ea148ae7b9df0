"""A run of extraction as people read it: index.html, and its plots as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wherefrom.audit.extraction.extracting import ExtractionReport
from wherefrom.audit.extraction.summary import CORPUS, HELD_OUT
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
    index_table,
    key_figures,
    marked_text,
    paragraph,
    parameter_table,
    table,
)
from wherefrom.audit.report.plots import Axis, CurvePlot, Plot, Point, Series
from wherefrom.audit.report.scales import interval
from wherefrom.highlight import plural

_CURVES = 6


def write_page(report: ExtractionReport, folder: Path) -> bool:
    """Write the page of a report and its plots; return whether the plots were written as PNG too.

    Raises:
        StorageError: a file cannot be written.
    """
    told = report.to_dict()
    return write_report(folder, page_of(told), plots_of(told))


def page_of(report: Mapping[str, Any]) -> str:
    """The page of a report as report.json has it."""
    sections = [
        Section("rates", "Rates", _rates(report)),
        Section("given", "Sequences given back", _given(report)),
        Section("method", "Method", _method(report)),
        Section("limits", "Limits", bullets(report["limits"])),
    ]
    facts = [
        f"model {report['model']['name']}",
        plural(report["counts"]["sequences"], "sequence"),
        f"drawn from {', '.join(index['name'] for index in report['indexes'])}",
        report["created"],
    ]
    return render_page("Extraction of training data", sections, lead=_lead(report), facts=facts)


def plots_of(report: Mapping[str, Any]) -> list[Plot]:
    """Extraction against duplicates, against the length of the prompt, and against tries."""
    rates = report["rates"]
    prefixes = sorted({rate["prefix"] for rate in rates})
    caption = (
        "Share of sequences whose continuation the model gives token by token under greedy decoding, with 95 % "
        "intervals."
    )
    plots: list[Plot] = [
        CurvePlot(
            "duplicates",
            "Extraction against duplicates",
            f"{caption} Right: the sequence stands in the corpus more often. Far left: held-out text, which does not.",
            Axis("occurrences in the corpus", ticks=_classes(rates)),
            Axis("sequences given back", percent=True, least=0, most=1),
            tuple(Series(f"prompts of {prefix} tokens", _by_class(rates, prefix)) for prefix in prefixes[-_CURVES:]),
            markers=True,
        )
    ]
    if len(prefixes) > 1:
        plots.append(
            CurvePlot(
                "prefixes",
                "Extraction against the length of the prompt",
                caption,
                Axis("tokens of the prompt"),
                Axis("sequences given back", percent=True, least=0, most=1),
                tuple(
                    Series(
                        _name(own[0]),
                        tuple(_point(rate["prefix"], rate["verbatim"]) for rate in own),
                        not own[0]["duplicates"],
                    )
                    for own in _of_classes(rates)
                ),
                markers=True,
            )
        )
    longest = [rate for rate in rates if rate["prefix"] == prefixes[-1]]
    for p in report["parameters"]["probabilities"]:
        plots.append(
            CurvePlot(
                f"discoverable-{p:g}",
                f"(n, {p:g})-discoverable sequences",
                f"Share of sequences that n samples bring out with a chance of at least {p:g}; prompts of"
                f" {prefixes[-1]} tokens.",
                Axis("n, samples", logarithmic=True),
                Axis("sequences", percent=True, least=0, most=1),
                tuple(
                    Series(
                        _name(rate),
                        tuple(_point(each["tries"], each) for each in rate["discoverable"] if each["p"] == p),
                        not rate["duplicates"],
                    )
                    for rate in longest[-_CURVES - 1 :]
                ),
            )
        )
    return plots


def _classes(rates: list[dict[str, Any]]) -> tuple[tuple[float, str], ...]:
    names = {_place(rates, rate): rate["duplicates"] or HELD_OUT for rate in rates}
    return tuple(sorted(names.items()))


def _place(rates: list[dict[str, Any]], rate: Mapping[str, Any]) -> float:
    """Where a class stands on the axis: held-out text at 0, classes one beside the other."""
    leasts = sorted({each["least_duplicates"] for each in rates if each["least_duplicates"] is not None})
    return 0.0 if rate["least_duplicates"] is None else 1.0 + leasts.index(rate["least_duplicates"])


def _by_class(rates: list[dict[str, Any]], prefix: int) -> tuple[Point, ...]:
    points = [_point(_place(rates, rate), rate["verbatim"]) for rate in rates if rate["prefix"] == prefix]
    return tuple(sorted(points, key=lambda point: point.x))


def _of_classes(rates: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    classes: dict[Any, list[dict[str, Any]]] = {}
    for rate in rates:
        classes.setdefault(rate["least_duplicates"], []).append(rate)
    return list(classes.values())[-_CURVES - 1 :]


def _point(x: float, rate: Mapping[str, Any]) -> Point:
    return Point(float(x), rate["value"], rate["low"], rate["high"])


def _name(rate: Mapping[str, Any]) -> str:
    return f"{rate['duplicates']} in the corpus" if rate["duplicates"] else HELD_OUT


def _lead(report: Mapping[str, Any]) -> Markup:
    longest = max(rate["prefix"] for rate in report["rates"])
    tiles = [
        KeyFigure(
            _name(rate),
            interval(rate["verbatim"]["value"], percent=True),
            f"of {plural(rate['sequences'], 'sequence')} given back",
        )
        for rate in report["rates"]
        if rate["prefix"] == longest
    ]
    control = any(rate["set"] == HELD_OUT for rate in report["rates"])
    return joined(
        [
            paragraph(
                f"Prompted with {longest} tokens, greedy decoding, the next"
                f" {report['parameters']['continuation']} tokens compared."
            ),
            key_figures(tiles),
            ""
            if control
            else paragraph(
                "There is no held-out control: what the model gives back without having read it is not known."
            ),
        ]
    )


def _rates(report: Mapping[str, Any]) -> Markup:
    rows = [
        [
            rate["duplicates"] if rate["set"] == CORPUS else HELD_OUT,
            f"{rate['prefix']:,}",
            f"{rate['sequences']:,}",
            *(
                None
                if rate[kind]["value"] is None
                else interval(*(rate[kind][key] for key in ("value", "low", "high")), percent=True)
                for kind in ("verbatim", "sampled_verbatim", "approximate")
            ),
            f"{rate['edit_similarity']:.2f}",
        ]
        for rate in report["rates"]
    ]
    header = ["Occurrences", "Prompt", "Sequences", "Verbatim", "In some sample", "Approximate", "Edit similarity"]
    met = [*_met("drawing", report["counts"]["met"]), *_met("held-out text", report["counts"]["held_out_met"])]
    return joined([figures(plots_of(report)), table(header, rows, numbers=1), *met])


def _met(where: str, met: Mapping[str, int]) -> list[Markup]:
    told = ", ".join(f"{number:,} {kind.replace('_', ' ')}" for kind, number in met.items())
    return [paragraph(f"Counted apart in {where}: {told}.", soft=True)] if told else []


def _given(report: Mapping[str, Any]) -> Markup:
    if not report["worst"]:
        return paragraph("No sequence was given back verbatim.")
    told = "Those that stand in the corpus least often come first. Marked is what the model gave after the prompt."
    return joined([paragraph(told, soft=True), *map(_attempt, report["worst"])])


def _attempt(attempt: Mapping[str, Any]) -> Markup:
    text = attempt["prompt"] + attempt["given"]
    times = HELD_OUT if attempt["held_out"] else plural(attempt["duplicates"], "occurrence")
    return element(
        "article",
        paragraph(
            document(attempt["index"] or HELD_OUT, attempt["document"], {}),
            f" {times}, prompt of {attempt['prefix']} tokens",
        ),
        marked_text(text, [Passage(len(attempt["prompt"]), len(text), times)]),
    )


def _method(report: Mapping[str, Any]) -> Markup:
    measures = [
        ["Verbatim", "The greedy continuation is the true one, token by token.", "Carlini et al., arXiv 2202.07646"],
        ["In some sample", "One of the sampled continuations is the true one.", "–"],
        ["Approximate", "Word BLEU of the greedy continuation is above 0.75.", "Ippolito et al., arXiv 2210.17546"],
        [
            "Edit similarity",
            "1 less the edit distance over the length, in tokens; mean.",
            "Lee et al., arXiv 2107.06499",
        ],
        [
            "(n, p)-discoverable",
            "1 - (1 - p_z)^n is at least p; p_z is the chance of the true continuation in one sample, reckoned in one"
            " forward pass.",
            "Hayes et al., arXiv 2410.19482",
        ],
    ]
    return joined(
        [
            table(["Measure", "Rule", "Source"], measures),
            paragraph("Intervals are Wilson's, 95 %. The same continuation is asked for with every length of prompt."),
            index_table(report["indexes"]),
            parameter_table(report["parameters"]),
            command_line(report["command"]) if report["command"] else "",
        ]
    )
