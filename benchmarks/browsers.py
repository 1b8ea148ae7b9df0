"""The browser that shows the interface to tests and benchmarks: an installed one, else the one that npm brought.

The second needs no root and no libraries of the machine, and is for Linux; `make test` installs it with the other
packages of the interface.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

UI = Path(__file__).resolve().parents[1] / "ui"
sys.path.append(str(UI))
import node  # noqa: E402

INSTALLED = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""A shell without windows comes first: a page takes a third of the processor time that it takes in a whole browser."""

OF_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)

MISSING = (
    "No browser was found. Install Chromium or Google Chrome, or, on Linux without root, run `make test` or "
    "`python ui/node.py npm ci`, which bring one with the packages of the interface."
)

_UNPACK = """
import chromium from "@sparticuz/chromium";
const path = await chromium.executablePath();
console.log(JSON.stringify({ path, args: chromium.args, libraries: process.env.LD_LIBRARY_PATH ?? "" }));
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""
"""The browser ends where it finds no font for a form; the package's own list knows only the folders of a cloud."""

_UNWELCOME = ("--disable-web-security", "--allow-running-insecure-content", "--single-process", "--headless")
"""Made for another purpose: what the browser forbids is what is tested, and a page that fails must not end others."""


class NoBrowserError(Exception):
    """There is none; the message says what to do."""


def launch_options() -> dict[str, Any]:
    """What Playwright's `chromium.launch` is given.

    Raises:
        NoBrowserError: there is none.
    """
    path = next((found for name in (*INSTALLED, *OF_MACOS) if (found := shutil.which(name))), None)
    if path is not None:
        return {"executable_path": path, "args": list(QUIET)}
    return _of_npm(UI / "node_modules")


def _of_npm(packages: Path) -> dict[str, Any]:
    programs = node.folder()
    if programs is None or platform.system() != "Linux" or not (packages / "@sparticuz" / "chromium").is_dir():
        raise NoBrowserError(MISSING)
    folder = packages / ".chromium"
    folder.mkdir(exist_ok=True)
    # The package unpacks into the folder for temporary files, with its libraries where it believes to be in a cloud.
    variables = {**node.environment(programs), "TMPDIR": str(folder), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [programs / "node", "--input-type=module", "--eval", _UNPACK]
        done = subprocess.run(command, cwd=packages.parent, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoBrowserError(f"{MISSING}\n{done.stderr}")
    unpacked = json.loads(done.stdout)
    fonts = folder / "fonts.conf"
    fonts.write_text(_FONTS.format(folder=folder), encoding="utf-8")
    return {
        "executable_path": unpacked["path"],
        "args": [*QUIET, *(each for each in unpacked["args"] if not each.startswith(_UNWELCOME))],
        "env": {**os.environ, "LD_LIBRARY_PATH": unpacked["libraries"], "FONTCONFIG_FILE": str(fonts)},
    }
