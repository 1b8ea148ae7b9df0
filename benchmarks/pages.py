"""How many pages of an index a cold search reads: distinct 4 KiB pages of each file, per position of a text.

    python benchmarks/pages.py INDEX < TEXTS.jsonl

The kernels run as plain Python (NUMBA_DISABLE_JIT=1, in a process of its own), over arrays that note what is read of
them. What an index keeps in memory (the codes of tokens) is not counted; the leaders of the top level are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PAGE_BYTES = 4096


def measure(index: str | Path, texts: Sequence[str]) -> dict[str, Any]:
    """Count the pages that `longest_matches` reads, over texts that are each searched cold.

    Returns:
        positions: of all texts; lengths, counts: mean pages a position read for the lengths of matches alone, and for
        lengths and counts; files: by file, those of lengths and counts.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(index)],
        input="".join(json.dumps({"text": text}) + "\n" for text in texts),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class Recorded:
    """An array of a file, that notes the pages of what is read of it."""

    def __init__(self, array: Any, name: str, first_byte: int, pages: Pages) -> None:
        self.size, self.dtype, self.itemsize, self.shape = array.size, array.dtype, array.itemsize, array.shape
        self._array, self._name, self._first_byte, self._pages = array, name, first_byte, pages

    def __getitem__(self, place: Any) -> Any:
        begin, end = (place.start, place.stop) if isinstance(place, slice) else (place, place + 1)
        for byte in (begin * self.itemsize, end * self.itemsize - 1):
            self._pages.add(self._name, (int(byte) + self._first_byte) // PAGE_BYTES)
        return self._array[place]


class Pages:
    """The pages read so far, for lengths alone and in all: (file, page)."""

    def __init__(self) -> None:
        self.lengths: set[tuple[str, int]] = set()
        self.all: set[tuple[str, int]] = set()
        self.counting = False

    def add(self, name: str, page: int) -> None:
        """Note a page."""
        self.all.add((name, page))
        if not self.counting:
            self.lengths.add((name, page))


def _recorded(arrays: Any, pages: Pages) -> Any:
    """What kernels read of a segment, recorded."""
    from wherefrom_indexer.array_file import HEADER_BYTES

    after_leaders = HEADER_BYTES + arrays.leaders.nbytes
    return arrays._replace(
        tokens=Recorded(arrays.tokens, "tokens.bin", HEADER_BYTES, pages),
        suffixes=Recorded(arrays.suffixes, "suffixes.bin", HEADER_BYTES, pages),
        leaders=Recorded(arrays.leaders, "top.bin", HEADER_BYTES, pages),
        keys=Recorded(arrays.keys, "top.bin", after_leaders, pages),
    )


def _watch(longest: Any, pages: Pages) -> None:
    """Have the steps of the search say whether they serve the lengths or the counts."""
    for name, counting in (("_start_places", False), ("_start_ends", True)):
        step = getattr(longest, name)

        def watched(*arguments: Any, step: Any = step, counting: bool = counting) -> Any:
            pages.counting = counting
            return step(*arguments)

        setattr(longest, name, watched)


def _measure_here(index: Path, texts: Sequence[str]) -> dict[str, Any]:
    import numpy as np

    from wherefrom import corpus, longest
    from wherefrom_indexer import Index

    opened = Index.open(index)
    pages, read, positions = Pages(), Counter[str](), 0
    _watch(longest, pages)
    segments = [_recorded(corpus.segment_arrays(segment), pages) for segment in opened.segments]
    for text in texts:
        query = opened.tokenizer.encode(text).ids.astype(np.int64) + 1
        for arrays in segments:
            longest.longest_matches(arrays, query)
        read["lengths"] += len(pages.lengths)
        read["counts"] += len(pages.all)
        read.update(name for name, _ in pages.all)
        positions += len(query)
        pages.lengths.clear()
        pages.all.clear()
    mean = {name: number / max(1, positions) for name, number in sorted(read.items())}
    lengths, counts = mean.pop("lengths", 0.0), mean.pop("counts", 0.0)
    return {"positions": positions, "lengths": lengths, "counts": counts, "files": mean}


if __name__ == "__main__":
    print(json.dumps(_measure_here(Path(sys.argv[1]), [json.loads(line)["text"] for line in sys.stdin])))
