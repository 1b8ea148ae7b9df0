"""Questions to a corpus against brute force over the tokens and texts of its live documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import naive
import numpy as np
import pytest
import small_indexes
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom.corpus_queries import cnf
from wherefrom.corpus_queries.queries import CorpusQueries
from wherefrom_indexer import Index, build_index, remove_documents
from wherefrom_indexer.errors import TokenizerError, UsageError

LETTERS = "ab c"
TEXTS = {
    "one": "a cab backs a cab, abba",
    "two": "abacab abacab abacab",
    "three": "cab a b c a bb",
    "copy": "abacab abacab abacab",
    "four": "the cat sat on the mat, and the cat ate the rat",
    "gone": "a cab backs a cab that is gone, cab and all",
    "empty": "",
}
GONE = ("gone",)


@dataclass(frozen=True)
class World:
    """Two indexes of several segments, of which documents were removed, and what is live in them."""

    queries: CorpusQueries
    tokens: list[list[int]]
    texts: list[str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    indexes = [_index(tmp_path_factory.mktemp(name) / name, own) for name, own in _halves()]
    tokenizer = indexes[0].tokenizer
    assert len(indexes[0].segments) > 1
    assert any(segment.removal for segment in indexes[0].segments)
    texts = [text for name, text in TEXTS.items() if name not in GONE]
    tokens = [tokenizer.vocabulary.original[tokenizer.encode(text).ids].tolist() for text in texts]
    return World(Tracer(indexes).queries, tokens, texts)


def _halves() -> list[tuple[str, dict[str, str]]]:
    names = list(TEXTS)
    return [
        ("first", {name: TEXTS[name] for name in ["one", "two", "gone", "three"]}),
        ("second", {name: TEXTS[name] for name in names if name in ("copy", "four", "empty")}),
    ]


def _index(folder: Path, texts: dict[str, str]) -> Index:
    records = small_indexes.records(texts)
    build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer(), segment_tokens=20)
    gone = [name for name in texts if name in GONE]
    return remove_documents(folder, gone).index if gone else Index.open(folder)


def ids_of(text: str) -> list[int]:
    tokenizer = small_indexes.small_tokenizer()
    return tokenizer.vocabulary.original[tokenizer.encode(text).ids].tolist() if text else []


PHRASES = st.text(LETTERS, min_size=1, max_size=5) | st.sampled_from(["the", " cat", "cab", "a cab", "abacab", "zz"])
IDS = PHRASES.map(ids_of)


# --- counts ----------------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(PHRASES)
def test_counts_are_those_of_brute_force(world: World, phrase: str) -> None:
    counted = world.queries.count(phrase)
    assert counted.count == sum(naive.count_of(text, phrase) for text in world.texts) == sum(counted.by_index.values())
    assert not counted.is_lower_bound
    by_tokens = world.queries.count(ids_of(phrase))
    assert by_tokens.count == sum(naive.count_of(tokens, ids_of(phrase)) for tokens in world.tokens)
    assert by_tokens.count == sum(by_tokens.by_index.values())


# --- next tokens -----------------------------------------------------------------------------------------------------


def longest_suffix(world: World, prompt: Sequence[int]) -> list[int]:
    suffixes = (list(prompt[start:]) for start in range(len(prompt) + 1))
    return next(each for each in suffixes if not each or any(naive.count_of(own, each) for own in world.tokens))


def following(world: World, prompt: Sequence[int]) -> Counter[int | None]:
    """What follows a prompt, None for the end of a document."""
    counts: Counter[int | None] = Counter()
    for tokens in world.tokens:
        for place in range(len(tokens) - len(prompt) + 1):
            if tokens[place : place + len(prompt)] == list(prompt):
                counts[next(iter(tokens[place + len(prompt) :]), None)] += 1
    return counts


@settings(max_examples=50)
@given(st.just([]) | IDS, st.booleans(), st.integers(0, 5) | st.just(1000))
def test_next_tokens_are_those_of_brute_force(world: World, prompt: list[int], suffix: bool, limit: int) -> None:
    found = world.queries.next_tokens(prompt, limit, longest_suffix=suffix)
    looked_for = longest_suffix(world, prompt) if suffix else prompt
    counts = following(world, looked_for)
    assert (found.prompt_tokens, found.suffix_tokens) == (len(prompt), len(looked_for))
    assert found.prompt_count == counts.total()
    assert found.end_count == counts.pop(None, 0)
    assert found.distinct == len(counts)
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
    assert [(token.id, token.count) for token in found.tokens] == expected
    assert all(token.probability == token.count / found.prompt_count for token in found.tokens)
    if limit == 1000 and found.prompt_count:
        ends = found.end_count / found.prompt_count
        assert sum(token.probability for token in found.tokens) + ends == pytest.approx(1)


def test_a_text_is_a_prompt_too(world: World) -> None:
    found = world.queries.next_tokens("the cat")
    assert found == world.queries.next_tokens(ids_of("the cat"))
    assert found.prompt_count > 0
    scored = world.queries.infgram_probabilities("the cat", "and ")
    assert scored == world.queries.infgram_probabilities(ids_of("the cat"), ids_of("and "))
    assert "".join(token.text for token in scored) == "the cat"


# --- infinity-gram probabilities -------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(IDS, st.just([]) | IDS)
def test_infgram_probabilities_are_those_of_brute_force(world: World, phrase: list[int], prompt: list[int]) -> None:
    found = world.queries.infgram_probabilities(phrase, prompt)
    assert [token.id for token in found] == phrase
    for place, token in enumerate(found):
        suffix = longest_suffix(world, prompt + phrase[:place])
        counts = following(world, suffix)
        assert (token.suffix_tokens, token.effective_length) == (len(suffix), len(suffix) + 1)
        assert (token.suffix_count, token.count) == (counts.total(), counts[token.id])
        assert token.probability == counts[token.id] / counts.total()


def test_a_hand_computed_probability(tmp_path: Path) -> None:
    texts = {"1": "xyz", "2": "xyq", "3": "yz"}
    build_index(small_indexes.records(texts), tmp_path / "i", id_field="id", tokenizer=small_indexes.small_tokenizer())
    queries = Tracer.open(tmp_path / "i").queries
    x, y, z = (ids_of(letter)[0] for letter in "xyz")
    (token,) = queries.infgram_probabilities([z], [z, x, y])  # "zxy" is nowhere, "xy" twice, "xyz" once
    assert (token.suffix_tokens, token.suffix_count, token.count, token.probability) == (2, 2, 1, 0.5)
    (token,) = queries.infgram_probabilities([z])
    assert (token.suffix_tokens, token.suffix_count, token.count) == (0, 8 + 3, 2)


# --- conjunctions ----------------------------------------------------------------------------------------------------


def conjunction(documents: Sequence[Sequence[int]], clauses: Sequence[Sequence[Sequence[int]]], window: int) -> int:
    """The occurrences of the rarest clause within a stretch with one of each other clause, by trying all choices."""
    places = [[_places(tokens, clause) for clause in clauses] for tokens in documents]
    sizes = [sum(len(own[number]) for own in places) for number in range(len(clauses))]
    anchor = sizes.index(min(sizes))
    count = 0
    for own in places:
        choices = product(*own)
        count += len({chosen[anchor] for chosen in choices if max(chosen) - min(chosen) <= window})
    return count


def _places(tokens: Sequence[int], clause: Sequence[Sequence[int]]) -> list[int]:
    return [
        place
        for place in range(len(tokens))
        if any(list(tokens[place : place + len(phrase)]) == list(phrase) for phrase in clause)
    ]


CLAUSES = st.lists(st.lists(IDS, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=50)
@given(CLAUSES, st.integers(0, 12))
def test_conjunctions_are_those_of_brute_force(world: World, clauses: list[list[list[int]]], window: int) -> None:
    found = world.queries.cnf(clauses, window)
    assert found.count == conjunction(world.tokens, clauses, window) == sum(found.counts.values())
    sizes = [sum(len(_places(tokens, clause)) for tokens in world.tokens) for clause in clauses]
    assert (list(found.clause_counts), found.counted_clause) == (sizes, sizes.index(min(sizes)))
    assert not found.count_is_lower_bound
    assert len(found.occurrences) == min(found.documents, 10)
    for occurrence in found.occurrences:
        text = TEXTS[occurrence.document_id]
        assert occurrence.document_id not in GONE
        assert text[occurrence.context_start :].startswith(occurrence.context)
        for clause, (start, end) in zip(clauses, occurrence.passages, strict=True):
            assert occurrence.start <= start < end <= occurrence.end
            assert ids_of(text[start:end]) in clause or any(text[start:end] == _text(ids) for ids in clause)


def _text(ids: list[int]) -> str:
    vocabulary = small_indexes.small_tokenizer().vocabulary
    return vocabulary.spell(vocabulary.renumber(np.array(ids))).decode()


@settings(max_examples=30)
@given(st.lists(st.lists(PHRASES, min_size=1, max_size=2), min_size=1, max_size=3), st.integers(0, 30))
def test_texts_are_found_whatever_their_tokens(world: World, clauses: list[list[str]], window: int) -> None:
    found = world.queries.cnf(clauses, window, limit=100)
    held = [text for text in world.texts if all(any(phrase in text for phrase in clause) for clause in clauses)]
    assert found.documents <= len(held)
    assert world.queries.cnf(clauses, 1000, limit=100).documents == len(held)
    for occurrence in found.occurrences:
        text = TEXTS[occurrence.document_id]
        for clause, (start, end) in zip(clauses, occurrence.passages, strict=True):
            assert text[start:end] in clause


def test_a_hand_computed_conjunction(tmp_path: Path) -> None:
    # Places of x: 0, 6; of y: 2; of z: 5, each a token. The stretch from x to z has 5 tokens, from y to z and x 4.
    texts = {"near": "xqyqqzx", "far": "xqqqqqqqqqqqqqqqqqqqqqqqqqqqz", "apart": "xy", "none": "z"}
    build_index(small_indexes.records(texts), tmp_path / "i", id_field="id", tokenizer=small_indexes.small_tokenizer())
    queries = Tracer.open(tmp_path / "i").queries
    assert len(ids_of("xqyqqzx")) == 7
    clauses = [["x"], ["y", "yq"], ["z"]]
    assert [queries.cnf(clauses, window).count for window in (3, 4, 5)] == [0, 1, 1]
    found = queries.cnf([["x"], ["z"]], window=6)  # both of the x are near the z, but z occurs less: three times
    assert (found.counted_clause, found.clause_counts, found.count, found.documents) == (1, (4, 3), 1, 1)
    (occurrence,) = queries.cnf(clauses, 4, context_characters=1).occurrences
    assert (occurrence.document_id, occurrence.start, occurrence.end) == ("near", 2, 7)
    assert occurrence.passages == ((6, 7), (2, 4), (5, 6))
    assert (occurrence.context_start, occurrence.context) == (1, "qyqqzx")


@settings(max_examples=20)
@given(st.lists(st.lists(IDS, min_size=1, max_size=2), min_size=2, max_size=3))
def test_a_wider_window_finds_no_less(world: World, clauses: list[list[list[int]]]) -> None:
    counts = [world.queries.cnf(clauses, window, limit=0).count for window in (0, 1, 2, 4, 8, 100)]
    assert counts == sorted(counts)


@pytest.mark.parametrize("most", [1, 20, 60])
def test_with_too_many_occurrences_the_count_is_a_lower_bound(
    world: World, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clauses = [["a"], ["b", "c"]]
    exact = world.queries.cnf(clauses, 1000)
    monkeypatch.setattr(cnf, "MOST_POSITIONS", most)
    found = world.queries.cnf(clauses, 1000)
    assert found.count_is_lower_bound
    assert found.count < exact.count
    assert all(few <= all_ for few, all_ in zip(found.clause_counts, exact.clause_counts, strict=True))


# --- what cannot be asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda queries: queries.count(""),
        lambda queries: queries.count([]),
        lambda queries: queries.count([1.5]),
        lambda queries: queries.cnf([]),
        lambda queries: queries.cnf([[]]),
        lambda queries: queries.cnf(["a cab"]),
        lambda queries: queries.cnf([["a"], [""]]),
        lambda queries: queries.cnf([["a"]], window=-1),
        lambda queries: queries.cnf([["a"]] * 65),
        lambda queries: queries.next_tokens("a", limit=-1),
        lambda queries: queries.infgram_probabilities(""),
    ],
)
def test_what_cannot_be_asked_is_told(world: World, ask) -> None:
    with pytest.raises(UsageError):
        ask(world.queries)


@pytest.mark.parametrize("wrong", [-1, 1 << 20, 1 << 70])
def test_ids_outside_of_the_vocabulary_are_told(world: World, wrong: int) -> None:
    with pytest.raises(TokenizerError, match=str(wrong)):
        world.queries.count([wrong])
    with pytest.raises(TokenizerError):
        world.queries.next_tokens([wrong])


def test_indexes_of_several_tokenizers_have_no_tokens_in_common(world: World, tmp_path: Path) -> None:
    records = small_indexes.records({"x": "Cab a b"})
    build_index(records, tmp_path / "other", id_field="id", tokenizer=small_indexes.lossy_tokenizer())
    build_index(records, tmp_path / "same", id_field="id", tokenizer=small_indexes.small_tokenizer())
    queries = Tracer.open(tmp_path / "other", tmp_path / "same").queries
    assert queries.count("a b").count == 2
    assert queries.cnf([["a"], ["b"]]).documents == 2
    for ask in (lambda: queries.count([1]), lambda: queries.next_tokens("a"), lambda: queries.cnf([[[1]]])):
        with pytest.raises(UsageError, match="several tokenizers"):
            ask()
    assert queries.count("nothing \ud800").count == 0


def test_an_index_of_which_all_is_removed_holds_nothing(tmp_path: Path) -> None:
    records = small_indexes.records({"x": "ab"})
    build_index(records, tmp_path / "i", id_field="id", tokenizer=small_indexes.small_tokenizer())
    queries = Tracer([remove_documents(tmp_path / "i", ["x"]).index]).queries
    assert queries.count("a").count == queries.cnf([["a"], ["b"]]).count == 0
    found = queries.next_tokens("a")
    assert (found.prompt_count, found.end_count, found.tokens) == (0, 0, ())
    assert [token.probability for token in queries.infgram_probabilities("ab")] == [0.0] * len(ids_of("ab"))
