from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_files import FAMILIES, SENTENCES, SPECIAL, byte_level, definition, word_level

from wherefrom_indexer import tokenization
from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.tokenization import Tokenizer, clean_text

FILES = {family: make().to_str() for family, make in FAMILIES.items()}
MADE = {family: Tokenizer.from_definition(file, name=family) for family, file in FILES.items()}

pieces = st.sampled_from(
    [
        *SPECIAL,
        "<0x41>",
        "▁",
        "##s",
        "\x00",
        "\r\n",
        "  ",
        "\u200f",
        "e\u0301",
        "日本語",
        "שלום",
        "🙂",
        "\U0010ffff",
        *SENTENCES,
    ]
)
hostile = st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=8).map("".join)
with_surrogates = st.lists(st.one_of(hostile, st.sampled_from(["\ud800", "\udfff"])), max_size=6).map("".join)


@given(with_surrogates)
def test_byte_level_spells_every_text_as_it_is(text: str) -> None:
    tokenizer = MADE["byte_level"]
    encoding = tokenizer.encode(text)
    cleaned = clean_text(text)
    assert len(cleaned) == len(text)
    assert encoding.faithful
    assert tokenizer.vocabulary.spell(encoding.ids) == cleaned.encode()
    assert tokenizer.decode(encoding.ids) == cleaned
    for new_id, start, end in zip(encoding.ids, encoding.starts, encoding.ends, strict=True):
        assert cleaned.encode()[start:end] == tokenizer.vocabulary.spelling(int(new_id))


@pytest.mark.parametrize("family", FAMILIES)
@given(text=hostile)
@settings(max_examples=60, deadline=None)
def test_offsets_lie_in_the_text_and_batches_agree(family: str, text: str) -> None:
    tokenizer = MADE[family]
    encoding = tokenizer.encode(text)
    raw = text.encode()
    assert encoding.faithful == (tokenizer.vocabulary.spell(encoding.ids) == raw)
    assert len(encoding.ids) == len(encoding.starts) == len(encoding.ends)
    assert (encoding.starts >= 0).all()
    assert (encoding.starts <= encoding.ends).all()
    assert (encoding.ends <= len(raw)).all()
    if not encoding.faithful:
        for start, end in zip(encoding.starts, encoding.ends, strict=True):
            raw[start:end].decode()  # cut between code points
    for ids in tokenizer.encode_batch([text, "", text])[::2]:
        assert ids.tolist() == encoding.ids.tolist()


def _without_additions(file: str) -> tokenizers.Tokenizer:
    raw = json.loads(file) | {"added_tokens": [], "post_processor": None}
    if raw["normalizer"] and raw["normalizer"]["type"] == "Sequence":
        steps = raw["normalizer"]["normalizers"]
        raw["normalizer"]["normalizers"] = [step for step in steps if step["type"] != "Prepend"]
    if raw["pre_tokenizer"] and raw["pre_tokenizer"]["type"] == "Metaspace":
        raw["pre_tokenizer"]["prepend_scheme"] = "never"
    return tokenizers.Tokenizer.from_str(json.dumps(raw))


PLAIN = {family: _without_additions(file) for family, file in FILES.items()}


@pytest.mark.parametrize("family", FAMILIES)
@given(text=hostile)
@settings(max_examples=60, deadline=None)
def test_ids_are_those_of_tokenizers_without_added_tokens(family: str, text: str) -> None:
    expected = PLAIN[family].encode(text, add_special_tokens=False)
    # Removing the added tokens does not suffice for `tokenizers` where a whole word or piece may be a special token.
    if not set(SPECIAL).intersection(expected.tokens):
        ids = MADE[family].encode(text).ids
        assert MADE[family].vocabulary.original[ids].tolist() == expected.ids


@pytest.mark.parametrize("family", FAMILIES)
@given(text=hostile)
@settings(max_examples=60, deadline=None)
def test_special_tokens_are_never_made_from_text(family: str, text: str) -> None:
    tokenizer = MADE[family]
    unknown = {"<unk>", "[UNK]"}
    special = {
        token["id"]
        for token in json.loads(tokenizer.definition)["added_tokens"]
        if token["special"] and token["content"] not in unknown
    }
    assert special
    assert special.isdisjoint(tokenizer.vocabulary.original[tokenizer.encode(f"{text} [CLS] <s>").ids].tolist())


@pytest.mark.parametrize("family", FAMILIES)
def test_special_tokens_stand_in_the_vocabulary_as_they_are_written(family: str) -> None:
    tokenizer = MADE[family]
    for token in json.loads(tokenizer.definition)["added_tokens"]:
        new_id = int(tokenizer.vocabulary.renumbered[token["id"]])
        assert tokenizer.vocabulary.spelling(new_id) == token["content"].encode()


