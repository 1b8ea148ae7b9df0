"""`import` as a command: what it says of exports of other systems."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from wherefrom.cli.app import app

EXPORTS = Path(__file__).parents[1] / "exports"


def test_it_says_what_came_of_an_export(tmp_path: Path) -> None:
    file = EXPORTS / "mlflow-trace.json"
    done = CliRunner().invoke(app, ["import", str(file), "--store", str(tmp_path), "--from", "mlflow"])
    assert done.exit_code == 0, done.output
    assert f"Imported 1 generation, 2 other spans and 3 scores from {file}." in done.output


def test_it_names_what_may_be_imported() -> None:
    done = CliRunner().invoke(app, ["import", str(EXPORTS / "mlflow-trace.json"), "--from", "other"])
    assert done.exit_code != 0
    assert "--from names no system: 'other'" in str(done.exception)
