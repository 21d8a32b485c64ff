"""Cross-fitted ridge: the literal regression fold by fold, and nothing of what is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base._ridge_tables import Regression, Scale
from leakcheck.base.columns import Moments
from leakcheck.base.folded_features import FoldedFeatures
from leakcheck.base.folds import assign_folds
from leakcheck.base.ridge import CrossFit, Together
from leakcheck.base.splines import natural_spline
from tests.base.tables_in_memory import folded, predicted
from tests.oracles.regression import standardised

PENALTY = 3e-3


def standardise(columns):
    """As the table of features makes its columns."""
    rows = np.empty(columns.shape[::-1], dtype=np.float32)
    own = np.ascontiguousarray(columns.T)
    Scale.of(Moments.of([own])).apply(own, rows)
    return rows.T


def literal(features, responses, folds, *, extra=None, penalty=PENALTY):
    """Ridge on standardised columns, fitted on the other folds, rows in the caller's order."""
    design = standardised(features)
    if extra is not None:
        design = np.hstack([design, standardised(extra)])
    predicted = np.empty(responses.shape)
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        mean = responses[train].mean(axis=0)
        x, y = design[train], responses[train] - mean
        shares = np.ones(design.shape[1])
        shares[features.shape[1] :] = 1e-2
        gram = x.T @ x + penalty * train.sum() * np.diag(shares)
        predicted[test] = design[test] @ np.linalg.solve(gram, x.T @ y) + mean
    return predicted


def fitted(features, responses, folds, *, used=None, extra=None, penalty=PENALTY):
    """What CrossFit says, back in the caller's order."""
    table = folded(features, folds, penalty=penalty)
    used = np.ones(features.shape[1], dtype=bool) if used is None else used
    further = None if extra is None else [extra[table.order]]
    found = np.empty(responses.shape)
    found[table.order] = predicted(
        table, [CrossFit(table, used)], [responses[table.order]], further
    )[0]
    return found


@pytest.fixture
def problem():
    """Correlated columns in odd units, two responses, five folds in no order."""
    rng = np.random.default_rng(3)
    shared = rng.normal(size=(400, 1))
    features = (shared + 0.5 * rng.normal(size=(400, 12))) * np.arange(1, 13) + 100
    weights = rng.normal(size=(12, 2))
    responses = standardised(features) @ weights + rng.normal(size=(400, 2)) + [5.0, -1.0]
    return features, responses, rng.integers(0, 5, size=400)


def test_equals_the_literal_regression(problem):
    features, responses, folds = problem
    np.testing.assert_allclose(
        fitted(features, responses, folds), literal(features, responses, folds), atol=1e-4
    )


@pytest.mark.parametrize("penalty", [1e-3, 1.0])
def test_extra_columns_join_the_design(problem, penalty):
    features, responses, folds = problem
    extra = np.column_stack([features[:, 0] ** 2, np.sin(features[:, 1]), np.full(400, 7.0)])
    found = fitted(features, responses, folds, extra=extra, penalty=penalty)
    expected = literal(features, responses, folds, extra=extra, penalty=penalty)
    np.testing.assert_allclose(found, expected, atol=2e-4)
    without = fitted(features, responses, folds, penalty=penalty)
    assert np.abs(found - without).max() > 0.01


def test_columns_in_the_span_of_the_features_lose_no_digits():
    # The Schur complement cancels there: products in float32 miss by more than 1e-5.
    rng = np.random.default_rng(4)
    n = 40_000
    features = (rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 40)) > 0).astype(float)
    average = features.mean(axis=1)
    responses = (average + 0.02 * rng.normal(size=n))[:, None]
    asked = features, responses, np.arange(n) * 5 // n
    extra = natural_spline(average)
    np.testing.assert_allclose(
        fitted(*asked, extra=extra), literal(*asked, extra=extra), rtol=0, atol=1e-6
    )


