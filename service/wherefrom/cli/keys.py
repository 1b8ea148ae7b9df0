"""The commands for API keys: `keys create`, `keys list`, `keys revoke`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli.output import console, say, to_json

if TYPE_CHECKING:
    from wherefrom.traces.keys import ApiKey
    from wherefrom.traces.store import TraceStore

_Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR|URL",
        help="The trace store, as for `serve`. [default: WHEREFROM_STORE, or ~/.local/share/wherefrom]",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    keys = typer.Typer(
        help="Make, list and revoke the API keys of the service.", no_args_is_help=True, rich_markup_mode=None
    )
    keys.command("create")(create)
    keys.command("list")(list_)
    keys.command("revoke")(revoke)
    app.add_typer(keys, name="keys")


def create(
    role: Annotated[
        str,
        typer.Option(metavar="ingest|read|admin", help="What the key allows: send traces, read them, or everything."),
    ] = "ingest",
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="The only project that it is for. [default: all projects]")
    ] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="Whom or what it is for.")] = "",
    store: _Store = None,
    json: _Json = False,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    from wherefrom.traces.keys import create_key

    with _opened(store) as opened:
        key, kept = opened.write(
            lambda connection: create_key(connection, role, project, label, time.time_ns())
        ).result()
    if json:
        print(to_json({"key": key} | _shown(kept)))
        return
    print(key)
    say(f"The id of this key is {kept.id}. Keep the key: only its hash is stored.")


def list_(store: _Store = None, json: _Json = False) -> None:
    """Show all keys, with what they allow and when they were last used."""
    from rich.table import Table
    from rich.text import Text

    from wherefrom.highlight import visible
    from wherefrom.traces.keys import list_keys

    with _opened(store) as opened:
        keys = [_shown(key) for key in opened.read(list_keys)]
    if json:
        print(to_json(keys))
        return
    if not keys:
        say("There are no keys yet; make one with wherefrom keys create.")
        return
    table = Table(box=None, pad_edge=False)
    for name in keys[0]:
        table.add_column(name)
    for key in keys:
        table.add_row(*(Text(visible(value or "-")) for value in key.values()))
    console().print(table)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `keys list` shows it.")], store: _Store = None
) -> None:
    """Make a key useless, for good; services refuse it within seconds."""
    from wherefrom.traces.keys import revoke_key

    with _opened(store) as opened:
        opened.write(lambda connection: revoke_key(connection, key_id, time.time_ns())).result()
    say(f"The key {key_id} is revoked.")


def _opened(store: str | None) -> TraceStore:
    from wherefrom.api.settings import Settings
    from wherefrom.traces.store import TraceStore

    return TraceStore.open(Settings.load(store=store).store)


def _shown(key: ApiKey) -> dict[str, str | None]:
    return {
        "id": key.id,
        "role": key.role,
        "project": key.project,
        "label": key.label,
        "created": _time(key.created_ns),
        "used": _time(key.used_ns),
        "revoked": _time(key.revoked_ns),
    }


def _time(nanoseconds: int | None) -> str | None:
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
