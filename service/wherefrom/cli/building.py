"""The commands that make and change an index: `index`, `add`, `remove`, `compact`."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.arguments import read_text
from wherefrom.cli.output import progress_bar, say
from wherefrom.highlight import plural
from wherefrom_indexer.errors import UsageError

if TYPE_CHECKING:
    from wherefrom_indexer.index import Index
    from wherefrom_indexer.sources import Skipped

_SKIPPED_SHOWN = 20

_Index = Annotated[str, typer.Argument(metavar="INDEX", help="Index folder.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    app.command("index")(index)
    app.command("add")(add)
    app.command("remove")(remove)
    app.command("compact")(compact)


def index(
    sources: source_options.Sources,
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder to make the index in.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the index that DIR already holds.")] = False,
    tokenizer: Annotated[
        str,
        typer.Option(
            metavar="default|train|PATH",
            help="default (ships with Wherefrom), train (one made from these sources), or the path of a tokenizer.json"
            " or of a model folder.",
        ),
    ] = "default",
    text_field: source_options.TextField = "text",
    id_field: source_options.IdField = None,
    source_format: source_options.Format = None,
    split: source_options.Split = None,
    end_of_document: source_options.EndOfDocument = None,
    token_dtype: source_options.TokenDtype = None,
    on_duplicate_id: source_options.OnDuplicateId = "error",
    on_error: source_options.OnError = "error",
    memory: source_options.Memory = "2GB",
    threads: source_options.Threads = None,
    quiet: source_options.Quiet = False,
) -> None:
    """Index sources, so that texts can be traced to them.

    After an interruption the same command goes on with what is whole.
    """
    from wherefrom_indexer.build import build_index
    from wherefrom_indexer.sources import SourceOptions

    began, skipped = time.monotonic(), _SkipList()
    with progress_bar(quiet=quiet) as report:
        built = build_index(
            sources,
            out,
            tokenizer=tokenizer,
            memory=memory,
            threads=threads,
            on_duplicate_id=on_duplicate_id,  # type: ignore[arg-type]  # checked there
            source_options=SourceOptions(
                text_field,
                id_field,
                on_error,  # type: ignore[arg-type]  # checked there
                source_format,
                end_of_document,
                token_dtype,
                split,
            ),
            overwrite=overwrite,
            progress=report,
            on_skip=skipped,
        )
    skipped.tell()
    say(f"Indexed {_size(built)} into {out} in {time.monotonic() - began:.1f} s.", quiet=quiet)
    say(f'Next: wherefrom trace {shlex.quote(out)} "some text"', quiet=quiet)


def add(
    index: _Index,
    sources: source_options.Sources,
    text_field: source_options.TextField = "text",
    id_field: source_options.IdField = None,
    source_format: source_options.Format = None,
    split: source_options.Split = None,
    end_of_document: source_options.EndOfDocument = None,
    token_dtype: source_options.TokenDtype = None,
    on_duplicate_id: source_options.OnDuplicateId = "error",
    on_error: source_options.OnError = "error",
    memory: source_options.Memory = "2GB",
    threads: source_options.Threads = None,
    quiet: source_options.Quiet = False,
) -> None:
    """Add documents to an index, with the tokenizer it has.

    After an interruption the same command goes on with what is whole.
    """
    from wherefrom_indexer.build import add_documents
    from wherefrom_indexer.sources import SourceOptions

    began, skipped = time.monotonic(), _SkipList()
    with progress_bar(quiet=quiet) as report:
        changed = add_documents(
            sources,
            index,
            memory=memory,
            threads=threads,
            on_duplicate_id=on_duplicate_id,  # type: ignore[arg-type]  # checked there
            source_options=SourceOptions(
                text_field,
                id_field,
                on_error,  # type: ignore[arg-type]  # checked there
                source_format,
                end_of_document,
                token_dtype,
                split,
            ),
            progress=report,
            on_skip=skipped,
        )
    skipped.tell()
    say(f"{index} now holds {_size(changed)}; it took {time.monotonic() - began:.1f} s.", quiet=quiet)


def remove(
    index: _Index,
    document_ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Id of a document; may be given several times.")
    ] = None,
    ids_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File with an id on each line; - is standard input.")
    ] = None,
    missing_ok: Annotated[
        bool, typer.Option("--missing-ok", help="Pass over ids that the index does not have.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")] = False,
) -> None:
    """Take documents out of every answer at once.

    Their text stays on disk until `compact` rewrites the index.
    """
    from wherefrom_indexer.maintain import remove_documents

    ids = list(document_ids or [])
    if ids_file is not None:
        ids += [line for line in read_text(ids_file).splitlines() if line]
    if not ids:
        raise UsageError("There is nothing to remove: give --id ID or --ids-file FILE.")
    with progress_bar(quiet=quiet) as report:
        done = remove_documents(index, ids, missing_ok=missing_ok, progress=report)
    notes = [f"{done.already_removed:,} were removed before"] if done.already_removed else []
    notes += [f"{len(done.missing):,} are unknown"] if done.missing else []
    aside = f" ({', '.join(notes)})" if notes else ""
    say(f"Removed {plural(done.removed, 'document')}{aside}; {index} now holds {_size(done.index)}.", quiet=quiet)
    if done.removed:
        say(f"Their text leaves the disk with: wherefrom compact {shlex.quote(index)}", quiet=quiet)


def compact(index: _Index, memory: source_options.Memory = "2GB", quiet: source_options.Quiet = False) -> None:
    """Delete removed documents from disk and merge segments.

    Segments are merged as far as memory allows, because every segment costs every search.
    """
    from wherefrom_indexer.maintain import compact_index

    with progress_bar(quiet=quiet) as report:
        compacted = compact_index(index, memory=memory, progress=report)
    say(f"{index} now holds {_size(compacted)} in {plural(len(compacted.segments), 'segment')}.", quiet=quiet)


class _SkipList:
    """Tells which records were passed over: the first ones by place and reason, all by number."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def __call__(self, skipped: Skipped) -> None:
        self.count += 1
        if len(self._first) < _SKIPPED_SHOWN:
            self._first.append(f"{skipped.location}: {skipped.reason}")

    def tell(self) -> None:
        if not self.count:
            return
        say(f"Skipped {plural(self.count, 'record')}:")
        for line in self._first:
            say(f"  {line}")
        if self.count > len(self._first):
            say(f"  and {self.count - len(self._first):,} more")


def _size(index: Index) -> str:
    return f"{plural(index.documents, 'document')} ({plural(index.tokens, 'token')})"
