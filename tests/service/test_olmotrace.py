"""The `olmotrace` preset against infini-gram's `attribute` and the published cap, over the same tokens and rules."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("infini_gram", reason="infini-gram is published for Linux only")

from factories import arrays_of, stored
from infini_gram_peer import Peer, PeerSpan, published_cap

from wherefrom import Tracer, olmotrace
from wherefrom.attribution import AttributedSpan, Window
from wherefrom.corpus import SearchedSegment
from wherefrom.olmotrace import TokenRules
from wherefrom.options import AttributionOptions, Ranking
from wherefrom_indexer.suffix_array import suffix_array
from wherefrom_indexer.tokenization import Tokenizer

TEXTS = 310
DENSITY = 0.05

# whole words, shortest span in tokens, highest count; the first is what the published front end sends
SETTINGS = [(True, 1, 1_000_000), *itertools.product([True, False], [1, 3, 8], [1_000_000, 10, 1])]

FOREIGN = (
    "The U.S. economy grew by 3.14 % — “quite a lot”, said he.",
    "def f(x):\n    return np.array(x)\n",
    "日本語のテキスト。次の文。",
    "שלום עולם 🙂👩‍👧‍👦",
    "!!! \n\n",
    "A sub-committee's e-mail address is a@b.c, it said.",
)


@dataclass(frozen=True, slots=True)
class Demo:
    """Both ways to search the demo corpus."""

    tracer: Tracer
    peer: Peer
    tokenizer: Tokenizer


@pytest.fixture(scope="module")
def both(demo: Tracer, demo_texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Demo:
    tokenizer = Tokenizer.default()
    original = tokenizer.vocabulary.original
    rules = olmotrace.published_rules(tokenizer.vocabulary)
    peer = Peer(
        tmp_path_factory.mktemp("peer") / "demo",
        [original[ids].tolist() for ids in tokenizer.encode_batch(list(demo_texts.values()))],
        word_starts=original[np.flatnonzero(rules.word_starts)].tolist(),
        delimiters=original[np.flatnonzero(rules.delimiters)].tolist(),
    )
    return Demo(demo, peer, tokenizer)


@pytest.fixture(scope="module")
def texts(demo_texts: dict[str, str]) -> list[str]:
    """Pieces of the corpus cut anywhere, shuffled words of it, and foreign text, in any order."""
    chance = random.Random(42)
    documents = list(demo_texts.values())
    words = " ".join(documents).split()

    def piece() -> str:
        kind = chance.random()
        if kind < 0.6:
            document = chance.choice(documents)
            start = chance.randrange(len(document))
            return document[start : start + chance.randint(10, 130)]
        if kind < 0.85:
            return " ".join(chance.choices(words, k=chance.randint(1, 10)))
        return chance.choice(FOREIGN)

    return [chance.choice(["", " ", "\n"]).join(piece() for _ in range(chance.randint(1, 4))) for _ in range(TEXTS)]


def test_the_preset_shows_the_spans_of_attribute_after_the_published_cap(both: Demo, texts: list[str]) -> None:
    compared = capped = 0
    for number, text in enumerate(texts):
        whole_words, least, most = SETTINGS[number % len(SETTINGS)]
        tokens = _original(both.tokenizer, text)
        assert not both.peer.underflows(tokens), "its defect touches none of these texts"
        spans = both.peer.attribute(tokens, least, most, whole_words)
        expected = published_cap(spans, len(tokens), DENSITY)
        provenance = both.tracer.trace(
            text,
            preset="olmotrace",
            min_tokens=least,
            max_count=most,
            word_boundaries=whole_words,
            density=DENSITY,
            max_documents=0,
        )
        places = _characters(both.tokenizer, text, expected)
        assert [(span.start, span.end) for span in provenance.spans] == places, text
        for span, theirs in zip(provenance.spans, expected, strict=True):
            # A text occurs at least as often as one of its tokenizations.
            assert span.count >= theirs.count == both.tracer.count_tokens(tokens[theirs.start : theirs.end])
            assert span.tokens == theirs.end - theirs.start
        compared += 1
        capped += len(expected) < len(spans)
    assert compared >= 300
    assert capped >= 80, "the cap had something to leave out"


def test_log_probabilities_are_theirs_but_for_separators(both: Demo, texts: list[str]) -> None:
    text = max(texts[:40], key=len)
    tokens = _original(both.tokenizer, text)
    spans = both.peer.attribute(tokens, 1, 1_000_000, enforce_bow=True)
    provenance = both.tracer.trace(text, preset="olmotrace", density=None, max_documents=0)
    index = provenance.indexes[0]
    separators = np.log((index.tokens + index.documents) / index.tokens)
    assert len(spans) == len(provenance.spans) > 5
    for span, theirs in zip(provenance.spans, spans, strict=True):
        assert span.log_probability == pytest.approx(theirs.log_probability + span.tokens * separators, rel=1e-5)


def test_attributions_have_its_tokens_and_counts(both: Demo, texts: list[str]) -> None:
    for number, text in enumerate(texts[:80]):
        whole_words, least, most = SETTINGS[number % len(SETTINGS)]
        tokens = _original(both.tokenizer, text)
        spans = both.peer.attribute(tokens, least, most, whole_words)
        longest = sorted(spans, key=lambda span: span.start - span.end)[: math.ceil(DENSITY * len(tokens))]
        options = AttributionOptions(
            ("\n", "."), whole_words, least, most, DENSITY, Ranking.LENGTH, max_documents=2, context=8
        )
        ours = both.tracer.attribute(text, options)
        expected = sorted((span.start, span.end, span.count) for span in longest)
        assert [(span.left, span.right, span.count) for span in ours.spans] == expected, text
        for span in ours.spans:
            assert span.tokens == tokens[span.left : span.right]
            assert all(span.tokens == _needle(document.window, span) for document in span.documents)


def _needle(window: Window, span: AttributedSpan) -> list[int]:
    return window.tokens[window.offset :][: span.right - span.left]


def test_without_delimiters_spans_cross_sentences(both: Demo, texts: list[str]) -> None:
    for text in texts[:20]:
        tokens = _original(both.tokenizer, text)
        theirs = both.peer.attribute(tokens, 1, 1_000_000, enforce_bow=True, delimiters=False)
        ours = both.tracer.trace(text, preset="olmotrace", sentence_boundaries=False, density=None, max_documents=0)
        assert [(span.start, span.end) for span in ours.spans] == _characters(both.tokenizer, text, theirs)


# --- token streams made to be difficult ------------------------------------------------------------------------------

TOKENS = [0, 1, 255, 256, 257, 65_534]  # their order by value is not the order by little-endian bytes
WORD_STARTS = [1, 256, 257]
DELIMITERS = [255]
SIZE = max(TOKENS) + 1
LOST: list[int] = []
"""The queries left out because the peer's defect touches them."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A token stream of few tokens, and both ways to search it."""

    documents: list[list[int]]
    segments: list[SearchedSegment]
    peer: Peer


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    chance = random.Random(7)
    common = [_random_tokens(chance, 40) for _ in range(30)]
    documents = [[token for _ in range(5) for token in _piece(chance, common)] for _ in range(1400)]
    documents += [[0], [256, 1] * 30, [65_534] * 40]
    peer = Peer(tmp_path_factory.mktemp("peer") / "stream", documents, WORD_STARTS, DELIMITERS, unigrams=False)
    tokens = stored(documents)
    suffixes = suffix_array(tokens)
    arrays = arrays_of(tokens, suffixes, SIZE)
    # `attributed_spans` reads nothing of a segment but its arrays.
    return Stream(documents, [SearchedSegment(None, arrays)], peer)  # type: ignore[arg-type]


