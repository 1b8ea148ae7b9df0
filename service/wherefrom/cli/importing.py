"""The command that stores generations and traces from files: `import`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.attaching import Config, Store
from wherefrom.cli.output import progress_bar, say
from wherefrom.highlight import plural
from wherefrom_indexer.errors import UsageError

if TYPE_CHECKING:
    from wherefrom.traces.importing import Imported

SYSTEMS = ("langfuse", "phoenix", "mlflow", "langsmith", "records")
"""What `--from` may name. Named here and not imported, as formats are: `--help` can do without. A test compares."""

_LISTED = 10


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("import")(import_)


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Generations, conversations or exports of other tracing systems: JSONL, JSON and CSV (plain, .gz,"
            " .zst), Parquet and Arrow files, datasets saved to disk or named.",
            show_default=False,
        ),
    ],
    project: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The project that they belong to. [default: their field project, or default]"
        ),
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="|".join(SYSTEMS),
            help="What the files are: exports of this system, or records of any fields. [default: told from the"
            " records]",
        ),
    ] = None,
    config: Config = None,
    store: Store = None,
    source_format: source_options.Format = None,
    split: source_options.Split = None,
    on_error: source_options.OnError = "error",
    quiet: source_options.Quiet = False,
) -> None:
    """Store generations from files, as traces to be given provenance.

    The service that runs on the store, or `worker`, then traces them. What is imported again changes nothing.
    """
    from wherefrom.api.settings import Settings
    from wherefrom.traces.importing import import_records
    from wherefrom.traces.store import TraceStore
    from wherefrom_indexer.sources import Skipped, SourceOptions

    if system is not None and system not in SYSTEMS:
        raise UsageError(f"--from names no system: {system!r}; it is one of {', '.join(SYSTEMS)}")
    options = SourceOptions(format=source_format, split=split, on_error=on_error)  # type: ignore[arg-type]
    settings = Settings.load(config, store=store)
    told: list[Skipped] = []

    def skip(skipped: Skipped) -> None:
        if len(told) < _LISTED:
            told.append(skipped)

    with TraceStore.open(settings.store) as opened:
        for file in files:
            told.clear()
            with progress_bar(quiet=quiet) as report:
                done = import_records(
                    opened, file, project=project, system=system, options=options, on_skip=skip, report=report
                )
            for skipped in told:
                say(f"Skipped {skipped.location}: {skipped.reason}", quiet=quiet)
            skipped_too = f"; {plural(done.skipped, 'record')} skipped" if done.skipped else ""
            say(f"Imported {_what(done)} from {file}{skipped_too}.", quiet=quiet)


def _what(done: Imported) -> str:
    """What came of a file, in words."""
    others = done.other_spans
    listed = [plural(done.generations, "generation")]
    listed += [plural(others, "other span")] if others else []
    listed += [plural(done.scores, "score")] if done.scores else []
    *first, last = listed
    return f"{', '.join(first)} and {last}" if first else last
