"""An environment for each client: its pinned packages and no others, kept in build/clients until they change."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import venv
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from clients.systems import ROOT, System

FOLDER = ROOT / "build" / "clients"
PATIENCE = 300.0


class Environments:
    """Makes environments one after the other in a thread, while clients run in those that are ready."""

    def __init__(self, systems: Iterable[System]) -> None:
        self._maker = ThreadPoolExecutor(1)
        self._stopping = threading.Event()
        self._made: dict[Path, Future[Path]] = {}
        for system in systems:
            if system.requirements not in self._made:
                self._made[system.requirements] = self._maker.submit(self._make, system.requirements)

    def python(self, system: System) -> Path:
        """The interpreter of a system's environment, once it is ready."""
        return self._made[system.requirements].result(PATIENCE)

    def close(self) -> None:
        """Makes no more."""
        self._stopping.set()
        self._maker.shutdown(cancel_futures=True)

    def _make(self, requirements: Path) -> Path:
        assert not self._stopping.is_set()
        return made(requirements)


def made(requirements: Path) -> Path:
    """The interpreter of the environment that has these requirements, which is made if it is missing or another."""
    folder = FOLDER / requirements.stem
    python = folder / "bin" / "python"
    stamp = folder / "made-of"
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == key:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    if find_spec("uv"):
        uv = [sys.executable, "-m", "uv"]
        _run([*uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)])
        _run([*uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)])
    else:
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", "-r", str(requirements)])
    stamp.write_text(key)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