def _random_tokens(chance: random.Random, most: int) -> list[int]:
    return chance.choices(TOKENS, weights=[1, 6, 2, 6, 4, 6], k=chance.randint(1, most))


def _piece(chance: random.Random, common: list[list[int]]) -> list[int]:
    return chance.choice(common) if chance.random() < 0.3 else _random_tokens(chance, 40)


def _rules() -> TokenRules:
    word_starts, delimiters = np.zeros(SIZE, np.bool_), np.zeros(SIZE, np.bool_)
    word_starts[WORD_STARTS] = True
    delimiters[DELIMITERS] = True
    return TokenRules(word_starts, delimiters)


def test_random_token_streams_have_the_same_spans(stream: Stream) -> None:
    chance = random.Random(11)
    compared, lost = 0, []
    for number in range(150):
        query = _random_tokens(chance, 30) + chance.choice(stream.documents)[: chance.randint(0, 20)]
        if stream.peer.underflows(query):
            lost.append(number)
            continue
        whole_words, least, most = SETTINGS[number % len(SETTINGS)]
        theirs = stream.peer.attribute(query, least, most, whole_words)
        ours = olmotrace.attributed_spans(
            stream.segments,
            np.array(query, np.int64) + 1,
            _rules(),
            least=least,
            most_frequent=most,
            whole_words=whole_words,
        )
        assert _pairs(ours.starts, ours.ends) == [(span.start, span.end) for span in theirs], query
        compared += 1
    assert compared >= 140
    assert lost == LOST


def test_a_text_that_sorts_before_the_whole_corpus_keeps_its_match_here(stream: Stream) -> None:
    """The known defect of the peer, by name: `max(0, start-1)` of unsigned numbers."""
    query = [0] * 20
    assert stream.peer.underflows(query)[0] == 0
    ours = olmotrace.attributed_spans(
        stream.segments, np.array(query) + 1, _rules(), least=1, most_frequent=None, whole_words=False
    )
    assert ours.starts[0] == 0
    assert all(span.start > 0 for span in stream.peer.attribute(query, 1, 1_000_000, enforce_bow=False))


def _original(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.vocabulary.original[tokenizer.encode(text).ids].tolist()
    return ids


def _characters(tokenizer: Tokenizer, text: str, spans: Sequence[PeerSpan]) -> list[tuple[int, int]]:
    data = text.encode()
    starts = [*tokenizer.encode(text).starts.tolist(), len(data)]
    return [(len(data[: starts[span.start]].decode()), len(data[: starts[span.end]].decode())) for span in spans]


def _pairs(starts: np.ndarray, ends: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
