"""The claims of the documentation at a number of replicates that every run can afford.

The full table comes from ``python -m tests.statistical.error_rates --replicates 400``; here every
bound is allowed three binomial standard errors at the smaller number.
"""

import pytest

from tests.statistical.error_rates import SIMULATIONS, measure
from tests.statistical.rows import Row

REPLICATES = {
    "continuous": 6, "fewest": 6, "families": 8, "few_models": 8, "margin": 8, "null": 24,
    "quiet": 6, "rare": 6, "silent": 8, "strata": 6,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATIONS)
def test_claims(name):
    rows = list(measure(name, REPLICATES.get(name, 12), jobs=1))
    missed = [str(row) for row in rows if not row.holds(errors=3)]
    assert not missed, "\n".join(missed)


def test_a_row_tells_a_missed_bound_from_a_kept_one():
    assert Row("", 0.05, "<=", 0.05, 100).holds()
    assert not Row("", 0.06, "<=", 0.05, 100).holds()
    assert Row("", 0.06, "<=", 0.05, 100).holds(errors=3)
    assert not Row("", 0.94, ">=", 0.95, 100).holds()
    assert not Row("", 0.5001, "=", 0.5, 100).holds(errors=3)
    assert Row("a", 0.5, "", None, 100).holds()
    assert "| none: for comparison | 0.500 |" in str(Row("a", 0.5, "", None, 100))
    assert "**missed**" in str(Row("a", 0.06, "<=", 0.05, 100))
