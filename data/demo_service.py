"""The service as the demo runs it: a process of its own, stopped whatever happens to the one that started it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError

SAMPLES = Path(__file__).parent / "generations.jsonl"
PATIENCE = 60.0
"""Seconds for anything that the service is waited for."""

_COMMAND = (sys.executable, "-c", "from wherefrom.cli import main; main()", "serve")


@dataclass(frozen=True, slots=True)
class Service:
    """A service that was started.

    Attributes:
        address: scheme, host and port.
        log: where it writes; None: to the terminal.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path | None = None

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self.address + path))

    def post(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        return self._ask(urllib.request.Request(self.address + path, json.dumps(body).encode(), headers))

    def wait_until_ready(self) -> None:
        """Waits until it answers and all its parts are well; ends the program with what it wrote where they are not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            if self.process.poll() is not None:
                sys.exit(f"The service ended with exit code {self.process.returncode}.{self._last_words()}")
            with suppress(URLError, OSError):
                if self.get("/health/ready")["status"] == "ok":
                    return
            if time.monotonic() > deadline:
                sys.exit(f"The service was not ready within {PATIENCE:.0f} s.{self._last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Asks it to end, and ends it where it does not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        finally:
            if self.process.poll() is None:  # too slow, or the user has no patience
                self.process.kill()
                self.process.wait()

    @staticmethod
    def _ask(request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _last_words(self) -> str:
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:]
        return "\n".join(["", *lines, f"All that it wrote is in {self.log}."])


@contextmanager
def started(index: Path, store: Path, port: int | None = None, log: Path | None = None) -> Iterator[Service]:
    """Starts `wherefrom serve`; it ends with the block.

    Args:
        index, store: what it searches, and the folder that it keeps traces in.
        port: None: one that is free.
        log: the file that it writes to; None: the terminal.
    """
    chosen = _free_port(port or 0)
    # What the user has set for services of their own is not meant for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHEREFROM_")}
    environment["WHEREFROM_LOG_FORMAT"] = "text"
    environment["WHEREFROM_SAMPLES"] = str(SAMPLES)  # to try in its pages
    if (audit := index.parent / "audit").is_dir():
        environment["WHEREFROM_AUDITS"] = str(audit)  # the demo's own
    command = [*_COMMAND, str(index), "--store", str(store), "--port", str(chosen), "--processes", "1"]
    output: IO[bytes] | None = log.open("wb") if log else None
    try:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    finally:
        if output:
            output.close()
    service = Service(f"http://127.0.0.1:{chosen}", process, log)
    try:
        yield service
    finally:
        service.stop()


def _free_port(wanted: int) -> int:
    """Returns the port, 0: any that is free. The program ends where it is taken: another service answers there."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind(("127.0.0.1", wanted))
        except OSError as error:
            sys.exit(f"Cannot listen at port {wanted}: {error.strerror or error}; try PORT={wanted + 1} make serve.")
        port: int = free.getsockname()[1]
    return port


def end_on_signals() -> None:
    """Lets the signals that end a program unwind it, so that what it started ends as well."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
