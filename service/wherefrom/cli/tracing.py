"""`wherefrom trace`: one text to the terminal, JSON or a page to share, or a file of many texts."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

import typer

from wherefrom.cli import trace_options
from wherefrom.cli.arguments import indexes_and_text, limit, read_text
from wherefrom.cli.output import console, progress_bar, say, to_json, whole_file, working
from wherefrom.options import PRESETS, TraceOptions
from wherefrom.provenance import Provenance
from wherefrom.workers import cores
from wherefrom_indexer.errors import UsageError

FIRST_RUN = "Tracing (the first run on a machine compiles the search kernels, for about 20 seconds)"


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("trace")(trace)


def trace(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="INDEX",
            help="Index folders, searched as one; after them TEXT, the text to trace, or - for standard input.",
            show_default=False,
        ),
    ],
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="Trace the text of this UTF-8 file.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What the model was asked; it only ranks documents. [default: nothing]"),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, as docs/provenance.schema.json describes it.")
    ] = False,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write one self-contained HTML page to share.")
    ] = None,
    show: Annotated[
        int, typer.Option(metavar="N", min=0, help="Documents printed on the terminal, the best first.")
    ] = 5,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="IN",
            help="Trace every record of this JSONL file: fields text, optionally id and prompt; - is standard input.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="OUT",
            help="With --jsonl: where the results go, a JSON object a line in the order of IN. The file appears when it"
            " is whole; a record that fails stands in it with its error.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="With --jsonl: texts traced at once. [default: all cores]"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")] = False,
    preset: trace_options.Preset = PRESETS[0],
    min_characters: trace_options.MinCharacters = None,
    min_tokens: trace_options.MinTokens = None,
    max_count: trace_options.MaxCount = None,
    density: trace_options.Density = None,
    word_boundaries: trace_options.WordBoundaries = None,
    sentence_boundaries: trace_options.SentenceBoundaries = None,
    max_documents: trace_options.MaxDocuments = None,
    context_characters: trace_options.ContextCharacters = None,
    seed: trace_options.Seed = None,
) -> None:
    """Find where the passages of a text stand in the data.

    Arguments: INDEX... [TEXT | -]. Folders that hold an index are indexes, a last argument that is none is the text.
    """
    given: dict[str, Any] = {
        "min_characters": min_characters,
        "min_tokens": min_tokens,
        "word_boundaries": word_boundaries,
        "sentence_boundaries": sentence_boundaries,
        "max_documents": max_documents,
        "context_characters": context_characters,
        "seed": seed,
    }
    options = {name: value for name, value in given.items() if value is not None}
    options |= limit("--max-count", max_count, int) | limit("--density", density, float)
    TraceOptions.of(preset, **options)  # a wrong value is told before anything is opened
    _refuse_contradictions(file=file, json=json, html=html, jsonl=jsonl, out=out, prompt=prompt)
    indexes, text = indexes_and_text(arguments, text_elsewhere=file is not None or jsonl is not None)
    if jsonl is not None and out is not None:
        _trace_many(indexes, jsonl, out, threads or cores(), preset, options, quiet)
        return
    if file is not None:
        text = read_text(file)
    with working(FIRST_RUN, quiet=quiet):
        provenance = _trace_one(indexes, text, prompt, preset, options)
    if html is not None:
        _write_page(provenance, html)
        say(f"Wrote {html}: open it in a browser.", quiet=quiet)
    elif json:
        print(to_json(provenance.to_dict(), indent=2))
    else:
        from wherefrom.terminal import ProvenanceView

        console().print(ProvenanceView(provenance, documents=show))


def _refuse_contradictions(**given: Any) -> None:
    if given["jsonl"] is None:
        if given["out"] is not None:
            raise UsageError("--out belongs to --jsonl; use --html FILE for a page, or --json and redirect it.")
    else:
        if given["out"] is None:
            raise UsageError("--jsonl needs --out OUT, the file that the results go to.")
        clashing = [name for name in ("file", "prompt", "json", "html") if given[name]]
        if clashing:
            raise UsageError(f"--jsonl cannot be combined with --{clashing[0]}.")
    if given["json"] and given["html"] is not None:
        raise UsageError("--json cannot be combined with --html; run the command twice.")


def _trace_one(indexes: list[str], text: str, prompt: str | None, preset: str, options: dict[str, Any]) -> Provenance:
    from wherefrom.tracer import Tracer

    with closing(Tracer.open(*indexes)) as tracer:
        return tracer.trace(text, prompt=prompt, preset=preset, **options)


def _write_page(provenance: Provenance, path: str) -> None:
    from wherefrom.html import render_page

    page = render_page(provenance)
    with whole_file(path) as file:
        file.write(page.encode("utf-8"))


def _trace_many(
    indexes: list[str], source: str, target: str, threads: int, preset: str, options: dict[str, Any], quiet: bool
) -> None:
    from wherefrom.cli.batch import trace_lines
    from wherefrom.tracer import Tracer

    with closing(Tracer.open(*indexes)) as tracer, progress_bar(quiet=quiet) as report:
        totals = trace_lines(tracer, source, target, threads, preset, options, report)
    failed = f"; {totals.failed:,} failed, with the error in their place" if totals.failed else ""
    say(f"Traced {totals.records - totals.failed:,} of {totals.records:,} records into {target}{failed}.", quiet=quiet)
