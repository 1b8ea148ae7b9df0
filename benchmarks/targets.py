"""The targets of this project's speed and size, each beside what was measured and what the best peer needs.

A target that is not reached is named, with `limits`: what was tried, and what limits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formatting import shown
from outcome import Figure

Figures = Mapping[str, Figure]

LIMITS_FILE = "limits.json"


@dataclass(frozen=True, slots=True)
class Target:
    """One row: the figure by name, and the bound on its median.

    Attributes:
        ours: the figure that the bound is on.
        beside: further figures of ours, with what they are.
        peers: figures of peers from the same run, with what they are.
        aim: a second bound that is hoped for.
    """

    what: str
    ours: str
    bound: float
    at_least: bool
    said: str
    beside: Sequence[tuple[str, str]] = ()
    peers: Sequence[tuple[str, str]] = ()
    aim: float | None = None
    factor: float = 1.0

    def reached(self, figures: Figures) -> bool | None:
        """Whether the bound holds; None where nothing was measured."""
        return self._holds(figures, self.bound)

    def aim_reached(self, figures: Figures) -> bool | None:
        """Whether the aim holds; None where there is none, or nothing was measured."""
        return None if self.aim is None else self._holds(figures, self.aim)

    def _holds(self, figures: Figures, bound: float) -> bool | None:
        if self.ours not in figures:
            return None
        value = figures[self.ours].median
        return value >= bound if self.at_least else value <= bound


TARGETS = (
    Target(
        "suffix array, 16-bit tokens with many duplicates, 2 threads, against infini-gram",
        "sort.peers.duplicates.infini_gram.ratio", 50, True, "50 times faster",
        (("sort.peers.duplicates.seconds.2", "ours"), ("sort.peers.text.infini_gram.ratio", "natural text")),
        (("sort.peers.duplicates.infini_gram", "infini-gram"), ("sort.peers.duplicates.tokengrams", "tokengrams")),
    ),
    Target(
        "suffix array, 50M+ tokens, 2 threads", "sort.duplicates.speed.2", 8e6, True,
        "8 to 10 M suffixes/s (an aim)", (("sort.text.speed.2", "natural text"),),
        (("sort.libsais.duplicates.speed", "libsais16 in C, 1 thread"), ("sort.libsais.text.speed", "natural text")),
        aim=10e6,
    ),
    Target(
        "peak memory of that build, beside the text", "sort.duplicates.memory.2", 6, False, "at most 6 bytes a token",
        (("sort.text.memory.2", "natural text"),),
    ),
    Target(
        "suffix array, worst cases, per token", "sort.worst.ratio", 2, False, "within 2 times of natural text",
        (("sort.worst.memory", "most memory"),),
    ),
    Target(
        "text to token ids, the slowest of all tokenizers compared, 2 cores", "tokenize.least_ratio.2", 15, True,
        "15 times the better of `encode_batch` and `encode_batch_fast`; aim 30",
        (("tokenize.linux-source.default.Wherefrom.2", "default"), ("tokenize.least_ratio.1", "1 core")),
        (("tokenize.linux-source.default.encode_batch_fast.2", "`encode_batch_fast`"),
         ("tokenize.linux-source.default.encode_batch.2", "`encode_batch`"),
         ("tokenize.linux-source.default.tiktoken.2", "tiktoken")), aim=30,
    ),
    Target(
        "raw text to published index, end to end, 2 cores", "build.linux-source.speed.2", 12, True,
        "at least 12 MB/s; aim 20", (("build.linux-source.speed.1", "1 core"), ("build.evals.speed.2", "evals")),
        (("tokenize.linux-source.default.encode_batch_fast.2", "`tokenizers`, tokenizing alone"),), aim=20,
    ),
    Target(
        "longest match and count at every position, 458 tokens, against infini-gram", "search.ratio.458", 150, True,
        "150 times faster than `attribute`", (("search.ms.458", "ours"), ("search.ratio.50", "50 tokens"),
        ("search.ratio.1000", "1,000 tokens")),
        (("search.infini_gram.ms.458", "infini-gram"), ("search.infini_gram.pointers.ms.458", "with all pointers"),
         ("search.tokengrams.ms.458", "tokengrams, smaller corpus")),
    ),
    Target("the same, in time", "search.ms.458", 0.3, False, "0.3 ms (an aim)"),
    Target(
        "whole trace, 458 tokens, default preset, p50", "trace.default.p50", 5, False, "at most 5 ms",
        (("trace.olmotrace.p50", "`olmotrace` preset"),),
    ),
    Target("the same, p95", "trace.default.p95", 15, False, "at most 15 ms", (("trace.olmotrace.p95", "`olmotrace`"),)),
    Target(
        "the same with contexts of 250 tokens, p50", "trace.contexts.p50", 15, False, "at most 15 ms",
        (("trace.contexts.p95", "p95"),),
    ),
    Target(
        "batch of 10,000 generations: cores busy", "batch.busy", 90, True, "all cores busy (90 % and more)",
        (("batch.speed", "texts"), ("batch.positions", "positions, whole traces")),
    ),
    Target(
        "audit of 10,000 outputs of 458 tokens, 50M+ tokens, 2 cores", "audit.seconds", 60, False, "at most 60 s",
        (("audit.peak", "peak memory"), ("audit.fewer.peak", "of a fifth of the outputs")),
    ),
    Target(
        "batch: search", "search.batch.2", 1e6, True, "1 million positions a second", (("search.batch.1", "1 thread"),)
    ),
    Target(
        "cold search, one segment: pages of 4 KiB touched by a position, lengths", "pages.lengths", 8, False,
        "at most 8",
    ),
    Target("the same with counts", "pages.counts", 14, False, "at most 14"),
    Target(
        "the same, growth by tenfold of one segment", "pages.growth", 1, False, "less than 1",
        (("pages.growth.counts", "with counts"),),
    ),
    Target("opening an index, tokenizer aside", "trace.open", 50, False, "at most 50 ms"),
    Target(
        "memory beside mapped files", "trace.memory.index", 0.1, False, "at most 0.1 bytes a token",
        (("trace.memory", "the first index, tokenizer and traces included"),),
    ),
    Target(
        "first trace of a new process, warm kernel cache", "trace.first", 1.5, False, "at most 1.5 s",
        (("trace.import_numba", "of that, `import numba`"),),
    ),
    Target(
        "disk: tokens, suffix array, tables, checksums, 16 bits", "disk.linux-source.token", 6.3, False,
        "at most 6.3 bytes a token", (("disk.linux-source.document", "document table, a document"),),
        (("disk.infini_gram", "infini-gram"), ("disk.tokengrams", "tokengrams")),
    ),
    Target("the same, 32 bits", "disk.qwen3.token", 8.3, False, "at most 8.3 bytes a token"),
    Target(
        "traces over HTTP, 458 tokens, no cache, 2 cores", "serving.speed", 80, True, "at least 80 a second; aim 150",
        (("serving.processes", "processes"),), aim=150,
    ),
    Target("the same, p99 at 80 % of that", "serving.p99", 150, False, "below 150 ms"),
    Target(
        "the same at 10 times the load, p99 of accepted requests", "serving.overload.p99", 1000, False,
        "below 1 s, the rest answered 429, memory flat",
        (("serving.overload.refused", "answered 429"), ("serving.overload.memory", "memory, beside before"),
         ("serving.overload.speed", "accepted")),
    ),
    Target(
        "spans by OTLP, durable when acknowledged, SQLite", "ingest.sqlite.speed", 2000, True,
        "at least 2,000 spans a second", (("ingest.sqlite.cores", "cores used"), ("ingest.sqlite.p99", "p99")),
    ),
    Target(
        "the same, PostgreSQL", "ingest.postgresql.speed", 2000, True, "at least 2,000 spans a second",
        (("ingest.postgresql.cores", "cores used"), ("ingest.postgresql.p99", "p99")),
    ),
    Target(
        "first byte of a streamed answer, 50 at a time: what the gateway adds", "gateway.first.p50", 5, False,
        "at most 5 ms", (("gateway.first.p95", "p95"), ("gateway.cores", "cores used")),
    ),
    Target(
        "the same: duration of the answer", "gateway.whole.p50", 2, False, "at most 2 %",
        (("gateway.whole.p95", "p95"),),
    ),
    Target(
        "spans in the formats of Langfuse, HoneyHive, Opik and Datadog, the slowest", "formats.slowest.speed", 1000,
        True, "at least 1,000 spans a second",
        (("formats.langfuse.speed", "Langfuse"), ("formats.honeyhive.speed", "HoneyHive"),
         ("formats.opik.speed", "Opik"), ("formats.ddtrace.speed", "Datadog")),
    ),
    Target(
        "from a generation's arrival to its provenance, 20 a second, p95", "attach.p95", 1, False, "below 1 s",
        (("attach.p50", "p50"),),
    ),
    Target(
        "skeleton of a trace of 10,000 spans, the slower database", "reading.skeleton.ms", 300, False, "300 ms",
    ),
    Target(
        "a filtered page of traces over 1,000,000 spans, the slowest", "reading.list.ms", 200, False, "200 ms",
    ),
    Target(
        "a generation's page: first passage on the screen, cache warm", "interface.paint", 1, False, "below 1 s",
    ),
    Target(
        "the same: JavaScript, compressed, until it is shown", "interface.javascript", 250_000, False,
        "at most 250 kB", (("interface.javascript.whole", "with all other pages, fetched when idle"),),
    ),
    Target(
        "an output of 100,000 characters with 2,000 spans, opened", "interface.text.open", 1.5, False, "below 1.5 s",
        (("interface.text.raw.open", "raw"),),
    ),
    Target(
        "the same: longest task while scrolling and selecting", "interface.text.task", 50, False, "at most 50 ms",
    ),
    Target(
        "a trace of 10,000 spans, opened", "interface.trace.open", 1.5, False, "below 1.5 s",
    ),
    Target(
        "the same: longest task while scrolling and selecting", "interface.trace.task", 50, False, "at most 50 ms",
    ),
    Target(
        "rows of any list in the page, the most", "interface.rows", 300, False, "at most 300",
    ),
)  # fmt: skip


def rows(figures: Figures) -> list[list[str]]:
    """The table of targets."""
    return [
        [target.what, target.said, _ours(target, figures), _all(target.peers, figures), _verdict(target, figures)]
        for target in TARGETS
    ]


def missed(figures: Figures) -> list[Target]:
    """Targets that were measured and not reached."""
    return [target for target in TARGETS if target.reached(figures) is False]


def _ours(target: Target, figures: Figures) -> str:
    if target.ours not in figures:
        return "not measured"
    beside = _all(target.beside, figures)
    return f"**{shown(figures[target.ours])}**" + (f"; {beside}" if beside != "-" else "")


def _all(named: Sequence[tuple[str, str]], figures: Figures) -> str:
    return "; ".join(f"{what} {shown(figures[name])}" for name, what in named if name in figures) or "-"


def _verdict(target: Target, figures: Figures) -> str:
    reached = target.reached(figures)
    if reached is None:
        return "-"
    if not reached:
        return "**no**"
    aim = target.aim_reached(figures)
    return "yes" if aim is None else f"yes; the aim {'too' if aim else 'not'}"
