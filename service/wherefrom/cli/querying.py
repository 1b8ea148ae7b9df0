"""`wherefrom query`: what audits ask of a corpus, by tokens and phrases."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from wherefrom.cli.arguments import indexes_and_text
from wherefrom.cli.output import console, to_json
from wherefrom.highlight import plural, visible
from wherefrom_indexer.errors import UsageError

if TYPE_CHECKING:
    from wherefrom.corpus_queries.cnf import CnfMatches

_Arguments = Annotated[
    list[str], typer.Argument(metavar="INDEX", help="Index folders; after them TEXT, or - for standard input.")
]
_Indexes = Annotated[list[str], typer.Argument(metavar="INDEX", help="Index folders.")]
_Ids = Annotated[bool, typer.Option("--ids", help="TEXT is token ids, with spaces or commas between them.")]
_Json = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]

_BAR = re.compile(r"(?<!\\)\|")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to `app`."""
    query = typer.Typer(
        help="Ask a corpus for counts, phrases near each other, next tokens, infinity-gram probabilities.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    query.command("count")(count)
    query.command("cnf")(cnf)
    query.command("next")(next_)
    query.command("infgram")(infgram)
    app.add_typer(query, name="query")


def count(arguments: _Arguments, ids: _Ids = False, json: _Json = False) -> None:
    """Count a text, or a sequence of token ids.

    Arguments: INDEX... TEXT. Removed documents do not count. A text is counted whatever its tokens, ids as they are.
    """
    from wherefrom.tracer import Tracer

    indexes, text = indexes_and_text(arguments)
    phrase = _phrase(text, ids)
    with closing(Tracer.open(*indexes)) as tracer:
        counted = tracer.queries.count(phrase)
    if json:
        fields = {"count": counted.count, "count_is_lower_bound": counted.is_lower_bound, "counts": counted.by_index}
        print(to_json(fields))
        return
    print(_at_least(counted.count, counted.is_lower_bound))


def cnf(
    arguments: _Indexes,
    clause: Annotated[
        list[str],
        typer.Option(
            "--clause",
            metavar="TEXT",
            help="A phrase that must stand there, or several with | between them, of which one must. Give one --clause"
            " for each thing that must be near the others; before a bar of a phrase itself put a backslash.",
        ),
    ],
    window: Annotated[
        int, typer.Option(metavar="N", min=0, help="Most tokens from the beginning of the first phrase to the last's.")
    ] = 100,
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="Documents shown at most.")] = 10,
    context_characters: Annotated[
        int, typer.Option(metavar="N", min=0, help="Characters shown on each side of an occurrence.")
    ] = 160,
    ids: Annotated[
        bool, typer.Option("--ids", help="Phrases are token ids, with spaces or commas between them.")
    ] = False,
    json: _Json = False,
) -> None:
    """Find where phrases of all clauses stand near each other.

    Counted are the occurrences of the clause that occurs least.
    """
    from wherefrom.tracer import Tracer

    indexes, _ = indexes_and_text(arguments, text_elsewhere=True)
    clauses = [[_phrase(phrase.replace(r"\|", "|"), ids) for phrase in _BAR.split(each)] for each in clause]
    with closing(Tracer.open(*indexes)) as tracer:
        found = tracer.queries.cnf(clauses, window, limit, context_characters)
    if json:
        print(to_json(found.to_dict(), indent=2))
    else:
        _print_matches(found)


def next_(
    arguments: _Arguments,
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="Tokens shown at most, the most frequent.")] = 10,
    whole_prompt: Annotated[
        bool,
        typer.Option("--whole-prompt", help="Look for all of TEXT. [default: for its longest end that occurs]"),
    ] = False,
    ids: _Ids = False,
    json: _Json = False,
) -> None:
    """Print which tokens follow a text in the corpus, and how often.

    Arguments: INDEX... TEXT. The indexes must have one tokenizer.
    """
    from wherefrom.tracer import Tracer

    indexes, text = indexes_and_text(arguments)
    prompt = _phrase(text, ids)
    with closing(Tracer.open(*indexes)) as tracer:
        found = tracer.queries.next_tokens(prompt, limit, longest_suffix=not whole_prompt)
    if json:
        print(to_json(found.to_dict(), indent=2))
        return
    ends = f", {plural(found.end_count, 'time')} at the end of a document" if found.end_count else ""
    print(
        f"The last {found.suffix_tokens} of {plural(found.prompt_tokens, 'token')} occur"
        f" {plural(found.prompt_count, 'time')}{ends}; {plural(found.distinct, 'different token')} follow."
    )
    for token in found.tokens:
        print(f"{token.count}\t{token.probability:.6f}\t{token.id}\t{_quoted(token.text)}")


def infgram(
    arguments: _Arguments,
    prompt: Annotated[str, typer.Option(metavar="TEXT", help="What stands before the text. [default: nothing]")] = "",
    ids: Annotated[bool, typer.Option("--ids", help="TEXT and prompt are token ids.")] = False,
    json: _Json = False,
) -> None:
    """Print the infinity-gram probability of each token of a text.

    Arguments: INDEX... TEXT. A line for each token: its probability given the longest suffix before it that occurs, the
    effective length (tokens of that suffix, and the token), the two counts whose ratio it is, and the token.
    """
    from wherefrom.tracer import Tracer

    indexes, text = indexes_and_text(arguments)
    phrase, before = _phrase(text, ids), _phrase(prompt, ids) if prompt else ""
    with closing(Tracer.open(*indexes)) as tracer:
        found = tracer.queries.infgram_probabilities(phrase, before)
    if json:
        print(to_json([token.to_dict() for token in found], indent=2))
        return
    for token in found:
        counts = f"{token.count}/{token.suffix_count}"
        print(f"{token.probability:.6f}\t{token.effective_length}\t{counts}\t{_quoted(token.text)}")


def _phrase(text: str, ids: bool) -> str | list[int]:
    if not ids:
        return text
    try:
        return [int(each) for each in text.replace(",", " ").split()]
    except ValueError:
        shown = text if len(text) <= 100 else text[:100] + "…"
        raise UsageError(
            f"{shown!r} is not token ids: give whole numbers with spaces or commas between them."
        ) from None


def _print_matches(found: CnfMatches) -> None:
    from rich.text import Text

    clauses = ", ".join(f"{number:,}" for number in found.clause_counts)
    print(
        f"{_at_least(found.count, found.count_is_lower_bound)} in {plural(found.documents, 'document')}"
        f" (occurrences of each clause: {clauses})"
    )
    screen = console()
    for occurrence in found.occurrences:
        screen.print()
        screen.print(Text(visible(f"{occurrence.index}: {occurrence.document_id}"), style="bold"), soft_wrap=True)
        screen.print(Text(visible(occurrence.context)), soft_wrap=True)


def _at_least(number: int, is_lower_bound: bool) -> str:
    return f"at least {number}" if is_lower_bound else str(number)


def _quoted(text: str) -> str:
    """A token with its spaces told from the line's."""
    return f"'{visible(text)}'"
