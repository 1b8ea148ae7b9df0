"""infini-gram as a peer: its own build, an index in its format made from our suffix array, and its `attribute`.

It sorts by the little-endian bytes of tokens, and puts a separator, 0xFFFF, before each document. Its tokens here are
our stored values less one, so that our separator, 0, becomes its own. Its build of a large corpus takes long, so an
index for searching is written in its format from a sort of our own; `parts/searching.py` sees to it that both give the
same answers.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Watched, watch
from numpy.typing import NDArray

SEPARATOR = 0xFFFF
MOST_FREQUENT = 1_000_000
"""The limit on a span's occurrences that the production front end sends: answers are compared with it."""

SEARCH_ONLY = 10
"""The limit with which it is timed, the default of its service. It writes out a pointer to every occurrence of every
span within the limit: with 1,000,000 that takes most of its time, and is no search."""

_STEP = re.compile(r"\((make-part|merge|concat)\): Done. Took ([\d.]+) seconds")


@dataclass(frozen=True, slots=True)
class Span:
    """A span as `attribute` gives it: half-open range of tokens, and occurrences."""

    start: int
    end: int
    count: int


def stream_of(tokens: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Its tokens, of stored values that end with a separator; the last document ends with one too."""
    return np.concatenate([np.zeros(1, np.uint16), tokens]) - np.uint16(1)


def build(tokens: NDArray[np.uint16], folder: Path, cpus: int) -> tuple[Watched, Path]:
    """Its own build, of stored values that end with a separator; the log says what its steps took."""
    _write_documents(tokens, folder)
    arguments = ["--data_dir", str(folder), "--save_dir", str(folder), "--token_dtype", "u16"]
    limits = ["--cpus", str(cpus), "--mem", "4", "--ulimit", "1024"]
    script = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], 'w')).returncode)"
    indexing = [sys.executable, "-m", "infini_gram.indexing", *arguments, *limits]
    log = folder / "log"
    return watch([sys.executable, "-c", script, str(log), *indexing]), log


def steps(log: Path) -> dict[str, float]:
    """Seconds by step of a build."""
    return {name: float(seconds) for name, seconds in _STEP.findall(log.read_text())}


def bytes_on_disk(folder: Path) -> int:
    """Of its tokens, suffix array and document offsets."""
    return sum((folder / name).stat().st_size for name in ("tokenized.0", "table.0", "offset.0"))


def write_index(tokens: NDArray[np.uint16], folder: Path) -> None:
    """Write an index in its format from a sort of our own."""
    from wherefrom_indexer.suffix_array import suffix_array

    _write_documents(tokens, folder)
    stream = stream_of(tokens)
    # Our order has the separator first, its order has it last: sort the complement, and read it backwards.
    suffixes = suffix_array((np.uint16(SEPARATOR) - stream.byteswap())[1:]).astype(np.uint64) + np.uint64(1)
    separators = np.flatnonzero(stream == SEPARATOR).astype(np.uint64)
    pointers = np.concatenate([suffixes[::-1], separators]) * np.uint64(2)
    width = int(np.ceil(np.log2(stream.nbytes) / 8))
    with (folder / "table.0").open("wb") as file:
        for start in range(0, len(pointers), 1 << 22):
            part = pointers[start : start + (1 << 22)].view(np.uint8).reshape(-1, 8)
            file.write(np.ascontiguousarray(part[:, :width]).tobytes())


def _write_documents(tokens: NDArray[np.uint16], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stream = stream_of(tokens)
    stream.tofile(folder / "tokenized.0")
    starts = np.flatnonzero(stream == SEPARATOR)[:-1]  # no document begins at the last separator
    (starts.astype("<u8") * np.uint64(2)).astype("<u8").tofile(folder / "offset.0")


class Engine:
    """An index of infini-gram, opened."""

    def __init__(self, folder: Path) -> None:
        from infini_gram.engine import InfiniGramEngine

        self._engine = InfiniGramEngine(
            index_dir=str(folder),
            eos_token_id=0,
            token_dtype="u16",
            version=4,
            ds_prefetch_depth=0,
            sa_prefetch_depth=0,
            od_prefetch_depth=0,
            precompute_unigram_logprobs=True,
        )
        self._smallest = _smallest_suffix(folder)

    def attribute(self, values: NDArray[np.int64], most_frequent: int = SEARCH_ONLY) -> Any:
        """The raw answer for stored values: maximal spans within the limit, without word and delimiter rules."""
        query: list[int] = (values - 1).tolist()
        return self._engine.attribute(
            input_ids=query, delim_ids=[], min_len=1, max_cnt=most_frequent, enforce_bow=False
        )

    def spans(self, values: NDArray[np.int64]) -> list[Span]:
        return [Span(span["l"], span["r"], span["count"]) for span in self.attribute(values, MOST_FREQUENT)["spans"]]

    def underflows(self, values: NDArray[np.int64]) -> bool:
        """Whether the query meets its known defect: a suffix that sorts before the whole shard loses its match."""
        query = (values - 1).astype("<u2")
        starts: Sequence[int] = np.flatnonzero(query == self._smallest[0]).tolist()
        return any(query[start:].tobytes() < self._smallest[: len(query) - start].tobytes() for start in starts)


def _smallest_suffix(folder: Path) -> NDArray[np.uint16]:
    stream = np.memmap(folder / "tokenized.0", dtype="<u2", mode="r")
    table = folder / "table.0"
    width = table.stat().st_size // len(stream)
    with table.open("rb") as file:
        position = int.from_bytes(file.read(width), "little") // 2
    return np.array(stream[position : position + 10_000])
