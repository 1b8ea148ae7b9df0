"""The command that compiles the kernels ahead: `warm`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from wherefrom.cli.output import say, working
from wherefrom.highlight import plural


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("warm")(warm)


def warm(
    tokenizer: Annotated[
        str, typer.Option(metavar="default|PATH", help="Tokenizer of the indexes to come, as for `index`.")
    ] = "default",
    everything: Annotated[
        bool, typer.Option("--all", help="Also what removing, verifying, compacting, counting and auditing need.")
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes to compile in. [default: all cores]"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")] = False,
) -> None:
    """Compile now what the first index and trace would compile.

    For images of containers, CI, and machines on which the first run should not wait.
    """
    from wherefrom import warm as warming

    began = time.monotonic()
    with working("Compiling kernels", quiet=quiet):
        warmed = warming.warm(processes, tokenizer, everything)
    took = time.monotonic() - began
    say(
        f"{plural(warmed.kernels, 'kernel')} ready, {warmed.compiled:,} of them compiled now, {took:.1f} s.",
        quiet=quiet,
    )
