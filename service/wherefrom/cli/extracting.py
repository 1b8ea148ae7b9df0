"""The command that asks a model for its training data: `extract`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wherefrom.cli import source_options
from wherefrom.cli.arguments import command_line
from wherefrom.cli.output import progress_bar, say
from wherefrom_indexer.errors import UsageError


def register(app: typer.Typer) -> None:
    """Adds the command of this module to `app`."""
    app.command("extract")(extract)


def extract(
    indexes: Annotated[
        list[str],
        typer.Argument(metavar="INDEX", help="Index folders of the model's training data.", show_default=False),
    ],
    model: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Folder of a causal model, with its tokenizer, as transformers saves it."),
    ],
    report: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report; it is made if it is not there.")],
    held_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Control: JSONL file with the field text, which the model did not see."),
    ] = None,
    prefix: Annotated[
        list[int] | None,
        typer.Option(metavar="N", min=1, help="Tokens of the prompt; may be given several times. [default: 50]"),
    ] = None,
    continuation: Annotated[int, typer.Option(metavar="N", min=1, help="Tokens that have to be given back.")] = 50,
    duplicates: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Least occurrences of a class of sequences; may be given several times."
            " [default: 1, 2, 4, 16, 64 and 256]",
        ),
    ] = None,
    per_class: Annotated[
        int, typer.Option(metavar="N", min=1, help="Sequences of each class, and of the control.")
    ] = 50,
    samples: Annotated[
        int, typer.Option(metavar="N", min=0, help="Sampled continuations of each prompt beside the greedy one.")
    ] = 4,
    top_k: Annotated[int, typer.Option(metavar="N", min=1, help="Most likely tokens that are sampled from.")] = 40,
    temperature: Annotated[float, typer.Option(metavar="T", help="Temperature of samples.")] = 1.0,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="Draw only from documents with this metadata; may be repeated."),
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Sequences begin where their document does, not anywhere.")
    ] = False,
    batch: Annotated[int, typer.Option(metavar="N", min=1, help="Prompts that the model reads at once.")] = 16,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of what is drawn and sampled.")] = 42,
    quiet: source_options.Quiet = False,
) -> None:
    """Ask a model for sequences of its training data.

    Needs the extra `models`. DIR gets index.html with plots, report.json and attempts.parquet. A run that was
    interrupted goes on where it stopped.
    """
    from wherefrom.audit.extraction import ExtractionParameters, Subject, write_page
    from wherefrom.audit.extraction import extract as ask
    from wherefrom.audit.report.files import NO_RASTERS

    parameters = ExtractionParameters(
        prefixes=tuple(sorted(set(prefix or (50,)))),
        continuation=continuation,
        duplicates=tuple(sorted(set(duplicates or (1, 2, 4, 16, 64, 256)))),
        per_class=per_class,
        samples=samples,
        top_k=top_k,
        temperature=temperature,
        where=_fields(where or []),
        from_start=from_start,
        batch=batch,
        seed=seed,
    )
    subject = Subject(model, held_out, command_line())
    with progress_bar(quiet=quiet) as progress:
        found = ask(indexes, subject, parameters, report, progress)
    has_rasters = write_page(found, report)
    for rate in found.rates:
        kind = f"{rate['duplicates']} in the corpus" if rate["duplicates"] else "held out"
        given = round(rate["verbatim"]["value"] * rate["sequences"])
        told = f"{given:,} of {rate['sequences']:,} given back verbatim"
        say(f"{kind}, prompts of {rate['prefix']} tokens: {told}.", quiet=quiet)
    if held_out is None:
        say("There is no control: give --held-out FILE to see what the model gives back unread.", quiet=quiet)
    if not has_rasters:
        say(NO_RASTERS, quiet=quiet)
    say(f"Wrote {report / 'index.html'}: open it in a browser.", quiet=quiet)


def _fields(given: list[str]) -> dict[str, str]:
    """Fields and values of metadata.

    Raises:
        UsageError: one has no =.
    """
    for each in given:
        if "=" not in each:
            raise UsageError(f"--where {each} has no value: write FIELD=VALUE.")
    return dict(each.split("=", 1) for each in given)
