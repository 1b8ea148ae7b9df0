"""Arrays that take long to make, kept between processes in the folder of the kernels' cache.

What is kept is believed as far as compiled kernels are: the folder is private to the user, and a file must have its
checksum and be made by the code as it is now. Where anything is amiss, the arrays are made anew and nothing else
changes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import cache_folder

MOST_KEPT = 8
"""Files that are kept, of a few megabytes each; the oldest go first."""

_CHECKSUM_BYTES = 16
_ALIGNMENT = 64


def load(name: str, sources: Iterable[str]) -> dict[str, NDArray[Any]] | None:
    """Return the arrays kept under a name, writable and aligned, or None if there are none.

    `sources` are the modules of this package that make them: once one was changed, nothing is found.
    """
    path = _path(name, sources)
    try:
        data = None if path is None else np.fromfile(path, np.uint8)
    except OSError:
        return None
    return None if data is None else _unpacked(data)


def keep(name: str, sources: Iterable[str], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep arrays of one dimension under a name, if that is possible."""
    path = _path(name, sources)
    if path is None:
        return
    try:
        descriptor, name = tempfile.mkstemp(".arrays", dir=path.parent)
        temporary = Path(name)
        try:
            with open(descriptor, "wb") as file:
                file.write(_packed(arrays))
            temporary.replace(path)
        except OSError:
            temporary.unlink()
            raise
        kept = sorted(path.parent.glob("*.arrays"), key=lambda other: other.stat().st_mtime)
        for other in kept[:-MOST_KEPT]:
            other.unlink()
    except OSError:
        pass  # a full disk, or another process that lets go of the same files


def _path(name: str, sources: Iterable[str]) -> Path | None:
    """The file of a name and the state of the code; None where there is no folder for it."""
    folder = cache_folder()
    if folder is None:
        return None
    digest = hashlib.blake2b(name.encode(), digest_size=16)
    try:
        for source in sorted([*sources, "kept_arrays"]):
            status = Path(__file__).with_name(f"{source}.py").stat()
            digest.update(f"{source} {status.st_mtime_ns} {status.st_size}\n".encode())
    except OSError:
        return None
    return folder / f"{digest.hexdigest()}.arrays"


def _packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A checksum, the length of the header, the header, and the arrays, each at a multiple of `_ALIGNMENT`."""
    header = json.dumps([[name, array.dtype.str, array.size] for name, array in arrays.items()]).encode()
    parts = [len(header).to_bytes(8, "little"), header]
    size = _CHECKSUM_BYTES + 8 + len(header)
    for array in arrays.values():
        parts += [bytes(-size % _ALIGNMENT), array.tobytes()]
        size += -size % _ALIGNMENT + array.nbytes
    body = b"".join(parts)
    return _checksum(body) + body


def _unpacked(data: NDArray[np.uint8]) -> dict[str, NDArray[Any]] | None:
    """The reverse of `_packed`, None where the checksum differs."""
    if _checksum(data[_CHECKSUM_BYTES:].data) != data[:_CHECKSUM_BYTES].tobytes():
        return None
    begin = _CHECKSUM_BYTES + 8
    place = begin + int.from_bytes(data[_CHECKSUM_BYTES:begin].tobytes(), "little")
    arrays: dict[str, NDArray[Any]] = {}
    for name, dtype, size in json.loads(data[begin:place].tobytes()):
        place += -place % _ALIGNMENT
        end = place + size * np.dtype(dtype).itemsize
        arrays[name] = data[place:end].view(dtype)
        place = end
    return arrays


def _checksum(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM_BYTES).digest()
