"""What indexing a large corpus takes: time by stage, peak of anonymous memory, bytes on disk; and verifying it.

    python benchmarks/build.py CORPUS.jsonl INDEX [--memory 2GB]

The index is built in a process of its own. Anonymous memory is read every 20 ms from the status of that process and of
all its children, so that it is what `--memory` bounds: mapped files are not in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

SAMPLED_SECONDS = 0.02

# The moments, by the monotonic clock, at which stages begin: "read", "sort", "publish", and "end" at last.
Events = Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A process that ended: what it printed as its last line, its seconds, and its peak of anonymous memory.

    Attributes:
        memory: (seconds of the monotonic clock, bytes) of each sample.
    """

    result: dict[str, Any]
    seconds: float
    memory: list[tuple[float, int]]

    def peak(self, since: float = 0.0, until: float = float("inf")) -> int:
        return max((size for moment, size in self.memory if since <= moment <= until), default=0)


def measure(corpus: Path, memory: str, index: Path) -> dict[str, Any]:
    """Build the index of a JSON Lines file in a new folder."""
    _compile()
    built = _watch("--build", str(corpus), str(index), memory)
    events = built.result.pop("events")
    spent = _by_stage(events)
    source, tokenizing = built.result.pop("source_seconds"), built.result.pop("tokenizer_seconds")
    stages = {
        "start and end of the process": built.seconds - sum(spent.values()),
        "read the source": source,
        "tokenize": tokenizing,
        "hash, compress, write, make tables": spent["read"] - source - tokenizing,
        "sort suffixes": spent["sort"],
        "publish": spent["publish"],
    }
    return {
        "corpus": corpus.name,
        "corpus_bytes": corpus.stat().st_size,
        "memory": memory,
        "seconds": built.seconds,
        "stages": stages,
        "peak": built.peak(),
        "peak_by_stage": {stage: _peak_of_stage(built, events, stage) for stage in spent},
        **built.result,
    }


def measure_verifying(index: Path) -> dict[str, Any]:
    """Verify an index."""
    verified = _watch("--verify", str(index))
    return {"seconds": verified.seconds, "peak": verified.peak(), **verified.result}


def _watch(*arguments: str) -> Watched:
    """Run this file in a new process, and watch its memory."""
    began = time.monotonic()
    samples: list[tuple[float, int]] = []
    with subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True) as process:
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(SAMPLED_SECONDS):
                samples.append((time.monotonic(), anonymous_memory(process.pid)))

        sampler = threading.Thread(target=sample)
        sampler.start()
        assert process.stdout is not None
        output = process.stdout.read()
        ended.set()
        sampler.join()
    seconds = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"The measured process failed: {' '.join(arguments)}")
    return Watched(json.loads(output.splitlines()[-1]), seconds, samples)


def anonymous_memory(process: int) -> int:
    """Bytes of anonymous memory of a process and its children; 0 once it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = " ".join((task / "children").read_text() for task in tasks).split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:")), 0)
    return own + sum(anonymous_memory(int(child)) for child in children)


def _by_stage(events: Events) -> dict[str, float]:
    spent = dict.fromkeys(("read", "sort", "publish"), 0.0)
    for (moment, stage), (following, _) in pairwise(events):
        spent[stage] += following - moment
    return spent


def _peak_of_stage(built: Watched, events: Events, stage: str) -> int:
    return max(built.peak(begin, end) for (begin, name), (end, _) in pairwise(events) if name == stage)


def _compile() -> None:
    """Let the kernels be compiled, and kept by Numba, before anything is measured."""
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps({"id": str(n), "text": "one two three"}) + "\n" for n in range(9)))
        index = str(Path(temporary) / "corpus.index")
        _watch("--build", str(corpus), index, "2GB")
        _watch("--verify", index)


# --- in the measured process -----------------------------------------------------------------------------------------


class _Stopwatch:
    """Adds up the seconds spent in what it is put around."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds += time.perf_counter() - began

        return timed

    def each(self, function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def timed(*arguments: Any, **options: Any) -> Iterator[Any]:
            items = function(*arguments, **options)
            advance = self.around(lambda: next(items, None))
            while (item := advance()) is not None:
                yield item

        return timed


def build(corpus: Path, index: Path, memory: str) -> dict[str, Any]:
    """Build an index; tells the moments of its stages, and what it became."""
    from wherefrom_indexer import Progress, build_index
    from wherefrom_indexer.sources import SourceOptions, open_source
    from wherefrom_indexer.tokenization import Tokenizer

    events = [(time.monotonic(), "read")]

    def progress(event: Progress) -> None:
        if event.stage == "sort":
            events.append((time.monotonic(), "read" if event.done else "sort"))

    source, tokenizer = open_source(corpus, SourceOptions(id_field="id")), Tokenizer.default()
    reading, tokenizing = _Stopwatch(), _Stopwatch()
    source.documents = reading.each(source.documents)  # type: ignore[method-assign]
    tokenizer.encode_batch = tokenizing.around(tokenizer.encode_batch)  # type: ignore[method-assign]
    built = build_index(source, index, memory=memory, tokenizer=tokenizer, progress=progress)
    events[-1] = (events[-1][0], "publish")  # nothing was left to read
    events.append((time.monotonic(), "end"))
    del built
    times = {"source_seconds": reading.seconds, "tokenizer_seconds": tokenizing.seconds}
    return {"events": events, **times, **sizes(index)}


def sizes(index: Path) -> dict[str, Any]:
    """What stands in the manifest of an index: documents, tokens, segments, bytes by file."""
    from wherefrom_indexer.manifest import read_manifest

    segments = read_manifest(index).segments
    files: Counter[str] = Counter()
    for segment in segments:
        files.update({name: info.bytes for name, info in segment.files.items()})
    return {
        "documents": sum(segment.documents for segment in segments),
        "tokens": sum(segment.tokens for segment in segments),
        "segments": len(segments),
        "files": dict(files),
    }


def verify(index: Path) -> dict[str, Any]:
    """Verify an index."""
    from wherefrom_indexer import verify_index

    return {"findings": [str(finding) for finding in verify_index(index)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", help="JSON Lines file with the fields id and text")
    parser.add_argument("index", type=Path, nargs="?", help="new folder for the index")
    parser.add_argument("--memory", default="2GB", help="budget of the build (default: 2GB)")
    parser.add_argument("--build", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--verify", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        corpus, index, memory = arguments.build
        result = build(Path(corpus), Path(index), memory)
    elif arguments.verify:
        result = verify(arguments.verify)
    elif arguments.corpus and arguments.index:
        result = measure(arguments.corpus, arguments.memory, arguments.index)
        result["verify"] = measure_verifying(arguments.index)
    else:
        parser.error("name a corpus, and a folder for its index")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
