"""Search through real index files, grown and shrunk, against brute force over the live documents."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom.corpus import SearchedSegment, longest_matches, segment_arrays
from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents, verify_index
from wherefrom_indexer.sources import Document, SourceOptions, TokenizedDocument
from wherefrom_indexer.sources.base import Source
from wherefrom_indexer.tokenization import Tokenizer

Tokens = list[int]


class TokenLists(Source):
    """Documents given as lists of original token ids, by id."""

    def __init__(self, documents: dict[str, Tokens]) -> None:
        super().__init__("tokens", SourceOptions())
        self._items = list(documents.items())

    def fingerprint(self) -> str:
        return self._digest(self._items)

    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        for name, tokens in self._items[skip:]:
            yield TokenizedDocument(name, np.array(tokens, np.uint32), {}, name)


@functools.cache
def _tokenizer(size: int) -> Tokenizer:
    """`size` words, whose order by spelling is not that of their ids."""
    vocabulary = {f"w{(number * 7_919) % size}": number for number in range(size)}
    model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "w0"}
    return Tokenizer.from_definition(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to an index, in this order, and what is asked of it then.

    Attributes:
        size: of the vocabulary.
        built, added: documents, in lists for one command each.
        removed: places among all documents, for one command each; the first is before the additions.
        segments: how many segments the built ones are about cut into.
        compacted: whether it is rewritten at the end.
        queries: token ids.
    """

    size: int
    built: list[Tokens]
    added: list[list[Tokens]]
    removed: list[set[int]]
    segments: int
    compacted: bool
    queries: list[Tokens]


def _fibonacci(first: Tokens, second: Tokens, length: int) -> Tokens:
    while len(second) < length:
        first, second = second, second + first
    return second[:length]


@st.composite
def _documents(draw: st.DrawFn, token: st.SearchStrategy[int]) -> Tokens:
    kind = draw(st.sampled_from(["random", "random", "equal", "periodic", "fibonacci", "empty", "one"]))
    if kind == "random":
        return draw(st.lists(token, max_size=30))
    if kind == "empty":
        return []
    if kind == "one":
        return [draw(token)]
    length = draw(st.integers(1, 40))
    if kind == "equal":
        return [draw(token)] * length
    if kind == "periodic":
        return (draw(st.lists(token, min_size=1, max_size=4)) * length)[:length]
    return _fibonacci([draw(token)], [draw(token)], length)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    size = draw(st.sampled_from([1, 2, 2, 300, 300, 70_000]))
    few = [token for token in (0, 1, 7, 299, 65_534, 65_535, 69_999) if token < size]
    token = st.one_of(st.sampled_from(few), st.integers(0, size - 1))
    document = _documents(token)
    built = [[draw(token)], *draw(st.lists(document, max_size=24))]
    built += draw(st.lists(st.sampled_from(built), max_size=4))  # duplicates
    addition = st.lists(st.one_of(document, st.sampled_from(built)), max_size=4)
    added = [[[draw(token)], *draw(addition)] for _ in range(draw(st.integers(0, 2)))]  # one without text is refused
    everything = [*built, *(part for parts in added for part in parts)]
    first_removed = draw(st.sets(st.integers(0, len(built) - 1), max_size=4))
    last_removed = draw(st.sets(st.integers(0, len(everything) - 1), max_size=8))
    pieces = st.lists(st.one_of(st.lists(token, max_size=5), st.sampled_from(everything)), max_size=3)
    queries = [[token for piece in draw(pieces) for token in piece][:40] for _ in range(2)]
    return Life(
        size,
        built,
        added,
        [first_removed, last_removed - first_removed],
        draw(st.integers(1, 16)),
        draw(st.booleans()),
        queries,
    )


def _live_out(life: Life, folder: Path) -> tuple[Index, dict[str, Tokens]]:
    """Run a life's commands; the index, and the live documents."""
    documents: dict[str, Tokens] = {}

    def named(tokens: Sequence[Tokens]) -> TokenLists:
        new = {f"d{len(documents) + number}": part for number, part in enumerate(tokens)}
        documents.update(new)
        return TokenLists(new)

    def remove(places: set[int]) -> None:
        remove_documents(folder, [f"d{place}" for place in places])
        for place in places:
            del live[f"d{place}"]

    positions = sum(len(tokens) + 1 for tokens in life.built)
    source = named(life.built)
    index = build_index(
        source, folder, tokenizer=_tokenizer(life.size), segment_tokens=max(1, -(-positions // life.segments))
    )
    assert 1 <= len(index.segments) <= 16
    live = dict(documents)
    remove(life.removed[0])
    for part in life.added:
        source = named(part)
        add_documents(source, folder)
        live.update((name, documents[name]) for name, _ in source._items)
    remove(life.removed[1])
    return (compact_index(folder) if life.compacted else Index.open(folder)), live


@settings(max_examples=40)
@given(lives())
def test_suffix_arrays_matches_and_counts_are_those_of_brute_force(life: Life) -> None:
    # What a crash would leave is tested elsewhere; waiting for the disk is most of the time here.
    with tempfile.TemporaryDirectory() as temporary, mock.patch("os.fsync"):
        folder = Path(temporary) / "index"
        index, live = _live_out(life, folder)
        renumbered = index.tokenizer.vocabulary.renumbered
        for segment in index.segments:
            assert segment.suffixes.tolist() == naive.suffix_array(segment.tokens.tolist())
        assert verify_index(folder) == []
        assert index.documents == len(live)
        assert index.tokens == sum(map(len, live.values()))
        tracer = Tracer([index])
        parts = [SearchedSegment(segment, segment_arrays(segment)) for segment in index.segments]
        for query in life.queries:
            lengths, counts = longest_matches(parts, renumbered[query].astype(np.int64) + 1)
            expected = naive.longest_matches(list(live.values()), query)
            assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == expected
            for part in (query, query[:2], query[-1:]):
                if part:
                    count = sum(naive.count_of(tokens, part) for tokens in live.values())
                    assert tracer.count_tokens(part) == count
        for name, tokens in live.items():
            segment, ordinal = index.find(name) or (None, 0)
            assert segment is not None
            start, end = segment.span_of(ordinal)
            assert (segment.tokens[start:end].astype(np.int64) - 1).tolist() == renumbered[tokens].tolist()
