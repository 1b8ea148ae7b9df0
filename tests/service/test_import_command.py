"""`import` as a command: what it says of exports of other systems."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wherefrom.cli.app import app

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "tests" / "exports"


def test_it_says_what_came_of_an_export(tmp_path: Path) -> None:
    file = EXPORTS / "mlflow-trace.json"
    done = CliRunner().invoke(app, ["import", str(file), "--store", str(tmp_path), "--from", "mlflow"])
    assert done.exit_code == 0, done.output
    assert f"Imported 1 generation, 2 other spans and 3 scores from {file}." in done.output


def test_it_names_what_may_be_imported() -> None:
    done = CliRunner().invoke(app, ["import", str(EXPORTS / "mlflow-trace.json"), "--from", "other"])
    assert done.exit_code != 0
    assert "--from names no system: 'other'" in str(done.exception)


def test_what_the_documentation_imports_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8").partition("\n## Import\n")[2]
    commands = re.findall(r"^    wherefrom (import .*)$", text.partition("\n## ")[0], re.MULTILINE)
    assert len(commands) == 3
    monkeypatch.chdir(EXPORTS)
    for number, command in enumerate(commands):
        store = str(tmp_path / str(number))
        arguments = [store if word == "traces" else word for word in shlex.split(command)]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        assert "Imported 1 generation" in done.output
