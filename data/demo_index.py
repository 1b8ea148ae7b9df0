"""What the demo begins with: compiled kernels and the index of the addresses."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wherefrom.highlight import plural
from wherefrom.warm import is_warm
from wherefrom_indexer import build_index

DATA = Path(__file__).parent
BUILD = DATA.parent / "build"
CORPUS = DATA / "sotu.jsonl"
INDEX = BUILD / "demo.index"
STORE = BUILD / "demo.traces"


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 100, markup=False, emoji=False, highlight=False)


def warm(console: Console) -> None:
    """Compiles the kernels in all cores, unless that was done; where it fails, each is compiled when first called."""
    if is_warm():
        return
    console.print(Text("Compiling the kernels, once ...", style="bold"))
    began = time.perf_counter()
    # A process of its own: those that compile would import this file first.
    command = [sys.executable, "-c", "from wherefrom.cli import main; main(['warm', '--quiet'])"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    console.print(f"{time.perf_counter() - began:.1f} s")


def build(console: Console) -> None:
    console.print(Text(f"Indexing {CORPUS.relative_to(DATA.parent)} ...", style="bold"))
    shutil.rmtree(INDEX, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    began = time.perf_counter()
    index = build_index([CORPUS], INDEX, text_field="text", id_field="id")
    took = time.perf_counter() - began
    console.print(f"{plural(index.documents, 'document')}, {plural(index.tokens, 'token')}, {took:.1f} s")