def test_columns_that_are_not_used_have_no_influence(problem):
    features, responses, folds = problem
    used = np.arange(12) % 3 != 0
    found = fitted(features, responses, folds, used=used)
    expected = literal(features[:, used], responses, folds)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    leaking = features.copy()
    leaking[:, ~used] = responses[:, :1]
    extra = features[:, :2] ** 2
    for further in (None, extra):
        first = fitted(features, responses, folds, used=used, extra=further)
        second = fitted(leaking, responses, folds, used=used, extra=further)
        np.testing.assert_array_equal(first, second)


def test_responses_of_a_fold_have_no_influence_on_its_predictions(problem):
    features, responses, folds = problem
    extra = features[:, :2] ** 2
    changed = responses.copy()
    changed[folds == 2] += 50
    for further in (None, extra):
        first = fitted(features, responses, folds, extra=further)
        second = fitted(features, changed, folds, extra=further)
        # rounding of float32 responses only, not 50 / n
        np.testing.assert_allclose(second[folds == 2], first[folds == 2], atol=5e-4)
        assert np.abs(second - first)[folds != 2].max() > 1


def test_without_any_feature_the_training_mean_is_left(problem):
    features, responses, folds = problem
    found = fitted(features, responses, folds, used=np.zeros(12, dtype=bool))
    for fold in range(5):
        mean = responses[folds != fold].mean(axis=0)
        np.testing.assert_allclose(found[folds == fold], mean[None] + 0 * found[folds == fold])


class TestStandardise:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_mean_zero_variance_one(self, dtype):
        columns = np.random.default_rng(4).gamma(2, size=(500, 3)).astype(dtype)
        found = standardise(columns)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-5)

    @pytest.mark.parametrize("unit", [2.0**-40, 2.0**40])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_unit_of_a_column_does_not_matter(self, dtype, unit):
        columns = np.random.default_rng(5).normal([0, 3], size=(500, 2)).astype(dtype)
        np.testing.assert_array_equal(standardise(columns * dtype(unit)), standardise(columns))

    @pytest.mark.parametrize("value", [0.0, 1e-12, 0.1, 1e5])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_constant_columns_become_zero(self, value, dtype):
        assert (standardise(np.full((1000, 2), value, dtype=dtype)) == 0).all()


class TestAssignFolds:
    @given(st.lists(st.integers(0, 200), min_size=1, max_size=30), st.integers(1, 8))
    def test_folds_are_balanced_and_none_is_empty(self, sizes, n_folds):
        sizes = np.array(sizes)
        folds = assign_folds(sizes, n_folds)
        assert folds.shape == sizes.shape
        expected = max(1, min(n_folds, np.count_nonzero(sizes)))
        assert set(folds[sizes > 0]) == set(range(expected)) or not sizes.any()
        load = np.bincount(folds, sizes, minlength=expected)
        assert load.max() - load.min() <= sizes.max()

    def test_blocks_without_rows_have_no_fold_of_their_own(self):
        np.testing.assert_array_equal(assign_folds(np.array([5, 0, 3, 0]), 4), [0, 1, 1, 1])

    def test_largest_block_first(self):
        np.testing.assert_array_equal(assign_folds(np.array([1, 10, 3, 3, 3]), 2), [1, 0, 1, 1, 1])


