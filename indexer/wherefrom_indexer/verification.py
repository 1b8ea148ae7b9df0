"""What the last `verify` found, noted beside the manifest: others can tell how long ago an index was read whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wherefrom_indexer.errors import StorageError, WherefromError
from wherefrom_indexer.files import publish_file
from wherefrom_indexer.manifest import VERIFIED, read_manifest
from wherefrom_indexer.progress import Report, silent
from wherefrom_indexer.verify import Finding, verify_index

_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of reading an index whole.

    Attributes:
        time: when that ended, RFC 3339 in UTC.
        version: of the index that was read.
        findings: how many things were wrong; 0: it was whole.
    """

    time: str
    version: str
    findings: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found, and the note that was made of it.

    Attributes:
        note: None: none could be made, since the folder cannot be written, its manifest cannot be read, or another
            version was published meanwhile.
    """

    findings: Sequence[Finding]
    note: Verification | None


def verify_and_note(index: str | Path, *, progress: Report = silent) -> Verified:
    """Read an index whole, as `verify_index`, and note the outcome in its folder.

    Raises:
        IndexNotFoundError: there is no index.
    """
    folder = Path(index)
    before = _version(folder)
    findings = verify_index(folder, progress=progress)
    if before is None or before != _version(folder):
        return Verified(findings, None)
    note = Verification(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), before, len(findings))
    try:
        publish_file(folder / VERIFIED, json.dumps(asdict(note), sort_keys=True).encode() + b"\n")
    except StorageError:
        return Verified(findings, None)
    return Verified(findings, note)


def read_verification(index: str | Path) -> Verification | None:
    """Returns the last note; None: there is none, or it cannot be read. Whatever stands there harms nothing."""
    try:
        with (Path(index) / VERIFIED).open("rb") as file:
            return _parse(json.loads(file.read(_LONGEST)))
    except (OSError, ValueError, RecursionError):
        return None


def _parse(value: Any) -> Verification | None:
    if not isinstance(value, dict):
        return None
    time, version, findings = value.get("time"), value.get("version"), value.get("findings")
    if not isinstance(time, str) or not isinstance(version, str) or type(findings) is not int or findings < 0:
        return None
    datetime.fromisoformat(time)
    return Verification(time, version, findings)


def _version(folder: Path) -> str | None:
    try:
        return read_manifest(folder).version
    except WherefromError:
        return None  # verifying finds that out, and says so
