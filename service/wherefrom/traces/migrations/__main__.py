"""Writes the migration to what schema.py says, from what the migrations before it made:

    python -m wherefrom.traces.migrations 0002 "what changes"

Read what it wrote: what only one database has (its own kinds of index, virtual tables) is yours to add. Until the first
release there is one migration, which `--first` writes anew.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from wherefrom.traces.migrating import FOLDER, alembic_config
from wherefrom.traces.schema import SEARCH_STATEMENTS

_GIN = 'op.create_index("ix_span_texts_terms", "span_texts", ["terms"], unique=False, postgresql_using="gin")'


def main() -> None:
    """Write a migration."""
    if sys.argv[1:] == ["--first"]:
        revision, message = "0001", "The tables of the trace store"
        for old in (FOLDER / "versions").glob("0001*.py"):
            old.unlink()
    else:
        revision, message = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder, 'empty.sqlite')}")
        with engine.begin() as connection:
            config = alembic_config(connection)
            command.upgrade(config, "head")
            written = command.revision(config, message, autogenerate=True, rev_id=revision)
    if revision == "0001":
        _add_search(Path(written.path))  # type: ignore[union-attr]


def _add_search(path: Path) -> None:
    """Write what only one of the databases has into the first migration: the indexes of the text search."""
    dropped = ("auto generated", "end Alembic")
    lines = [line for line in path.read_text().splitlines() if not any(comment in line for comment in dropped)]
    lines += ['    if op.get_bind().dialect.name == "postgresql":', f"        {_GIN}", "    else:"]
    lines += [f"        op.execute({statement!r})" for statement in SEARCH_STATEMENTS]
    lines.insert(lines.index("from __future__ import annotations"), "# ruff: noqa: E501\n")
    path.write_text("\n".join(lines) + "\n")
    for command_line in (["format"], ["check", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", *command_line, "--quiet", str(path)], check=True)


if __name__ == "__main__":
    main()
