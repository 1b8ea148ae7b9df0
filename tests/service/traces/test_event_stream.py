"""Events of a stream are the same however its pieces break."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wherefrom.traces.ingest.event_stream import stream_events

PIECES = [b"data: a", b"data:b", b": c", b"x", b"\r", b"\n", b"\r\n", b"\n\n", b""]
PARTS = st.lists(st.sampled_from(PIECES), max_size=20)


@given(PARTS, st.lists(st.integers(0, 80), max_size=8))
def test_however_it_is_cut(parts, cuts):
    said = b"".join(parts)
    places = [0, *sorted(min(cut, len(said)) for cut in cuts), len(said)]
    pieces = [(0, said[start:end]) for start, end in pairwise(places)]
    assert [event.data for event in stream_events(pieces)] == [event.data for event in stream_events([(0, said)])]
