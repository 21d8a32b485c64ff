"""Estimators are trained on each split, and audited on what they did not see."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GroupShuffleSplit, LeaveOneGroupOut
from sklearn.svm import LinearSVC

import leakcheck
from leakcheck.estimators import audit_estimator
from leakcheck.exceptions import ValidationError
from leakcheck.splits import CrossCellType, CrossChromosome


class Rows:
    """Pairs of a small world, with features that see the locus (x) or the pair (own)."""

    def __init__(self) -> None:
        world = leakcheck.simulate.epigenome(n_loci=600, n_cell_types=8)
        n, m = world.labels.shape
        rng = np.random.default_rng(0)
        self.y = world.labels.to_numpy(float).ravel()
        self.loci = world.loci.loc[np.repeat(world.loci.index, m)].reset_index(drop=True)
        self.cells = list(world.cell_types) * n
        self.cell_types = world.cell_types
        average = np.repeat(world.latent.mean(axis=1), m)
        own = world.latent.ravel() - average + 0.3 * rng.standard_normal(n * m)
        self.X = np.column_stack([average, own])

    def __call__(self, estimator, **options):
        options = {"X": self.X, "y": self.y, "cv": CrossCellType("leave-one-out")} | options
        X, y = options.pop("X"), options.pop("y")
        return audit_estimator(estimator, X, y, self.loci, self.cells, **options)


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows()


def test_leave_one_out_is_one_report(rows):
    found = rows(LogisticRegression(), name="regression")
    (report,) = found.reports
    assert set(report.verdict["target"]) == set(rows.cell_types)
    assert set(report.verdict["model"]) == {"regression"}
    assert found.passed()
    assert not np.isnan(found.predictions).any()
    expected = np.empty(len(rows.y))
    for cell in rows.cell_types:
        test = np.array(rows.cells) == cell
        fit = LogisticRegression().fit(rows.X[~test], rows.y[~test])
        expected[test] = fit.predict_proba(rows.X[test])[:, 1]
    np.testing.assert_allclose(found.predictions, expected, rtol=1e-12)


def test_splitters_of_scikit_learn_take_cell_types_as_groups(rows):
    ours, theirs = rows(LogisticRegression()), rows(LogisticRegression(), cv=LeaveOneGroupOut())
    np.testing.assert_array_equal(ours.predictions, theirs.predictions)
    assert ours.reports[0].to_json() == theirs.reports[0].to_json()


def test_folds_have_a_report_each_and_references_of_their_own(rows):
    found = rows(LogisticRegression(), cv=CrossCellType(3))
    assert len(found.reports) == 3
    tested = [set(report.settings["targets"]) for report in found.reports]
    assert set.union(*tested) == set(rows.cell_types)
    for own, report in zip(tested, found.reports, strict=True):
        assert not own & set(report.settings["reference_cell_types"])
    assert list(found.summary["report"].unique()) == [0, 1, 2]
    assert list(found.summary)[1:] == list(found.reports[0].summary)


def test_validation_is_reference_and_not_trained_on(rows):
    seen = []

    class Spy(LogisticRegression):
        def fit(self, X, y):
            seen.append(len(y))
            return super().fit(X, y)

    cv = CrossCellType(test=rows.cell_types[:1], validation=rows.cell_types[1:2])
    found = rows(Spy(), cv=cv)
    assert seen == [6 * 600]
    assert len(found.reports[0].settings["reference_cell_types"]) == 7
    assert np.isnan(found.predictions).mean() == pytest.approx(7 / 8)


def test_new_loci_have_no_baseline_and_that_is_said(rows):
    found = rows(LogisticRegression(), cv=CrossChromosome(test=["chr1"]))
    verdict = found.reports[0].verdict
    assert set(verdict["verdict"]) == {"not-testable"}
    assert (verdict["reason"] != "").all()
    assert not found.passed()


def test_missing_labels_are_not_trained_on(rows):
    y = rows.y.copy()
    y[::7] = np.nan
    found = rows(LogisticRegression(), y=y)
    assert not np.isnan(found.predictions).any()
    assert (found.reports[0].findings["code"] == "LK017").any()


@pytest.mark.parametrize("estimator", [LinearSVC(), LinearRegression()])
def test_scores_of_other_methods(rows, estimator):
    found = rows(estimator)
    assert found.reports[0].verdict["model"].iloc[0] == type(estimator).__name__


@pytest.mark.parametrize("form", [pd.DataFrame, scipy.sparse.csr_matrix])
def test_forms_of_features(rows, form):
    expected = rows(LogisticRegression()).predictions
    np.testing.assert_allclose(
        rows(LogisticRegression(), X=form(rows.X)).predictions, expected, rtol=1e-3
    )


def test_features_as_a_list(rows):
    class First(BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return np.array([x[0] for x in X])

    found = rows(First(), X=rows.X.tolist())
    np.testing.assert_array_equal(found.predictions, rows.X[:, 0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": np.zeros((3, 2))}, "`y` must have one label for each row of `X`"),
        ({"y": ["a", "b"]}, "`y` must be 0/1 or real numbers"),
        ({"y": np.zeros(3)}, "`X` must have a row for each of the 3 labels of `y`; it has 4800"),
        ({"cv": 5}, "`cv` must be a splitter with `split(X, y, groups)`; it is a int"),
        (
            {"cv": GroupShuffleSplit(3, test_size=0.6, random_state=0)},
            "`cv` must test each row once",
        ),
        ({"method": "proba"}, "`method` must be 'auto' or one of predict_proba"),
        ({"method": "decision_function"}, "`method` must be one that the estimator has; Linear"),
    ],
)
def test_refusals(rows, options, message):
    with pytest.raises(ValidationError) as caught:
        rows(LinearRegression(), **options)
    assert str(caught.value).startswith(message)


def test_several_outputs_are_refused(rows):
    class Two(LinearRegression):
        def predict(self, X):
            return np.zeros((len(X), 2))

    with pytest.raises(ValidationError, match="`estimator` must give one score for each row"):
        rows(Two())
