"""The commands that give generations their provenance apart from the service: `worker`, `retrace`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli.output import say
from wherefrom.cli.serving import LogFormat, LogLevel, Processes, named_indexes, require_indexes, warm_up
from wherefrom.highlight import plural
from wherefrom_indexer.errors import UsageError

if TYPE_CHECKING:
    from wherefrom.traces.attaching import AttachWorker

Indexes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[INDEX...]", help="Folders of indexes, named as for `serve`: NAME=FOLDER gives another name."
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings, in TOML, as for `serve`. [default: the variable WHEREFROM_CONFIG]"),
]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|URL",
        help="The trace store, as for `serve`. [default: WHEREFROM_STORE, or ~/.local/share/wherefrom]",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    app.command("worker")(worker)
    app.command("retrace")(retrace)


def worker(
    indexes: Indexes = None,
    config: Config = None,
    store: Store = None,
    processes: Processes = None,
    drain: Annotated[bool, typer.Option("--drain", help="End when nothing is pending any more.")] = False,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not say what is done.")] = False,
) -> None:
    """Attach provenance to the generations in a trace store.

    For services that run with --no-attach, beside those that do not, or alone. Any number may share a store.
    """
    from wherefrom.api.attachment import work
    from wherefrom.api.settings import Settings

    settings = Settings.load(
        config,
        indexes=named_indexes(indexes) if indexes else None,
        store=store,
        processes=processes,
        log_level=log_level,
        log_format=log_format,
    )
    if not settings.indexes:
        raise UsageError("There is no index to trace against: give one, or name it in the settings.")
    require_indexes(settings)
    warm_up(quiet)

    def ready(attaching: AttachWorker) -> None:
        pending = plural(attaching.queue().pending, "text")
        say(f"Attaching provenance in {settings.store}; {pending} pending. Ctrl-C stops it.", quiet=quiet)

    attached = work(settings, ready, drain=drain)
    failed = f" {plural(attached.failed, 'text')} could not be traced." if attached.failed else ""
    say(f"Stored the provenance of {plural(attached.stored, 'text')}.{failed}", quiet=quiet)


def retrace(
    indexes: Indexes = None,
    config: Config = None,
    store: Store = None,
    which: Annotated[
        str,
        typer.Option(
            metavar="outdated|failed|all",
            help="outdated: those whose provenance is not of the current indexes, options and tracer, and those that"
            " have failed.",
        ),
    ] = "outdated",
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Generations of this project. [default: of all]")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Generations that arrived at this time or later. [default: all]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not say how many.")] = False,
) -> None:
    """Have generations traced again, as when an index has changed.

    It marks them in the store; the service that runs on it, or `worker`, traces them, new ones before them.
    """
    from wherefrom.api.attachment import tracing_rules
    from wherefrom.api.settings import Settings
    from wherefrom.pool.registry import IndexRegistry
    from wherefrom.traces.retracing import Wanted, Which
    from wherefrom.traces.retracing import retrace as run
    from wherefrom.traces.store import TraceStore
    from wherefrom.traces.times import read_time

    if which not in list(Which):
        raise UsageError(f"--which is {which!r}; it is one of {', '.join(Which)}.")
    settings = Settings.load(config, indexes=named_indexes(indexes) if indexes else None, store=store)
    if which == Which.OUTDATED and not settings.indexes:
        raise UsageError(
            "Which generations are outdated is told by the indexes: give them as for serve, or --which all."
        )
    require_indexes(settings)
    registry = IndexRegistry(settings.indexes)
    wanted = Wanted(Which(which), project, None if since is None else read_time(since, "--since"))

    def versions(names: Sequence[str]) -> dict[str, str]:
        return {opening.name: opening.version for opening in registry.current(names)}

    with TraceStore.open(settings.store) as opened:
        found = run(opened, wanted, tracing_rules(settings), versions, time.time_ns())
    for name, reason in found.skipped.items():
        say(f"The project {name} is left out: {reason}")
    say(f"{plural(found.parts, 'text')} will be traced again.", quiet=quiet)
