"""The command that measures many outputs: `audit`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wherefrom.cli import source_options
from wherefrom.cli.arguments import command_line, is_index
from wherefrom.cli.attaching import Config, Store
from wherefrom.cli.output import progress_bar, say
from wherefrom.highlight import plural
from wherefrom_indexer.errors import IndexNotFoundError, UsageError

if TYPE_CHECKING:
    from wherefrom.audit.outputs import Output, OutputFields


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("audit")(audit)


def audit(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="INDEX",
            help="Index folders, searched as one; after them OUTPUTS, a JSONL file with an output a line, or - for"
            " standard input. Without OUTPUTS, those of a trace store.",
            show_default=False,
        ),
    ],
    report: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report; it is made if it is not there.")],
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="JSONL file of texts to compare with: human text, another model's, held-out text."
        ),
    ] = None,
    group_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD", help="Field of the outputs to group by; a.b is b within a. May be given several times."
        ),
    ] = None,
    source_field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Field of the documents' metadata to tell sources apart by, such as source or licence. May be given"
            " several times.",
        ),
    ] = None,
    text_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the text.")] = "text",
    prompt_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the prompt.")] = "prompt",
    id_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the id.")] = "id",
    match_characters: Annotated[
        int, typer.Option(metavar="N", min=1, help="Shortest passage that counts as long, in characters.")
    ] = 50,
    discount_prompt: Annotated[
        bool, typer.Option("--discount-prompt", help="Leave out passages that stand in the prompt.")
    ] = False,
    near_verbatim: Annotated[
        bool | None,
        typer.Option(
            "--near-verbatim/--no-near-verbatim",
            help="Compare outputs word by word with the documents they match. [default: on]",
        ),
    ] = None,
    findings: Annotated[
        bool | None,
        typer.Option(
            "--findings/--no-findings", help="Look for personal data and secrets in long passages. [default: on]"
        ),
    ] = None,
    worst: Annotated[int, typer.Option(metavar="N", min=0, help="Outputs shown whole, the worst.")] = 20,
    resamples: Annotated[int, typer.Option(metavar="N", min=1, help="Resamples that intervals are taken from.")] = 1000,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="Seed of the resamples and of the choice of documents.")
    ] = 42,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outputs of the trace store: of this project only.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Outputs of the trace store: of traces that started then or later, in UTC."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Outputs of the trace store: of traces that started before.")
    ] = None,
    config: Config = None,
    store: Store = None,
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Outputs measured at once. [default: all cores]")
    ] = None,
    quiet: source_options.Quiet = False,
) -> None:
    """Measure how much of many outputs stands in the data, as a report.

    Arguments: INDEX... [OUTPUTS]. DIR gets index.html, report.json, generations.parquet, spans.parquet and the plots.
    Without OUTPUTS the outputs are those of the trace store, chosen by --project, --since and --until. A run that was
    interrupted goes on where it stopped.
    """
    from wherefrom.audit.auditing import audit as measure
    from wherefrom.audit.outputs import OutputFields, read_outputs
    from wherefrom.audit.parameters import AuditParameters
    from wherefrom.audit.report.audit_page import audit_page
    from wherefrom.audit.report.files import NO_RASTERS, write_report
    from wherefrom.tracer import Tracer
    from wherefrom.workers import cores

    chosen = {"project": project, "since": since, "until": until, "store": store, "config": config}
    indexes, outputs = _split(arguments, from_store=any(value is not None for value in chosen.values()))
    parameters = AuditParameters(
        match_characters=match_characters,
        discount_prompt=discount_prompt,
        near_verbatim=near_verbatim is not False,
        findings=findings is not False,
        group_by=tuple(dict.fromkeys(group_by or ())),
        source_fields=tuple(dict.fromkeys(source_field or ())),
        worst=worst,
        resamples=resamples,
        seed=seed,
    )
    fields = OutputFields(text_field, prompt_field, id_field)
    if baseline is not None and baseline == outputs == "-":
        raise UsageError("Standard input is read once: give the outputs or the baseline as a file.")
    compared = None if baseline is None else read_outputs(_readable(baseline), fields)
    with ExitStack() as stack:
        tracer = stack.enter_context(closing(Tracer.open(*indexes)))
        found = stack.enter_context(_outputs(outputs, fields, chosen))
        progress = stack.enter_context(progress_bar(quiet=quiet))
        result = measure(
            tracer, found, parameters, report, compared, threads or cores(), progress, command_line()
        ).to_dict()
    page, plots = audit_page(result)
    rasters = write_report(report, page, plots)
    say(_told(result), quiet=quiet)
    if not rasters:
        say(NO_RASTERS, quiet=quiet)
    say(f"Wrote {report / 'index.html'}: open it in a browser.", quiet=quiet)


def _split(arguments: list[str], *, from_store: bool) -> tuple[list[str], str | None]:
    """The indexes, and the file of outputs; None: they come from the trace store.

    Raises:
        IndexNotFoundError: something before the outputs is no index.
        UsageError: there are no outputs, or they are given twice.
    """
    indexes, outputs = (arguments, None) if is_index(arguments[-1]) else (arguments[:-1], arguments[-1])
    for index in indexes or arguments[:1]:
        if not is_index(index):
            raise IndexNotFoundError(f"No index at {index}: the folder does not exist or holds no manifest.json.")
    if outputs is None and not from_store:
        raise UsageError(
            "There are no outputs: give a JSONL file after the indexes, or --project, --since or --store for those of "
            "a trace store."
        )
    if outputs is not None and from_store:
        raise UsageError(
            "Outputs come from a file or from a trace store, not both: leave out the file, or --project, --since, "
            "--until, --store and --config."
        )
    return indexes, None if outputs is None else _readable(outputs)


def _readable(path: str) -> str:
    """Raises: UsageError: there is no such file; told before indexes are opened."""
    if path != "-" and (not Path(path).exists() or Path(path).is_dir()):
        raise UsageError(f"Cannot read {path}: there is no such file.")
    return path


@contextmanager
def _outputs(path: str | None, fields: OutputFields, chosen: dict[str, Any]) -> Iterator[Iterator[Output]]:
    if path is not None:
        from wherefrom.audit.outputs import read_outputs

        yield read_outputs(path, fields)
        return
    from wherefrom.api.settings import Settings
    from wherefrom.audit.stored_outputs import stored_outputs
    from wherefrom.traces.listing import TraceFilter
    from wherefrom.traces.store import TraceStore
    from wherefrom.traces.times import read_time

    wanted = TraceFilter(
        project=chosen["project"],
        since_ns=None if chosen["since"] is None else read_time(chosen["since"], "--since"),
        until_ns=None if chosen["until"] is None else read_time(chosen["until"], "--until"),
    )
    with TraceStore.open(Settings.load(chosen["config"], store=chosen["store"]).store) as opened:
        yield stored_outputs(opened, wanted)


def _told(result: dict[str, Any]) -> str:
    """What was found, in one line."""
    counts, share = result["counts"], result["overall"]["measures"].get("share") or {}
    told = f"Measured {counts['measured']:,} of {plural(counts['outputs'], 'output')}"
    if share.get("value") is None:
        return f"{told}: none is long enough for a share of long passages."
    told += f": on average {share['value']:.1%} of one stands in long passages"
    other = ((result.get("baseline") or {}).get("measures") or {}).get("share") or {}
    return f"{told}, of the baseline {other['value']:.1%}." if other.get("value") is not None else f"{told}."
