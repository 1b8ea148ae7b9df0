"""The command that stores generations from files: `import`."""

from __future__ import annotations

from typing import Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.attaching import Config, Store
from wherefrom.cli.output import progress_bar, say
from wherefrom.highlight import plural

_LISTED = 10


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("import")(import_)


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Generations or conversations: JSONL (plain, .gz, .zst), a JSON array, Parquet and Arrow files,"
            " datasets saved to disk or named.",
            show_default=False,
        ),
    ],
    project: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The project that they belong to. [default: their field project, or default]"
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
                done = import_records(opened, file, project=project, options=options, on_skip=skip, report=report)
            for skipped in told:
                say(f"Skipped {skipped.location}: {skipped.reason}", quiet=quiet)
            more = f"; {plural(done.skipped, 'record')} skipped" if done.skipped else ""
            say(f"Imported {plural(done.generations, 'generation')} from {file}{more}.", quiet=quiet)
