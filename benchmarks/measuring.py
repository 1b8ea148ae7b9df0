"""Taking times, and running what is measured in a process of its own whose memory is watched."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLED_SECONDS = 0.02
_AVAILABLE = os.sched_getaffinity(0)


@dataclass(frozen=True, slots=True)
class Watched:
    """A process that ended: what its function returned, its seconds, and its anonymous memory over time.

    Attributes:
        memory: (seconds of the monotonic clock, bytes) of each sample.
    """

    result: Any
    seconds: float
    memory: list[tuple[float, int]]

    def peak(self, since: float = 0.0, until: float = float("inf")) -> int:
        return max((size for moment, size in self.memory if since <= moment <= until), default=0)


def repeated(function: Callable[[], Any], runs: int, patience: float = float("inf")) -> list[float]:
    """Seconds of each run: at least one, at most `runs`, none begun after `patience` seconds in all."""
    seconds: list[float] = []
    while not seconds or (len(seconds) < runs and sum(seconds) < patience):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return seconds


def apart(module: str, function: str, *, cores: int | None = None, **arguments: Any) -> Watched:
    """Call a function of a module of this folder in a new process.

    Args:
        module, function: what is called, with `arguments`, which must be JSON as its result must be.
        cores: pins the process to so many cores, so that however it makes threads, they have no more.
    """
    call = json.dumps({"module": module, "function": function, "arguments": arguments})
    with cores_limited(cores):
        return watch([sys.executable, str(HERE / "measuring.py"), call])


def watch(command: list[str], environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Watched:
    """Run a command to its end, and watch its memory; its last line, if any, is the result, in JSON."""
    began = time.monotonic()
    samples: list[tuple[float, int]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as process:
        ended = threading.Event()

        def sample() -> None:
            os.sched_setaffinity(0, _AVAILABLE)  # not on the core that is measured, if there is another
            while not ended.wait(SAMPLED_SECONDS):
                samples.append((time.monotonic(), anonymous_memory(process.pid)))

        sampler = threading.Thread(target=sample)
        sampler.start()
        assert process.stdout is not None
        output = process.stdout.read()
        process.wait()
        seconds = time.monotonic() - began
        ended.set()
        sampler.join()
    if process.returncode:
        raise SystemExit(f"The measured process failed with {process.returncode}: {' '.join(command)[:300]}")
    lines = output.splitlines()
    return Watched(_json(lines[-1]) if lines else None, seconds, samples)


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


@contextmanager
def cores_limited(cores: int | None) -> Iterator[None]:
    """Run the body, and the processes it starts, on so many of the available cores."""
    try:
        os.sched_setaffinity(0, sorted(_AVAILABLE)[-cores:] if cores else _AVAILABLE)
        yield
    finally:
        os.sched_setaffinity(0, _AVAILABLE)


def core_counts() -> list[int]:
    """1, 2, 4, ... up to the cores there are (16 at most)."""
    return [cores for cores in (1, 2, 4, 8, 16) if cores <= len(_AVAILABLE)]


def forget_pages(path: Path) -> None:
    """Let the system drop what it holds of a file, or of a folder's files, in memory."""
    os.sync()  # a page that is not on the disk yet cannot be dropped
    for file in [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def status_bytes(field: str) -> int:
    """A field of this process's status that is a size, for example RssAnon or VmHWM."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line  # what a peer printed


def _called() -> None:
    call = json.loads(sys.argv[1])
    function = getattr(importlib.import_module(call["module"]), call["function"])
    print("\n" + json.dumps(function(**call["arguments"])))


if __name__ == "__main__":
    _called()
