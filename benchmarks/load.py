"""Load from a native generator: `wrk`, from Debian's package, with `load.lua`."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora import FOLDER, HERE, Package

WRK = Package("apt", "wrk", "wrk_*.deb")
LUA = Package("apt", "libluajit-5.1-2", "libluajit-5.1-2_*.deb")
LUA_COMMON = Package("apt", "libluajit-5.1-common", "libluajit-5.1-common_*.deb")

PLACEHOLDER = b"\xa5" * 6
"""Where it stands in a body, a number stands in each request that no other one has."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to.

    Attributes:
        seconds: how long it ran; requests: answered; statuses: of these, by status code.
        p50, p95, p99, slowest: milliseconds of the answered requests.
        failed: connections refused, broken or timed out.
    """

    seconds: float
    requests: int
    statuses: dict[str, int]
    p50: float
    p95: float
    p99: float
    slowest: float
    failed: int

    def accepted(self) -> int:
        """Requests that were answered with success."""
        return sum(count for status, count in self.statuses.items() if status.startswith("2"))

    def speed(self) -> float:
        """Accepted requests a second."""
        return self.accepted() / self.seconds


def wrk() -> list[str]:
    """The start of the command; an installed one, or the package's program unpacked into the folder of the corpora."""
    if found := shutil.which("wrk"):
        return [found]
    folder = FOLDER / "wrk"
    if not folder.exists():
        for package in (WRK, LUA, LUA_COMMON):
            subprocess.run(["dpkg-deb", "-x", str(package.obtain()), str(folder)], check=True)
    (libraries,) = {path.parent for path in folder.rglob("libluajit-5.1.so.2")}
    scripts = next(folder.rglob("luajit-2.1*/jit")).parent
    return ["env", f"LD_LIBRARY_PATH={libraries}", f"LUA_PATH={scripts}/?.lua", str(folder / "usr" / "bin" / "wrk")]


def write_bodies(path: Path, bodies: Iterable[bytes]) -> Path:
    """A file of bodies as `load.lua` reads it."""
    with path.open("wb") as file:
        for body in bodies:
            file.write(struct.pack(">I", len(body)) + body)
    return path


def load(
    url: str, bodies: Path, content_type: str, seconds: float, connections: int, rate: float = 0, first: int = 0
) -> Loaded:
    """Post bodies for so many seconds.

    Args:
        rate: requests a second over all connections; 0: as fast as answers come.
        first: the number of the first request; equal numbers are equal ids.
    """
    command = [*wrk(), "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(HERE / "load.lua")]
    command += [url, "--", str(bodies), content_type, str(rate), str(first)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"wrk failed with {done.returncode}: {done.stderr or done.stdout}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Loaded(**told)
