"""Settings of all tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No deadline: the first call of a kernel compiles it. Derandomised: a run can be repeated, CI fails on changes only.
settings.register_profile(
    "default", deadline=None, max_examples=200, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", metavar="FOLDER", help="Keep the pictures of the web interface's main views in this folder."
    )
