"""The outputs that an audit measures, read from JSONL one by one."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.tokenization import clean_text

MISSING = "(missing)"
NOT_A_NUMBER = "(not a number)"


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model, or any text.

    Attributes:
        line: where it stands in its source, from 1.
        text: the text, lone surrogates replaced; empty if there is none.
        prompt: what it answers.
        id: its id as text; None if it has none.
        fields: everything else that its record holds.
        fault: why it cannot be measured; None if it can.
    """

    line: int
    text: str
    prompt: str | None = None
    id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None

    def value(self, name: str) -> str:
        """A field as the name of a group; `a.b` is the field b of the object in field a.

        What is missing, null or empty is `MISSING`, NaN and infinities are `NOT_A_NUMBER`.
        """
        return value_of(self.fields, name)


@dataclass(frozen=True, slots=True)
class OutputFields:
    """The names of the fields of a record."""

    text: str = "text"
    prompt: str = "prompt"
    id: str = "id"


def read_outputs(source: str | Path, fields: OutputFields | None = None) -> Iterator[Output]:
    """Yield the outputs of a JSONL file ("-": standard input) in their order; blank lines are passed over.

    A line that cannot be read, or has no text, becomes an output with a fault.

    Raises:
        UsageError: the file cannot be read.
    """
    names = fields or OutputFields()
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
                yield _output(number, line, names)


def output_of(number: int, record: Mapping[str, Any], names: OutputFields | None = None) -> Output:
    """The output that a record holds."""
    names = names or OutputFields()
    given = record.get(names.id)
    name = None if given is None else clean_text(given if isinstance(given, str) else json.dumps(given))
    rest = {key: value for key, value in record.items() if key not in (names.text, names.prompt)}
    text, prompt = record.get(names.text), record.get(names.prompt)
    fault = None
    if text is None:
        fault = f"there is no field {names.text}"
    elif not isinstance(text, str):
        fault = f"the field {names.text} is not a string"
    elif prompt is not None and not isinstance(prompt, str):
        fault = f"the field {names.prompt} is not a string"
    if fault:
        return Output(number, "", None, name, rest, fault)
    return Output(number, clean_text(text or ""), None if prompt is None else clean_text(prompt), name, rest)


def value_of(fields: Mapping[str, Any], name: str) -> str:
    """A field as text, see `Output.value`."""
    value = fields.get(name)
    if name not in fields and "." in name:
        value = fields
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value == "":
        return MISSING
    if isinstance(value, float) and not math.isfinite(value):
        return NOT_A_NUMBER
    return clean_text(value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False))


def _opened(source: str | Path) -> AbstractContextManager[IO[bytes]]:
    if source == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror or error}.") from error


def _output(number: int, line: bytes, names: OutputFields) -> Output:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or a number too long, arrays too deep
        return Output(number, "", fault="the line is not JSON")
    if not isinstance(record, dict):
        return Output(number, "", fault="the line is not a JSON object")
    return output_of(number, record, names)
