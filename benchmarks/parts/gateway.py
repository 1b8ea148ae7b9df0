"""What the gateway adds to a streamed answer, to its first byte and to its duration, beside the upstream itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from outcome import Cell, Figure, Part, Table
from scales import Scale
from served import running
from streaming_upstream import EVENTS, EVERY_S, FIRST_S

STREAMS = 50
ROUNDS = 3
END = b"0\r\n\r\n"
ASKED = {"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": "Write on. " * 40}]}


@dataclass
class Times:
    """Seconds of each answer: to its first byte, and to its end."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


def measure(scale: Scale) -> Part:
    seconds = max(5.0, scale.loaded / ROUNDS)
    direct, through = Times(), Times()
    with tempfile.TemporaryDirectory() as folder, upstream() as port:
        variables = {
            "WHEREFROM_UPSTREAMS": json.dumps({"model": f"http://127.0.0.1:{port}/v1"}),
            "WHEREFROM_ATTACH": "false",
        }
        with running(None, folder, variables) as service:
            gateway = int(service.address.rpartition(":")[2])
            asyncio.run(load(gateway, "/gateway/model/v1/chat/completions", 3, Times()))
            used = 0.0
            for _ in range(ROUNDS):  # one after the other, so that both see the same machine
                asyncio.run(load(port, "/v1/chat/completions", seconds, direct))
                before = service.seconds_used()
                asyncio.run(load(gateway, "/gateway/model/v1/chat/completions", seconds, through))
                used += service.seconds_used() - before
            waited = time.monotonic()
            while _waiting(service.address) and time.monotonic() - waited < 30:
                time.sleep(0.2)
            lost = _metric(service.address, "wherefrom_gateway_lost_total")
    if lost:
        raise SystemExit(f"{lost:.0f} answers were not recorded.")
    figures: dict[str, Figure] = {}
    rows: list[list[Cell]] = []
    for name, times in (("upstream alone", direct), ("through the gateway", through)):
        ms = [Figure.of(float(value) * 1_000, "ms") for value in np.percentile(times.first, [50, 95])]
        whole = [Figure.of(float(value) * 1_000, "ms") for value in np.percentile(times.whole, [50, 95])]
        rows.append([name, len(times.whole), *ms, *whole])
    for name, share in (("p50", 50), ("p95", 95)):
        added = np.percentile(through.first, share) - np.percentile(direct.first, share)
        figures[f"gateway.first.{name}"] = Figure.of(float(added) * 1_000, "ms")
        longer = np.percentile(through.whole, share) / np.percentile(direct.whole, share) - 1
        figures[f"gateway.whole.{name}"] = Figure.of(float(longer) * 100, "%")
    figures["gateway.cores"] = Figure.of(used / (ROUNDS * seconds))
    table = Table(
        "The gateway",
        f"{STREAMS} streamed chat completions at a time, one after the other on each connection, from a stand-in on "
        f"this machine that sends its first words after {FIRST_S * 1_000:.0f} ms and then {EVENTS - 1} pieces, one "
        f"each {EVERY_S * 1_000:.0f} ms; {ROUNDS} rounds of {seconds:.0f} s each way, in turns. Every answer is "
        "recorded. The stand-in and what asks take the same two cores.",
        ("asked", "answers", "first byte p50", "p95", "whole p50", "p95"),
        rows,
    )
    return Part([table], figures)


async def load(port: int, path: str, seconds: float, times: Times) -> None:
    """Asks for streams on all connections for a while; those under way at its end are finished."""
    end = time.perf_counter() + seconds
    whole = FIRST_S + EVENTS * EVERY_S
    await asyncio.gather(*(_ask(port, path, number / STREAMS * whole, end, times) for number in range(STREAMS)))


async def _ask(port: int, path: str, after: float, end: float, times: Times) -> None:
    await asyncio.sleep(after)  # so that they do not begin together
    body = json.dumps(ASKED).encode()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer any\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        began = time.perf_counter()
        writer.write(request)
        rest = await reader.read(65536)
        first = time.perf_counter() - began
        while not rest.endswith(END):
            piece = await reader.read(65536)
            if not piece:
                raise SystemExit("An answer broke off.")
            rest = (rest + piece)[-16:]
        times.first.append(first)
        times.whole.append(time.perf_counter() - began)
    writer.close()


@contextmanager
def upstream() -> Iterator[int]:
    """The stand-in, in a process of its own; its port."""
    script = Path(__file__).parents[1] / "streaming_upstream.py"
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _waiting(address: str) -> bool:
    return _metric(address, "wherefrom_gateway_waiting") > 0


def _metric(address: str, name: str) -> float:
    import urllib.request

    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
