"""tokengrams as a peer: its build, its counts, and longest matches by what it offers.

It has no documents; stored values are its tokens, and a query that holds no separator never crosses one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def build(tokens: str, folder: str) -> dict[str, float]:
    """Its own build of a file of tokens, in the process that is measured; seconds without importing it."""
    import time

    from measuring import status_bytes
    from tokengrams import MemmapIndex

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    values = np.load(tokens, mmap_mode="r")
    values.tofile(target / "tokens.bin")
    before = status_bytes("VmRSS")
    began = time.perf_counter()
    MemmapIndex.build(str(target / "tokens.bin"), str(target / "tokens.idx"), vocab=1 << 16)
    seconds = time.perf_counter() - began
    peak = status_bytes("VmHWM") - before  # its table is a mapped file, which it sorts in place
    return {"seconds": seconds, "peak": peak, "bytes": sum(file.stat().st_size for file in target.iterdir())}


class Engine:
    """An index of tokengrams, opened."""

    def __init__(self, folder: Path) -> None:
        from tokengrams import MemmapIndex

        self._index: Any = MemmapIndex(str(folder / "tokens.bin"), str(folder / "tokens.idx"), vocab=1 << 16)

    def count(self, values: list[int]) -> int:
        return int(self._index.count(values))

    def longest(self, values: list[int]) -> list[int]:
        """The longest match at every position, by what it offers: it has no call for it, only `contains`.

        The match at a position is at least as long as that at the one before, less one; from there on by steps that
        double, then by halving.
        """
        lengths, known = [], 0
        for start in range(len(values)):
            room = len(values) - start
            known, step = max(known - 1, 0), 1
            while known + step <= room and self._index.contains(values[start : start + known + step]):
                known += step
                step *= 2
            low, high = known, min(known + step - 1, room)
            while low < high:
                middle = (low + high + 1) // 2
                if self._index.contains(values[start : start + middle]):
                    low = middle
                else:
                    high = middle - 1
            known = low
            lengths.append(known)
        return lengths
