"""Joints: every tokenization has them, and passages reach as far with them as without, whatever their length."""

from __future__ import annotations

import functools

import naive
import numpy as np
import pytest
import tokenizer_files
from factories import segment_arrays
from hostile_text import hostile_texts
from hypothesis import given
from hypothesis import strategies as st
from worlds import as_bytes

from wherefrom.joints import joints_of
from wherefrom.longest import longest_matches
from wherefrom.query import query_of
from wherefrom.reach import reaches
from wherefrom.spellings import SpellingArrays, spelling_arrays
from wherefrom_indexer.split_pattern import SplitPattern
from wherefrom_indexer.tokenization import Tokenizer


@functools.cache
def _tokenizer() -> tuple[Tokenizer, SpellingArrays]:
    tokenizer = Tokenizer.train(["it's the dog's day, in 1999\n the dogs (don't) run_away 42\tdays"] * 3, 300)
    return tokenizer, spelling_arrays(tokenizer.vocabulary)


@pytest.mark.parametrize("pattern", list(SplitPattern))
def test_a_joint_stands_whatever_surrounds_it(pattern: SplitPattern) -> None:
    """Each text is encoded as it is and between others: what has a byte on both sides of a joint has it there too."""
    definition = tokenizer_files.definition(tokenizer_files.split_by(pattern))
    tokenizer = Tokenizer.from_definition(definition, name="joints")
    assert tokenizer.has_joints
    texts = list(hostile_texts(600, seed=5))
    for text, before, after in zip(texts, texts[1:], texts[2:], strict=False):
        if not text:
            continue
        query = query_of(text, tokenizer)
        joints = joints_of(query.spelled, query.starts, known=True)
        marked = {int(query.starts[place]) for place in np.unique(joints.following) if place < len(query.starts)}
        whole = query_of(before + text + after, tokenizer)
        begin = len(before.encode("utf-8"))
        begun = set((whole.starts - begin).tolist())
        assert all(place in begun for place in marked if 0 < place < len(query.spelled))


_PIECES = [
    "it's",
    " the",
    " dog",
    "dogs",
    "'s",
    " day",
    ",",
    " in",
    " 19",
    "99",
    "\n",
    " ",
    "\t",
    "(don",
    "run_",
    "a",
    "'t",
    ")",
]


@given(
    st.lists(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=14).map("".join), min_size=1, max_size=8),
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=16).map("".join),
    st.integers(1, 24),
    st.integers(1, 70),
)
def test_passages_reach_as_far_as_without_joints(documents: list[str], text: str, least: int, copies: int) -> None:
    tokenizer, words = _tokenizer()
    documents = [*documents, *[documents[0]] * copies]  # frequent ones are looked up otherwise
    encoded = [ids.tolist() for ids in tokenizer.encode_batch(documents)]
    segment = segment_arrays(encoded, tokenizer.vocabulary.size)
    query = query_of(text, tokenizer)
    spelled = as_bytes(text.encode("utf-8"))
    everywhere = np.ones(len(spelled) + 1, np.bool_)
    matches = longest_matches(segment, query.values)

    def found(known: bool) -> list[tuple[int, int]]:
        joints = joints_of(spelled, query.starts, known=known)
        reach = reaches(
            segment, words, spelled, query.values, query.starts, matches, joints, least, everywhere, everywhere
        )
        return [span for span in naive.maximal_spans(reach.tolist()) if span[1] - span[0] >= least]

    texts = [document.encode("utf-8") for document in documents]
    with_joints = found(known=True)
    assert all(any(text.encode("utf-8")[start:end] in other for other in texts) for start, end in with_joints)
    for start, end in found(known=False):
        assert any(first <= start and end <= last for first, last in with_joints)
