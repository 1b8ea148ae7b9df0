"""infini-gram 2.6.0 over token streams made by a test, as the peer that the `olmotrace` preset must agree with.

It sorts by the little-endian bytes of tokens, not by their values, which changes no match and no count. Tokens are
`u16`: with `u32` it allocates 32 GiB for any input. The two parts that it sorts overlap by 100,000 bytes: of a stream
that is shorter than twice as much its suffix array is wrong.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from infini_gram.engine import InfiniGramEngine

SEPARATOR = 0xFFFF
_LEAST_BYTES = 200_000
_NO_LIMIT = 1 << 40


@dataclass(frozen=True, slots=True)
class PeerSpan:
    """A span as `attribute` returns it: half-open range of tokens, occurrences, sum of unigram log-probabilities."""

    start: int
    end: int
    count: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class PeerNext:
    """What follows a prompt: tokens of the prompt that were looked for, their count, and how often tokens follow."""

    suffix_tokens: int
    count: int
    counts: dict[int, int]


class Peer:
    """One shard over documents of original token ids (each below 65,535)."""

    def __init__(
        self,
        folder: Path,
        documents: Sequence[Sequence[int]],
        word_starts: Iterable[int],
        delimiters: Iterable[int],
        unigrams: bool = True,
        end: int = 0,
    ) -> None:
        """`end`: the id that stands for the end of a document in what it says of next tokens."""
        folder.mkdir(parents=True)
        self._stream = np.concatenate([[SEPARATOR, *document] for document in documents]).astype("<u2")
        self._stream.tofile(folder / "tokenized.0")
        lengths = np.array([len(document) + 1 for document in documents], np.uint64)
        ((np.cumsum(lengths) - lengths) * np.uint64(2)).astype("<u8").tofile(folder / "offset.0")
        (folder / "word_starts").write_text("".join(f"{token}\n" for token in word_starts))
        _index(folder)
        assert self._stream.nbytes > _LEAST_BYTES
        self._first_suffix = self._suffix_of_rank_0(folder)
        self._delimiters = list(delimiters)
        self._engine = InfiniGramEngine(
            index_dir=str(folder),
            eos_token_id=end,
            token_dtype="u16",
            version=4,
            ds_prefetch_depth=0,
            sa_prefetch_depth=0,
            od_prefetch_depth=0,
            bow_ids_path=str(folder / "word_starts"),
            precompute_unigram_logprobs=unigrams,
        )

    def attribute(
        self, tokens: Sequence[int], min_len: int, max_cnt: int, enforce_bow: bool, delimiters: bool = True
    ) -> list[PeerSpan]:
        answer: Any = self._engine.attribute(
            input_ids=list(tokens),
            delim_ids=self._delimiters if delimiters else [],
            min_len=min_len,
            max_cnt=max_cnt,
            enforce_bow=enforce_bow,
        )
        return [PeerSpan(span["l"], span["r"], span["count"], span["unigram_logprob_sum"]) for span in answer["spans"]]

    def count(self, tokens: Sequence[int]) -> int:
        answer: Any = self._engine.count(input_ids=list(tokens))
        return int(answer["count"])

    def count_cnf(self, clauses: Sequence[Sequence[Sequence[int]]], window: int) -> int:
        asked: Any = [[list(phrase) for phrase in clause] for clause in clauses]
        answer: Any = self._engine.count_cnf(cnf=asked, max_clause_freq=_NO_LIMIT, max_diff_tokens=window)
        assert not answer["approx"]
        return int(answer["count"])

    def next_tokens(self, prompt: Sequence[int], longest_suffix: bool) -> PeerNext:
        ask: Any = self._engine.infgram_ntd if longest_suffix else self._engine.ntd
        answer = ask(prompt_ids=list(prompt), max_support=_NO_LIMIT)
        assert not answer["approx"]
        counts = {token: each["cont_cnt"] for token, each in answer["result_by_token_id"].items()}
        return PeerNext(answer.get("suffix_len", len(prompt)), answer["prompt_cnt"], counts)

    def infgram(self, prompt: Sequence[int], token: int) -> tuple[int, int, int, float]:
        """Length of the suffix, its count, the count with the token, the probability."""
        answer: Any = self._engine.infgram_prob(prompt_ids=list(prompt), cont_id=token)
        return answer["suffix_len"], answer["prompt_cnt"], answer["cont_cnt"], answer["prob"]

    @property
    def stream(self) -> np.ndarray:
        """All tokens, with a separator before each document."""
        return self._stream

    def underflows(self, tokens: Sequence[int]) -> list[int]:
        """The positions at which its known defect loses the match.

        It looks at the neighbours of a query's place in the shard, `max(0, place - 1)` and `place`. The numbers are
        unsigned: at place 0, for what sorts before the whole shard, neither is looked at.
        """
        query = np.asarray(tokens, "<u2")
        lost = []
        for start in np.flatnonzero(query == self._first_suffix[0]).tolist():
            suffix = query[start:].tobytes()
            if suffix < self._first_suffix.tobytes()[: len(suffix)]:
                lost.append(start)
        return lost

    def _suffix_of_rank_0(self, folder: Path) -> np.ndarray:
        table = (folder / "table.0").read_bytes()
        width = len(table) // len(self._stream)
        return self._stream[int.from_bytes(table[:width], "little") // 2 :]


def published_cap(spans: Sequence[PeerSpan], tokens: int, density: float) -> list[PeerSpan]:
    """The ceil(density x tokens) spans of lowest log-probability, by place, as the published service keeps them."""
    kept = sorted(spans, key=lambda span: span.log_probability)[: int(np.ceil(tokens * density))]
    return sorted(kept, key=lambda span: span.start)


def _index(folder: Path) -> None:
    arguments = ["--data_dir", str(folder), "--save_dir", str(folder), "--token_dtype", "u16"]
    limits = ["--cpus", "2", "--mem", "4", "--ulimit", "1024"]
    done = subprocess.run(
        [sys.executable, "-m", "infini_gram.indexing", *arguments, *limits], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
