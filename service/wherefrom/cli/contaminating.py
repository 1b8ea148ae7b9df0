"""The command that judges benchmarks: `contamination`."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.arguments import command_line, is_index
from wherefrom.cli.output import progress_bar, say
from wherefrom.highlight import plural
from wherefrom_indexer.errors import UsageError

# Named here and not imported: the variants load what `--help` can do without. A test compares.
VARIANTS = ("gpt3", "palm", "gpt4", "llama2", "window50", "longest")


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("contamination")(contamination)


def contamination(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="INDEX",
            help="Index folders, searched as one; after them BENCHMARK, a JSONL file with an item a line, or - for"
            " standard input.",
            show_default=False,
        ),
    ],
    report: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report; it is made if it is not there.")],
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(VARIANTS),
            help="Rule to judge by; may be given several times. [default: window50 and longest]",
        ),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Field of the question. [default: question, if no field is given]"),
    ] = None,
    passage: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Field of a text that the question is about.")
    ] = None,
    answer: Annotated[str | None, typer.Option(metavar="FIELD", help="Field of the answer.")] = None,
    id_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of an item's id.")] = "id",
    score_field: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Field of a model's score on the item. [default: score, with --results]"),
    ] = None,
    results: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="JSONL file with id and score of each item, instead of a field of items."),
    ] = None,
    gpt3_words: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Length of gpt3's n-grams. [default: 5th percentile of the benchmark's lengths, from 8 to 13]",
        ),
    ] = None,
    contained: Annotated[
        float,
        typer.Option(metavar="SHARE", help="A document is listed if it holds at least this share of an item's text."),
    ] = 0.8,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of what gpt4 draws.")] = 42,
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Items judged at once. [default: all cores]")
    ] = None,
    quiet: source_options.Quiet = False,
) -> None:
    """Judge which items of a benchmark stand in the data.

    Arguments: INDEX... BENCHMARK. DIR gets index.html with plots, report.json, items.parquet, evidence.parquet, and for
    each index a file of ids that `wherefrom remove --ids-file` accepts. A run that was interrupted goes on where it
    stopped.
    """
    from wherefrom import Tracer
    from wherefrom.audit.contamination import Benchmark, ContaminationParameters, write_page
    from wherefrom.audit.contamination import contamination as judge
    from wherefrom.audit.report.files import NO_RASTERS

    indexes, benchmark = _split(arguments)
    given = {"question": question, "passage": passage, "answer": answer}
    fields = {role: field for role, field in given.items() if field is not None}
    parameters = ContaminationParameters(
        variants=tuple(variant or ("window50", "longest")),
        fields=fields or None,
        id_field=id_field,
        score_field=None if results is not None else score_field,
        gpt3_words=gpt3_words,
        seed=seed,
        contained=contained,
    )
    command = command_line()
    judged = Benchmark(benchmark, results, score_field or "score", command)
    with closing(Tracer.open(*indexes)) as tracer, progress_bar(quiet=quiet) as progress:
        found = judge(tracer, judged, parameters, report, threads, progress)
    has_rasters = write_page(found, report)
    for each in found.variants:
        counts = each["items"]
        told = ", ".join(f"{number:,} {verdict}" for verdict, number in counts.items() if number)
        say(f"{each['name']}: {told or 'no items'}.", quiet=quiet)
    for listed in found.documents:
        if listed.file is not None:
            path = shlex.quote(str(report / listed.file))
            holding = f"{plural(listed.documents, 'document')} of {listed.index}"
            say(f"{holding} {'holds' if listed.documents == 1 else 'hold'} items: {path}", quiet=quiet)
    left = sum(found.counts["faults"].values())
    if left:
        say(f"{plural(left, 'item')} could not be judged; report.json says why.", quiet=quiet)
    if not has_rasters:
        say(NO_RASTERS, quiet=quiet)
    say(f"Wrote {report / 'index.html'}: open it in a browser.", quiet=quiet)


def _split(arguments: list[str]) -> tuple[list[str], str]:
    """The indexes and the benchmark.

    Raises:
        UsageError: there is no benchmark, or something before it is no index.
    """
    *indexes, benchmark = arguments
    if is_index(benchmark) or not indexes:
        raise UsageError("There is no benchmark: give a JSONL file after the indexes.")
    for index in indexes:
        if not is_index(index):
            raise UsageError(f"No index at {index}: the folder does not exist or holds no manifest.json.")
    return indexes, benchmark
