"""The number of live documents of equal content, against counting them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wherefrom.copies import live_copies


@dataclass
class _Segment:
    """What is read of a segment."""

    hash_order: np.ndarray
    hashes: np.ndarray
    removal: Any


def _segment(hashes: list[tuple[int, int]], removed: list[int]) -> _Segment:
    order = sorted(range(len(hashes)), key=lambda ordinal: (*hashes[ordinal], ordinal))
    arrays = [
        np.array(order, np.uint32),
        np.array(hashes, np.uint64).reshape(-1, 2),
        np.array(sorted(removed), np.uint32),
    ]
    for array in arrays:
        array.flags.writeable = False
    return _Segment(arrays[0], arrays[1], SimpleNamespace(documents=arrays[2]) if removed else None)


@pytest.mark.parametrize("seed", range(20))
def test_live_documents_of_equal_content_are_counted(seed: int) -> None:
    chance = random.Random(seed)
    contents = [(chance.randrange(1 << 64) >> chance.choice([0, 62]), chance.randrange(3)) for _ in range(12)]
    segments, live = [], []
    for _ in range(3):
        hashes = chance.choices(contents[:10], k=chance.randrange(30))
        removed = chance.sample(range(len(hashes)), k=len(hashes) // 4)
        segments.append(_segment(hashes, removed))
        live += [content for ordinal, content in enumerate(hashes) if ordinal not in removed]
    found = live_copies(segments, np.array(contents, np.uint64))  # type: ignore[arg-type]
    assert found.tolist() == [live.count(content) for content in contents]


def test_damaged_ordinals_are_bounded() -> None:
    segment = _segment([(1, 1), (2, 2), (3, 3)], [])
    segment.hash_order = np.array([7, 1 << 31, 9], np.uint32)
    segment.hash_order.flags.writeable = False
    assert live_copies([segment], np.array([(2, 2)], np.uint64)).tolist() == [0]  # type: ignore[list-item]
