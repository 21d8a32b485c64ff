"""What anybody gets for free: the average and its ties, bounds, blocks, and the public function."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

import leakcheck
from leakcheck.baselines import (
    BASELINES,
    BOUNDS,
    Baselines,
    audited_loci,
    average_activity_score,
    genome_blocks,
)
from leakcheck.data import Loci
from leakcheck.data.models import RESERVED_NAMES
from leakcheck.exceptions import ValidationError
from leakcheck.panel import ReferencePanel
from tests.worlds import make_set, make_view, panel_of, small_world, split_by_column


def test_no_model_can_have_the_name_of_a_baseline_or_bound():
    assert set(RESERVED_NAMES) == {*BASELINES, *BOUNDS}


class TestAverageActivityScore:
    def test_is_the_average_without_a_signal(self):
        view = make_view([0, 1, 1], [0.2, 0.4, 0.2])
        assert average_activity_score(view) is view.average

    def test_ties_are_broken_by_the_mean_signal(self):
        rng = np.random.default_rng(0)
        average, signal = rng.integers(0, 6, 300) / 5, rng.integers(0, 40, 300) / 7
        score = average_activity_score(make_view(average > 0, average, average_signal=signal))
        pairs = pd.MultiIndex.from_arrays([average, signal])
        expected = rankdata(pd.factorize(pairs, sort=True)[0], method="dense")
        np.testing.assert_array_equal(rankdata(score, method="dense"), expected)
        assert (np.diff(score[np.argsort(average, kind="stable")]) != 0).any()

    def test_no_signal_however_large_lifts_a_locus_over_the_next_level(self):
        average, signal = np.array([0.2, 0.4, 0.2, 0.4]), np.array([1e300, -1e300, 5.0, 0.0])
        score = average_activity_score(make_view(average > 0, average, average_signal=signal))
        assert score[[0, 2]].max() < score[[1, 3]].min()


def baselines_of(data, similarity=None):
    codes, n_blocks, _ = genome_blocks(data)
    return Baselines(ReferencePanel(data, codes, n_blocks), similarity)


class TestBaselines:
    @pytest.fixture
    def world(self):
        return small_world()

    @pytest.fixture
    def found(self, world):
        return baselines_of(world.build(signal=world.signal)).of(world.targets[0])

    def test_names_are_those_that_are_promised(self, found):
        assert list(found.scores) == [
            "average-activity", "average-signal", "nearest-celltype", "k-nearest-celltypes",
            "oracle",
        ]  # fmt: skip
        assert set(found.scores) < {*BASELINES, *BOUNDS}

    def test_average_signal_is_the_mean_of_transformed_signals(self, world, found):
        expected = np.arcsinh(world.signal[world.references]).mean(axis=1)
        np.testing.assert_allclose(found.scores["average-signal"], expected)

    def test_nearest_is_the_best_correlated_reference(self, world, found):
        signal = np.arcsinh(world.signal)
        correlation = signal[world.references].corrwith(signal[world.targets[0]])
        assert found.nearest == correlation.idxmax()
        assert found.correlation == pytest.approx(correlation.max())
        agreement = (world.labels[found.nearest] == world.labels[world.targets[0]]).mean()
        assert found.agreement == pytest.approx(agreement)
        np.testing.assert_allclose(found.scores["oracle"], signal[found.nearest])

    def test_oracle_is_chosen_with_the_audited_labels(self):
        """In every block the nearest of the others is another one than the best of all."""
        rng = np.random.default_rng(1)
        labels = rng.integers(0, 2, size=(200, 4)).astype(float)
        labels[:, 2] = labels[:, 0]
        found = Baselines(panel_of(make_set(labels, *split_by_column((200, 4)))), "B").of("A")
        assert found.nearest == "B"
        np.testing.assert_array_equal(found.scores["nearest-celltype"], labels[:, 1])
        np.testing.assert_array_equal(found.scores["oracle"], labels[:, 0])

    def test_agreement_counts_observed_loci_and_is_for_binary_labels(self):
        labels = np.array([[1, 1, 0], [0, 1, 0], [1, np.nan, 1], [0, 0, 1.0]] * 5)
        masks = split_by_column(labels.shape)
        found = Baselines(panel_of(make_set(labels, *masks)), "B").of("A")
        assert found.agreement == pytest.approx(2 / 3)
        data = make_set(labels, *masks, label_kind="continuous")
        assert np.isnan(Baselines(panel_of(data), "B").of("A").agreement)
        labels[:, 1] = np.nan
        labels[0, 1] = 1
        audited = masks[1].copy()
        audited[0] = False
        data = make_set(labels, masks[0], audited)
        assert np.isnan(Baselines(panel_of(data), "B").of("A").agreement)

    @pytest.mark.parametrize(("noise", "closest"), [(0.05, "B"), (3.0, None)])
    def test_a_target_nearer_than_references_among_themselves_is_said(self, noise, closest):
        rng = np.random.default_rng(2)
        values = rng.normal(size=(300, 1)) + rng.normal(size=(300, 8))
        values[:, 0] = values[:, 1] + noise * rng.normal(size=300)
        data = make_set(values, *split_by_column(values.shape), label_kind="continuous")
        found = Baselines(panel_of(data), "F").of("A").resembles
        if closest is None:
            assert found is None
        else:
            name, correlation = found
            assert name == closest
            assert correlation == pytest.approx(np.corrcoef(values[:, 0], values[:, 1])[0, 1])

    def test_few_exchangeable_targets_resemble_a_reference(self):
        audited = np.zeros((300, 26), dtype=bool)
        audited[:, :4] = True
        named = 0
        for seed in range(10):
            rng = np.random.default_rng(seed)
            values = rng.normal(size=(300, 1)) + rng.normal(size=(300, 26))
            data = make_set(values, ~audited, audited, label_kind="continuous")
            found = Baselines(panel_of(data))
            named += sum(found.of(name).resembles is not None for name in data.targets)
        assert named <= 8  # of 40; a third of them by the percentile of single pairs

    @pytest.mark.parametrize("n_references", [3, 5, 10])
    def test_so_do_few_of_those_with_few_references(self, n_references):
        """No percentile is above the largest of few: a third of the targets would be."""
        audited = np.zeros((300, 4 + n_references), dtype=bool)
        audited[:, :4] = True
        named, twins = 0, 0
        for seed in range(10):
            rng = np.random.default_rng(seed)
            values = rng.normal(size=(300, 1)) + rng.normal(size=audited.shape)
            data = make_set(values, ~audited, audited, label_kind="continuous")
            named += sum(
                Baselines(panel_of(data)).of(t).resembles is not None for t in data.targets
            )
            values[:, 0] = values[:, -1] + 0.3 * rng.normal(size=300)
            data = make_set(values, ~audited, audited, label_kind="continuous")
            twins += Baselines(panel_of(data)).of("A").resembles is not None
        assert named == 0
        assert twins == 10

    def test_with_one_pair_of_references_nothing_is_said_of_resemblance(self):
        labels = np.tile(np.arange(20)[:, None] % 2, (1, 3)).astype(float)
        data = make_set(labels, *split_by_column((20, 3)))
        assert Baselines(panel_of(data)).of("A").resembles is None

    def test_a_constant_target_resembles_nobody(self):
        labels = np.random.default_rng(3).integers(0, 2, size=(50, 5)).astype(float)
        labels[:, 0] = 1
        found = Baselines(panel_of(make_set(labels, *split_by_column((50, 5))))).of("A")
        assert found.resembles is None
        assert np.isnan(found.correlation)

    def test_without_references_there_are_no_loci_and_no_nearest(self):
        labels = (np.arange(40) % 2).astype(float)[:, None]
        reference = np.arange(40)[:, None] < 20
        found = Baselines(panel_of(make_set(labels, reference, ~reference))).of("A")
        assert found.nearest == ""
        assert np.isnan([found.correlation, found.agreement]).all()
        assert all(len(score) == 0 for score in found.scores.values())
        assert found.view.n_hybrid == 20

    def test_inside_count_strata_the_average_knows_nothing(self, world):
        found = baselines_of(world.build()).of("C01")
        for count in range(1, len(world.references)):
            inside = found.view.activity_count == count
            labels = found.view.labels[inside]
            if 0 < labels.sum() < len(labels):
                assert roc_auc_score(labels, found.scores["average-activity"][inside]) == 0.5


def test_loci_that_no_reference_observes_are_not_audited():
    """The first locus has no reference label, the second no audited pair."""
    labels = np.ones((4, 3))
    audited = np.zeros(labels.shape, dtype=bool)
    audited[[0, 2, 3], 0] = True
    reference = np.zeros(labels.shape, dtype=bool)
    reference[1:, 1:] = True
    data = make_set(labels, reference, audited)
    assert audited_loci(data).tolist() == [False, False, True, True]


class TestGenomeBlocks:
    def test_chromosomes_by_name_whatever_the_order_of_rows(self):
        chrom = np.repeat(np.arange(12), 3)
        labels = np.ones((36, 2))
        reversed_ = Loci.from_any([f"chr{c + 1}:{i}-{i + 1}" for i, c in enumerate(chrom)][::-1])
        data = make_set(labels, *split_by_column((36, 2)), loci=reversed_)
        codes, n_blocks, kind = genome_blocks(data)
        assert (n_blocks, kind) == (12, "chromosome")
        names = np.array(sorted(f"chr{i}" for i in range(1, 13)), dtype=object)
        np.testing.assert_array_equal(names[codes], reversed_.chromosomes())

    def test_few_chromosomes_are_cut_alike_in_any_order_of_rows(self):
        """Three chromosomes of one length share 20 stretches: one gets fewer than the others."""
        ids = np.array([f"chr{1 + i % 3}:{10 * i}-{10 * i + 5}" for i in range(90)], dtype=object)
        labels = np.ones((90, 2))
        masks = split_by_column((90, 2))
        codes, n_blocks, kind = genome_blocks(make_set(labels, *masks, loci=Loci.from_any(ids)))
        assert (n_blocks, kind) == (20, "stretch")
        again = genome_blocks(make_set(labels, *masks, loci=Loci.from_any(ids[::-1])))
        np.testing.assert_array_equal(again[0][::-1], codes)

    def test_without_coordinates_stretches_follow_the_table(self):
        data = make_set(
            np.ones((40, 2)),
            *split_by_column((40, 2)),
            loci=Loci.from_any([f"gene{i}" for i in range(40)]),
        )
        codes, n_blocks, kind = genome_blocks(data)
        assert (n_blocks, kind) == (20, "stretch")
        np.testing.assert_array_equal(codes, np.arange(40) // 2)

    @pytest.mark.parametrize("convert", [list, np.array, pd.Series, tuple])
    def test_given_ids_are_taken(self, convert):
        data = make_set(np.ones((6, 2)), *split_by_column((6, 2)))
        codes, n_blocks, kind = genome_blocks(data, convert(["b", "a", "b", "c", "a", "c"]))
        assert (n_blocks, kind) == (3, "given")
        np.testing.assert_array_equal(codes, [1, 0, 1, 2, 0, 2])

    @pytest.mark.parametrize(
        ("blocks", "match"),
        [
            ([0, 1, 2], r"one value for each locus; values of shape \(3,\) came for 4 loci"),
            ([0, None, 1, None], "no missing ids; 2 of 4 are missing, the first at row 1"),
            (["a", "a", np.nan, "b"], "no missing ids; 1 of 4 are missing, the first at row 2"),
            ([0.0, np.nan, 1, 1], "no missing ids; 1 of 4 are missing, the first at row 1"),
            ([7, 7, 7, 7], "at least two different ids; 1 came"),
        ],
    )
    def test_blocks_that_cannot_be_are_refused(self, blocks, match):
        data = make_set(np.ones((4, 2)), *split_by_column((4, 2)))
        with pytest.raises(ValidationError, match=f"`blocks` must have {match}"):
            genome_blocks(data, blocks)


class TestComputeBaselineScores:
    def test_gives_a_frame_by_locus(self):
        world = small_world()
        data = world.build(signal=world.signal)
        frame = leakcheck.compute_baseline_scores(data, world.targets[1])
        assert list(frame.columns) == [
            "average-activity", "average-signal", "nearest-celltype", "k-nearest-celltypes",
            "oracle", "n_observed",
        ]  # fmt: skip
        assert frame.index.tolist() == world.labels.index.tolist()
        assert frame.index.name == "locus"
        assert frame.notna().all().all()
        average = world.labels[world.references].mean(axis=1)
        assert (frame["average-activity"].corr(average, method="spearman")) > 0.9

    @pytest.mark.parametrize("kind", ["binary", "continuous", "leave-one-out"])
    def test_says_over_how_many_references_the_average_of_a_locus_is(self, kind):
        world = small_world()
        values = np.log(world.signal) if kind == "continuous" else world.labels.astype(float)
        labels = values.mask(np.random.default_rng(0).random(values.shape) < 0.3)
        options = {"labels": labels}
        references = world.references
        if kind == "leave-one-out":
            options |= {"train": "leave-one-out", "preds": values * 0 + 1}
            references = [name for name in labels if name != world.targets[0]]
        data = world.build(**options)
        frame = leakcheck.compute_baseline_scores(data, world.targets[0])
        known = labels[references].notna().sum(axis=1).loc[frame.index]
        np.testing.assert_array_equal(frame["n_observed"], known)
        assert known.nunique() > 3
        design = world.audit(**options).design.iloc[0]
        assert design["n_observed_least"] == known.min()
        assert design["n_observed_most"] == known.max()

    def test_passes_its_options_on(self):
        world = small_world()
        data = world.build(signal=world.signal)
        frame = leakcheck.compute_baseline_scores(
            data,
            "C01",
            similarity=world.references[0],
            blocks=np.arange(400) % 7,
            signal_transform="none",
        )
        np.testing.assert_array_equal(frame["nearest-celltype"], world.signal[world.references[0]])

    def test_an_unknown_target_is_refused(self):
        world = small_world()
        with pytest.raises(ValidationError, match=r"`target` .* 'C02' came\. The targets are C01"):
            leakcheck.compute_baseline_scores(world.build(), "C02")

    def test_what_is_no_evaluation_set_and_no_transform_is_refused(self):
        world = small_world()
        with pytest.raises(ValidationError, match="`data` must be an EvaluationSet; a DataFrame"):
            leakcheck.compute_baseline_scores(world.labels, world.targets[0])
        with pytest.raises(
            ValidationError, match="`signal_transform` must be one of arcsinh, none"
        ):
            leakcheck.compute_baseline_scores(
                world.build(), world.targets[0], signal_transform="log"
            )


@pytest.mark.parametrize("form", [str, dict])
def test_where_a_named_cell_type_has_no_label_the_one_most_like_it_stands_in(form):
    """Neither the first of the alphabet nor the one most like the target, whose labels count."""
    world = leakcheck.simulate.epigenome(n_loci=600, random_state=3)
    target, named, twin = "C01", "C20", "C19"
    labels = world.labels.astype(float)
    hidden = np.arange(600) % 2 == 0
    labels.loc[hidden, named] = np.nan
    references = [name for name in world.cell_types if name != target]
    data = leakcheck.build_evaluation_set(labels[[target]], labels, train=references)
    similarity = named if form is str else {target: named}
    scores = leakcheck.compute_baseline_scores(data, target, similarity=similarity)
    nearest = scores["nearest-celltype"].to_numpy()
    np.testing.assert_array_equal(nearest[hidden], world.labels.loc[hidden, twin])
    np.testing.assert_array_equal(nearest[~hidden], world.labels.loc[~hidden, named])
