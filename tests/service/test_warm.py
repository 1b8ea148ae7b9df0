"""Warming compiles what real use needs, in time, and says why it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USE = """
import json, sys, tempfile
from pathlib import Path
from numba.core import event
from wherefrom import Tracer
from wherefrom.warm import is_warm
from wherefrom_indexer import add_documents, build_index, compact_index, remove_documents, verify_index

class Compiled(event.Listener):
    names = set()
    def on_start(self, event):
        self.names.add(event.data["dispatcher"].py_func.__qualname__)
    def on_end(self, event):
        pass

def main():
    assert is_warm()
    event.register("numba:compile", Compiled())
    data, index = Path(sys.argv[1]), tempfile.mkdtemp() + "/index"
    texts = [json.loads(line)["text"] for line in (data / "generations.jsonl").open()]
    build_index([data / "sotu.jsonl"], index, id_field="id", tokenizer=sys.argv[3])
    with Tracer.open(index) as tracer:
        for text in texts:
            tracer.trace(text, prompt="who?")
    if sys.argv[2] == "all":
        add_documents([{"id": "new", "text": texts[0]}], index, id_field="id")
        remove_documents(index, ["new", "1790-Washington-1"])
        with Tracer.open(index) as tracer:
            for text in texts[:5]:
                tracer.trace(text)
                tracer.longest_matches(text)
                tracer.count(text[:20])
                tracer.queries.next_tokens(text[:20])
                tracer.queries.infgram_probabilities(text)
        assert not verify_index(index)
        compact_index(index)
    print(*sorted(Compiled.names))

main()
"""


def run(arguments: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    environment = inherited | {"NUMBA_CACHE_DIR": str(folder)} | environment
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True)


def warm(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(["-c", f"from wherefrom.cli import main; main({['warm', *options]!r})"], folder, **environment)


@pytest.fixture(scope="module")
def wide_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The default tokenizer with more tokens than two bytes can number."""
    definition = json.loads((ROOT / "indexer" / "wherefrom_indexer" / "default_tokenizer.json").read_text())
    vocabulary = definition["model"]["vocab"]
    size = len(vocabulary)
    vocabulary.update({f"never{number}": size + number for number in range(70_000 - size)})
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    path.write_text(json.dumps(definition))
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["first", "all", "wide"])
def test_after_warming_nothing_is_compiled(tmp_path: Path, wide_tokenizer: str, what: str) -> None:
    tokenizer = wide_tokenizer if what == "wide" else "default"
    options = ["--tokenizer", tokenizer, *["--all"] * (what == "all")]
    done = warm(tmp_path, *options)
    assert done.returncode == 0, done.stderr
    used = run(["-c", USE, str(ROOT / "data"), what, tokenizer], tmp_path)
    assert used.returncode == 0, used.stderr
    assert used.stdout.split() == []
    assert " 0 of them compiled now" in warm(tmp_path, *options).stderr


def test_an_empty_cache_is_not_warm(tmp_path: Path) -> None:
    assert run(["-c", "from wherefrom.warm import is_warm; print(is_warm())"], tmp_path).stdout == "False\n"


def test_what_runs_as_plain_python_cannot_be_warmed(tmp_path: Path) -> None:
    done = warm(tmp_path, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "NUMBA_DISABLE_JIT is set" in done.stderr


def test_a_tokenizer_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = warm(tmp_path, "--tokenizer", "/nowhere/tokenizer.json")
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "/nowhere" in done.stderr
