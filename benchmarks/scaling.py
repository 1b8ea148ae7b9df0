"""What corpora beyond one machine cost, worked out from measured constants; the page shows the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, log10

from formatting import number, table
from outcome import Figure

CORPORA = {"10B": 10e9, "1T": 1e12, "4.6T": 4.611e12}
TRACED_TOKENS = 458

# Assumptions, each named on the page.
POSITIONS_OF_SEGMENT = 2**32 - 1
WIDE_MEMORY = 16.5
"""Bytes a token that the program sets aside for sorting from 2^31 positions on, where they take 8 bytes meanwhile."""
TOKENS_OF_DOCUMENT = 4.611e12 / 3.16e9
CORES = 64
MEMORY = 256e9
DISK = 30e12
READS_PER_SECOND = 1e6
EFFICIENCY = 0.5
SECONDS_OF_TRACE = 5.0

OLMOTRACE = {"tokens": 4.611e12, "shards": 12, "reads a token": 960, "seconds": 4.46, "disk": 40e12, "IOPS": 80e3}


@dataclass(frozen=True, slots=True)
class Constants:
    """What was measured, on two cores.

    Attributes:
        narrow, wide: bytes on disk by token, with tokens of 16 and of 32 bits; document: by document.
        memory: peak of anonymous memory of a build, bytes by token of a segment.
        text_speed: tokens a second of a build, sorting aside, on so many `cores`; sort_speed: of sorting alone.
        resident: bytes of anonymous memory by token of an opened index.
        pages: pages of 4 KiB touched by a position of a cold search with counts, in one segment of `measured_tokens`;
            growth: more of them by tenfold of that segment.
    """

    narrow: float
    wide: float
    document: float
    memory: float
    text_speed: float
    sort_speed: float
    cores: int
    resident: float
    pages: float
    growth: float
    measured_tokens: float

    @classmethod
    def of(cls, figures: Mapping[str, Figure]) -> Constants:
        """Read them from the figures of all parts; a KeyError names the one that was not measured."""
        return cls(
            narrow=figures["disk.linux-source.token"].median,
            wide=figures["disk.qwen3.token"].median,
            document=figures["disk.linux-source.document"].median,
            memory=figures["build.linux-source.peak_per_token"].median,
            text_speed=figures["build.linux-source.text_speed"].median,
            sort_speed=figures["build.linux-source.sort_speed"].median,
            cores=int(figures["build.linux-source.cores"].median),
            resident=figures["trace.memory.index"].median,
            pages=figures["pages.counts"].median,
            growth=figures["pages.growth.counts"].median,
            measured_tokens=figures["build.linux-source.tokens"].median,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one corpus costs."""

    tokens: float
    documents: float
    disk_narrow: float
    disk_wide: float
    segment_tokens: float
    segments: int
    segment_memory: float
    builds: int
    text_seconds: float
    sort_seconds: float
    resident: float
    pages_of_position: float
    reads_of_position: float
    reads_of_trace: float
    machines_for_disk: int
    machines_for_reads: int

    @property
    def build_seconds(self) -> float:
        return self.text_seconds + self.sort_seconds

    @property
    def machines(self) -> int:
        return max(self.machines_for_disk, self.machines_for_reads)


def cost(tokens: float, measured: Constants) -> Cost:
    """Work it out for one corpus."""
    documents = tokens / TOKENS_OF_DOCUMENT
    table_bytes = documents * measured.document
    disk_narrow, disk_wide = tokens * measured.narrow + table_bytes, tokens * measured.wide + table_bytes
    memory = max(measured.memory, WIDE_MEMORY)
    segment_tokens = min(POSITIONS_OF_SEGMENT, MEMORY / memory)
    segments = ceil(tokens / segment_tokens)
    largest = min(tokens, segment_tokens)
    builds = min(segments, max(1, floor(MEMORY / (largest * memory))), CORES)
    pages = measured.pages + measured.growth * max(0.0, log10(largest / measured.measured_tokens))
    reads = pages * segments
    reads_of_trace = reads * TRACED_TOKENS
    return Cost(
        tokens=tokens,
        documents=documents,
        disk_narrow=disk_narrow,
        disk_wide=disk_wide,
        segment_tokens=segment_tokens,
        segments=segments,
        segment_memory=largest * memory,
        builds=builds,
        text_seconds=tokens / text_rate(measured),
        sort_seconds=tokens / (measured.sort_speed * builds),
        resident=tokens * measured.resident,
        pages_of_position=pages,
        reads_of_position=reads,
        reads_of_trace=reads_of_trace,
        machines_for_disk=ceil(disk_wide / DISK),
        machines_for_reads=ceil(reads_of_trace / (READS_PER_SECOND * SECONDS_OF_TRACE)),
    )


