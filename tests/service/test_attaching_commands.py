"""`worker`, `retrace` and `import` as processes: several on one store, killed at any moment."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from traced_generations import TEXTS, tracer

from wherefrom.cli import main
from wherefrom.traces.schema import parts, provenances, spans, traces
from wherefrom.traces.store import TraceStore

COMMAND = [sys.executable, "-c", "from wherefrom.cli import main; main()"]


@pytest.fixture(scope="module")
def index() -> Path:
    return Path(tracer()._searched[0].index.path)


@dataclass(frozen=True)
class Result:
    code: int
    err: str


def run(*arguments: object) -> Result:
    """Runs a command in this process."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told), pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert isinstance(stopped.value.code, int)
    return Result(stopped.value.code, told.getvalue())


def generations(folder: Path, number: int) -> Path:
    file = folder / "generations.jsonl"
    texts = list(TEXTS.values())
    lines = [json.dumps({"id": f"g{each}", "text": f"{each} {texts[each % len(texts)]}"}) for each in range(number)]
    file.write_text("\n".join(lines))
    return file


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[bytes], seconds: float = 300) -> tuple[int, str]:
    _, told = process.communicate(timeout=seconds)
    return process.returncode, told.decode()


def states(store: Path) -> Sequence[str]:
    with TraceStore.open(store) as opened:
        return opened.read(lambda connection: connection.execute(select(parts.c.state)).scalars().all())


def test_imported_generations_are_traced_by_a_worker_and_again_when_asked(tmp_path: Path, index: Path) -> None:
    store, file = tmp_path / "store", generations(tmp_path, 20)
    imported = run("import", file, "--store", store, "--project", "p")
    assert (imported.code, imported.err) == (0, f"Imported 20 generations from {file}.\n")
    with started("worker", index, "--store", store, "--drain", "--processes", 1) as worker:
        code, told = ended(worker)
    assert code == 0
    assert "20 texts pending" in told
    assert "Stored the provenance of 20 texts." in told
    assert set(states(store)) == {"done"}
    assert run("retrace", index, "--store", store).err == "0 texts will be traced again.\n"
    assert run("retrace", f"other={index}", "--store", store).err == "20 texts will be traced again.\n"
    assert run("retrace", "--store", store, "--which", "all", "--project", "q").code == 2
    assert "told by the indexes" in run("retrace", "--store", store).err
    assert "one of outdated" in run("retrace", "--which", "some").err
    assert run("worker", "--store", store).code == 2


def check_exactly_once(store: Path, number: int) -> None:
    with TraceStore.open(store) as opened:
        rows = opened.read(
            lambda connection: connection.execute(
                select(parts.c.key, parts.c.state, provenances.c.coverage).outerjoin(
                    provenances, provenances.c.part_key == parts.c.key
                )
            ).all()
        )
        summed = opened.read(
            lambda connection: connection.execute(
                select(spans.c.provenance, spans.c.coverage, traces.c.coverage).join(traces)
            ).all()
        )
    assert len(rows) == len({row.key for row in rows}) == number
    assert {row.state for row in rows} == {"done"}
    assert all(row.coverage > 0.5 for row in rows)
    assert all(row[0] == "done" and row[1] == row[2] for row in summed)


def kill_workers(tmp_path: Path, index: Path, kills: int, number: int) -> None:
    """Two workers on a store, killed again and again; their leases are made to run out at once."""
    store, file = tmp_path / "store", generations(tmp_path, number)
    assert run("import", file, "--store", store).code == 0
    random.seed(1)
    arguments = ("worker", index, "--store", store, "--processes", 1, "--quiet")
    with started(*arguments, "--drain") as steady:
        for _ in range(kills):
            with started(*arguments) as killed:
                time.sleep(random.uniform(0.8, 2.5))
                os.kill(killed.pid, signal.SIGKILL)
            with TraceStore.open(store) as opened:  # as if two minutes had passed
                opened.write(
                    lambda connection: connection.execute(
                        parts.update().where(parts.c.state == "pending").values(due_ns=0)
                    )
                ).result()
        code, told = ended(steady)
    assert code == 0, told
    check_exactly_once(store, number)


@pytest.mark.slow
def test_workers_that_are_killed_many_times_lose_nothing(tmp_path: Path, index: Path) -> None:
    kill_workers(tmp_path, index, kills=20, number=3000)


def test_a_worker_that_is_asked_to_stop_gives_back_its_work(tmp_path: Path, index: Path) -> None:
    store, file = tmp_path / "store", generations(tmp_path, 400)
    assert run("import", file, "--store", store).code == 0
    with started("worker", index, "--store", store, "--processes", 1) as worker:
        with TraceStore.open(store) as opened:
            done = select(parts.c.key).where(parts.c.state == "done").limit(1)
            while opened.read(lambda connection: connection.execute(done).first()) is None:
                assert worker.poll() is None
                time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        code, told = ended(worker, 30)
    assert (code, "Stored the provenance of" in told) == (0, True)
    with TraceStore.open(store) as opened:
        due = opened.read(
            lambda connection: connection.execute(
                select(parts.c.due_ns).where(parts.c.state == "pending", parts.c.due_ns > time.time_ns())
            ).all()
        )
    assert due == []
