from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_files import FAMILIES, SENTENCES

from wherefrom_indexer import hugging_face
from wherefrom_indexer.long_text import pieces
from wherefrom_indexer.tokenization import Tokenizer

BYTE_LEVEL = Tokenizer.from_definition(FAMILIES["byte_level"]().to_str())
hostile = st.lists(st.one_of(st.sampled_from([*SENTENCES, "\n\n", "   ", "x" * 50]), st.text()), max_size=20).map(
    "".join
)


def encode(text: str) -> list[int]:
    return BYTE_LEVEL.encode(text).ids.tolist()


@given(hostile)
@settings(max_examples=50, deadline=None)
def test_pieces_join_to_the_text_and_are_short(text: str) -> None:
    cut = pieces(text, encode, longest=40)
    assert "".join(cut) == text
    assert all(20 <= len(piece) <= 40 for piece in cut[:-1])


@pytest.mark.parametrize("family", ["byte_level", "sentence_piece", "word_piece"])
def test_running_text_tokenizes_as_the_whole(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer.from_definition(FAMILIES[family]().to_str())
    text = " ".join(SENTENCES * 3) + "\n" + "\n".join(SENTENCES)
    whole = tokenizer.encode(text)
    monkeypatch.setattr(hugging_face, "PIECE_CHARACTERS", 200)
    monkeypatch.setattr(hugging_face, "_CHARACTERS_AT_ONCE", 500)
    assert len(tokenizer._library.pieces(text)) > 10
    in_pieces = tokenizer._library.encode(text)
    assert in_pieces.ids.tolist() == whole.ids.tolist()
    assert in_pieces.starts.tolist() == whole.starts.tolist()
    assert in_pieces.ends.tolist() == whole.ends.tolist()
    assert in_pieces.faithful == whole.faithful
    for ids in tokenizer._library.encode_batch([text, "short", text])[::2]:
        assert ids.tolist() == whole.ids.tolist()


def test_a_text_without_white_space_is_cut_and_still_spelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hugging_face, "PIECE_CHARACTERS", 100)
    text = "日本語" * 500
    assert BYTE_LEVEL._library.encode(text).faithful
    assert BYTE_LEVEL.decode(BYTE_LEVEL._library.encode_batch([text])[0]) == text
