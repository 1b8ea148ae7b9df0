"""Sequences that a model is asked for: drawn from the indexes by how often they stand there, and from held-out text."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from wherefrom.audit.extraction.model import CausalModel
from wherefrom.audit.extraction.parameters import ExtractionParameters
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.index import Index
from wherefrom_indexer.segment import Segment

_DRAWS = 40
"""Draws for each sequence that is wanted, after which a class that is not full stays so."""

_LEAST_DRAWS = 2_000
_INDEX_TOKENS = 8
"""Tokens of the index read for each token of the model: the model's may be longer."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A text as the model's tokens.

    Attributes:
        index, document: where it was drawn from; the index of held-out text is empty.
        text: what the tokens spell.
        tokens: the longest prompt and what follows it.
        duplicates: how often the text stands in the indexes.
        held_out: it is of the control.
    """

    index: str
    document: str
    text: str
    tokens: tuple[int, ...]
    duplicates: int
    held_out: bool = False


@dataclass(slots=True)
class Drawn:
    """Sequences, and what was met on the way: `too_short`, `other_metadata`, `in_corpus`, `faulty`, draws."""

    sequences: list[Sequence] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)


def draw(tracer: Tracer, indexes: Many[Index], model: CausalModel, parameters: ExtractionParameters) -> Drawn:
    """Draw sequences of every class of duplicates, the same for the same seed.

    Places are drawn evenly over the tokens of the indexes, removed documents left out; a text is taken once.

    Raises:
        UsageError: no document has what `where` asks for, or none is long enough.
    """
    chance = random.Random(parameters.seed)
    segments = [(index, segment) for index in indexes for segment in index.segments if segment.n_tokens]
    weights = [segment.n_positions for _, segment in segments]
    drawn = Drawn()
    taken: set[str] = set()
    sizes: Counter[int] = Counter()
    wanted = len(parameters.duplicates) * parameters.per_class
    for _ in range(max(_LEAST_DRAWS, _DRAWS * wanted) if segments else 0):
        if len(drawn.sequences) == wanted:
            break
        drawn.met["draws"] += 1
        ((index, segment),) = chance.choices(segments, weights)
        found = _at(index, segment, chance.randrange(segment.n_positions), parameters, drawn.met)
        if found is None:
            continue
        document, window = found
        made = _sequence(model, window, parameters.length)
        if made is None:
            drawn.met["too_short"] += 1
            continue
        text, tokens = made
        if text in taken:
            continue
        taken.add(text)
        count = tracer.count(text).count
        kind = parameters.class_of(count)
        if kind is not None and sizes[kind] < parameters.per_class:
            sizes[kind] += 1
            drawn.sequences.append(Sequence(index.name, document, text, tokens, count))
    if not drawn.sequences:
        raise UsageError(
            f"No document of the index gives a sequence of {parameters.length:,} tokens of the model: give shorter"
            " prefixes, or other metadata."
        )
    return drawn


def read_held_out(path: Path, tracer: Tracer, model: CausalModel, parameters: ExtractionParameters) -> Drawn:
    """Take sequences from the beginnings of the texts of a JSONL file that the model did not see.

    A text that stands in the indexes is no control: it is counted (`in_corpus`) and left out.

    Raises:
        UsageError: the file cannot be read, or has no text that serves.
    """
    drawn = Drawn()
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if len(drawn.sequences) == parameters.per_class:
                    break
                if line.strip():
                    _take(line, f"line {number}", drawn, tracer, model, parameters)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror or error}.") from error
    if not drawn.sequences:
        met = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in drawn.met.items()) or "it is empty"
        raise UsageError(f"No text of {path} can be a control of {parameters.length:,} tokens: {met}.")
    return drawn


def _take(
    line: bytes, place: str, drawn: Drawn, tracer: Tracer, model: CausalModel, parameters: ExtractionParameters
) -> None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        record = None
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        drawn.met["faulty"] += 1
        return
    made = _sequence(model, text, parameters.length)
    if made is None:
        drawn.met["too_short"] += 1
    elif tracer.count(made[0]).count:
        drawn.met["in_corpus"] += 1
    else:
        drawn.sequences.append(Sequence("", str(record.get("id", place)), *made, 0, held_out=True))


def _at(
    index: Index, segment: Segment, position: int, parameters: ExtractionParameters, met: Counter[str]
) -> tuple[str, str] | None:
    """The id of the document at a position, and its text from there on; None if it is not to be used."""
    ordinal = segment.document_of(position)
    if not segment.is_live(ordinal):
        return None
    record = segment.record(ordinal)
    if any(str(record.metadata.get(key)) != value for key, value in parameters.where.items()):
        met["other_metadata"] += 1
        return None
    start, end = segment.span_of(ordinal)
    if segment.has_stored_text(ordinal):
        text = segment.text(ordinal)
        skipped = 0 if parameters.from_start else segment.characters_before(min(position, end - 1))
        return record.id, text[skipped:]
    first = start if parameters.from_start else position
    room = _INDEX_TOKENS * parameters.length
    spelled = index.tokenizer.vocabulary.spell_stored(segment.tokens[first : min(end, first + room)])
    return record.id, spelled.decode("utf-8", "ignore")  # the ends may cut a character


def _sequence(model: CausalModel, text: str, length: int) -> tuple[str, tuple[int, ...]] | None:
    """The first tokens of a text and what they spell; None if it has fewer, or the last ends within a character."""
    # A token seldom spells more than some dozens of characters; the rest of a long text need not be read.
    ids, places = model.encode(text[: length * 64])
    if len(ids) < length:
        return None
    return text[places[0][0] : places[length - 1][1]], tuple(ids[:length])
