"""How much is measured: `quick` to see that everything works, `bench` for the page, `full` without limits."""

from __future__ import annotations

from dataclasses import dataclass

ALL_TOKENIZERS = ("default", "gpt2", "llama3", "gpt4o", "qwen3")


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of one run of the benchmarks.

    Attributes:
        corpora: large corpora by name, with how many characters of each (None: all).
        searched: the corpus, as above, whose index the search and trace parts use.
        runs: how often a timing is repeated, if it does not take longer than `patience` seconds in all.
        compiled: whether compiling all kernels is timed.
        worst_cases: how many made-up texts are sorted, of `worst_case_tokens` each.
        peer_tokens: tokens that the slow peers sort (None: all).
        tokenizers: those that are compared.
        tokenized_bytes: bytes that every tokenizer encodes in a run.
        lengths: tokens of the texts that are searched.
        queries: texts that are searched or traced, of each length.
        generations: texts of the batch.
        curve_tokens: the sizes of the curves.
        segment_tokens: tokens of the index that is cut into each of `segments`.
        passages: passages of each corpus of the truth table.
        loaded: seconds of each load on the service.
        ingested: seconds of ingest, on each database.
    """

    name: str
    corpora: tuple[tuple[str, int | None], ...]
    searched: tuple[str, int | None]
    runs: int
    patience: float
    compiled: bool
    worst_cases: int
    worst_case_tokens: int
    peer_tokens: int | None
    tokenizers: tuple[str, ...]
    tokenized_bytes: int
    lengths: tuple[int, ...]
    queries: int
    generations: int
    curve_tokens: tuple[int, ...]
    segment_tokens: int
    segments: tuple[int, ...]
    passages: int
    loaded: float
    ingested: float


QUICK = Scale(
    name="quick",
    corpora=(("linux-source", 5_000_000),),
    searched=("linux-source", 5_000_000),
    runs=2,
    patience=5,
    compiled=False,
    worst_cases=4,
    worst_case_tokens=200_000,
    peer_tokens=500_000,
    tokenizers=("default", "gpt2"),
    tokenized_bytes=200_000,
    lengths=(458,),
    queries=10,
    generations=200,
    curve_tokens=(20_000, 500_000),
    segment_tokens=200_000,
    segments=(1, 2),
    passages=20,
    loaded=3,
    ingested=3,
)

BENCH = Scale(
    name="bench",
    corpora=(("linux-source", 200_000_000), ("evals", 100_000_000)),
    searched=("linux-source", 200_000_000),
    runs=3,
    patience=45,
    compiled=True,
    worst_cases=100,
    worst_case_tokens=10_000_000,
    peer_tokens=10_000_000,
    tokenizers=ALL_TOKENIZERS,
    tokenized_bytes=4_000_000,
    lengths=(50, 200, 458, 1000),
    queries=100,
    generations=10_000,
    curve_tokens=(100_000, 1_000_000, 10_000_000, 70_000_000),
    segment_tokens=10_000_000,
    segments=(1, 2, 4, 8, 16),
    passages=100,
    loaded=30,
    ingested=300,
)

FULL = Scale(
    name="full",
    corpora=(("linux-source", None), ("evals", None)),
    searched=("linux-source", 200_000_000),
    runs=5,
    patience=300,
    compiled=True,
    worst_cases=100,
    worst_case_tokens=50_000_000,
    peer_tokens=None,
    tokenizers=ALL_TOKENIZERS,
    tokenized_bytes=32_000_000,
    lengths=(50, 200, 458, 1000),
    queries=500,
    generations=10_000,
    curve_tokens=(100_000, 1_000_000, 10_000_000, 70_000_000, 500_000_000),
    segment_tokens=10_000_000,
    segments=(1, 2, 4, 8, 16),
    passages=1_000,
    loaded=60,
    ingested=300,
)

SCALES = {scale.name: scale for scale in (QUICK, BENCH, FULL)}
