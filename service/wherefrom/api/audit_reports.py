"""Reports of audits, read from the folder that the settings name: each a folder with `report.json` and `index.html`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from wherefrom.errors import LimitError, NotFoundError
from wherefrom_indexer.errors import StorageError, UsageError

REPORT = "report.json"
PAGE = "index.html"
KINDS = ("audit", "contamination", "extraction")
SCHEMA_VERSION = 1
_EXAMINED = ("outputs", "items", "sequences")
MAX_BYTES = 64 << 20
"""Of a report and of its page: a browser reads each whole."""
MAX_REPORTS = 1_000


@dataclass(frozen=True, slots=True)
class AuditedIndex:
    """An index that outputs were compared with."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """What a list says of a report.

    Attributes:
        name: of its folder.
        kind, created, indexes: as the report says; None where it cannot be read, or does not say.
        examined: how many outputs, items of a benchmark or sequences of training data it is about.
        has_page: whether the page for people stands beside it.
        fault: why it cannot be read; empty if it can.
    """

    name: str
    kind: str | None = None
    created: str | None = None
    examined: int | None = None
    indexes: tuple[AuditedIndex, ...] = ()
    has_page: bool = False
    fault: str = ""


def check_folder(folder: Path | None) -> None:
    """Checks that the folder of the reports is one; None: there is none.

    Raises:
        UsageError: it is not.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"The folder of audits {folder} is not there; make it, or correct the setting audits.")


def list_reports(folder: Path | None) -> list[ReportSummary]:
    """Returns what is known of each report, the newest first; at most `MAX_REPORTS`.

    Raises:
        StorageError: the folder cannot be read.
    """
    found = [_summary(name, place) for name, place in _places(folder).items()]
    found.sort(key=lambda each: each.name)
    found.sort(key=lambda each: each.created or "", reverse=True)
    return found[:MAX_REPORTS]


def read_report(folder: Path | None, name: str) -> bytes:
    """Returns a report as it stands on disk.

    Raises:
        NotFoundError: there is none of this name.
        LimitError: it is larger than what is shown.
        StorageError: it cannot be read, or is none.
    """
    place = _place(folder, name)
    content = _content(place / REPORT)
    _checked(content, place / REPORT)
    return content


def read_page(folder: Path | None, name: str) -> bytes:
    """Returns the page of a report.

    Raises:
        NotFoundError: there is none.
        LimitError: it is larger than what is shown.
        StorageError: it cannot be read.
    """
    page = _place(folder, name) / PAGE
    if not page.is_file():
        raise NotFoundError(f"The audit {name!r} has no page: no {PAGE} stands beside its {REPORT}.")
    return _content(page)


def _places(folder: Path | None) -> dict[str, Path]:
    """Folders of reports by name; a folder that is itself a report is the only one."""
    if folder is None:
        return {}
    folder = folder.resolve()
    if (folder / REPORT).is_file():
        return {folder.name: folder}
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise StorageError(f"Cannot read the folder of audits {folder}: {error.strerror or error}.") from error
    return {name: folder / name for name in names if _is_text(name) and (folder / name / REPORT).is_file()}


def _place(folder: Path | None, name: str) -> Path:
    place = _places(folder).get(name)  # a name is looked up, never made part of a path
    if place is None:
        raise NotFoundError(f"There is no audit {name!r}; GET /v1/audits lists those that there are.")
    return place


def _is_text(name: str) -> bool:
    """Whether a name can stand in an address: what is no UTF-8 on disk cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _summary(name: str, place: Path) -> ReportSummary:
    try:
        state = (place / REPORT).stat()
        has_page = (place / PAGE).is_file()
    except OSError as error:
        return ReportSummary(name, fault=f"It cannot be read: {error.strerror or error}.")
    return _read(name, place, has_page, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=MAX_REPORTS)
def _read(name: str, place: Path, has_page: bool, _changed_ns: int, _size: int) -> ReportSummary:
    try:
        report = _checked(_content(place / REPORT), place / REPORT)
    except (LimitError, StorageError) as error:
        return ReportSummary(name, has_page=has_page, fault=str(error))
    counts, indexes = report.get("counts"), report.get("indexes")
    numbers = [counts.get(name) for name in _EXAMINED] if isinstance(counts, dict) else []
    created = report.get("created")
    return ReportSummary(
        name,
        report["kind"],
        created if isinstance(created, str) else None,
        next((number for number in numbers if type(number) is int and number >= 0), None),
        tuple(
            AuditedIndex(str(each.get("name", "")), str(each.get("version", "")))
            for each in (indexes if isinstance(indexes, list) else ())
            if isinstance(each, dict)
        ),
        has_page,
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror or error}.") from error
    if len(content) > MAX_BYTES:
        raise LimitError(f"{path} is larger than {MAX_BYTES:,} bytes; open it from disk.")
    return content


def _checked(content: bytes, path: Path) -> dict[str, Any]:
    try:
        report = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise StorageError(f"{path} is not JSON: {error}; make the report again.") from error
    if not isinstance(report, dict) or report.get("kind") not in KINDS:
        raise StorageError(f"{path} is no report of an audit: its kind is none of {', '.join(KINDS)}.")
    if report.get("schema_version") != SCHEMA_VERSION:
        raise StorageError(f"{path} is a report of another version than {SCHEMA_VERSION}; make it again.")
    return report
