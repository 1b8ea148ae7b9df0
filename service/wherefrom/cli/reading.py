"""`wherefrom document` and `wherefrom count`: look into an index."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from wherefrom.cli.arguments import indexes_and_text
from wherefrom.cli.output import console, say, to_json
from wherefrom.highlight import plural, visible

_LONGEST_VALUE = 2000
"""Characters of a metadata value that are printed; `--json` prints all."""


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    app.command("document")(document)
    app.command("count")(count)


def document(
    index: Annotated[str, typer.Argument(metavar="INDEX", help="Index folder.")],
    document_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the document.")],
    highlight: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Mark every place of this text in the document.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print id, metadata, duplicates and text as JSON.")] = False,
) -> None:
    """Print a document of an index: metadata, then its text."""
    from rich.text import Text

    from wherefrom.terminal import has_colour, highlighted, metadata_line
    from wherefrom_indexer.index import Index

    stored = Index.open(index).document(document_id)
    if json:
        fields = {"id": stored.id, "metadata": stored.metadata, "duplicates": stored.duplicates, "text": stored.text}
        print(to_json(fields, indent=2))
        return
    screen = console()
    screen.print(Text(visible(stored.id), style="bold"), soft_wrap=True)
    for name, value in stored.metadata.items():
        screen.print(Text(metadata_line({name: value}, limit=_LONGEST_VALUE), style="dim"), soft_wrap=True)
    if stored.duplicates:
        screen.print(Text(f"{plural(stored.duplicates, 'exact duplicate')} in this index", style="dim"))
    text, places = highlighted(stored.text, highlight or "", coloured=has_colour(screen))
    screen.print()
    screen.print(text, soft_wrap=True)
    if highlight:
        say(f"The text stands {plural(places, 'time')} in this document.")


def count(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="INDEX", help="Index folders; after them TEXT, the text to count, or - for standard input."
        ),
    ],
    json: Annotated[
        bool, typer.Option("--json", help="Print {count, count_is_lower_bound, counts} as JSON, counts by index.")
    ] = False,
) -> None:
    """Count how often a text stands in the data.

    Arguments: INDEX... TEXT. The text may be cut anywhere, also inside words; removed documents do not count.
    """
    from wherefrom.tracer import Tracer

    indexes, text = indexes_and_text(arguments)
    with closing(Tracer.open(*indexes)) as tracer:
        counted = tracer.count(text)
    if json:
        fields = {"count": counted.count, "count_is_lower_bound": counted.is_lower_bound, "counts": counted.by_index}
        print(to_json(fields))
        return
    at_least = "at least " if counted.is_lower_bound else ""
    if len(indexes) > 1:
        for name, number in counted.by_index.items():
            print(f"{at_least}{number}\t{visible(name)}")
    print(f"{at_least}{counted.count}" + ("\ttotal" if len(indexes) > 1 else ""))
