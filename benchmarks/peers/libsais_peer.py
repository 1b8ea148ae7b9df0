"""libsais as a peer: the sorter of 16-bit symbols in C, compiled from the sources that the package `bzip3` carries.

The package has the whole sorter for bytes, on one thread, without the pragmas of OpenMP. The sorter for 16 bits,
libsais16, is the same code for a larger alphabet, and that is how it is made here. It knows no documents: its
separators compare by what follows them, so its order differs from ours there, and its work hardly.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PACKAGE = "bzip3==0.1.4"
ROOM = 6 << 16
"""Places that libsais is given beyond its result, as its documentation advises, for 2**16 symbols."""

WRAPPER = """
int32_t sort16(const uint16_t * T, int32_t * SA, int32_t n, int32_t fs) {
    return libsais_main(T, SA, n, 0, 0, NULL, fs, NULL, 1);
}
#endif
"""


def compiled(folder: Path) -> Path:
    """The library, made in `folder` if it is not there; SystemExit where the sources or gcc cannot be had."""
    library = folder / "libsais16.so"
    if library.exists():
        return library
    folder.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", PACKAGE], folder)
    with tarfile.open(next(folder.glob("bzip3-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    header = next(folder.rglob("libsais.h"))
    sorter = header.read_text()
    sorter = sorter[: sorter.index("static LIBSAIS_UNBWT_CONTEXT * libsais_unbwt_create_ctx_main")]
    sorter = sorter.replace("#define ALPHABET_SIZE (1 << CHAR_BIT)", "#define ALPHABET_SIZE (1 << 16)")
    source = folder / "libsais16.c"
    source.write_text(re.sub(r"\bu8\b", "u16", sorter) + WRAPPER)
    options = ["-O3", "-march=native", "-DNDEBUG", "-w", "-shared", "-fPIC", f"-I{header.parent}"]
    _run(["gcc", *options, "-o", str(library), str(source)], folder)
    return library


def suffixes(tokens: NDArray[np.uint16], library: Path) -> NDArray[np.int32]:
    """The positions of all suffixes, separators included, on one thread."""
    places = np.empty(tokens.size + ROOM, np.int32)
    sort = ctypes.CDLL(str(library)).sort16
    text = np.ascontiguousarray(tokens)
    failed = sort(
        text.ctypes.data_as(ctypes.c_void_p), places.ctypes.data_as(ctypes.c_void_p), int(tokens.size), int(ROOM)
    )
    if failed:
        raise SystemExit(f"libsais failed: {failed}")
    return places[: tokens.size]


def sort(file: str, folder: str, runs: int) -> dict[str, list[float]]:
    """Sort a file of tokens (.npy), in the measured process: seconds of each run."""
    library = compiled(Path(folder))
    tokens = np.load(file)
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        suffixes(tokens, library)
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds}


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SystemExit(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-500:]}")
