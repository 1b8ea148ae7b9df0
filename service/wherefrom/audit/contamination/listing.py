"""The documents that hold items, as lists that `wherefrom remove` accepts: a file of ids for each index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wherefrom.audit.contamination.ledger import Ledger

_UNSAFE = re.compile(r"[^\w.-]+")

SHOWN = 200
"""Documents of an index that the report names."""


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document that holds items: how many, and the largest share of one."""

    id: str
    items: int
    share: float


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The list of one index.

    Attributes:
        index: its name.
        file: name of the file of ids; None if no document holds an item.
        documents: how many ids it has.
        unlisted: documents whose ids a file of lines cannot carry; they are removed with `--id`.
        first: the first of all of them.
    """

    index: str
    file: str | None
    documents: int
    unlisted: int
    first: tuple[ListedDocument, ...]


def write_lists(folder: Path, names: Iterator[str], ledger: Ledger) -> tuple[DocumentList, ...]:
    """Write the list of each index into `folder`; one that no item was found in has no file.

    Lists of an earlier run are removed, so that none stands beside a report that does not tell of it.
    """
    for earlier in folder.glob("documents-*.ids"):
        earlier.unlink()
    taken: set[str] = set()
    return tuple(_write(folder, name, ledger, taken) for name in names)


def _write(folder: Path, name: str, ledger: Ledger, taken: set[str]) -> DocumentList:
    file = _file_name(name, taken)
    first: list[ListedDocument] = []
    listed = unlisted = 0
    with (folder / file).open("w", encoding="utf-8", newline="\n") as lines:
        for identifier, items, share in ledger.documents(name):
            if len(first) < SHOWN:
                first.append(ListedDocument(identifier, items, share))
            if identifier.splitlines() == [identifier]:
                lines.write(identifier + "\n")
                listed += 1
            else:
                unlisted += 1
    if not listed:
        (folder / file).unlink()
    return DocumentList(name, file if listed else None, listed, unlisted, tuple(first))


def _file_name(name: str, taken: set[str]) -> str:
    plain = _UNSAFE.sub("_", name).strip(".") or "index"
    candidate, number = f"documents-{plain}.ids", 1
    while candidate in taken:
        number += 1
        candidate = f"documents-{plain}-{number}.ids"
    taken.add(candidate)
    return candidate
