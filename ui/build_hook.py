"""Builds the web interface into wheels, without a Node.js on the machine: the build then takes one from PyPI.

An editable installation uses `ui/dist`, which is built if it is missing. WHEREFROM_WITHOUT_INTERFACE=1 installs
without the interface: the service and the command line need none of it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))
import node

UNWANTED = "WHEREFROM_WITHOUT_INTERFACE"
INSTALLED = "wherefrom/interface"


class InterfaceBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the built interface into the wheel as `wherefrom/interface`."""

    _work: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """Node.js, where it is needed and the machine has none that works."""
        return [] if _unwanted() or node.folder() else [f"{node.PACKAGE}>=22.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is to be in the wheel."""
        beside = Path(self.root) / "ui" / "dist"
        editable = version == "editable"
        if _unwanted() or (editable and (beside / "index.html").is_file()):
            return
        built = self._built()
        if editable:
            shutil.copytree(built, beside, dirs_exist_ok=True)
        else:
            build_data["force_include"][str(built)] = INSTALLED

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clean up, once the wheel is written."""
        if self._work is not None:
            self._work.cleanup()

    def _built(self) -> Path:
        """The built files, made in a copy of the sources: packages that a developer installed stay as they are."""
        self._work = tempfile.TemporaryDirectory(prefix="wherefrom-interface-")
        root, work = Path(self.root), Path(self._work.name)
        shutil.copytree(root / "ui", work / "ui", ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
        (work / "docs").mkdir()
        shutil.copy(root / "docs" / "openapi.json", work / "docs")
        for command in (["npm", "ci", "--omit=dev", "--loglevel=error"], ["npm", "run", "--silent", "build"]):
            try:
                failed = node.run(command, work / "ui")
            except FileNotFoundError as error:
                raise SystemExit(str(error)) from None
            if failed:
                raise SystemExit(
                    f"The web interface could not be built: `{' '.join(command)}` failed, as said above. npm needs a "
                    "network, or a registry that it is configured for. To install without the interface, set "
                    f"{UNWANTED}=1; the service and the command line need none of it."
                )
        return work / "ui" / "dist"


def _unwanted() -> bool:
    return os.environ.get(UNWANTED, "") not in ("", "0")
