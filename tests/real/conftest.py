"""Real data for the tests of this folder; they are skipped where it is absent."""

from pathlib import Path

import pytest

from tests.interfaces.conftest import chromium, opened  # noqa: F401 - fixtures
from tests.real.roadmap import Expression, load_expression, load_promoters


@pytest.fixture(scope="session")
def expression(real_data: Path) -> Expression:
    """Roadmap expression: 18,915 genes x 56 cell types."""
    return load_expression(real_data)


@pytest.fixture(scope="session")
def promoters(real_data: Path) -> dict[str, str]:
    """Gene -> 60 bp of its first promoter."""
    return load_promoters(real_data)
