"""The command that writes traces to a file: `export`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.attaching import Config, Store
from wherefrom.cli.output import say
from wherefrom.highlight import plural
from wherefrom_indexer.errors import StorageError, UsageError


class ExportFormat(StrEnum):
    """A form of files."""

    OTLP = "otlp"
    PARQUET = "parquet"


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("export")(export)


def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="What to write; it must not be there yet.")],
    export_format: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            metavar="otlp|parquet",
            help="otlp: a line a trace, as OpenTelemetry's exporters send it. parquet: a row a span.",
        ),
    ] = ExportFormat.OTLP,
    project: Annotated[str | None, typer.Option(metavar="NAME", help="Of this project only.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Traces that started then or later; a time or a date, in UTC.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Traces that started before.")] = None,
    config: Config = None,
    store: Store = None,
    quiet: source_options.Quiet = False,
) -> None:
    """Write traces with their provenance to a file, for other systems.

    Each generation gets a child span that tells which documents it quotes.
    """
    from wherefrom.api.settings import Settings
    from wherefrom.traces.export.formats import FORMATS, Format
    from wherefrom.traces.export.stored import StoredTrace, stored_traces
    from wherefrom.traces.listing import TraceFilter
    from wherefrom.traces.store import TraceStore
    from wherefrom.traces.times import read_time

    wanted = TraceFilter(
        project=project,
        since_ns=None if since is None else read_time(since, "--since"),
        until_ns=None if until is None else read_time(until, "--until"),
    )
    settings = Settings.load(config, store=store)
    count = 0
    with TraceStore.open(settings.store) as opened:

        def counted() -> Iterator[StoredTrace]:
            nonlocal count
            for trace in stored_traces(opened, wanted):
                count += 1
                yield trace

        pieces = FORMATS[Format(export_format.value)].pieces()(counted())
        first = next(pieces, b"")
        try:
            with out.open("xb") as file:
                file.write(first)
                for piece in pieces:
                    file.write(piece)
        except FileExistsError as error:
            raise UsageError(f"{out} is there already; give another name, or remove it.") from error
        except OSError as error:
            raise StorageError(f"Cannot write {out}: {error.strerror or error}.") from error
    say(f"Exported {plural(count, 'trace')} to {out}.", quiet=quiet)
