"""Blocks of equal words against the standard library's matcher, and their merging by hand."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.word_blocks import Block, merged, shared_blocks

words = st.lists(st.sampled_from("abcd"), max_size=16)


@given(words, words)
def test_blocks_are_those_of_difflib(one: list[str], other: list[str]) -> None:
    expected = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()[:-1]
    found = shared_blocks(one, other)
    assert [(block.start, block.other, block.matched) for block in found] == [tuple(block) for block in expected]
    assert all(block.length == block.other_length == block.matched for block in found)


@given(words, words, st.integers(0, 50))
def test_less_work_finds_less(one: list[str], other: list[str], work: int) -> None:
    found = shared_blocks(one, other, work)
    assert sum(block.matched for block in found) <= len(one)
    for block in found:
        assert one[block.start :][: block.length] == other[block.other :][: block.length]


def test_repeated_words_end_in_time() -> None:
    found = shared_blocks(["a"] * 20_000, ["b", "a"] * 10_000, work=100_000)
    assert sum(block.matched for block in found) <= 20_000


def test_merging_by_hand() -> None:
    blocks = [Block(0, 0, 10, 10, 10), Block(12, 11, 10, 10, 10), Block(23, 30, 30, 30, 30)]
    assert merged(blocks, 2, 20) == [Block(0, 0, 22, 21, 20), Block(23, 30, 30, 30, 30)]
    assert merged(blocks, 1, 20) == [Block(23, 30, 30, 30, 30)]
    assert merged(blocks, 9, 1) == [Block(0, 0, 53, 60, 50)]
    assert merged([], 2, 20) == []
