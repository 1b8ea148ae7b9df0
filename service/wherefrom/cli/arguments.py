"""What commands make of their arguments: indexes told apart from text, text read, limits that can be lifted."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from wherefrom_indexer.errors import IndexNotFoundError, UsageError


def indexes_and_text(arguments: list[str], *, text_elsewhere: bool = False) -> tuple[list[str], str]:
    """Splits `INDEX... TEXT`: folders that hold an index are indexes, a last argument that is none is the text.

    Args:
        arguments: what stood on the command line; `-` as text means standard input.
        text_elsewhere: the text comes from an option, so that every argument must be an index; the text returned is
            then empty.

    Raises:
        IndexNotFoundError: an argument before the text is no index, or there is no index at all.
        UsageError: there is no text, or the last argument looks like an index that does not exist.
    """
    if text_elsewhere:
        indexes, texts = arguments, [""]
    elif arguments and not is_index(arguments[-1]):
        indexes, texts = arguments[:-1], arguments[-1:]
    else:
        indexes, texts = arguments, []
    for index in indexes:
        if not is_index(index):
            raise IndexNotFoundError(_no_index(index))
    if not indexes:
        raise IndexNotFoundError(_no_index(texts[0]) if texts[0] else "Give at least one index folder.")
    if not texts or (texts[0] and _looks_like_index(texts[0])):
        missing = f"; {texts[0]!r} is not an index (it holds no manifest.json)" if texts else ""
        raise UsageError(f"There is no text{missing}; give it as the last argument, or - for standard input.")
    return indexes, read_text("-") if texts[0] == "-" else texts[0]


def is_index(path: str) -> bool:
    """True if `path` is a folder that holds a published index."""
    try:
        return (Path(path) / "manifest.json").is_file()
    except (OSError, ValueError):  # a text too long for a path, or with a NUL in it
        return False


def read_text(path: str) -> str:
    """Returns the text of a UTF-8 file as it stands, line ends included; `-` is standard input.

    Raises:
        UsageError: the file cannot be read or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror or error}.") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        name = "Standard input" if path == "-" else path
        raise UsageError(
            f"{name} is not UTF-8 text: the byte at offset {error.start:,} is part of no character."
        ) from error


def limit(option: str, value: str | None, kind: type[int] | type[float]) -> dict[str, int | float | None]:
    """Returns `{name: number}` of an option that also takes `none`, and nothing if it was not given."""
    if value is None:
        return {}
    name = option.lstrip("-").replace("-", "_")
    if value.lower() == "none":
        return {name: None}
    try:
        return {name: kind(value)}
    except ValueError:
        expected = "a whole number" if kind is int else "a number"
        raise UsageError(f"{option} is {value!r}; it must be {expected} or none.") from None


def command_line() -> str:
    """Returns the command as it was typed, for reports; the password of a database's address is left out."""
    return shlex.join(["wherefrom", *(_PASSWORD.sub(r"\1***@", argument) for argument in sys.argv[1:])])


_PASSWORD = re.compile(r"(://[^:/@\s]*:)\S+@")


def _looks_like_index(text: str) -> bool:
    """True for an existing folder and for a single word that ends as index folders do: hardly anybody's text."""
    if text.endswith((".index", ".index/")) and not any(character.isspace() for character in text):
        return True
    try:
        return (
            len(text) < 4096 and text not in (".", "..") and "\0" not in text and os.sep in text and Path(text).is_dir()
        )
    except OSError:
        return False


def _no_index(path: str) -> str:
    shown = path if len(path) <= 100 else path[:100] + "…"
    return f"No index at {shown}: the folder does not exist or holds no manifest.json; make one with wherefrom index."
