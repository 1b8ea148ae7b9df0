"""Encoding by kernels against `tokenizers`, and merging against the oracle."""

from __future__ import annotations

import base64
import json
import random
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import naive
import numpy as np
import pytest
import tokenizers
from hostile_text import hostile_texts, long_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_files import SENTENCES, byte_level, sentence_piece, unigram, word_level, word_piece
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers

from wherefrom_indexer import byte_pairs
from wherefrom_indexer.spelling import byte_alphabet
from wherefrom_indexer.split_pattern import EXPRESSIONS, SplitPattern
from wherefrom_indexer.tokenization import Tokenizer

PATTERNS = list(SplitPattern)
CHARACTER_OF = {byte: character for character, byte in byte_alphabet().items()}


def written(spelling: bytes) -> str:
    """A token as byte-level vocabularies write it."""
    return "".join(CHARACTER_OF[byte] for byte in spelling)


def definition(
    merges: Sequence[tuple[bytes, bytes]],
    others: Sequence[bytes] = (),
    pattern: SplitPattern = SplitPattern.GPT2,
    **model: Any,
) -> str:
    """A tokenizer of bytes with these merges, and with tokens that no merge makes."""
    tokens = [*(bytes([byte]) for byte in range(256)), *(left + right for left, right in merges), *others]
    vocabulary = {written(token): place for place, token in enumerate(dict.fromkeys(tokens))}
    backend = tokenizers.Tokenizer(
        models.BPE(vocab=vocabulary, merges=[(written(left), written(right)) for left, right in merges])
    )
    backend.pre_tokenizer = splitter(SplitPattern.GPT2)
    backend.decoder = decoders.ByteLevel()
    raw = json.loads(backend.to_str())
    return json.dumps(raw | {"model": raw["model"] | model})


