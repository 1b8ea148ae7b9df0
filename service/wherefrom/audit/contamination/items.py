"""The items of a benchmark, read from JSONL one by one."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.tokenization import clean_text

ROLES = ("question", "passage", "answer")
"""The parts of an item, by weight: the verdict of the item is that of the first one that it has."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a benchmark.

    Attributes:
        line: its line in the file, from 1.
        id: its id as text; that of an item without one is its line.
        texts: role to text, for the roles that were asked for and are there; without white space at both ends.
        score: what a model reached on it; None if there is none, NaN if it is no number.
        fault: why it cannot be judged; None if it can.
        length: bytes of the line.
    """

    line: int
    id: str
    texts: Mapping[str, str]
    score: float | None
    fault: str | None
    length: int


@dataclass(frozen=True, slots=True)
class ItemFields:
    """Where an item's parts are.

    Attributes:
        roles: role to the name of its field.
        id: field of the id.
        score: field of the score; None if items have none.
    """

    roles: Mapping[str, str]
    id: str = "id"
    score: str | None = None


def read_items(source: str | Path, fields: ItemFields) -> Iterator[Item]:
    """Yield the items of a JSONL file in their order; blank lines are passed over.

    A line that is no item becomes one with a fault. A field may hold a text or a list of texts, such as the choices of
    a question, which are joined by line ends; numbers are texts too.

    Raises:
        UsageError: the file cannot be read.
    """
    with _opened(source) as lines:
        number = 0
        while True:
            try:
                line = lines.readline()
            except OSError as error:
                raise UsageError(f"Cannot read {source} after line {number:,}: {error.strerror or error}.") from error
            if not line:
                return
            number += 1
            if line.strip():
                yield _item(number, line, fields)


def score_of(value: Any) -> float | None:
    """A score as a number: true and false are 1 and 0; NaN for what is there and is no finite number."""
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        try:
            number = float(value)
        except OverflowError:
            return math.nan
        return number if math.isfinite(number) else math.nan
    return math.nan


def _opened(source: str | Path) -> AbstractContextManager[IO[bytes]]:
    if source == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror or error}.") from error


def _item(number: int, line: bytes, fields: ItemFields) -> Item:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or a number too long, arrays too deep
        return Item(number, f"line {number}", {}, None, "not JSON", len(line))
    if not isinstance(record, dict):
        return Item(number, f"line {number}", {}, None, "not a JSON object", len(line))
    given = record.get(fields.id)
    name = f"line {number}" if given is None else clean_text(given if isinstance(given, str) else json.dumps(given))
    score = None if fields.score is None else score_of(record.get(fields.score))
    texts = {role: _text(record.get(field)) for role, field in fields.roles.items()}
    wrong = [fields.roles[role] for role, text in texts.items() if text is None]
    if wrong:
        return Item(number, name, {}, score, f"field {wrong[0]} is not text", len(line))
    there = {role: text for role, text in texts.items() if text}
    fault = None
    if not there:
        missing = all(field not in record for field in fields.roles.values())
        fault = "no such field" if missing else "empty"
    return Item(number, name, there, score, fault, len(line))


def _text(value: Any) -> str | None:
    """The text of a field; empty if there is none, None if it is something else."""
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return clean_text(str(value)).strip()
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return clean_text("\n".join(map(str, value))).strip()
    return None
