"""What a call cost: amounts only."""

from __future__ import annotations

import math

import pytest

from wherefrom.traces.ingest.dollars import dollars


@pytest.mark.parametrize(("said", "read"), [(0, 0.0), (0.25, 0.25), (3, 3.0), (999_999_999_999, 999_999_999_999.0)])
def test_amounts(said, read):
    assert dollars(said) == read
    assert isinstance(dollars(said), float)


@pytest.mark.parametrize("said", [None, True, -0.01, 1e12, 10**400, math.inf, -math.inf, math.nan, "0.25", [1], {}])
def test_what_is_no_amount(said):
    assert dollars(said) is None
