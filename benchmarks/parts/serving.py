"""Traces over HTTP: how many a second, how late, and what happens when ten times as many are asked for."""

from __future__ import annotations

import http.client
import itertools
import json
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from inputs import WORK, corpus_of, index_of
from load import Loaded, load, write_bodies
from outcome import Cell, Figure, Part, Table
from scales import Scale
from served import running

from parts.searching import TOKENS, queries

DISTINCT = 2_000
"""Texts that differ; they are sent again and again, with the cache off."""

CONNECTIONS = 16
PROBES_A_SECOND = 10

WARMING = 20

NO_CACHE = {"WHEREFROM_CACHE_BYTES": "0"}


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    texts = queries(scale, TOKENS, min(scale.generations, DISTINCT))
    bodies = write_bodies(WORK / "traces.bodies", (json.dumps({"text": text}).encode() for text in texts))
    index = index_of(corpus_of(scale))
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory() as store, running(index, store, NO_CACHE) as service:
        url = f"{service.address}/v1/trace"
        for text in texts[:WARMING]:
            service.post("/v1/trace", {"text": text})  # kernels compiled or loaded, before the clock runs
        load(url, bodies, "application/json", max(2, scale.loaded / 10), CONNECTIONS)
        reached = _loaded(url, bodies, scale.loaded)
        rate = 0.8 * reached.speed()
        at_80 = _loaded(url, bodies, scale.loaded, connections=64, rate=rate)
        before = Figure.of(service.memory[-1][1], "bytes")
        began = time.monotonic()
        with Probes(url, texts) as probes:
            overloaded = _loaded(url, bodies, scale.loaded, connections=256, rate=10 * reached.speed())
        memory = [size for moment, size in service.memory if moment >= began]
        processes = service.processes()
        accepted = probes.accepted()
    figures |= {
        "serving.speed": Figure.of(reached.speed(), "texts/s"),
        "serving.p99": Figure.of(at_80.p99, "ms"),
        "serving.overload.speed": Figure.of(overloaded.speed(), "texts/s"),
        "serving.overload.refused": Figure.of(100 * overloaded.statuses.get("429", 0) / overloaded.requests, "%"),
        "serving.overload.memory": Figure.of(max(memory) / before.median, "x"),
        "serving.processes": Figure.of(processes),
    }
    accepted_p99: Cell = "-"
    if accepted:
        accepted_p99 = figures["serving.overload.p99"] = Figure.of(float(np.percentile(accepted, 99)), "ms")
    table = Table(
        "Traces over HTTP",
        f"`POST /v1/trace` of `wherefrom serve`, {processes} processes in all, cache off, {len(texts):,} different "
        f"texts of {TOKENS} tokens; load from `wrk` on the same machine. At ten times what it reaches, accepted "
        f"requests are timed by probes, {PROBES_A_SECOND} a second beside the load ({len(accepted)} of {probes.sent} "
        "were accepted); p50 and p99 count refusals as answers. Memory: anonymous memory of all its processes, the "
        "most.",
        ("load", "requests a second", "accepted a second", "refused", "p50", "p99", "p99 of accepted", "memory"),
        [
            [*_row("as fast as it answers", reached), Figure.of(reached.p99, "ms"), before],
            [*_row("80 % of that", at_80), Figure.of(at_80.p99, "ms"), before],
            [*_row("ten times that", overloaded), accepted_p99, Figure.of(max(memory), "bytes")],
        ],
    )
    return Part([table], figures)


def _loaded(url: str, bodies: Path, seconds: float, connections: int = CONNECTIONS, rate: float = 0) -> Loaded:
    loaded = load(url, bodies, "application/json", seconds, connections, rate)
    unexpected = set(loaded.statuses) - {"200", "429"}
    if unexpected or loaded.failed:
        raise SystemExit(f"The service answered {loaded.statuses}, {loaded.failed} connections failed.")
    return loaded


def _row(what: str, loaded: Loaded) -> list[Cell]:
    return [
        what,
        Figure.of(loaded.requests / loaded.seconds),
        Figure.of(loaded.speed()),
        loaded.statuses.get("429", 0),
        Figure.of(loaded.p50, "ms"),
        Figure.of(loaded.p99, "ms"),
    ]


class Probes:
    """A client of its own beside the load: asks so many times a second, and notes what its accepted requests took."""

    def __init__(self, url: str, texts: list[str]) -> None:
        self._host = urlsplit(url).netloc
        self._texts = itertools.cycle(texts)
        self._ended = threading.Event()
        self._milliseconds: list[float] = []
        self._threads: list[threading.Thread] = []
        self.sent = 0

    def accepted(self) -> list[float]:
        """Milliseconds of every request that was not refused."""
        return list(self._milliseconds)

    def __enter__(self) -> Probes:
        self._asker = threading.Thread(target=self._ask)
        self._asker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in [self._asker, *self._threads]:
            thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(1 / PROBES_A_SECOND):
            self._threads.append(threading.Thread(target=self._probe, args=(next(self._texts),)))
            self._threads[-1].start()
            self.sent += 1

    def _probe(self, text: str) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        body = json.dumps({"text": text})
        began = time.perf_counter()
        connection.request("POST", "/v1/trace", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            self._milliseconds.append((time.perf_counter() - began) * 1000)
        connection.close()
