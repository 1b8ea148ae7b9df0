"""Answers kept: the right ones, within bounds, the ones asked for longest ago dropped first."""

from __future__ import annotations

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from wherefrom.pool.cache import ResultCache

KEYS = [(bytes([number]), (("index", "version"),)) for number in range(8)]


@given(
    st.integers(0, 60_000),
    st.lists(st.tuples(st.sampled_from(["put", "get"]), st.sampled_from(KEYS), st.integers(0, 5_000)), max_size=60),
)
def test_it_holds_what_was_put_last_within_its_bytes(limit, steps):
    cache = ResultCache(limit)
    everything: OrderedDict = OrderedDict()
    for step, key, size in steps:
        if step == "put":
            everything[key] = bytes(size)
            cache.put(key, bytes(size))
        found = cache.get(key)
        assert found in (None, everything.get(key))
        assert cache.held <= limit


def test_the_one_asked_for_longest_ago_goes_first():
    cache = ResultCache(100_000)
    for key in KEYS:
        cache.put(key, bytes(5_000))
    cache.get(KEYS[0])
    for number in range(12):
        cache.put((bytes([100 + number]), ()), bytes(5_000))
        cache.get(KEYS[0])
    assert cache.get(KEYS[0]) is not None
    assert cache.get(KEYS[1]) is None


def test_an_answer_that_would_fill_it_is_not_held():
    cache = ResultCache(100_000)
    cache.put(KEYS[0], bytes(50_000))
    assert cache.get(KEYS[0]) is None
    assert cache.held == 0


def test_without_room_nothing_is_held():
    cache = ResultCache(0)
    cache.put(KEYS[0], b"")
    assert cache.get(KEYS[0]) is None
