"""The demo's audit: what of both models' outputs stands in the addresses, beside the human-written control."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo_index import BUILD, DATA, INDEX
from rich.console import Console
from rich.text import Text

AUDIT = BUILD / "audit"
REPORT = AUDIT / "index.html"
_ROOT = DATA.parent


def audit(console: Console) -> None:
    """Writes the report into `AUDIT`, by the command that anybody would give."""
    console.print(Text("\nAuditing the models' outputs against the human-written ones ...", style="bold"))
    outputs, human = _inputs()
    arguments = ["audit", *map(_from_root, (INDEX, outputs)), "--baseline", _from_root(human)]
    arguments += ["--report", _from_root(AUDIT), "--group-by", "model", "--group-by", "settings.times_seen"]
    arguments += ["--source-field", "president"]
    began = time.perf_counter()
    # A process of its own, so that the report shows this command line and no other.
    command = [sys.executable, "-c", "from wherefrom.cli import main; main()", *arguments]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said, _ = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if process.returncode:
        sys.exit(said)
    console.print(f"{said.splitlines()[0]} {time.perf_counter() - began:.1f} s")


def _inputs() -> tuple[Path, Path]:
    """The two files of texts, beside the report: what models wrote, and what humans wrote."""
    AUDIT.mkdir(parents=True, exist_ok=True)
    lines = (DATA / "generations.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    outputs, human = AUDIT / "outputs.jsonl", AUDIT / "human.jsonl"
    for path, is_control in ((outputs, False), (human, True)):
        chosen = [line for line in lines if (json.loads(line)["kind"] == "control") is is_control]
        path.write_text("".join(chosen), encoding="utf-8")
    return outputs, human


def _from_root(path: Path) -> str:
    return str(path.relative_to(_ROOT))