def text_rate(measured: Constants) -> float:
    """Tokens a second of the assumed machine from text to stored tokens."""
    return measured.text_speed / measured.cores * CORES * EFFICIENCY


def scaling_page(figures: Mapping[str, Figure]) -> str:
    """The page docs/scaling.md."""
    try:
        measured = Constants.of(figures)
    except KeyError as error:
        return f"# Scaling\n\nNot worked out: {error} has not been measured. `make bench` measures it.\n"
    costs = {name: cost(tokens, measured) for name, tokens in CORPORA.items()}
    return "\n".join([_introduction(measured), _summary(costs), *_steps(costs, measured), _compared(costs["4.6T"])])


def _introduction(measured: Constants) -> str:
    narrow, wide, document = number(measured.narrow), number(measured.wide), number(measured.document)
    return f"""# Scaling

What corpora of 10 billion, 1 trillion and 4.6 trillion tokens would cost. Nothing of this size was built: this page
multiplies constants that `make bench` measured on a small machine ([benchmarks.md](benchmarks.md)) by assumptions, all
named here, and is written anew with them. The numbers of a real machine decide.

Measured, with {number(measured.measured_tokens / 1e6)} M tokens in one segment:

- disk: {narrow} bytes a token (16-bit tokens), {wide} (32-bit), and {document} bytes a document
- peak of anonymous memory of a build: {number(measured.memory)} bytes a token of the segment
- build: {number(measured.text_speed / 1e6)} M tokens a second from text to stored tokens on {measured.cores} cores, and
  {number(measured.sort_speed / 1e6)} M sorted a second on {measured.cores} threads
- anonymous memory of an opened index, beside mapped files: {number(measured.resident)} bytes a token
- cold search with counts: {number(measured.pages)} pages of 4 KiB a position, {number(measured.growth)} more by tenfold

Assumed:

- A machine has {CORES} cores, {MEMORY / 1e9:.0f} GB of memory, {DISK / 1e12:.0f} TB of NVMe disks that together read
  {READS_PER_SECOND / 1e6:.0f} million random pages of 4 KiB a second. (One disk of a data centre is sold with 0.5 to
  1.5 million; a network volume has far less: OLMoTrace's is said to have 80,000.)
- From text to stored tokens, {CORES} cores are {EFFICIENCY:.0%} as fast as {CORES} times one of the {measured.cores}
  that were measured. Each segment is sorted on {measured.cores} threads as fast as was measured; as many are sorted
  side by side as memory allows. More than {measured.cores} cores were not measured, nor segments of this size.
- A segment has at most 2^32 positions, since positions take 4 bytes. From 2^31 on, sorting sets aside {WIDE_MEMORY}
  bytes a token.
- A document has {TOKENS_OF_DOCUMENT:,.0f} tokens, as in the corpus of OLMoTrace (4.611T tokens, 3.16B documents).
- Tokens take 32 bits where machines are counted: vocabularies of current models have more than 65,535.
- A trace has {TRACED_TOKENS} tokens, every page that it touches is read from the disk, and it may take
  {SECONDS_OF_TRACE:.0f} seconds for its reads. Segments are searched side by side. Pages that stay in memory make this
  better: the upper levels of every search are the same ones.
"""


def _summary(costs: Mapping[str, Cost]) -> str:
    rows: list[list[str]] = [
        ["disk, 16-bit tokens", *(_bytes(part.disk_narrow) for part in costs.values())],
        ["disk, 32-bit tokens", *(_bytes(part.disk_wide) for part in costs.values())],
        ["segments", *(f"{part.segments:,}" for part in costs.values())],
        ["build, one machine", *(_duration(part.build_seconds) for part in costs.values())],
        ["memory of the opened index, all machines", *(_bytes(part.resident) for part in costs.values())],
        ["reads by position, cold", *(f"{part.reads_of_position:,.0f}" for part in costs.values())],
        ["reads by trace, cold", *(f"{part.reads_of_trace:,.0f}" for part in costs.values())],
        ["machines for the disk", *(f"{part.machines_for_disk:,}" for part in costs.values())],
        ["machines for the reads", *(f"{part.machines_for_reads:,}" for part in costs.values())],
        ["**machines**", *(f"**{part.machines:,}**" for part in costs.values())],
    ]
    return "## In short\n\n" + table(["", *(f"{name} tokens" for name in costs)], rows)


