"""What all tests share: settled random draws, figures without a screen, the real data."""

import os
from pathlib import Path

import hypothesis
import pytest

from tests.real.roadmap import NOT_FOUND, find_real_data

# Figures are drawn to memory; said before anything imports matplotlib.
os.environ.setdefault("MPLBACKEND", "Agg")

# `ci` draws the same examples on every machine and every run; `explore` looks for new ones.
hypothesis.settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data; the test is skipped where there is none."""
    folder = find_real_data()
    if folder is None:
        pytest.skip(NOT_FOUND)
    return folder
