"""Simulated models know what their name says, and nothing else."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from leakcheck.exceptions import ValidationError
from leakcheck.simulate import MODELS, demo_inputs, epigenome, predict

MEMORY = ["memoriser", "jittered-average", "three-celltypes", "random-weights", "smoothed-average"]
TARGETS = ["C01", "C07"]
REFERENCES = [f"C{i:02d}" for i in range(1, 13) if f"C{i:02d}" not in TARGETS]


@pytest.fixture(scope="module")
def world():
    return epigenome(n_loci=600, n_cell_types=12, n_lineages=2, random_state=9)


@pytest.fixture(scope="module")
def elsewhere(world):
    """The same world but for everything that belongs to the targets."""
    other = epigenome(n_loci=600, n_cell_types=12, n_lineages=2, random_state=10)
    columns = [world.cell_types.index(name) for name in TARGETS]
    latent = world.latent.copy()
    latent[:, columns] = other.latent[:, columns]
    tables = {}
    for name in ("labels", "signal"):
        table = getattr(world, name).copy()
        table[TARGETS] = getattr(other, name)[TARGETS].to_numpy()
        tables[name] = table
    return dataclasses.replace(world, latent=latent, **tables)


@pytest.fixture
def average(world):
    return world.labels[REFERENCES].to_numpy().mean(axis=1)


@pytest.mark.parametrize("model", MODELS)
def test_scores_are_a_finite_frame_of_the_targets(world, model):
    scores = predict(world, model, TARGETS)
    assert list(scores.columns) == TARGETS
    assert scores.index.equals(world.labels.index)
    assert np.isfinite(scores.to_numpy()).all()


@pytest.mark.parametrize("model", MODELS)
def test_one_seed_gives_one_prediction(world, model):
    first = predict(world, model, TARGETS, random_state=4)
    pd.testing.assert_frame_equal(first, predict(world, model, TARGETS, random_state=4))
    generator = np.random.default_rng(4)
    pd.testing.assert_frame_equal(first, predict(world, model, TARGETS, random_state=generator))


@pytest.mark.parametrize("model", [*MEMORY, "offset-memoriser", "random"])
def test_memory_never_looks_at_the_targets(world, elsewhere, model):
    first, second = predict(world, model, TARGETS), predict(elsewhere, model, TARGETS)
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("model", ["honest-weak", "honest-strong", "mixture", "perfect"])
def test_the_honest_do(world, elsewhere, model):
    first, second = predict(world, model, TARGETS), predict(elsewhere, model, TARGETS)
    assert not np.allclose(first, second)


@pytest.mark.parametrize("model", MEMORY)
def test_memory_gives_every_target_the_same(world, model):
    scores = predict(world, model, TARGETS)
    np.testing.assert_array_equal(scores["C01"], scores["C07"])


def test_memoriser_is_the_average_with_noise(world, average):
    scores = predict(world, "memoriser", TARGETS)["C01"]
    assert 0 < np.std(scores - average) < 0.08


def test_jitter_breaks_ties_and_nothing_else(world, average):
    scores = predict(world, "jittered-average", TARGETS)["C01"].to_numpy()
    assert len(np.unique(scores)) == len(scores)
    np.testing.assert_array_equal(np.rint(scores * 10), np.rint(average * 10))


def weights_of(world, model):
    """The weight of every reference's signal in a model that is a weighted sum."""
    scores = predict(world, model, TARGETS, random_state=2)["C01"].to_numpy()
    signal = np.arcsinh(world.signal[REFERENCES].to_numpy())
    weights, *_ = np.linalg.lstsq(signal, scores, rcond=None)
    np.testing.assert_allclose(signal @ weights, scores, atol=1e-8)
    return dict(zip(REFERENCES, weights.round(9), strict=True))


def test_three_celltypes_are_three_references_away_from_the_targets(world):
    weights = weights_of(world, "three-celltypes")
    assert sorted(weights.values()) == pytest.approx([0] * 7 + [1 / 3] * 3, abs=1e-8)
    assert weights["C02"] == weights["C08"] == 0


def test_random_weights_sum_the_references_away_from_the_targets(world):
    weights = weights_of(world, "random-weights")
    assert weights.pop("C02") == weights.pop("C08") == 0
    assert min(weights.values()) > 0
    assert sum(weights.values()) == pytest.approx(1)


def test_with_few_references_all_are_taken():
    world = epigenome(n_loci=100, n_cell_types=2, n_lineages=1)
    scores = predict(world, "three-celltypes", ["C01"])
    np.testing.assert_allclose(scores["C01"], np.arcsinh(world.signal["C02"]))


