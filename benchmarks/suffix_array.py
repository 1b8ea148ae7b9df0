"""Speed and memory of building a suffix array, on one thread: natural text, duplicated text, and the worst cases.

    python benchmarks/suffix_array.py [--tokens FILE.npy | --text FILE_OR_FOLDER] [--size N] [--repeat N]

`--tokens` takes stored values (uint16 or uint32, 0 after each document). `--text` takes text, for example Debian's
linux-source-6.1 unpacked; a plain split into words, spaces and signs makes the tokens, the rarest share one number:
enough for the shape of natural text. Without either, only the made-up corpora are measured.
Every case runs in a process of its own, so that its peak of anonymous memory can be read from the system.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(rb" ?\w+|\s+|[^\w\s]")
TEXT_SUFFIXES = {".c", ".h", ".txt", ".rst", ".md", ".py"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=Path, help="numpy file of stored values")
    parser.add_argument("--text", type=Path, help="file or folder of text")
    parser.add_argument("--size", type=int, default=20_000_000, help="tokens in each case (default: 20 million)")
    parser.add_argument("--repeat", type=int, default=3, help="times each case is measured; the best counts")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(np.load(arguments.measure, mmap_mode="r"), arguments.repeat)))
        return
    print(f"{'case':<24}{'positions':>12}{'seconds':>9}{'M/s':>7}{'bytes/position':>16}{'time/position':>15}")
    natural = 0.0
    for name, tokens in cases(arguments.tokens, arguments.text, arguments.size):
        result = measure_apart(tokens, arguments.repeat)
        per_position = result["seconds"] / tokens.size
        natural = natural or per_position
        speed = tokens.size / result["seconds"] / 1e6
        print(
            f"{name:<24}{tokens.size:>12,}{result['seconds']:>9.2f}{speed:>7.2f}"
            f"{result['bytes'] / tokens.size:>16.2f}{per_position / natural:>14.2f}x",
            flush=True,
        )


def cases(tokens: Path | None, text: Path | None, size: int) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """The corpora; the first one is what the others' time is compared with."""
    natural = None
    if tokens:
        natural = np.load(tokens)[:size]
    elif text:
        natural = tokens_of_text(text, size)
    if natural is not None:
        natural[-1] = 0
        yield "text", natural
        yield "text, 32 bits", natural.astype(np.uint32)
        yield "47 % duplicates", duplicated(natural)
    yield "Zipf, 32,000", documents(np.random.default_rng(1).zipf(1.2, size) % 32_000 + 1)
    yield "uniform, 60,000", documents(np.random.default_rng(1).integers(1, 60_001, size))
    yield "uniform, 2", documents(np.random.default_rng(1).integers(1, 3, size))
    yield "all equal", documents(np.ones(size, np.uint16), 0)
    yield "period 2", documents(np.resize(np.array([2, 1]), size), 0)
    yield "period 3", documents(np.resize(np.array([1, 3, 2]), size), 0)
    yield "Fibonacci", documents(fibonacci(size), 0)
    yield "alternating, twice", alternating(size)
    yield "alternating, 0.1 % twice", alternating(size, 1000)
    yield "one-token documents", documents(np.random.default_rng(1).integers(1, 30_001, size), 2)


def documents(tokens: NDArray[np.generic], length: int = 500) -> NDArray[np.uint16]:
    """End a document every `length` positions; 0: one document."""
    ended = tokens.astype(np.uint16)
    if length:
        ended[length - 1 :: length] = 0
    ended[-1] = 0
    return ended


def duplicated(tokens: NDArray[np.generic]) -> NDArray[np.generic]:
    """As many positions, of which the last 47 % repeat documents from the beginning."""
    kept = tokens.size * 53 // 100
    return np.concatenate([tokens[:kept], tokens[: tokens.size - kept - 1], tokens[-1:]])


def fibonacci(size: int) -> NDArray[np.uint16]:
    previous, word = np.array([2], np.uint16), np.array([1], np.uint16)
    while word.size < size:
        previous, word = word, np.concatenate([word, previous])
    return word[:size].copy()


def alternating(size: int, share: int = 2) -> NDArray[np.uint16]:
    """The worst cases for memory: every second position is LMS, and all LMS substrings but 1 of `share` are distinct.

    The reduced text then has as many symbols, with a bucket each, and leaves no room.
    """
    tokens = np.random.default_rng(1).integers(1, 30_001, size // 4 * 4).astype(np.uint16)
    tokens[::2] += 30_000
    again = size // share // 2 * 2
    tokens[-again:] = tokens[:again]
    tokens[-1] = 0
    return tokens


def tokens_of_text(path: Path, size: int) -> NDArray[np.uint16]:
    """About `size` tokens of the files' words, numbered by frequency."""
    files = sorted(f for f in path.rglob("*") if f.suffix in TEXT_SUFFIXES and f.is_file()) if path.is_dir() else [path]
    numbers: dict[bytes, int] = {}
    found = bytearray()
    for file in files:
        words = islice(WORD.finditer(file.read_bytes()), size - len(found) // 4)
        found += np.array([numbers.setdefault(word[0], len(numbers) + 1) for word in words] + [0], np.uint32).tobytes()
        if len(found) // 4 >= size:
            break
    tokens = np.frombuffer(found, np.uint32)
    counts = Counter(dict(enumerate(np.bincount(tokens).tolist())))
    del counts[0]
    rank = np.full(len(numbers) + 1, 60_000, np.uint16)
    rank[0] = 0
    for place, (token, _) in enumerate(counts.most_common(59_999)):
        rank[token] = place + 1
    return rank[tokens]


def measure_apart(tokens: NDArray[np.generic], repeat: int) -> dict[str, float]:
    """Measure in a new process, which maps the tokens as a build does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens.npy"
        np.save(file, tokens)
        command = [sys.executable, __file__, "--measure", str(file), "--repeat", str(repeat)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measure(tokens: NDArray[np.generic], repeat: int) -> dict[str, float]:
    """Best time, and anonymous memory at the peak beyond what stood before."""
    from wherefrom_indexer.suffix_array import suffix_array

    suffix_array(np.append(tokens[:100_000], 0).astype(tokens.dtype))  # compiles, or loads what was compiled
    int(tokens.max())  # the pages of the text are in memory, as after tokenizing
    best = float("inf")
    before = memory("RssAnon")
    with Path("/proc/self/clear_refs").open("w") as reset:
        reset.write("5")  # the peak counts from here
    file_pages = memory("VmHWM") - before
    for _ in range(repeat):
        start = time.process_time()  # one thread: what other processes take does not count
        suffix_array(tokens)
        best = min(best, time.process_time() - start)
    return {"seconds": best, "bytes": memory("VmHWM") - file_pages - before}


def memory(field: str) -> int:
    """A field of this process's status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


if __name__ == "__main__":
    main()
