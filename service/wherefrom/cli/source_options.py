"""The options of commands that read sources: `index` and `add`."""

from __future__ import annotations

from typing import Annotated

import typer

# Named here and not imported: reading sources loads libraries that `--help` can do without. A test compares.
FORMATS = ("jsonl", "parquet", "arrow", "text", "megatron", "tokens", "dataset", "hub")

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="JSONL (plain, .gz, .zst), Parquet and Arrow files, folders of text files, datasets saved to disk or"
        " named, token files (Megatron, .npy, .bin).",
        show_default=False,
    ),
]
TextField = Annotated[str, typer.Option(metavar="FIELD", help="Field that holds a document's text.")]
IdField = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD",
        help="Field that holds a document's id. [default: ids are made of the source's name and the record's number]",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="NAME", help=f"Format of the sources: {', '.join(FORMATS)}. [default: told from the files]"
    ),
]
Split = Annotated[str | None, typer.Option(metavar="NAME", help="Split of a dataset. [default: all, one by one]")]
EndOfDocument = Annotated[
    int | None,
    typer.Option(metavar="ID", help="Token files without a document table: id of the token that ends a document."),
]
TokenDtype = Annotated[
    str | None, typer.Option(metavar="TYPE", help="Token files without a header: type of the ids, such as uint16.")
]
OnDuplicateId = Annotated[
    str,
    typer.Option(
        metavar="error|skip|replace",
        help="A document whose id is taken: stop, keep the earlier one, or put this one in its place.",
    ),
]
OnError = Annotated[
    str,
    typer.Option(metavar="error|skip", help="A record that cannot be read: stop, or count it and list it."),
]
Memory = Annotated[
    str, typer.Option(metavar="SIZE", help="Peak memory of all processes, mapped files excluded, as in 500MB or 2GB.")
]
Threads = Annotated[int | None, typer.Option(metavar="N", min=1, help="Threads to work with. [default: all cores]")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