@pytest.mark.parametrize("family", ["byte_level", "sentence_piece"])
def test_plain_text_is_spelled_faithfully(family: str) -> None:
    for text in ["The people.", "the  year\n1829", *SENTENCES]:
        assert MADE[family].encode(text).faithful, text


def test_word_pieces_continue_or_begin_with_a_space() -> None:
    tokenizer = MADE["word_piece"]
    encoding = tokenizer.encode("The justice, ünion")
    assert not encoding.faithful
    assert tokenizer.decode(encoding.ids) == " the justice , union"
    assert "The justice, ünion".encode()[encoding.starts[-1] : encoding.ends[-1]].decode().endswith("n")
    assert encoding.ends[-1] == len("The justice, ünion".encode())


def test_words_stand_apart() -> None:
    assert MADE["word_level"].decode(MADE["word_level"].encode("the year [CLS] 1829").ids) == " the year[UNK] 1829"


def test_vocabulary_over_two_bytes_and_with_holes() -> None:
    vocabulary = {"[UNK]": 0, **{f"w{number}": 2 * number + 1 for number in range(70_000)}}
    model = tokenizers.models.WordLevel(vocab=vocabulary, unk_token="[UNK]")
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer = Tokenizer.from_definition(backend.to_str())
    assert tokenizer.vocabulary.size == 70_001
    ids = tokenizer.encode("w69999 w7").ids
    assert tokenizer.vocabulary.original[ids].tolist() == [139_999, 15]
    assert tokenizer.decode(ids) == " w69999 w7"


def test_text_of_a_megabyte_without_a_space() -> None:
    tokenizer = Tokenizer.default()
    text = "ab" * 500_000
    assert tokenizer.encode(text).faithful


def test_batches_of_nothing() -> None:
    tokenizer = MADE["byte_level"]
    assert tokenizer.encode_batch([]) == []
    assert [ids.tolist() for ids in tokenizer.encode_batch(["", ""])] == [[], []]
    assert tokenizer.encode_batch([""])[0].dtype == np.uint32


def test_the_hash_ignores_layout_and_what_does_not_change_ids() -> None:
    backend = byte_level()
    plain = Tokenizer.from_definition(backend.to_str())
    raw = json.loads(backend.to_str())
    raw["model"]["merges"] = [" ".join(merge) for merge in raw["model"]["merges"]]
    raw["model"]["vocab"] = dict(reversed(raw["model"]["vocab"].items()))
    raw["model"]["dropout"] = 0.5
    raw["added_tokens"] = [token | {"lstrip": True} for token in reversed(raw["added_tokens"])]
    raw["added_tokens"].append(
        raw["added_tokens"][0] | {"content": "e", "id": raw["model"]["vocab"]["e"], "special": False}
    )
    raw["truncation"] = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    raw["pre_tokenizer"]["add_prefix_space"] = True
    other = Tokenizer.from_definition(json.dumps(raw, indent=3))
    assert other.hash == plain.hash
    assert other.definition == plain.definition
    assert len(other.encode("one two three").ids) > 2


def test_another_added_token_is_another_tokenizer() -> None:
    backend = byte_level()
    plain = Tokenizer.from_definition(backend.to_str())
    backend.add_special_tokens(["<|im_start|>"])
    assert Tokenizer.from_definition(backend.to_str()).hash != plain.hash


@pytest.mark.parametrize("family", FAMILIES)
def test_a_definition_makes_an_equal_tokenizer(family: str) -> None:
    tokenizer = MADE[family]
    for again in (
        Tokenizer.from_definition(tokenizer.definition),
        Tokenizer(tokenizer.definition, "again"),
        pickle.loads(pickle.dumps(tokenizer)),
    ):
        assert (again.hash, again.definition) == (tokenizer.hash, tokenizer.definition)
        assert again.encode(SENTENCES[0]).ids.tolist() == tokenizer.encode(SENTENCES[0]).ids.tolist()
        assert (again.vocabulary.original == tokenizer.vocabulary.original).all()


