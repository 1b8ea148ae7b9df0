"""Lists and trees of a large store over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import http.client
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from load_reading import COMMON_DOCUMENT, RARE_DOCUMENT, RARE_MODEL, START_NS, Shape, fill, fill_engine
from outcome import Cell, Figure, Part, Table
from scales import QUICK, Scale
from served import running

from parts.ingesting import postgres
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import SECOND, time_text

TIMES = 9
READ_ONLY = {"WHEREFROM_ATTACH": "false"}

PAGES: dict[str, dict[str, object]] = {
    "newest": {},
    "of a project": {"project": "project-1"},
    "failed, of a project": {"project": "project-1", "status": "error"},
    "coverage of at least 0.95 (1 in 100,000)": {"min_coverage": 0.95},
    "the same, of a project": {"project": "project-2", "min_coverage": 0.95},
    "longest span of at least 3,000": {"project": "project-1", "min_longest_span": 3000},
    "cost of at least $ 50 (none)": {"min_cost": 50},
    "three filters that few pass together": {"status": "error", "min_coverage": 0.4, "min_longest_span": 390},
    "a common model": {"model": "gpt-5"},
    "a rare model": {"model": RARE_MODEL},
    "a common model, failed, of a project": {"model": "gpt-5", "status": "error", "project": "project-1"},
    "a common model, coverage of at least 0.95": {"model": "gpt-5", "min_coverage": 0.95},
    "a document that a third quote": {"document": COMMON_DOCUMENT},
    "a document that few quote": {"document": RARE_DOCUMENT},
    "a document that a third quote, coverage of at least 0.95": {"document": COMMON_DOCUMENT, "min_coverage": 0.95},
    "a session": {"session": "session-7"},
    "a time long ago, coverage of at least 0.59": {
        "since": time_text(START_NS + 9_000 * SECOND),
        "until": time_text(START_NS + 12_000 * SECOND),
        "min_coverage": 0.59,
    },
}


def measure(scale: Scale) -> Part:
    shape = Shape(20_000 if scale is QUICK else 1_000_000, 10)
    figures: dict[str, Figure] = {}
    columns: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        for store in (str(Path(folder) / "sqlite"), url):
            TraceStore.open(store).close()
            fill(fill_engine(store), shape)
            with running(None, store, READ_ONLY) as service:
                columns.append(_times(service.address, shape))
    rows: list[list[Cell]] = [
        [name, *(Figure.of(column[name] * 1000, "ms") for column in columns)] for name in columns[0]
    ]
    (skeleton, *pages) = rows
    figures["reading.skeleton.ms"] = Figure.of(max(column[str(skeleton[0])] for column in columns) * 1000, "ms")
    figures["reading.list.ms"] = Figure.of(max(column[str(row[0])] for column in columns for row in pages) * 1000, "ms")
    table = Table(
        "Reading traces",
        f"A store of {shape.spans:,} spans in {shape.spans // shape.spans_per_trace:,} traces, and one trace of "
        f"{shape.long_trace:,} spans; median of {TIMES} requests by HTTP, until the last byte, pages of 50.",
        ("answer", "SQLite", "PostgreSQL"),
        rows,
    )
    return Part([table], figures)


def _times(address: str, shape: Shape) -> dict[str, float]:
    """Median seconds of each request; the tree first."""
    long = shape.spans // shape.spans_per_trace
    paths = {f"skeleton of {shape.long_trace:,} spans": f"/v1/traces/{long:032x}"}
    paths |= {name: f"/v1/traces?{urlencode(asked)}" for name, asked in PAGES.items()}
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    found = {}
    for name, path in paths.items():
        seconds = []
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            seconds.append(time.perf_counter() - began)
            if answer.status != 200:
                raise SystemExit(f"{path} was answered {answer.status}: {body[:300]!r}")
        found[name] = statistics.median(seconds[1:])  # the first one warms the pages
    connection.close()
    return found
