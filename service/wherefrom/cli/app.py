"""The command as a whole: its subcommands, and how errors leave it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from wherefrom.cli import (
    attaching,
    auditing,
    building,
    contaminating,
    exporting,
    extracting,
    importing,
    inspecting,
    keys,
    querying,
    reading,
    serving,
    tracing,
    warming,
)
from wherefrom.highlight import visible
from wherefrom_indexer.errors import WherefromError

INTERRUPTED = 130
"""What shells return for a command that Ctrl-C ended."""

# Typer carries its own copy of click in newer versions, so the class that all its errors share has no one import path.
_CommandLineError: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="wherefrom",
    help="Find where a language model's words stand in its training data.",
    epilog="First: wherefrom index corpus.jsonl --out corpus.index. Then: wherefrom trace corpus.index 'some text'.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
building.register(app)
tracing.register(app)
reading.register(app)
querying.register(app)
inspecting.register(app)
warming.register(app)
serving.register(app)
attaching.register(app)
auditing.register(app)
importing.register(app)
exporting.register(app)
keys.register(app)
contaminating.register(app)
extracting.register(app)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 done, 2 the caller's mistake, 1 any other failure, 130 interrupted.

    Args:
        arguments: what follows the command's name; the process's own arguments if None.
    """
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks is written out instead of ending the command.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = given[: given.index("--")] if "--" in given else given
    debug = "--debug" in options
    if debug:
        given.remove("--debug")
    sys.exit(_run(given, debug))


def _run(arguments: list[str], debug: bool) -> int:
    try:
        result = app(arguments, prog_name="wherefrom", standalone_mode=False)
        sys.stdout.flush()
    except WherefromError as error:
        return _fail(str(error), error.exit_code, debug)
    except _CommandLineError as error:
        return _fail(_usage(error), getattr(error, "exit_code", 2), debug)
    except BrokenPipeError:
        # Whoever read the output has gone, as `head` does; the interpreter's own flush at exit must not fail on it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _fail(f"The system refused a file operation: {error.strerror or error}{where}.", 1, debug)
    except MemoryError:
        return _fail("Out of memory; give a smaller --memory or fewer --threads.", 1, debug)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _fail(message: str, exit_code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    if message:
        sentence = visible(" ".join(message.split()))
        print(f"Error: {sentence}{'' if sentence.endswith(('.', '!', '?')) else '.'}", file=sys.stderr)
    return exit_code


def _usage(error: Exception) -> str:
    """The sentence of an error that typer found in the arguments, and where to read more."""
    sentence = str(getattr(error, "format_message", error.__str__)()).strip()
    if not sentence:
        return ""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "wherefrom"
    return f"{sentence.rstrip('.')}; see {command} --help."


@app.callback(invoke_without_command=True)
def _global_options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="On an error, print the traceback as well.")] = False,
) -> None:
    # `main` takes --debug out of the arguments, wherever it stands; here it only has its help.
    if version:
        from importlib.metadata import version as installed_version

        print(installed_version("wherefrom"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