class TestTogether:
    def fits(self, problem, n_fits):
        """Fits that each leave out one column, their responses and further columns."""
        features, responses, folds = problem
        table = folded(features, folds, penalty=PENALTY)
        rng = np.random.default_rng(7)
        sizes = [(i % 3 + 1, i % 4) for i in range(n_fits)]
        own = [responses[:, :1] + rng.normal(size=(400, m)) for m, _ in sizes]
        extras = [rng.normal(size=(400, q)) for _, q in sizes]
        used = [np.arange(12) != i for i in range(n_fits)]
        return table, [CrossFit(table, one) for one in used], used, own, extras

    @pytest.mark.parametrize("n_fits", [1, 2, 7])
    def test_each_equals_its_literal_regression(self, problem, n_fits):
        features, _, folds = problem
        table, fits, used, own, extras = self.fits(problem, n_fits)
        inside = [[one[table.order] for one in kind] for kind in (own, extras)]
        found = predicted(table, fits, *inside)
        for i, one in enumerate(found):
            back = np.empty(own[i].shape)
            back[table.order] = one
            extra = extras[i] if extras[i].shape[1] else None
            expected = literal(features[:, used[i]], own[i], folds, extra=extra)
            np.testing.assert_allclose(back, expected, atol=2e-4)

    def test_company_changes_nothing_beyond_rounding(self, problem):
        table, fits, _, own, extras = self.fits(problem, 6)
        together = predicted(table, fits, own, extras)
        for i, one in enumerate(together):
            alone = predicted(table, fits[i : i + 1], own[i : i + 1], extras[i : i + 1])[0]
            np.testing.assert_allclose(one, alone, atol=1e-5)

    def test_no_fit_sees_the_responses_or_columns_of_another(self, problem):
        table, fits, _, own, extras = self.fits(problem, 5)
        before = predicted(table, fits, own, extras)
        changed = [*own[:4], 1e6 * own[4]], [*extras[:4], -1e6 * extras[4] + 3]
        after = predicted(table, fits, *changed)
        for one, other in zip(before[:4], after[:4], strict=True):
            np.testing.assert_array_equal(one, other)
        assert np.abs(after[4] - before[4]).max() > 1

    def test_many_columns_may_be_left_out(self, problem):
        features, responses, folds = problem
        used = np.zeros(12, dtype=bool)
        found = fitted(features, responses, folds, used=used)
        for fold in range(5):
            mean = responses[folds != fold].mean(axis=0)
            np.testing.assert_allclose(
                found[folds == fold], mean[None].repeat((folds == fold).sum(), 0)
            )

    def test_a_penalty_that_leaves_no_inverse_is_refused(self, problem):
        with pytest.raises(np.linalg.LinAlgError, match="no Cholesky factor"):
            fitted(*problem, penalty=-10.0)


class TestChunks:
    """Sums over chunks: the literal regression all the same, however much is kept."""

    @pytest.mark.parametrize("chunk_rows", [7, 64])
    def test_equals_the_literal_regression(self, problem, chunk_rows):
        features, responses, folds = problem
        table = folded(features, folds, chunk_rows=chunk_rows)
        assert len(table.layout.chunks) > 6
        extra = features[table.order, :3] ** 2
        fit = CrossFit(table, np.ones(12, dtype=bool))
        found = np.empty(responses.shape)
        found[table.order] = predicted(table, [fit], [responses[table.order]], [extra])[0]
        expected = literal(features, responses, folds, extra=features[:, :3] ** 2)
        np.testing.assert_allclose(found, expected, atol=2e-4)

    def test_what_is_kept_changes_no_bit(self, problem):
        features, responses, folds = problem
        rows, made = np.ascontiguousarray(features.T), []
        layout = folded(features, folds, chunk_rows=50).layout

        def rows_of(chunk):
            made.append(chunk.places.start)
            return rows[:, chunk.rows]

        found = []
        for remember in (1 << 20, 0):
            made.clear()
            table = FoldedFeatures.of(layout, rows_of, 12, remember=remember)
            fit = CrossFit(table, np.ones(12, dtype=bool))
            regression = Regression(
                fit, lambda chunk: responses[chunk.rows].T, lambda chunk: rows[:4, chunk.rows] ** 2
            )
            together = Together([regression], remember=remember)
            found.append([together.predict(chunk)[0] for chunk in layout.chunks])
            n_passes = 1 if remember else 4
            assert len(made) == n_passes * len(layout.chunks)
        for kept, anew in zip(*found, strict=True):
            np.testing.assert_array_equal(kept, anew)
