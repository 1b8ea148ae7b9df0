"""Times as clients write them: whatever is none, or beyond what can be stored, is not known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.traces.ingest.otel_spans import LATEST_NS
from wherefrom.traces.ingest.times import nanoseconds


@pytest.mark.parametrize("said", [1e305, -1e305, 10**400, math.inf, math.nan, 0, -1, True, None, "", "soon", [1]])
def test_what_is_no_time(said):
    assert nanoseconds(said) is None


@given(st.integers() | st.floats())
def test_any_number_is_a_time_or_none(said):
    found = nanoseconds(said)
    assert found is None or 0 < found <= LATEST_NS
