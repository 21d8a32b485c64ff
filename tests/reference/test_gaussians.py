"""Two Gaussians: drawn as promised, and the best possible score is the true one."""

import numpy as np
import pytest
from scipy.stats import norm

import leakcheck
from leakcheck.reference.gaussians import (
    GAUSSIANS,
    draw_gaussian_data,
    gaussian_table,
    gaussian_test,
)
from leakcheck.reference.presets import GaussianPreset
from leakcheck.reference.store import Job
from tests.reference.fake_sweep import fake_record

PRESET = GaussianPreset(n_points=20_000, distance=2.0, n_dimensions=3)


def test_means_spread_and_parts_are_those_asked_for():
    data = draw_gaussian_data(PRESET, 5)
    points, label = gaussian_test(data, PRESET)
    assert data.signals.shape == (60_000, 1, 3)
    assert (len(data.train), len(data.validation), len(points)) == (20_000,) * 3
    assert not set(data.train.locus) & set(data.validation.locus)
    assert max(data.train.locus.max(), data.validation.locus.max()) < 40_000
    assert label.mean() == pytest.approx(0.5, abs=1e-4)
    assert data.train.label.mean() == pytest.approx(0.5, abs=1e-4)
    apart = points[label].mean(axis=0) - points[~label].mean(axis=0)
    assert np.linalg.norm(apart) == pytest.approx(2.0, abs=0.05)
    np.testing.assert_allclose(np.cov(points[label].T), np.eye(3), atol=0.05)
    # Two Gaussians at this distance are told apart with probability Phi(d / sqrt 2).
    score = leakcheck.auroc(label, points.astype(float).sum(axis=1))
    assert score == pytest.approx(norm.cdf(2 / np.sqrt(2)), abs=0.01)


def test_the_seed_decides():
    same = [draw_gaussian_data(PRESET, seed).signals for seed in (1, 1, 2)]
    np.testing.assert_array_equal(same[0], same[1])
    assert not np.array_equal(same[0], same[2])


def test_nobody_scores_higher_than_the_best_possible():
    data = draw_gaussian_data(PRESET, 5)
    points, label = gaussian_test(data, PRESET)
    scores = {"signal-1x8": points.sum(axis=1), "signal-1x64": points[:, 0]}
    records = [
        fake_record(
            Job(task=GAUSSIANS, trained_in=GAUSSIANS, model=name),
            {GAUSSIANS: values.astype(np.float32)},
            n_parameters=size,
        )
        for size, (name, values) in zip((900, 30), scores.items(), strict=True)
    ]
    table = gaussian_table(records, PRESET, 5)
    assert list(table["n_parameters"]) == [30, 900]
    assert table["no_skill"].iloc[0] == label.mean()
    assert table["value"].iloc[1] == pytest.approx(table["best_possible"].iloc[1], abs=1e-5)
    assert table["value"].iloc[0] < table["best_possible"].iloc[0] - 0.1


def test_test_points_need_data_with_points():
    data = draw_gaussian_data(PRESET, 5)
    without = type(data)(train=data.train, validation=data.validation)
    with pytest.raises(TypeError, match="draw_gaussian_data"):
        gaussian_test(without, PRESET)