def splitter(pattern: SplitPattern) -> pre_tokenizers.PreTokenizer:
    if pattern is SplitPattern.GPT2:
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    split = pre_tokenizers.Split(Regex(EXPRESSIONS[pattern][0]), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


@cache
def trained(pattern: SplitPattern) -> Tokenizer:
    """A small tokenizer with that pattern, trained on text like what the tests encode."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = splitter(pattern)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    backend.train_from_iterator([*hostile_texts(3000, seed=3), *SENTENCES], trainer)
    return Tokenizer.from_definition(backend.to_str())


def assert_same(tokenizer: Tokenizer, texts: Sequence[str], threads: int = 2) -> None:
    """Texts have the ids that `tokenizers` gives them, and are spelled by them."""
    backend = tokenizers.Tokenizer.from_str(tokenizer.definition)
    encoded = tokenizer.encode_texts(texts, threads)
    expected = [encoding.ids for encoding in backend.encode_batch_fast(texts, add_special_tokens=False)]
    assert encoded.starts.tolist() == np.cumsum([0, *map(len, expected)]).tolist()
    original = tokenizer.vocabulary.original[encoded.ids]
    assert np.array_equal(original, np.concatenate([np.empty(0, np.uint32), *map(np.uint32, expected)]))
    assert encoded.raw.tobytes() == "".join(texts).encode()
    assert encoded.byte_starts.tolist() == np.cumsum([0, *(len(text.encode()) for text in texts)]).tolist()
    assert encoded.faithful.tolist() == [True] * len(texts)
    assert tokenizer.vocabulary.spell(encoded.ids) == encoded.raw.tobytes()


def is_fast(tokenizer: Tokenizer) -> bool:
    return tokenizer._tables.byte_pairs is not None


@pytest.mark.parametrize("pattern", PATTERNS)
def test_ids_are_those_of_tokenizers(pattern: SplitPattern) -> None:
    assert is_fast(trained(pattern))
    assert_same(trained(pattern), list(hostile_texts(20_000)))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_ids_are_those_of_tokenizers_300_000_times(pattern: SplitPattern) -> None:
    for seed in range(6):
        assert_same(trained(pattern), list(hostile_texts(50_000, seed=100 + seed)))


def test_ids_of_the_default_tokenizer_are_those_of_tokenizers() -> None:
    assert is_fast(Tokenizer.default())
    assert_same(Tokenizer.default(), [*hostile_texts(5_000, seed=8), *SENTENCES])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_texts_have_the_ids_of_tokenizers(pattern: SplitPattern) -> None:
    noise = base64.b64encode(random.Random(5).randbytes(30_000)).decode()
    assert_same(trained(pattern), [noise, *long_texts(2_000)])


@pytest.mark.slow  # the library takes a minute for each
@pytest.mark.parametrize("pattern", [SplitPattern.GPT2, SplitPattern.DEFAULT])
def test_a_megabyte_without_a_boundary(pattern: SplitPattern) -> None:
    noise = base64.b64encode(random.Random(5).randbytes(750_000)).decode()
    for text in (noise, *long_texts()):
        assert_same(trained(pattern), [text])


@st.composite
def merge_tables(draw: st.DrawFn) -> list[tuple[bytes, bytes]]:
    """Merges each of which joins two tokens that are there before it."""
    tokens = [b"a", b"b", b"c", b" "]
    merges = []
    for _ in range(draw(st.integers(0, 30))):
        pair = draw(st.sampled_from(tokens)), draw(st.sampled_from(tokens))
        if len(pair[0] + pair[1]) <= 40:
            merges.append(pair)
            tokens.append(pair[0] + pair[1])
    order = draw(st.permutations(range(len(merges))))
    return [merges[place] for place in order]


@given(
    merge_tables(),
    st.lists(st.text("abc", max_size=12) | st.text("ab", min_size=60, max_size=150), max_size=8),
    st.booleans(),
)
@settings(deadline=None, max_examples=50)
def test_merging_follows_the_ranks(merges: list[tuple[bytes, bytes]], words: list[str], ignore_merges: bool) -> None:
    tokenizer = Tokenizer.from_definition(definition(merges, ignore_merges=ignore_merges))
    known = {left + right for left, right in merges}
    assert is_fast(tokenizer)
    texts = [*words, " ".join(words), *words]
    assert_same(tokenizer, texts)
    for word in words:
        symbols = [word[place : place + 1].encode() for place in range(len(word))]
        expected = [word.encode()] if ignore_merges and word.encode() in known else naive.merged(symbols, merges)
        ids = tokenizer.encode(word).ids
        assert [tokenizer.vocabulary.spelling(int(new_id)) for new_id in ids] == expected


def test_of_equal_merges_the_last_counts() -> None:
    merges = [(b"a", b"b"), (b"b", b"c"), (b"a", b"b")]
    assert_same(Tokenizer.from_definition(definition(merges)), ["abc", "ab", "bc"])


def test_a_whole_pre_token_is_a_token_whatever_the_merges() -> None:
    others = [b"unreachable", b" x" * 40, b"un", b"zz"]
    plain = Tokenizer.from_definition(definition([(b"u", b"n")], others))
    whole = Tokenizer.from_definition(definition([(b"u", b"n")], others, ignore_merges=True))
    for text in ("unreachable", "un", "unreach", "zz", "zzz"):
        assert_same(plain, [text])
        assert_same(whole, [text])
    assert len(whole.encode("unreachable").ids) == 1 < len(plain.encode("unreachable").ids)


def test_special_tokens_are_not_whole_pre_tokens() -> None:
    raw = json.loads(definition([(b"u", b"n")], [b"end"], ignore_merges=True))
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    special = {"id": raw["model"]["vocab"]["end"], "content": "end", "special": True, **flags}
    twin = {"id": 1000, "content": "un", "special": False, **flags}
    tokenizer = Tokenizer.from_definition(json.dumps(raw | {"added_tokens": [special, twin]}))
    assert is_fast(tokenizer)
    assert tokenizer.vocabulary.original[tokenizer.encode("un").ids].tolist() == [raw["model"]["vocab"]["un"]]
    assert tokenizer.vocabulary.original[tokenizer.encode("end").ids].tolist() == [
        raw["model"]["vocab"][character] for character in "end"
    ]


def test_a_special_byte_goes_through_tokenizers() -> None:
    raw = json.loads(definition([]))
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    special = {"id": raw["model"]["vocab"]["e"], "content": "e", "special": True, **flags}
    tokenizer = Tokenizer.from_definition(json.dumps(raw | {"added_tokens": [special]}))
    assert not is_fast(tokenizer)
    assert tokenizer.decode(tokenizer.encode("e").ids) != "e"


@pytest.mark.parametrize("make", [sentence_piece, unigram, word_level, word_piece])
def test_other_families_go_through_tokenizers(make: Any) -> None:
    assert not is_fast(Tokenizer.from_definition(make().to_str()))


@pytest.mark.parametrize(
    "changes",
    [
        {"normalizer": {"type": "NFKC"}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}},
        {"pre_tokenizer": None},
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}},
        {"decoder": {"type": "Fuse"}},
    ],
)
def test_other_parts_go_through_tokenizers(changes: dict[str, Any]) -> None:
    raw = json.loads(byte_level().to_str()) | changes
    tokenizer = Tokenizer.from_definition(json.dumps(raw))
    assert not is_fast(tokenizer)
    assert len(tokenizer.encode_texts(["naïve text"]).ids)


@pytest.mark.parametrize("model", [{"continuing_subword_prefix": "##"}, {"end_of_word_suffix": "</w>"}])
def test_other_models_go_through_tokenizers(model: dict[str, Any]) -> None:
    assert not is_fast(Tokenizer.from_definition(definition([], **model)))


def test_a_vocabulary_without_a_byte_goes_through_tokenizers() -> None:
    raw = json.loads(byte_level().to_str())
    del raw["model"]["vocab"][written(b"\xf5")]
    assert not is_fast(Tokenizer.from_definition(json.dumps(raw)))


def with_nfc() -> Tokenizer:
    backend = tokenizers.Tokenizer.from_str(trained(SplitPattern.QWEN).definition)
    backend.normalizer = normalizers.NFC()
    return Tokenizer.from_definition(backend.to_str())


def test_texts_that_composing_changes_go_through_tokenizers_one_by_one() -> None:
    tokenizer = with_nfc()
    assert is_fast(tokenizer)
    composed = ["plain", "naïve", "日本語カナ", "한국어", "ελληνικά", "🙂", ""]
    decomposed = ["nai\u0308ve", "\u212b", "か\u3099", "\u1112\u1161\u11ab", "q\u0307\u0323"]
    texts = [text for pair in zip(composed, decomposed, strict=False) for text in pair]
    encoded = tokenizer.encode_texts(texts)
    backend = tokenizers.Tokenizer.from_str(tokenizer.definition)
    for number, text in enumerate(texts):
        ids = encoded.ids[encoded.starts[number] : encoded.starts[number + 1]]
        assert tokenizer.vocabulary.original[ids].tolist() == backend.encode(text).ids
        assert encoded.faithful[number] == (text in composed)
        one = tokenizer.encode(text)
        assert (one.ids.tolist(), one.faithful) == (ids.tolist(), encoded.faithful[number])
    assert encoded.raw.tobytes() == "".join(texts).encode()


def test_what_is_accepted_unseen_is_composed() -> None:
    everything = [chr(point) for point in (*range(0xD800), *range(0xE000, 0x110000))]
    accepted = [character for character in everything if not byte_pairs._NOT_SURELY_NFC.search(character)]
    assert len(accepted) > 30_000
    # None combines with, or composes with, what stands before it; none decomposes.
    decompositions = [parts.split() for parts in map(unicodedata.decomposition, everything) if parts]
    seconds = {chr(int(parts[-1], 16)) for parts in decompositions if len(parts) == 2 and "<" not in parts[0]}
    assert seconds.isdisjoint(accepted)
    assert not any(map(unicodedata.combining, accepted))
    random.Random(3).shuffle(accepted)
    assert normalizers.NFC().normalize_str("".join(accepted)) == "".join(accepted)


@given(st.text())
@settings(deadline=None)
def test_texts_of_a_tokenizer_that_composes_have_its_ids(text: str) -> None:
    tokenizer = with_composing()
    backend = tokenizers.Tokenizer.from_str(tokenizer.definition)
    ids = tokenizer.encode_texts([text]).ids
    assert tokenizer.vocabulary.original[ids].tolist() == backend.encode(text).ids


with_composing = cache(with_nfc)


def test_pre_tokens_beyond_the_tables_have_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_pairs, "_SHORT_BUCKETS", 1)
    monkeypatch.setattr(byte_pairs, "_LONG_ENTRIES", 1)
    tokenizer = Tokenizer(trained(SplitPattern.DEFAULT).definition, "small tables")
    assert_same(tokenizer, [*hostile_texts(500, seed=4), "a-rather-long_pre-token" * 3, *SENTENCES])


@pytest.mark.parametrize("threads", [1, 3])
def test_small_parts_and_little_room(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(byte_pairs, "_ITEM_BYTES", 64)
    monkeypatch.setattr(byte_pairs, "_ITEM_IDS", 24)
    tokenizer = Tokenizer(trained(SplitPattern.CL100K).definition, "little room")
    texts = ["", *hostile_texts(300, seed=5), "", "", "x" * 500, *SENTENCES, ""]
    assert_same(tokenizer, texts, threads)
    assert_same(tokenizer, [], threads)
    assert_same(tokenizer, [""], threads)
    assert_same(tokenizer, ["", ""], threads)


def test_offsets_follow_the_spellings() -> None:
    encoding = Tokenizer.default().encode("Größe 日本")
    spellings = [Tokenizer.default().vocabulary.spelling(int(new_id)) for new_id in encoding.ids]
    raw = "Größe 日本".encode()
    assert [raw[start:end] for start, end in zip(encoding.starts, encoding.ends, strict=True)] == spellings
    assert encoding.starts[0] == 0
    assert encoding.ends[-1] == len(raw)