def test_loading_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "little-model"
    folder.mkdir()
    (folder / "tokenizer.json").write_text(byte_level().to_str(), encoding="utf-8")
    (tmp_path / "mine.json").write_text(byte_level().to_str(), encoding="utf-8")
    loaded = [Tokenizer.load(one) for one in (folder, folder / "tokenizer.json", tmp_path / "mine.json")]
    assert [one.name for one in loaded] == ["little-model", "little-model", "mine"]
    assert {one.hash for one in loaded} == {MADE["byte_level"].hash}
    assert "little-model" in repr(loaded[0])


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    cases = {
        "missing.json": (None, "There is no tokenizer at .*missing.json"),
        "folder": (None, "folder holds no tokenizer.json"),
        "text.json": (b"not json", "text.json is not JSON"),
        "bytes.json": (b"\xff\xfe\x00", "bytes.json is not JSON: it is not UTF-8"),
        "deep.json": (b"[" * 200_000, "deep.json is not JSON"),
        "list.json": (b"[1]", "list.json is JSON but no tokenizer"),
        "other.json": (b'{"model": {"vocab": 3}}', "other.json is JSON but no tokenizer"),
        "odd.json": (
            b'{"model": {"vocab": {}}, "added_tokens": 3}',
            "odd.json is not a tokenizer.json that can be used",
        ),
        "empty.json": (
            definition(byte_level(), model={"type": "BPE", "vocab": {}, "merges": []}, added_tokens=[]).encode(),
            "empty.json has an empty vocabulary",
        ),
        "merges.json": (
            definition(byte_level(), model={"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}).encode(),
            "merges.json is not a tokenizer that can be used",
        ),
    }
    for name, (content, message) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(TokenizerError, match=message):
            Tokenizer.load(tmp_path / name)


@pytest.mark.parametrize("bad", [-1, 2**24, 2**33, 0.5, "7"])
def test_ids_out_of_limits_are_refused(bad: object) -> None:
    raw = json.loads(word_level().to_str())
    raw["model"]["vocab"]["beyond"] = bad
    with pytest.raises(TokenizerError, match="gives token 'beyond' the id"):
        Tokenizer.from_definition(json.dumps(raw))


def test_an_added_id_out_of_limits_is_refused() -> None:
    raw = json.loads(word_level().to_str())
    raw["added_tokens"][0] |= {"content": "far", "id": 2**31}
    with pytest.raises(TokenizerError, match="gives token 'far' the id 2147483648"):
        Tokenizer.from_definition(json.dumps(raw))


def test_one_id_for_two_tokens_is_refused() -> None:
    raw = json.loads(word_level().to_str())
    raw["model"]["vocab"]["twin"] = raw["model"]["vocab"]["the"]
    with pytest.raises(TokenizerError, match="to more than one token"):
        Tokenizer.from_definition(json.dumps(raw))


def test_training_follows_the_default_pattern() -> None:
    trained = Tokenizer.train(iter([*SENTENCES, "\ud800"]), vocabulary_size=300)
    assert trained.vocabulary.size == 300
    assert trained.name == "trained"
    assert trained.encode("<|endoftext|> naïve 日本 \x00").faithful
    default = json.loads(Tokenizer.default().definition)
    assert json.loads(trained.definition)["pre_tokenizer"] == default["pre_tokenizer"]
    assert Tokenizer.train(SENTENCES, vocabulary_size=300).hash == Tokenizer.train(SENTENCES, vocabulary_size=300).hash


def test_training_needs_text_and_a_size() -> None:
    with pytest.raises(TokenizerError, match="no text to train"):
        Tokenizer.train(iter(["", ""]))
    with pytest.raises(TokenizerError, match="vocabulary size of 256"):
        Tokenizer.train(SENTENCES, vocabulary_size=256)


def test_the_default_tokenizer() -> None:
    tokenizer = Tokenizer.load("default")
    assert tokenizer is Tokenizer.default()
    assert tokenizer.name == "default"
    assert Tokenizer.from_definition(tokenizer.definition).hash == tokenizer.hash, "the shipped file is not canonical"
    assert tokenizer.vocabulary.size <= 65_535
    for text in SENTENCES:
        assert tokenizer.encode(text).faithful
    digits = [tokenizer.vocabulary.spelling(int(new_id)) for new_id in tokenizer.encode("1829").ids]
    assert digits == [b"1", b"8", b"2", b"9"]


def test_forking_after_a_batch_says_nothing() -> None:
    script = (
        "import os, sys\n"
        "from tokenizer_files import byte_level, word_piece\n"
        "from wherefrom_indexer.tokenization import Tokenizer\n"
        "made = [Tokenizer.from_definition(make().to_str()) for make in (byte_level, word_piece)]\n"
        "def encode():\n"
        "    return [tokenizer.encode_texts(['some text ' * 9_000] * 9, 3).ids.sum() for tokenizer in made]\n"
        "expected = encode()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    assert encode() == expected\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert 'TOKENIZERS_PARALLELISM' not in os.environ\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TOKENIZERS_PARALLELISM"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    # From 3.12 on, Python itself warns of every fork of a process with threads; this is about the library's warning.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_limiting_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAYON_NUM_THREADS", raising=False)
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")
    tokenization.limit_threads(1)
    assert (os.environ["RAYON_NUM_THREADS"], os.environ["TOKENIZERS_PARALLELISM"]) == ("1", "false")
    tokenization.limit_threads(4)
    assert (os.environ["RAYON_NUM_THREADS"], os.environ["TOKENIZERS_PARALLELISM"]) == ("1", "true")
    assert len(MADE["byte_level"].encode_batch(SENTENCES)) == len(SENTENCES)
