"""The service as its own processes, on a free port, watched while it is loaded."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from measuring import anonymous_memory

COMMAND_LINE = "from wherefrom.cli import main; main()"
PATIENCE = 60.0
SAMPLED_SECONDS = 0.5


@dataclass(slots=True)
class Service:
    """A running service.

    Attributes:
        address: where it answers.
        memory: (seconds of the monotonic clock, bytes of anonymous memory of all its processes) of each sample.
    """

    address: str
    process: int
    memory: list[tuple[float, int]] = field(default_factory=list)

    def processes(self) -> int:
        """How many processes it has now."""
        return len(_descendants(self.process))

    def seconds_used(self) -> float:
        """Processor seconds of all its processes so far."""
        ticks = os.sysconf("SC_CLK_TCK")
        used = 0
        for process in _descendants(self.process):
            try:
                fields = Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            used += int(fields[11]) + int(fields[12])
        return used / ticks

    def get(self, path: str) -> object:
        """What it answers, in JSON."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: object) -> object:
        """What it answers to a body, both in JSON."""
        request = urllib.request.Request(
            self.address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


@contextmanager
def running(
    index: Path | None, store: Path | str, environment: Mapping[str, str] | None = None, name: str = "corpus"
) -> Iterator[Service]:
    """Run `wherefrom serve` over one index (or none) and one store; ends with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", COMMAND_LINE, "serve", *([f"{name}={index}"] if index else [])]
    command += ["--port", str(port), "--store", str(store)]
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing, env={**os.environ, **(environment or {})})
    service = Service(f"http://127.0.0.1:{port}", process.pid)
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(service, ended))
    try:
        _wait(service, process)
        sampler.start()
        yield service
    finally:
        ended.set()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        if sampler.ident:
            sampler.join()


def _wait(service: Service, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"The service ended with {process.returncode} before it was ready: {process.args}")
        try:
            service.get("/health/ready")
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"The service was not ready within {PATIENCE:.0f} s.")


def _sample(service: Service, ended: threading.Event) -> None:
    while not ended.wait(SAMPLED_SECONDS):
        service.memory.append((time.monotonic(), anonymous_memory(service.process)))


def _descendants(process: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = " ".join((task / "children").read_text() for task in tasks).split()
    except OSError:
        return []
    return [process, *(grandchild for child in children for grandchild in _descendants(int(child)))]
