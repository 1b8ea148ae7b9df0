"""Texts to try the service with, from a file that its settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wherefrom_indexer.errors import UsageError

MAX_BYTES = 4 << 20
"""Of the file: the samples stand in memory, and whoever opens the page reads them all."""
MAX_SAMPLES = 200
MAX_NAME = 200
_MAX_PROMPT = 100_000
_MAX_NOTE = 2_000


class Sample(BaseModel):
    """A text to try."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="By which it is chosen; no two have the same.")
    text: str
    prompt: str | None
    model: str | None = Field(description="Who wrote it, as the file says; null: unknown.")
    is_control: bool = Field(
        description="People wrote it and no model produced it: what is found in it shows what chance gives."
    )
    note: str | None = Field(description="What there is to know of it.")


class _Line(BaseModel):
    """One line of the file; what else stands in it does not matter."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)] | None = None
    id: Annotated[str, Field(min_length=1, max_length=MAX_NAME)] | None = None
    text: Annotated[str, Field(min_length=1)]
    prompt: Annotated[str, Field(max_length=_MAX_PROMPT)] | None = None
    model: Annotated[str, Field(max_length=MAX_NAME)] | None = None
    kind: Annotated[str, Field(max_length=MAX_NAME)] | None = None
    note: Annotated[str, Field(max_length=_MAX_NOTE)] | None = None


def read_samples(path: Path | None, max_characters: int) -> tuple[Sample, ...]:
    """Returns the samples of a JSONL file; None: there are none.

    Each line is an object with `name` (or `id`) and `text`, and, where they are known, `prompt`, `model`, `kind`
    (`control`: text that people wrote) and `note`.

    Args:
        max_characters: of a text, as many as a trace may have.

    Raises:
        UsageError: the file cannot be read, is too large, or a line is not as it should be.
    """
    if path is None:
        return ()
    found: dict[str, Sample] = {}
    for number, line in enumerate(_read(path).split(b"\n"), 1):
        if not line.strip():
            continue
        sample = _sample(line, f"Line {number} of the samples in {path}", max_characters)
        if sample.name in found:
            raise UsageError(f"Line {number} of the samples in {path} has the name of another, {sample.name!r}.")
        if len(found) == MAX_SAMPLES:
            raise UsageError(f"The samples in {path} are more than {MAX_SAMPLES}; name a shorter file in samples.")
        found[sample.name] = sample
    return tuple(found.values())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the samples in {path}: {error.strerror or error}.") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"The samples in {path} are larger than {MAX_BYTES:,} bytes; name a smaller file in samples.")
    return content


def _sample(line: bytes, where: str, max_characters: int) -> Sample:
    try:
        read: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{where} is not JSON: {error}.") from error
    try:
        said = _Line.model_validate(read, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where} cannot be used: {place + ': ' if place else ''}{first['msg']}.") from error
    name = said.name or said.id
    if name is None:
        raise UsageError(f"{where} has no name: neither `name` nor `id` stands in it.")
    if len(said.text) > max_characters:
        raise UsageError(f"{where} has {len(said.text):,} characters; {max_characters:,} are traced at most.")
    return Sample(
        name=name,
        text=said.text,
        prompt=said.prompt or None,
        model=said.model or None,
        is_control=said.kind == "control",
        note=said.note or None,
    )
