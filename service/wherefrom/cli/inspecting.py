"""The commands that look at an index as a whole: `verify` and `info`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wherefrom.cli.output import console, progress_bar, say, to_json
from wherefrom.highlight import plural, visible

if TYPE_CHECKING:
    from wherefrom_indexer.index import Index

_Index = Annotated[str, typer.Argument(metavar="INDEX", help="Index folder.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    app.command("verify")(verify)
    app.command("info")(info)


def verify(
    index: _Index, quiet: Annotated[bool, typer.Option("--quiet", help="No progress; findings only.")] = False
) -> None:
    """Read an index whole and check every byte of it.

    Checks checksums, suffix order and document table. Prints a line for each finding; with any, the exit code is 1. The
    outcome is noted in the folder, where it can be written, and shown by the service.
    """
    from wherefrom_indexer.verification import verify_and_note

    with progress_bar(quiet=quiet) as report:
        findings = verify_and_note(index, progress=report).findings
    for finding in findings:
        print(visible(str(finding)))
    if findings:
        say(f"{index} is damaged: {plural(len(findings), 'finding')}; restore it or build it again.", quiet=quiet)
        raise typer.Exit(1)
    say(f"{index} is whole.", quiet=quiet)


def info(index: _Index, json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False) -> None:
    """Print what an index holds, and its size."""
    from rich.table import Table
    from rich.text import Text

    from wherefrom_indexer.index import Index

    facts = _facts(Index.open(index))
    if json:
        print(to_json(facts, indent=2))
        return
    segments = facts.pop("segments")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), Text(visible(f"{value:,}" if isinstance(value, int) else str(value))))
    parts = Table("segment", box=None, pad_edge=False)
    for heading in ("documents", "removed", "tokens", "bytes"):
        parts.add_column(heading, justify="right")
    for segment in segments:
        name, *numbers = segment.values()
        parts.add_row(name, *(f"{number:,}" for number in numbers))
    screen = console()
    screen.print(table)
    screen.print()
    screen.print(parts)


def _facts(opened: Index) -> dict[str, Any]:
    from wherefrom_indexer.array_file import FORMAT_VERSION

    entries = opened.manifest.segments
    tokenizer = opened.manifest.tokenizer
    segments = sum(entry.bytes for entry in entries)
    return {
        "name": opened.name,
        "version": opened.version,
        "format_version": FORMAT_VERSION,
        "documents": opened.documents,
        "tokens": opened.tokens,
        "tokenizer": tokenizer.name,
        "tokenizer_hash": tokenizer.hash,
        "vocabulary": tokenizer.vocabulary,
        "bytes": segments + tokenizer.info.bytes,
        "segment_bytes_per_token": round(segments / max(opened.tokens, 1), 2),
        "segments": [
            {
                "name": entry.name,
                "documents": entry.live_documents,
                "removed": entry.documents - entry.live_documents,
                "tokens": entry.live_tokens,
                "bytes": entry.bytes,
            }
            for entry in entries
        ],
    }
