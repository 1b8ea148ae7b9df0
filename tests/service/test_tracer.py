"""The tracer's interface, over the demo corpus and over small indexes."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import small_indexes

from wherefrom import Tracer
from wherefrom.provenance import Provenance
from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents
from wherefrom_indexer.errors import TokenizerError, UsageError, WherefromError
from wherefrom_indexer.tokenization import Tokenizer

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "provenance.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FOREIGN = "Quux zyzzyva 42% of wombats google 日本語 🙂 xkcd. "


def occurrences(texts: dict[str, str], part: str) -> int:
    """Overlapping occurrences of a part in texts."""
    count = 0
    for text in texts.values():
        place = text.find(part)
        while place >= 0:
            count += 1
            place = text.find(part, place + 1)
    return count


def index_of(folder: Path, texts: dict[str, str], tokenizer: Tokenizer | None = None, **options: Any) -> Path:
    tokenizer = tokenizer or small_indexes.small_tokenizer()
    build_index(small_indexes.records(texts), folder, id_field="id", tokenizer=tokenizer, **options)
    return folder


def tracer_of(folder: Path, texts: dict[str, str], tokenizer: Tokenizer | None = None, **options: Any) -> Tracer:
    return Tracer.open(index_of(folder, texts, tokenizer, **options))


def check(provenance: Provenance, texts: dict[str, str]) -> None:
    """What must hold for every provenance of these texts, exactly tokenized."""
    VALIDATOR.validate(provenance.to_dict())
    json.dumps(provenance.to_dict(), allow_nan=False)
    text = provenance.text
    covered = set()
    for number, span in enumerate(provenance.spans):
        assert text[span.start : span.end] == span.text
        assert span.count == sum(span.counts.values())
        assert span.count == occurrences(texts, span.text) > 0
        covered |= set(range(span.start, span.end))
        for place in span.documents:
            assert number in {snippet.span for snippet in provenance.documents[place].snippets}
    assert provenance.shown_coverage == pytest.approx(len(covered) / len(text))
    assert provenance.shown_coverage <= provenance.coverage <= 1
    starts = [(span.start, span.end) for span in provenance.spans]
    assert starts == sorted(starts)
    assert len({end for _, end in starts}) == len({start for start, _ in starts}) == len(starts)
    for place, document in enumerate(provenance.documents):
        stored = texts[document.id]
        for snippet in document.snippets:
            span = provenance.spans[snippet.span]
            assert place in span.documents
            assert stored[snippet.start : snippet.end] == snippet.text
            assert snippet.text[slice(*snippet.highlight)] == span.text


def without_timing(provenance: Provenance) -> dict[str, Any]:
    value = provenance.to_dict()
    del value["timing_ms"]
    return value


# --- the demo corpus -------------------------------------------------------------------------------------------------


def test_counts_are_those_of_plain_substrings(demo: Tracer, demo_texts: dict[str, str]) -> None:
    chance = random.Random(3)
    everything = list(demo_texts.values())
    parts = [
        "government",
        "govern",
        "overnmen",
        "ent",
        "e",
        " ",
        "\n\n",
        ", ",
        ". The",
        "United States",
        "zyzzyva",
        "1",
    ]
    for _ in range(120):
        text = chance.choice(everything)
        start = chance.randrange(len(text))
        parts.append(text[start : start + chance.choice([2, 3, 5, 8, 13, 30, 80, 400])])
    words = sorted({word for text in everything for word in text.split()})
    parts += chance.sample(words, 40)
    parts += [word[: max(1, len(word) // 2)] for word in chance.sample(words, 20)]
    parts += [word[1:] or word for word in chance.sample(words, 20)]
    for part in parts:
        count = demo.count(part)
        assert not count.is_lower_bound
        assert count.count == occurrences(demo_texts, part), part
        assert count.by_index == {"sotu.index": count.count}


def test_passages_of_the_corpus_in_foreign_text(demo: Tracer, demo_texts: dict[str, str]) -> None:
    chance = random.Random(5)
    for _ in range(25):
        document = chance.choice(sorted(demo_texts))
        text = demo_texts[document]
        start = chance.randrange(len(text) - 300)
        passage = text[start : start + chance.randint(40, 300)]
        provenance = demo.trace(
            FOREIGN + passage + FOREIGN, word_boundaries=False, density=None, max_count=None, min_characters=16
        )
        check(provenance, demo_texts)
        holding = [
            span for span in provenance.spans if span.start <= len(FOREIGN) and span.end >= len(FOREIGN) + len(passage)
        ]
        assert len(holding) == 1
        if holding[0].count <= 10:
            assert document in {provenance.documents[place].id for place in holding[0].documents}


@pytest.mark.parametrize("preset", ["default", "olmotrace"])
def test_generations_and_their_prompts(demo: Tracer, demo_texts: dict[str, str], preset: str) -> None:
    text = demo_texts["1829-Jackson-1"] if "1829-Jackson-1" in demo_texts else next(iter(demo_texts.values()))
    text = FOREIGN + text[5000:6000] + FOREIGN
    provenance = demo.trace(text, preset=preset)
    check(provenance, demo_texts)
    assert provenance.preset == preset
    assert provenance.spans
    prompted = demo.trace(text, "What did the President say of the treasury?", preset=preset)
    check(prompted, demo_texts)
    assert [span.text for span in prompted.spans] == [span.text for span in provenance.spans]
    assert {document.id for document in prompted.documents} == {document.id for document in provenance.documents}
    assert "<mark" in provenance._repr_html_() or "wf-" in provenance._repr_html_()


def test_find_gives_documents_with_their_first_occurrence(demo: Tracer, demo_texts: dict[str, str]) -> None:
    for text, limit in (("of the United States", 5), ("overnmen", 50), ("zyzzyva", 5)):
        found = demo.find(text, limit=limit, context_characters=30)
        holding = {name for name, document in demo_texts.items() if text in document}
        assert len(found) == min(limit, len(holding))
        assert len({part.document_id for part in found}) == len(found)
        for part in found:
            document = demo_texts[part.document_id]
            assert document[part.start : part.end] == text == part.context[slice(*part.highlight)]
            assert part.context in document
            assert part.start == document.index(text)
            assert part.index == "sotu.index"


def test_longest_matches_are_arrays_over_tokens(demo: Tracer, demo_texts: dict[str, str]) -> None:
    tokenizer = Tokenizer.default()
    text = FOREIGN + next(iter(demo_texts.values()))[300:600]
    matches = demo.longest_matches(text)
    encoding = tokenizer.encode(text)
    ids = tokenizer.vocabulary.original[encoding.ids]
    assert len(matches.starts) == len(matches.length) == len(matches.count) == len(ids)
    assert (matches.length[1:] >= matches.length[:-1] - 1).all()
    for place in range(0, len(ids), 3):
        length = int(matches.length[place])
        if length:
            assert demo.count_tokens(ids[place : place + length]) == matches.count[place]
        if place + length < len(ids):
            assert demo.count_tokens(ids[place : place + length + 1]) == 0


# --- several indexes -------------------------------------------------------------------------------------------------

TEXTS = {
    "one": "The people of the United States, in order to form a more perfect union, establish justice.",
    "two": "It was in order to form a more perfect union that they met. They met in Philadelphia in 1787.",
    "three": "Größe, naïveté, 日本語のテキスト, שלום עולם, 🙂👩‍👧‍👦 and more of the same for a test.",
    "four": "They met in Philadelphia in 1787, and 3.14 is not their number.",
}
TEXT = (
    "Why in order to form a more perfect union did they meet? They met in Philadelphia in 1787, it says. "
    "日本語のテキスト, שלום"
)


def _half(first: bool) -> dict[str, str]:
    return dict(list(TEXTS.items())[:2] if first else list(TEXTS.items())[2:])


def test_several_indexes_of_one_tokenizer_are_searched_as_one(tmp_path: Path) -> None:
    whole = tracer_of(tmp_path / "whole", TEXTS).trace(TEXT, min_characters=10, density=None)
    paths = [index_of(tmp_path / "a", _half(True)), index_of(tmp_path / "b", _half(False))]
    provenance = Tracer.open(*paths).trace(TEXT, min_characters=10, density=None)
    check(provenance, TEXTS)
    assert [index.name for index in provenance.indexes] == ["a", "b"]
    assert [(span.start, span.end, span.count) for span in provenance.spans] == [
        (span.start, span.end, span.count) for span in whole.spans
    ]
    assert provenance.spans[0].counts == {"a": 2, "b": 0}
    assert {(document.index, document.id) for document in provenance.documents} == {
        ("a", "one"),
        ("a", "two"),
        ("b", "three"),
        ("b", "four"),
    }
    assert Tracer.open(*paths).count("in ").by_index == {"a": 4, "b": 2}


def test_indexes_of_several_tokenizers_are_united_by_characters(tmp_path: Path) -> None:
    paths = [
        index_of(tmp_path / "small", _half(True)),
        index_of(tmp_path / "default", _half(False), Tokenizer.default()),
    ]
    tracer = Tracer.open(*paths)
    whole = tracer_of(tmp_path / "whole", TEXTS).trace(TEXT, min_characters=10, density=None)
    provenance = tracer.trace(TEXT, min_characters=10, density=None)
    check(provenance, TEXTS)
    assert [(span.text, span.count) for span in provenance.spans] == [(span.text, span.count) for span in whole.spans]
    assert tracer.count("hey met").count == occurrences(TEXTS, "hey met") == 3
    with pytest.raises(UsageError, match="several tokenizers"):
        tracer.count_tokens([1])
    with pytest.raises(UsageError, match="several tokenizers"):
        tracer.longest_matches("They met")
    check(tracer.trace(TEXT, preset="olmotrace"), TEXTS)


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    paths = [index_of(tmp_path / folder / "corpus", _half(folder == "a")) for folder in "ab"]
    assert [index.name for index in Tracer.open(*paths).indexes] == ["corpus", "corpus (2)"]
    twice = Tracer.open(paths[0], paths[0]).count("union")
    assert twice.by_index == {"corpus": 2, "corpus (2)": 2}


def test_segments_change_nothing(tmp_path: Path) -> None:
    answers = []
    for segment_tokens in (10_000, 60, 1):
        tracer = tracer_of(tmp_path / str(segment_tokens) / "corpus", TEXTS, segment_tokens=segment_tokens)
        answer = without_timing(tracer.trace(TEXT, min_characters=5, density=None, max_documents=2))
        del answer["indexes"][0]["version"]
        answers.append(answer)
    assert answers[0] == answers[1] == answers[2]


# --- removal and duplicates ------------------------------------------------------------------------------------------


def test_removed_text_is_gone_from_every_answer(tmp_path: Path) -> None:
    folder = index_of(tmp_path / "corpus", TEXTS)
    before = Tracer.open(folder)
    remove_documents(folder, ["one", "four"])
    rest = {name: text for name, text in TEXTS.items() if name in ("two", "three")}
    fresh = tracer_of(tmp_path / "fresh", rest)
    for tracer in (Tracer.open(folder), Tracer([compact_index(folder)])):
        for text in (TEXTS["one"], TEXTS["four"], TEXT):
            for preset in ("default", "olmotrace"):
                provenance = tracer.trace(text, preset=preset, min_characters=5, density=None)
                check(provenance, rest)
        for part in (
            "establish justice",
            "3.14",
            "union",
            " ",
            "They met in Philadelphia in 1787",
            "Philadelphia in 1787,",
        ):
            assert tracer.count(part).count == occurrences(rest, part)
            assert {found.document_id for found in tracer.find(part)} == {name for name in rest if part in rest[name]}
        ids = small_indexes.small_tokenizer().encode("establish justice").ids
        original = small_indexes.small_tokenizer().vocabulary.original[ids]
        assert tracer.count_tokens(original) == 0
        matches, expected = tracer.longest_matches(TEXTS["one"]), fresh.longest_matches(TEXTS["one"])
        assert matches.length.tolist() == expected.length.tolist()
        assert matches.count.tolist() == expected.count.tolist()
    assert before.count("establish justice").count == 1, "an opened index keeps its version"


def test_an_index_without_live_documents_answers_nothing(tmp_path: Path) -> None:
    folder = index_of(tmp_path / "corpus", TEXTS)
    tracer = Tracer([remove_documents(folder, list(TEXTS)).index])
    provenance = tracer.trace(TEXT, density=None)
    check(provenance, {})
    assert (provenance.spans, provenance.documents, provenance.coverage) == ((), (), 0)
    assert tracer.count("e").count == 0
    assert tracer.find("union") == []
    assert not tracer.longest_matches(TEXT).length.any()


def test_equal_documents_are_shown_once_with_their_number(tmp_path: Path) -> None:
    copies = {f"copy{number}": TEXTS["one"] for number in range(5)}
    folder = index_of(tmp_path / "corpus", {**TEXTS, **copies}, segment_tokens=100)
    provenance = Tracer.open(folder).trace("order to form a more perfect union, establish justice", density=None)
    (document,) = provenance.documents
    assert (document.id, document.duplicates) == ("one", 5)
    assert provenance.spans[0].count == 6
    remove_documents(folder, ["one", "copy3"])
    (document,) = Tracer.open(folder).trace("form a more perfect union, establish justice").documents
    assert document.id.startswith("copy")
    assert document.duplicates == 3


def test_added_documents_are_found(tmp_path: Path) -> None:
    folder = index_of(tmp_path / "corpus", _half(True))
    assert Tracer.open(folder).count("3.14").count == 0
    add_documents(small_indexes.records(_half(False), year=1787), folder, id_field="id")
    provenance = Tracer.open(folder).trace(TEXT, density=None, min_characters=10)
    check(provenance, TEXTS)
    years = {document.id: document.metadata for document in provenance.documents}
    assert years["four"] == {"year": 1787}
    assert years["two"] == {}


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    return tracer_of(tmp_path_factory.mktemp("tracer") / "corpus", TEXTS)


def _withheld(provenance: Provenance) -> dict[str, int]:
    return {str(reason): number for reason, number in provenance.withheld.items()}


def test_every_span_is_shown_or_withheld_for_a_reason(small: Tracer) -> None:
    everything = small.trace(TEXT, min_characters=1, density=None, max_count=None)
    assert _withheld(everything) == {}
    number = len(everything.spans)

    longer = small.trace(TEXT, min_characters=20, density=None)
    assert all(len(span.text) >= 20 for span in longer.spans)
    assert _withheld(longer).keys() == {"too_short"}  # short matches are not all followed
    assert 0 < _withheld(longer)["too_short"] <= number - len(longer.spans)

    rare = small.trace(TEXT, min_characters=1, density=None, max_count=1)
    assert all(span.count == 1 for span in rare.spans)
    assert _withheld(rare) == {"too_frequent": number - len(rare.spans)}
    assert rare.coverage == everything.coverage > rare.shown_coverage

    capped = small.trace(TEXT, min_characters=1, density=0.02)
    assert len(capped.spans) == int(np.ceil(0.02 * capped.tokens))
    assert _withheld(capped) == {"density": number - len(capped.spans)}
    lowest = sorted(span.log_probability for span in everything.spans)[: len(capped.spans)]
    assert sorted(span.log_probability for span in capped.spans) == lowest

    tokens = small.trace(TEXT, min_characters=1, min_tokens=4, density=None)
    assert all(span.tokens >= 4 for span in tokens.spans)
    assert _withheld(tokens) == {"too_short": number - len(tokens.spans)}
    for provenance in (everything, longer, rare, capped, tokens):
        check(provenance, TEXTS)


def test_word_and_sentence_rules(small: Tracer) -> None:
    text = "Xhey met. They met in Philadelphia in 1787y"
    free = small.trace(text, word_boundaries=False, density=None, min_characters=5)
    assert [span.text for span in free.spans] == ["hey met. They met in Philadelphia in 1787"]
    words = small.trace(text, density=None, min_characters=4)
    assert [span.text for span in words.spans] == ["met. They met in Philadelphia in"]
    sentences = small.trace(text, density=None, min_characters=4, sentence_boundaries=True)
    assert [span.text for span in sentences.spans] == ["met.", "They met in Philadelphia in"]


def test_document_options(small: Tracer) -> None:
    none = small.trace(TEXT, max_documents=0)
    assert none.documents == ()
    assert len(none.spans) == len(small.trace(TEXT).spans) > 0
    assert all(span.relevance is None for span in none.spans)
    tight = small.trace(TEXT, context_characters=0, density=None)
    for document in tight.documents:
        for snippet in document.snippets:
            assert snippet.highlight == (0, len(snippet.text))
    one = small.trace(TEXT, max_documents=1, density=None)
    assert all(len(span.documents) >= 1 for span in one.spans)
    for provenance in (none, tight, one):
        check(provenance, TEXTS)


def test_seeds_choose_documents(tmp_path: Path) -> None:
    texts = {f"d{number}": f"Number {number} holds the common passage of this test." for number in range(30)}
    tracer = tracer_of(tmp_path / "corpus", texts)
    chosen = [
        {
            document.id
            for document in tracer.trace("the common passage of this test", max_documents=5, seed=seed).documents
        }
        for seed in (1, 1, 2)
    ]
    assert chosen[0] == chosen[1] != chosen[2]
    assert all(len(part) == 5 for part in chosen)


@pytest.mark.parametrize(
    "options",
    [{"preset": "other"}, {"unknown": 1}, {"density": 0}, {"min_characters": 0}, {"max_documents": -1}, {"seed": -1}],
)
def test_options_that_cannot_be_used(small: Tracer, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        small.trace(TEXT, **options)


# --- input of every kind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["default", "olmotrace"])
@pytest.mark.parametrize(
    "text",
    [
        "x",
        " ",
        "\n\n",
        "\x00",
        "a\x00b",
        "\ud800",
        "union \udfff union",
        "日",
        "🙂👩‍👧‍👦",
        "שלום עולם",
        "\x00\x00\x00 before everything",
        "\U0010ffff\U0010fffe after everything",
        "zzzz~~~~",
        "union " * 500,
        " ".join(TEXTS.values()) * 3,
        "\u202eright to left\u202c",
        "\r\n\t ",
        "!" * 300,
    ],
)
def test_texts_of_every_kind(small: Tracer, text: str, preset: str) -> None:
    provenance = small.trace(text, preset=preset, min_characters=1, density=None)
    check(provenance, TEXTS)
    assert len(provenance.text) == len(text)
    matches = small.longest_matches(text)
    assert len(matches.length) == provenance.tokens
    assert small.count(text).count == occurrences(TEXTS, provenance.text)


def test_lone_surrogates_are_read_as_replacements(tmp_path: Path) -> None:
    tracer = tracer_of(tmp_path / "corpus", {"a": "before \ud800 after and more", "nul": "a \x00 b"})
    assert tracer.count("\udfff after").count == 1
    assert tracer.count("before \ufffd").count == 1
    assert tracer.count("\x00").count == 1
    assert tracer.find("\ud800")[0].document_id == "a"


def test_a_document_of_the_corpus_is_one_span(small: Tracer) -> None:
    for name, text in TEXTS.items():
        provenance = small.trace(text, density=None)
        assert [(span.start, span.end) for span in provenance.spans] == [(0, len(text))]
        assert [document.id for document in provenance.documents] == [name]
        assert provenance.coverage == provenance.shown_coverage == 1


def test_what_is_empty_is_refused(small: Tracer) -> None:
    with pytest.raises(UsageError, match="empty"):
        small.trace("")
    with pytest.raises(UsageError, match="empty"):
        small.count("")
    with pytest.raises(UsageError, match="empty"):
        small.find("")
    with pytest.raises(UsageError, match="no token ids"):
        small.count_tokens([])
    with pytest.raises(UsageError, match="no index"):
        Tracer([])
    assert len(small.longest_matches("").length) == 0


@pytest.mark.parametrize("ids", [[-1], [10**9], [0, 70_000]])
def test_ids_outside_of_the_vocabulary(small: Tracer, ids: list[int]) -> None:
    with pytest.raises(TokenizerError, match=str(ids[-1])):
        small.count_tokens(ids)


def test_a_folder_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(WherefromError):
        Tracer.open(tmp_path)


def test_a_tracer_can_be_closed(tmp_path: Path) -> None:
    with tracer_of(tmp_path / "corpus", TEXTS) as tracer:
        assert tracer.count("union").count == 2
    assert isinstance(Index.open(tmp_path / "corpus"), Index)


# --- tokenizers that change the text ---------------------------------------------------------------------------------


def test_a_tokenizer_that_changes_text_shows_nothing_that_does_not_stand_there(tmp_path: Path) -> None:
    tracer = tracer_of(tmp_path / "corpus", TEXTS, small_indexes.lossy_tokenizer())
    provenance = tracer.trace(
        "THE PEOPLE OF the United States, in order to form a more", density=None, min_characters=5
    )
    VALIDATOR.validate(provenance.to_dict())
    for document in provenance.documents:
        for snippet in document.snippets:
            assert TEXTS[document.id][snippet.start : snippet.end] == snippet.text
            assert snippet.text[slice(*snippet.highlight)] == provenance.spans[snippet.span].text
    for span in provenance.spans:
        assert occurrences(TEXTS, span.text) > 0
        assert span.count_is_lower_bound


# --- threads ---------------------------------------------------------------------------------------------------------


def test_eight_threads_get_the_answers_of_one(demo_index: Path, demo_texts: dict[str, str]) -> None:
    chance = random.Random(9)
    documents = list(demo_texts.values())
    texts = []
    for _ in range(24):
        document = chance.choice(documents)
        start = chance.randrange(len(document) - 400)
        texts.append(FOREIGN + document[start : start + 400])
    tracer = Tracer.open(demo_index)
    expected = [without_timing(tracer.trace(text)) for text in texts]
    shared = Tracer.open(demo_index)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2):
            assert [without_timing(part) for part in pool.map(shared.trace, texts)] == expected
            counts = list(pool.map(lambda text: shared.count(text[-20:]).count, texts))
            assert counts == [occurrences(demo_texts, text[-20:]) for text in texts]


def test_a_closed_tracer_says_so(demo_index: Path) -> None:
    tracer = Tracer.open(demo_index)
    tracer.close()
    for ask in (tracer.trace, tracer.count, tracer.find, tracer.longest_matches, lambda _: tracer.count_tokens([1])):
        with pytest.raises(UsageError, match="closed"):
            ask("of the United States")