def _steps(costs: Mapping[str, Cost], measured: Constants) -> list[str]:
    rate = text_rate(measured)
    memory = max(measured.memory, WIDE_MEMORY)
    return [
        "## Step by step\n",
        "Documents, and disk with 32-bit tokens: tokens x bytes a token + documents x bytes a document.\n",
        *(
            f"    {name}: {tokens:.4g} / {TOKENS_OF_DOCUMENT:,.0f} = {part.documents:.3g} documents; "
            f"{tokens:.4g} x {number(measured.wide)} + {part.documents:.3g} x {number(measured.document)} "
            f"= {_bytes(part.disk_wide)}"
            for name, tokens, part in _parts(costs)
        ),
        "\nSegments: as large as positions of 4 bytes and the memory of a machine allow.\n",
        f"    min(2^32 - 1, {MEMORY / 1e9:.0f} GB / {number(memory)} B) "
        f"= {next(iter(costs.values())).segment_tokens:,.0f} tokens",
        *(
            f"    {name}: {tokens:.4g} / {part.segment_tokens:.4g} -> {part.segments:,} segments, "
            f"{part.builds} built side by side, each in {_bytes(part.segment_memory)}"
            for name, tokens, part in _parts(costs)
        ),
        "\nBuild: tokens / (speed of a core x cores x efficiency) + tokens / (speed of a sort x sorts side by side).\n",
        f"    {number(measured.text_speed / 1e6)} M / {measured.cores} x {CORES} x {EFFICIENCY} "
        f"= {number(rate / 1e6)} M tokens/s",
        *(
            f"    {name}: {tokens:.4g} / {rate:.3g} + {tokens:.4g} / ({measured.sort_speed:.3g} x {part.builds}) "
            f"= {_duration(part.text_seconds)} + {_duration(part.sort_seconds)} = {_duration(part.build_seconds)}"
            for name, tokens, part in _parts(costs)
        ),
        "\nReads: pages by position in the largest segment, in every segment, for every position of a trace.\n",
        *(
            f"    {name}: {number(measured.pages)} + {number(measured.growth)} x "
            f"log10({min(tokens, part.segment_tokens):.3g} / {measured.measured_tokens:.3g}) "
            f"= {number(part.pages_of_position)} pages; x {part.segments:,} segments = {part.reads_of_position:,.0f} "
            f"by position; x {TRACED_TOKENS} = {part.reads_of_trace:,.0f} by trace"
            for name, tokens, part in _parts(costs)
        ),
        "\nMachines: for the disk, and so that the reads of a trace take no longer than assumed.\n",
        *(
            f"    {name}: {_bytes(part.disk_wide)} / {_bytes(DISK)} -> {part.machines_for_disk}; "
            f"{part.reads_of_trace:.3g} / ({READS_PER_SECOND:.0e} x {SECONDS_OF_TRACE:.0f} s) "
            f"-> {part.machines_for_reads}"
            for name, tokens, part in _parts(costs)
        ),
        "",
    ]


def _parts(costs: Mapping[str, Cost]) -> list[tuple[str, float, Cost]]:
    return [(name, part.tokens, part) for name, part in costs.items()]


def _compared(ours: Cost) -> str:
    theirs = OLMOTRACE["reads a token"] * TRACED_TOKENS
    more = ours.reads_of_position / OLMOTRACE["reads a token"]
    verdict = (
        f"{number(more)} times as many, because every one of {ours.segments:,} segments is searched where they have "
        f"{OLMOTRACE['shards']} shards. Longer positions, and so larger segments, are what would change this most."
        if more > 1
        else f"{number(1 / more)} times fewer."
    )
    rows = [
        ["tokens", "4.611T", f"{ours.tokens / 1e12:.3f}T"],
        ["parts that are searched", f"{OLMOTRACE['shards']} shards", f"{ours.segments:,} segments"],
        ["reads by token, cold", f"about {OLMOTRACE['reads a token']:,}", f"{ours.reads_of_position:,.0f}"],
        ["reads by trace of 458 tokens", f"{theirs:,}", f"{ours.reads_of_trace:,.0f}"],
        ["disk", "40 TB SSD, 80,000 IOPS", _bytes(ours.disk_wide)],
        ["machines that serve", "2 of 64 vCPU, 256 GB", f"{ours.machines} as assumed above"],
        ["time of a trace", "4.46 s in the mean (98 chats, steps 1 to 3)", "not measured"],
    ]
    return (
        "## Beside OLMoTrace\n\nPublished figures of OLMoTrace (Liu et al. 2025, arXiv 2504.07096, and its public "
        "repositories) beside the estimate.\n\n"
        + table(["", "OLMoTrace", "estimate"], rows)
        + f"\nOur reads are {verdict}\n"
    )


def _bytes(size: float) -> str:
    for least, unit in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= least:
            return f"{number(size / least)} {unit}"
    return f"{size / 1e3:.0f} kB"


def _duration(seconds: float) -> str:
    for least, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * least:
            return f"{number(seconds / least)} {unit}"
    return f"{number(seconds)} s"
