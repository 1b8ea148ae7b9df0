"""The command that runs the service: `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli.arguments import is_index
from wherefrom.cli.output import say, working
from wherefrom.highlight import plural
from wherefrom_indexer.errors import IndexNotFoundError, UsageError

if TYPE_CHECKING:
    from wherefrom.api.services import Services
    from wherefrom.api.settings import Settings


Processes = Annotated[int | None, typer.Option(metavar="N", min=1, help="Search processes. [default: all cores]")]
LogLevel = Annotated[str | None, typer.Option(metavar="LEVEL", help="debug, info, warning or error. [default: info]")]
LogFormat = Annotated[str | None, typer.Option(metavar="json|text", help="A line of the log. [default: json]")]


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("serve")(serve)


def serve(
    indexes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INDEX...]", help="Folders of indexes; NAME=FOLDER gives another name than the folder's."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings, in TOML. [default: the variable WHEREFROM_CONFIG]")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Where to listen; any but a loopback address needs keys. [default: 127.0.0.1]"
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65_535, help="0: any that is free. [default: 8484]")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URL",
            help="Where traces are kept: a folder, or a PostgreSQL database. [default: ~/.local/share/wherefrom]",
        ),
    ] = None,
    processes: Processes = None,
    audits: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Reports of audits to show: a folder of them, or one.")
    ] = None,
    attach: Annotated[
        bool | None,
        typer.Option("--attach/--no-attach", help="Trace generations here, or leave it to `worker`. [default: attach]"),
    ] = None,
    upstream: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=URL", help="An API of models, recorded by the gateway at /gateway/NAME/v1."),
    ] = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not say where to look.")] = False,
) -> None:
    """Run the service: traces over HTTP, and provenance for them.

    Every setting can stand in the file or in a variable WHEREFROM_...; docs/api.md lists them.
    """
    from wherefrom.api.serving import serve as run
    from wherefrom.api.settings import Settings

    settings = Settings.load(
        config,
        indexes=named_indexes(indexes) if indexes else None,
        host=host,
        port=port,
        store=store,
        processes=processes,
        audits=audits,
        attach=attach,
        upstreams=named_upstreams(upstream) if upstream else None,
        log_level=log_level,
        log_format=log_format,
    )
    require_indexes(settings)
    if settings.indexes:
        warm_up(quiet)

    def ready(address: str, parts: Services) -> None:
        say(_where(address, settings, parts), quiet=quiet)

    run(settings, ready)


def named_indexes(arguments: list[str]) -> dict[str, str]:
    """Folders by name: as given, or the folder's without `.index`.

    Raises:
        UsageError: two have the same name.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        name, equals, folder = argument.partition("=")
        if not equals or Path(argument).exists():
            folder = argument
            name = Path(argument).resolve().name.removesuffix(".index")
        if name in found:
            raise UsageError(f"Two indexes are named {name!r}; give one another name, as in other={folder}.")
        found[name] = folder
    return found


def named_upstreams(arguments: list[str]) -> dict[str, str]:
    """Addresses by name.

    Raises:
        UsageError: one has no name, or two have the same.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        name, equals, address = argument.partition("=")
        if not equals or name in found:
            raise UsageError(
                f"--upstream {argument!r} gives no new name; write it as openai=https://api.openai.com/v1."
            )
        found[name] = address
    return found


def require_indexes(settings: Settings) -> None:
    """Checks that the indexes are where the settings say.

    Raises:
        IndexNotFoundError: one is not.
    """
    for name, folder in settings.indexes.items():
        if not is_index(str(folder)):
            raise IndexNotFoundError(
                f"The index {name!r} is not at {folder}: no manifest.json; make it with wherefrom index."
            )


def warm_up(quiet: bool) -> None:
    """Compiles the kernels now if no process of this user has: better here than in the first requests."""
    from wherefrom.warm import is_warm, warm

    if is_warm():
        return
    say("Compiling the kernels, once for this version and machine; it takes about a minute.", quiet=quiet)
    with working("Compiling kernels", quiet=quiet):
        warm()


def _where(address: str, settings: Settings, parts: Services) -> str:
    number = plural(len(settings.indexes), "index", "indexes")
    lines = [
        f"Wherefrom is at {address}, with {number}; traces are kept in {parts.store.location}.",
        f"  OpenTelemetry:  OTEL_EXPORTER_OTLP_ENDPOINT={address}",
        f"  LangSmith:      LANGSMITH_TRACING=true LANGSMITH_ENDPOINT={address} LANGSMITH_API_KEY=any",
        f"  Traces:         {address}/v1/traces",
        *(f"  Gateway:        OPENAI_BASE_URL={address}/gateway/{name}/v1" for name in settings.upstreams),
        "Ctrl-C stops it.",
    ]
    if settings.needs_keys:
        lines[2] = lines[2].replace("API_KEY=any", "API_KEY=wf_...")
    return "\n".join(lines)
