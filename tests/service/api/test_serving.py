"""The service as a process: how it starts, what it says, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
import running_service

from wherefrom.cli import main

COMMAND = [sys.executable, "-c", "from wherefrom.cli import main; main()"]


@pytest.fixture
def started(tmp_path):
    """Starts `wherefrom serve` on a free port; yields what starts one and returns the process and its address."""
    processes = []

    def start(*arguments, **variables):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--store", str(tmp_path / "traces"), "--processes", "1", *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | variables,
        )
        processes.append(process)
        line = ""
        while "is at" not in line:
            line = process.stderr.readline()
            assert line, "it ended"
        return process, re.search(r"http://\S+?(?=,)", line)[0]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def run(capsys, *arguments):
    """The exit code, output and errors of a command."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return (exit_.value.code, *capsys.readouterr())


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_it_serves_until_it_is_asked_to_stop_and_answers_what_is_under_way(started, number):
    process, address = started()
    told = "".join(process.stderr.readline() for _ in range(4))
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={address}" in told
    assert f"LANGSMITH_ENDPOINT={address}" in told
    assert httpx.get(f"{address}/health/ready").json()["status"] == "ok"
    assert httpx.get(f"{address}/nowhere").status_code == 404
    with running_service.connected(address) as connection:
        body = b'{"resourceSpans": []}'
        head = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:3])
        assert httpx.get(f"{address}/health/live").status_code == 200  # so the request above has begun as well
        process.send_signal(number)
        while True:  # it accepts no more
            try:
                running_service.connected(address).close()
            except ConnectionError:
                break
        connection.sendall(body[3:])
        assert b" 200 " in running_service.received(connection).splitlines()[0]
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    assert [line["path"] for line in lines] == ["/nowhere", "/v1/traces"]
    assert "Traceback" not in rest


def test_a_port_that_is_taken_is_told_at_once(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, told = run(capsys, "serve", "--port", str(port), "--store", str(tmp_path))
    assert code == 2
    assert f"port {port}" in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--host", "0.0.0.0"), 1, "wherefrom keys create"),
        (("--host", "no.such.host.invalid"), 2, "Cannot listen"),
        (("nowhere.index",), 2, "manifest.json"),
        (("a=x.index", "a=y.index"), 2, "named 'a'"),
        (("--log-level", "loud"), 2, "log_level"),
        (("--config", "nowhere.toml"), 2, "Cannot read"),
    ],
)
def test_what_it_does_not_start_with(tmp_path, capsys, arguments, code, told):
    found, _, error = run(capsys, "serve", "--port", "0", "--store", str(tmp_path / "traces"), *arguments)
    assert (found, error.count("\n")) == (code, 1)
    assert told in error


def test_it_does_not_send_its_spans_to_itself(monkeypatch):
    from wherefrom.api.telemetry import exporting
    from wherefrom_indexer.errors import UsageError

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:8484")
    with pytest.raises(UsageError, match="this very service"), exporting(8484):
        raise AssertionError
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    with exporting(8484) as does:
        assert not does


def test_spans_of_its_own_work_hold_no_text(tmp_path):
    """In a process of its own, for a tracer provider can be set once only."""
    code = f"""
import sys
sys.path.insert(0, {str(os.path.dirname(running_service.__file__))!r})
from pathlib import Path
import running_service
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
if __name__ == "__main__":
    with running_service.in_process(Path({str(tmp_path)!r})) as client:
        client.get("/health/live", headers={{"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"}})
        client.post("/v1/trace", json={{"text": "a secret"}})
    for span in kept.get_finished_spans():
        print(span.to_json(indent=None))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "secret" not in found.stdout
    spans = [json.loads(line) for line in found.stdout.splitlines()]
    named = {span["name"]: span for span in spans}
    assert named["GET /health/live"]["parent_id"] == "0x" + "b" * 16
    assert named["GET /health/live"]["attributes"]["http.response.status_code"] == 200
    assert named["POST /v1/trace"]["kind"] == "SpanKind.SERVER"


def test_keys_on_the_command_line(tmp_path, capsys):
    store = ("--store", str(tmp_path / "traces"))
    assert run(capsys, "keys", "list", *store)[0] == 0
    code, key, told = run(capsys, "keys", "create", "--role", "admin", "--label", "Ada\x1b[31m", *store)
    assert code == 0
    number = re.search(r"is (\w+)\.", told)[1]
    assert key.startswith(f"wf_{number}_")
    made = json.loads(run(capsys, "keys", "create", "--project", "chat", "--json", *store)[1])
    assert (made["role"], made["project"]) == ("ingest", "chat")
    assert run(capsys, "keys", "revoke", number, *store)[0] == 0
    code, _, told = run(capsys, "keys", "revoke", number, *store)
    assert code == 2
    assert number in told
    shown = run(capsys, "keys", "list", *store)[1]
    assert "\x1b" not in shown
    listed = {key["id"]: key for key in json.loads(run(capsys, "keys", "list", "--json", *store)[1])}
    assert listed[number]["revoked"]
    assert not listed[made["id"]]["revoked"]
    assert run(capsys, "keys", "create", "--role", "root", *store)[0] == 2
