"""What `make demo` and `make serve` run: the service is started, used, and gone afterwards, however they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of `data`, so that what the demo builds stays apart."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("__pycache__")))


@contextmanager
def running(script: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A script in a process group of its own, as a terminal has it; whatever it left over is ended."""
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if not is_gone(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def is_gone(group: int) -> bool:
    """Whether a process group has no process, or soon has none."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.slow
def test_the_demo_sends_its_outputs_as_traces(data: Path) -> None:
    with running(data / "demo.py") as process:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
        assert is_gone(process.pid)
    samples = len((data / "generations.jsonl").read_text(encoding="utf-8").splitlines())
    assert f"{samples} traces with provenance" in output
    assert f"coverage as above in {samples} of {samples}" in output
    assert "make serve" in output
    report = json.loads((data.parent / "build" / "audit" / "report.json").read_text(encoding="utf-8"))
    share = {group["name"]: group["measures"]["share"] for group in (*report["groups"]["model"], report["baseline"])}
    (memorizer,) = (name for name in share if "GPT" in name)
    others = [share[name] for name in share if name != memorizer]
    assert len(others) == 2
    assert all(share[memorizer]["low"] > other["high"] for other in others)
    assert (data.parent / "build" / "audit" / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interrupted_demo_leaves_no_process(data: Path, number: signal.Signals) -> None:
    with running(data / "demo.py") as process:
        assert process.stdout
        for line in process.stdout:
            if "sent to the service" in line:
                break
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 128 + number, output
        assert is_gone(process.pid)
    assert "Traceback" not in output


def test_serving_goes_on_until_it_is_interrupted(data: Path) -> None:
    port = free_port()
    with running(data / "serve.py", PORT=str(port)) as process:
        assert process.stdout
        for line in process.stdout:
            if "the demo's traces" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/traces?project=demo&limit=100") as answer:
            items = json.load(answer)["items"]
        with running(data / "serve.py", PORT=str(port)) as second:
            refusal, _ = second.communicate(timeout=PATIENCE)
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
        assert is_gone(process.pid)
    assert second.returncode == 1
    assert refusal.startswith(f"Cannot listen at port {port}")
    assert len(items) == len((data / "generations.jsonl").read_text(encoding="utf-8").splitlines())
    assert all(item["provenance"] == "done" for item in items)
    assert "Traceback" not in output