def test_smoothing_takes_neighbours_on_the_chromosome(world, average):
    scores = predict(world, "smoothed-average", TARGETS)["C01"].to_numpy()
    chrom = world.loci["chrom"].to_numpy()
    for row in range(0, 600, 7):
        beside = [
            average[other]
            for other in (row - 1, row + 1)
            if 0 <= other < 600 and chrom[other] == chrom[row]
        ]
        assert scores[row] == pytest.approx((average[row] + np.mean(beside)) / 2)


def test_offsets_shift_whole_targets(world):
    plain = predict(world, "memoriser", TARGETS, random_state=1)
    shifted = predict(world, "offset-memoriser", TARGETS, random_state=1)
    difference = (shifted - plain).to_numpy()
    assert np.ptp(difference, axis=0).max() < 1e-9
    assert np.ptp(difference, axis=1).min() > 1e-3


def test_copier_copies_the_most_similar_reference(world):
    scores = predict(world, "nearest-copier", TARGETS)
    signal = np.arcsinh(world.signal)
    for target in TARGETS:
        near = signal[REFERENCES].corrwith(signal[target]).idxmax()
        np.testing.assert_allclose(scores[target], signal[near])


def test_the_perfect_one_ranks_without_fault_and_noise_costs(world):
    aurocs = [
        roc_auc_score(world.labels["C01"], predict(world, model, TARGETS)["C01"])
        for model in ("perfect", "honest-strong", "honest-weak", "random")
    ]
    assert aurocs[0] == 1
    assert aurocs == sorted(aurocs, reverse=True)
    assert aurocs[3] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("weight", [0.0, 0.2, 1.0])
def test_mixture_weighs_the_targets_own_activity(world, weight):
    scores = predict(world, "mixture", TARGETS, weight=weight)
    latent = pd.DataFrame(world.latent, index=world.labels.index, columns=list(world.cell_types))
    for target in TARGETS:
        expected = (1 - weight) * latent[REFERENCES].mean(axis=1) + weight * latent[target]
        np.testing.assert_allclose(scores[target], expected)


def test_an_unknown_model_is_refused(world):
    with pytest.raises(
        ValidationError, match=r"`model` .*'memorizer' came. Did you mean 'memoriser'"
    ):
        predict(world, "memorizer", TARGETS)


def test_a_seed_that_is_none_is_refused(world):
    with pytest.raises(ValidationError, match=r"`random_state` must be .*; 1.5 came"):
        predict(world, "memoriser", TARGETS, random_state=1.5)


def test_unknown_targets_are_refused(world):
    with pytest.raises(ValidationError, match=r"`targets` .* 2 are not, the first is 'E003'.*C12"):
        predict(world, "random", ["C01", "E003", "E004"])


@pytest.mark.parametrize(
    ("targets", "options", "words"),
    [
        ("C01", {}, r"`targets` must be a list of cell types; 'C01' came. .*\['C01'\]"),
        (None, {}, "`targets` must be a list of cell types; None came"),
        (["C01", "C03", "C01"], {}, r"1 name came more than once: \['C01'\]"),
        (["C01"], {"weight": float("nan")}, "`weight` must be a share, 0 to 1; nan came"),
        (["C01"], {"weight": 2}, "`weight` must be a share, 0 to 1; 2 came"),
        (["C01"], {"weight": "0.2"}, "`weight` must be a number; '0.2' came"),
    ],
)
def test_targets_and_weights_that_cannot_be_are_refused(world, targets, options, words):
    with pytest.raises(ValidationError, match=words):
        predict(world, "mixture", targets, **options)


def test_the_demo_is_five_models_of_four_targets():
    inputs = demo_inputs(random_state=1)
    assert list(inputs["preds"]) == [
        "memoriser", "nearest-copier", "honest-weak", "honest-strong", "random",
    ]  # fmt: skip
    targets = list(inputs["preds"]["random"].columns)
    assert len(targets) == 4
    assert len(inputs["train"]) == 20
    assert not set(targets) & set(inputs["train"])
    assert inputs["labels"].shape == inputs["signal"].shape == (3000, 24)
    again = demo_inputs(random_state=1)
    pd.testing.assert_frame_equal(inputs["preds"]["random"], again["preds"]["random"])
    other = demo_inputs(random_state=2)["preds"]["random"].to_numpy()
    assert (
        rankdata(other[:, 0])[:5].tolist()
        != rankdata(inputs["preds"]["random"]["C01"])[:5].tolist()
    )


def test_somebody_must_be_left_to_learn_from(world):
    every = list(world.cell_types)
    with pytest.raises(ValidationError, match=r"`targets` must leave cell types that 'memoriser'"):
        predict(world, "memoriser", every)
    assert predict(world, "honest-weak", every).notna().all(axis=None)
