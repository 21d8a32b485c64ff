"""The simulated epigenome has the components, the loci and the correlations that it promises."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from leakcheck.exceptions import ValidationError
from leakcheck.simulate import autoregression, epigenome


@pytest.fixture(scope="module")
def world():
    return epigenome(random_state=5)


def test_shapes_and_names(world):
    assert world.labels.shape == world.signal.shape == world.latent.shape == (3000, 24)
    assert world.own.shape == (3000, 24)
    assert world.cell_types == tuple(f"C{i:02d}" for i in range(1, 25))
    assert list(world.labels.columns) == list(world.signal.columns) == list(world.cell_types)
    assert world.labels.index.equals(world.loci.index)
    assert world.signal.index.equals(world.loci.index)


def test_loci_are_a_bed_table_in_genome_order(world):
    loci = world.loci
    assert list(loci.columns) == ["chrom", "start", "end"]
    assert loci["chrom"].drop_duplicates().tolist() == [f"chr{i}" for i in range(1, 23)]
    assert (loci["end"] - loci["start"] == 2000).all()
    for _, part in loci.groupby("chrom", sort=False):
        assert (part["start"].to_numpy()[1:] >= part["end"].to_numpy()[:-1]).all()
    first = loci.iloc[0]
    assert loci.index[0] == f"{first['chrom']}:{first['start']}-{first['end']}"
    assert loci.index.is_unique
    share = loci["chrom"].value_counts()
    assert share["chr1"] / share["chr21"] == pytest.approx(249 / 48, rel=0.1)


def test_labels_and_signal_follow_from_the_latent_activity(world):
    threshold = np.quantile(world.latent, 1 - 0.65)
    np.testing.assert_array_equal(world.labels, world.latent > threshold)
    expected = 0.5 * np.exp(2 * (world.latent - threshold))
    np.testing.assert_allclose(world.signal, expected)
    np.testing.assert_array_equal(world.labels == 1, world.signal > 0.5)
    assert world.labels.to_numpy().mean() == pytest.approx(0.65, abs=1e-4)


def test_relatives_are_alike(world):
    correlation = np.corrcoef(world.latent, rowvar=False)
    pairs = np.triu(np.ones((24, 24), dtype=bool), k=1)
    same_lineage = world.lineage[:, None] == world.lineage
    same_sublineage = world.sublineage[:, None] == world.sublineage
    near = correlation[pairs & same_sublineage].mean()
    middle = correlation[pairs & same_lineage & ~same_sublineage].mean()
    far = correlation[pairs & ~same_lineage].mean()
    assert near > middle + 0.02 > far + 0.04
    np.testing.assert_array_equal(np.bincount(world.lineage), [6, 6, 6, 6])
    np.testing.assert_array_equal(np.bincount(world.sublineage), [2] * 12)


def test_what_is_a_cell_types_own_is_shared_with_nobody(world):
    correlation = np.corrcoef(world.own, rowvar=False)
    assert np.abs(correlation[~np.eye(24, dtype=bool)]).max() < 0.12
    assert world.own.std() == pytest.approx(0.2, rel=0.05)
    rest = np.corrcoef(world.own[:, 0], (world.latent - world.own)[:, 0])[0, 1]
    assert abs(rest) < 0.1


def test_the_average_is_as_good_as_on_real_data(world):
    labels = world.labels.to_numpy()
    aurocs = [
        roc_auc_score(labels[:, c], np.delete(labels, c, axis=1).mean(axis=1)) for c in range(24)
    ]
    assert np.mean(aurocs) == pytest.approx(0.96, abs=0.015)


def test_standard_deviations_are_those_asked_for():
    silent = epigenome(n_loci=500, lineage_sd=0, sublineage_sd=0, own_sd=0, random_state=1)
    assert np.ptp(silent.latent, axis=1).max() == 0
    loud = epigenome(n_loci=5000, locus_sd=0, lineage_sd=0, sublineage_sd=0, own_sd=3.0)
    np.testing.assert_allclose(loud.latent, loud.own)
    assert loud.own.std() == pytest.approx(3, rel=0.02)


def test_a_seed_or_a_generator_gives_the_same_world_again():
    first = epigenome(n_loci=100, random_state=3)
    for again in (3, np.random.default_rng(3)):
        pd.testing.assert_frame_equal(
            first.signal, epigenome(n_loci=100, random_state=again).signal
        )
    other = epigenome(n_loci=100, random_state=4)
    assert not np.array_equal(first.latent, other.latent)


class TestHeldOut:
    def test_targets_are_spread_over_the_lineages(self, world):
        assert world.held_out(4) == ["C01", "C07", "C13", "C19"]
        assert world.held_out(6) == ["C01", "C07", "C13", "C19", "C02", "C08"]
        assert sorted(world.held_out(24)) == list(world.cell_types)

    @pytest.mark.parametrize(
        ("number", "rule"),
        [(-1, "0 to 24"), (25, "0 to 24"), (None, "a whole number"), (2.5, "a whole number")],
    )
    def test_a_number_that_cannot_be_is_refused(self, world, number, rule):
        assert len(world.cell_types) == 24
        with pytest.raises(ValidationError, match=f"`n_targets` must be {rule}.*; {number} came"):
            world.held_out(number)

    def test_none_is_none(self, world):
        assert world.held_out(0) == []


class TestAutoregression:
    @pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
    def test_neighbours_correlate_as_asked(self, correlation):
        noise = autoregression(np.array([2000, 2000]), 5, correlation, np.random.default_rng(0))
        assert noise.shape == (4000, 5)
        assert noise.mean() == pytest.approx(0, abs=0.1)
        assert noise.var() == pytest.approx(1, abs=0.1)
        lag = np.mean(noise[:1999] * noise[1:2000])
        assert lag == pytest.approx(correlation, abs=0.06)

    @pytest.mark.parametrize(
        ("arguments", "rule"),
        [
            (([3, -2], 4, 0.5), "`lengths` must be whole numbers"),
            (([3.0, 2.0], 4, 0.5), "`lengths` must be whole numbers"),
            (([3, 2], "4", 0.5), "`columns` must be a whole number"),
            (([3, 2], 4, 1.0), "`correlation` must be in"),
            (([3, 2], 4, float("nan")), "`correlation` must be in"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, arguments, rule):
        with pytest.raises(ValidationError, match=rule):
            autoregression(*arguments, np.random.default_rng(0))

    def test_an_empty_stretch_changes_nothing(self):
        drawn = [
            autoregression(np.array(lengths), 2, 0.9, np.random.default_rng(0))
            for lengths in ([3, 2], [0, 3, 0, 2, 0])
        ]
        np.testing.assert_array_equal(*drawn)

    def test_a_chromosome_starts_anew(self):
        lengths = np.full(4000, 2)
        noise = autoregression(lengths, 1, 0.95, np.random.default_rng(1))[:, 0]
        within = np.corrcoef(noise[::2], noise[1::2])[0, 1]
        between = np.corrcoef(noise[1:-1:2], noise[2::2])[0, 1]
        assert within == pytest.approx(0.95, abs=0.02)
        assert between == pytest.approx(0, abs=0.06)


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        ({"n_loci": 43}, "44 to 1439500; 43 came"),
        ({"n_loci": 1_439_501}, "44 to 1439500; 1439501 came"),
        ({"random_state": -1}, "a whole number, 0 or more, or a numpy Generator; -1 came"),
        ({"n_lineages": 0}, "at least 1; 0 came"),
        ({"n_cell_types": 12}, "a multiple of twice `n_lineages`, 8; 12 came"),
        ({"n_cell_types": 0}, "a multiple of twice `n_lineages`, 8; 0 came"),
        ({"prevalence": 1.0}, "between 0 and 1; 1.0 came"),
        ({"prevalence": 0.0}, "between 0 and 1; 0.0 came"),
        ({"autocorrelation": 1.0}, r"in \[0, 1\); 1.0 came"),
        ({"autocorrelation": -0.1}, r"in \[0, 1\); -0.1 came"),
        ({"n_loci": "100"}, "a whole number; '100' came"),
        ({"n_loci": 100.5}, "a whole number; 100.5 came"),
        ({"n_cell_types": 24.0}, "a whole number; 24.0 came"),
        ({"n_lineages": True}, "a whole number; True came"),
        ({"prevalence": None}, "a number; None came"),
        ({"autocorrelation": "a"}, "a number; 'a' came"),
        ({"own_sd": "1"}, "a number; '1' came"),
    ],
)
def test_options_outside_their_range_are_refused(option, rule):
    with pytest.raises(ValidationError, match=f"`{next(iter(option))}` must be {rule}"):
        epigenome(**option)


@pytest.mark.parametrize("name", ["locus_sd", "lineage_sd", "sublineage_sd", "own_sd"])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_standard_deviations_are_finite_and_not_negative(name, value):
    with pytest.raises(ValidationError, match=f"`{name}` must be finite and 0 or more; {value!r}"):
        epigenome(n_loci=100, **{name: value})


def test_the_smallest_world():
    world = epigenome(n_loci=44, n_cell_types=2, n_lineages=1)
    assert world.labels.shape == (44, 2)
    assert world.held_out(1) == ["C01"]
