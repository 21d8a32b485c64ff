"""The audit where something is missing, constant, copied or known: reasons, never silence."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.simulate import epigenome
from tests.worlds import SmallWorld, assert_nothing_is_silent, small_world

KNOWN = "cell-type-specific"


@pytest.fixture
def world():
    return small_world()


def specificity(report, model):
    return report.information.query("model == @model")["specificity"].tolist()


def verdicts(report, model, baseline="average-activity"):
    return report.verdict.query("model == @model and baseline == @baseline")["verdict"].tolist()


class TestTargets:
    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_one_class_only_is_not_testable_with_a_reason(self, world, value):
        labels = world.labels.astype(float)
        labels[world.targets[1]] = value
        report = world.audit(labels=labels)
        assert_nothing_is_silent(report)
        rows = report.verdict.query("target == @world.targets[1]")
        assert set(rows["verdict"]) == {"not-testable"}
        assert set(rows["reason"]) == {"the target's labels are all the same"}
        assert set(rows["flag"]) == {""}
        rows = report.information.query("target == @world.targets[1]")
        assert set(rows["conclusion"]) == {"not testable"}
        others = report.verdict.query("target != @world.targets[1]")
        assert "not-testable" not in set(others["verdict"])
        assert (report.summary["n_not_testable"] == 1).all()
        assert "LK019" not in set(report.findings["code"])
        expected = world.audit().verdict.query("target != @world.targets[1]")
        pd.testing.assert_frame_equal(
            others.drop(columns="pvalue_adjusted"), expected.drop(columns="pvalue_adjusted")
        )

    def test_one_target_supports_no_claim(self, world):
        preds = {name: frame[world.targets[:1]] for name, frame in world.preds.items()}
        report = world.audit(preds=preds)
        assert_nothing_is_silent(report)
        assert "LK011" in set(report.findings["code"])
        assert set(report.within_locus["reason"]) == {"fewer than two targets"}
        assert set(report.summary["reason"]) == {"one target says nothing about others"}

    def test_leave_one_out(self, world):
        preds = {"honest": np.log(world.signal), "average": world.labels * 0.0}
        for name in world.labels:
            preds["average"][name] = world.labels.drop(columns=name).mean(axis=1)
        report = leakcheck.audit(preds, world.labels, world.loci, train="leave-one-out")
        assert_nothing_is_silent(report)
        assert report.settings["n_targets"] == 12
        assert set(report.design["setting"]) == {"cross-cell-type"}
        assert (report.design["n_reference"] == 11).all()
        head = " ".join(str(report).split("\n\n")[0].split())
        assert head.endswith("12 reference cell types, each target held out in turn")
        assert set(verdicts(report, "honest")) == {"beats"}
        average = report.verdict.query("model == 'average' and baseline == 'average-activity'")
        np.testing.assert_array_equal(average["difference"], 0)
        assert set(average["verdict"]) == {"does-not-beat"}
        assert report.within_locus["reason"].str.startswith("targets are references").all()

    def test_leave_one_out_averages_do_not_hold_the_target(self, world):
        """With two cell types the average is the other one."""
        labels = world.labels[["C01", "C07"]]
        preds = labels[["C07", "C01"]].set_axis(["C01", "C07"], axis=1) * 1.0
        report = leakcheck.audit(preds, labels, world.loci, train="leave-one-out")
        assert_nothing_is_silent(report)
        np.testing.assert_array_equal(report.verdict["difference"], 0)
        assert set(report.findings["code"]) >= {"LK004"}


class TestReferences:
    def test_loci_without_a_reference_are_left_out_and_counted(self, world):
        labels = world.labels.astype(float)
        labels.iloc[:60, labels.columns.get_indexer(world.references)] = np.nan
        report = world.audit(labels=labels)
        assert_nothing_is_silent(report)
        assert (report.design["n_hybrid_loci"] == 60).all()
        assert (report.design["n_loci"] == 340).all()
        assert set(report.scores["n_loci"]) == {340}
        assert set(report.design["setting"]) == {"mixed"}
        assert "LK005" in set(report.findings["code"])
        kept = world.audit(
            labels=world.labels.iloc[60:],
            preds={name: frame.iloc[60:] for name, frame in world.preds.items()},
            loci=world.loci.iloc[60:],
        )
        for name in ("verdict", "scores"):
            pd.testing.assert_frame_equal(getattr(report, name), getattr(kept, name))

    @pytest.mark.parametrize("kind", ["binary", "binary with signal", "continuous"])
    def test_without_any_shared_locus_nothing_is_testable(self, world, kind):
        half = world.loci["chrom"].isin([f"chr{i}" for i in range(1, 6)]).to_numpy()
        mask = pd.DataFrame(False, index=world.labels.index, columns=world.labels.columns)
        mask.loc[half, world.references] = True
        report = world.audit(
            preds={name: frame[~half] for name, frame in world.preds.items()},
            labels=np.log(world.signal) if kind == "continuous" else world.labels,
            signal=world.signal if kind == "binary with signal" else None,
            train=mask,
            families={"memoriser": "a", "honest-strong": "b"},
        )
        assert_nothing_is_silent(report)
        assert set(report.verdict["verdict"]) == {"not-testable"}
        assert set(report.verdict["reason"]) == {
            "no audited locus is observed in a reference cell type"
        }
        assert set(report.information["conclusion"]) == {"not testable"}
        assert set(report.design["setting"]) == {"hybrid"}
        assert (report.design["n_loci"] == 0).all()
        assert report.scores["value"].isna().all()
        assert not report.passed()
        assert str(report)

    def test_a_single_cell_type_across_chromosomes_is_not_testable(self, world):
        target = world.targets[0]
        half = np.arange(400) < 200
        report = world.audit(
            preds={name: frame.loc[~half, [target]] for name, frame in world.preds.items()},
            labels=world.labels[[target]],
            train=pd.DataFrame({target: half}, index=world.labels.index),
        )
        assert_nothing_is_silent(report)
        assert set(report.verdict["verdict"]) == {"not-testable"}
        row = report.design.iloc[0]
        assert row["setting"] == "cross-chromosome"
        assert (row["nearest"], row["reason"]) == ("", "no other cell type is a reference")

    def test_across_chromosomes_the_others_are_the_reference(self, world):
        half = np.arange(400) < 200
        mask = pd.DataFrame(False, index=world.labels.index, columns=world.labels.columns)
        mask[world.references] = True
        mask.loc[half] = True
        report = world.audit(
            preds={name: frame[~half] for name, frame in world.preds.items()}, train=mask
        )
        assert_nothing_is_silent(report)
        assert set(report.design["setting"]) == {"random"}
        assert (report.design["n_reference"] == 11).all()
        assert report.within_locus["reason"].str.startswith("targets are references").all()

    def test_one_reference(self, world):
        report = world.audit(
            train=world.references[:1],
            signal=world.signal,
            families={"memoriser": "a", "honest-strong": "b"},
        )
        assert_nothing_is_silent(report)
        assert {"LK004", "LK016"} <= set(report.findings["code"])
        assert (report.design["n_reference"] == 1).all()
        assert len(report.strata) == 0
        assert set(report.comparisons["stratum"]) == {"all"}
        assert set(report.design["nearest"]) == {world.references[0]}
        # the average and the nearest cell type are the same then
        table = report.scores.query("metric == 'auroc'").set_index(["model", "target"])["value"]
        np.testing.assert_allclose(table["average-signal"], table["nearest-celltype"])

    def test_missing_reference_labels(self, world):
        rng = np.random.default_rng(0)
        labels = world.labels.astype(float).mask(rng.random(world.labels.shape) < 0.3)
        report = world.audit(labels=labels)
        assert_nothing_is_silent(report)
        assert set(verdicts(report, "honest-strong")) == {"beats"}
        assert "LK017" in set(report.findings["code"])


class TestPredictions:
    def test_constant(self, world):
        constant = {"constant": world.preds["memoriser"] * 0 + 0.7}
        report = world.audit(preds=constant, signal=world.signal)
        assert_nothing_is_silent(report)
        assert set(verdicts(report, "constant")) == {"does-not-beat"}
        assert set(specificity(report, "constant")) == {"not-testable"}
        assert set(report.information["reason"]) == {"the prediction is constant"}
        scores = report.scores.query("metric == 'expected_average_precision'")
        scores = scores.set_index(["model", "target"])["value"]
        np.testing.assert_allclose(scores["constant"], scores["prevalence"])

    def test_constant_for_continuous_labels(self, world):
        constant = {"constant": world.preds["memoriser"] * 0 + 0.7}
        report = world.audit(preds=constant, labels=np.log(world.signal))
        assert_nothing_is_silent(report)
        assert set(verdicts(report, "constant")) == {"does-not-beat"}
        assert set(report.verdict["pvalue"]) == {1.0}
        assert set(report.verdict["reason"]) == {"pearson is undefined: a variance is zero"}

    @pytest.mark.parametrize("with_signal", [False, True])
    def test_the_average_itself(self, world, with_signal):
        average = world.labels[world.references].mean(axis=1)
        preds = {"copy": pd.DataFrame(dict.fromkeys(world.targets, average))}
        report = world.audit(preds=preds, signal=world.signal if with_signal else None)
        assert_nothing_is_silent(report)
        assert "beats" not in verdicts(report, "copy")
        assert set(specificity(report, "copy")) == {"not-testable"}
        assert "LK013" in set(report.findings["code"])
        if not with_signal:
            rows = report.verdict.query("baseline == 'average-activity'")
            np.testing.assert_array_equal(rows["difference"], 0)
            assert (rows["pvalue"] == 1).all()

    def test_a_jitter_of_the_average_wins_nothing(self):
        """Under scikit-learn's average precision it would, at most targets."""
        world = small_world(1, ("jittered-average",), n_loci=1500, n_targets=4)
        report = world.audit()
        assert "beats" not in verdicts(report, "jittered-average")

    @pytest.mark.parametrize("with_signal", [False, True])
    @pytest.mark.parametrize("which", [0, 4, 8])
    def test_a_reference_cell_type_knows_nothing_of_the_target(self, which, with_signal):
        world = small_world(4, ("random",), n_loci=1500)
        source = np.log(world.signal) if with_signal else world.labels * 1.0
        copied = source[world.references[which]]
        preds = {"copy": pd.DataFrame(dict.fromkeys(world.targets, copied))}
        report = world.audit(preds=preds, signal=world.signal if with_signal else None)
        assert_nothing_is_silent(report)
        assert set(specificity(report, "copy")) == {"not-testable"}
        assert "LK013" in set(report.findings["code"])
        assert "beats" not in verdicts(report, "copy", "nearest-celltype")

    def test_memory_is_told_from_knowledge(self):
        models = ("memoriser", "random", "honest-weak", "honest-strong", "nearest-copier")
        world = small_world(5, models, n_loci=1500)
        report = world.audit(signal=world.signal)
        pvalues = report.information.set_index("model")["pvalue"]
        assert (pvalues[["memoriser", "random"]] > 0.01).all()
        # Each target is a test at 5%.
        assert list(specificity(report, "memoriser")).count(KNOWN) <= 1
        for honest in ("honest-weak", "honest-strong"):
            assert set(specificity(report, honest)) == {KNOWN}
        for baseline in ("average-activity", "nearest-celltype"):
            assert set(verdicts(report, "honest-strong", baseline)) == {"beats"}
            assert set(verdicts(report, "memoriser", baseline)) == {"does-not-beat"}
            assert set(verdicts(report, "honest-weak", baseline)) == {"does-not-beat"}
        assert KNOWN not in specificity(report, "nearest-copier")
        assert set(verdicts(report, "nearest-copier")) == {"beats"}
        assert "beats" not in verdicts(report, "nearest-copier", "nearest-celltype")
        words = report.information.set_index("model")["conclusion"]
        assert set(words["honest-strong"]) == {"useful, and cell-type-specific"}
        assert words["memoriser"].str.contains("consistent with memorisation").any()

    def test_a_nearly_perfect_baseline_is_compared_by_difference(self):
        world = SmallWorld(0, ("perfect",), lineage_sd=0, sublineage_sd=0, own_sd=0.01)
        report = world.audit(signal=world.signal)
        assert_nothing_is_silent(report)
        assert set(report.verdict["tested"]) == {"difference"}
        assert "LK019" in set(report.findings["code"])


class TestLoci:
    def genes(self, world):
        ids = [f"gene{i}" for i in range(len(world.labels))]
        preds = {name: frame.set_axis(ids) for name, frame in world.preds.items()}
        return {"preds": preds, "labels": world.labels.set_axis(ids), "loci": None}

    def test_given_blocks_stand_in_for_coordinates(self, world):
        blocks = np.arange(len(world.labels)) // 20
        report = world.audit(**self.genes(world), blocks=blocks)
        assert "LK018" not in set(report.findings["code"])
        assert set(report.design["blocks"]) == {"given"}

    def test_without_coordinates_loci_count_as_independent(self, world):
        report = world.audit(**self.genes(world))
        assert_nothing_is_silent(report)
        assert "LK018" in set(report.findings["code"])
        assert set(report.design["blocks"]) == {"stretch"}
        assert (report.design["n_blocks"] == 20).all()

    def test_blocks_serve_where_coordinates_are_missing(self, world):
        blocks = world.loci["chrom"].to_numpy()
        report = world.audit(**self.genes(world), blocks=blocks)
        expected = world.audit().verdict
        pd.testing.assert_frame_equal(
            report.verdict.drop(columns="specificity"), expected.drop(columns="specificity")
        )

    def test_few_chromosomes_are_cut_into_stretches(self, world):
        kept = world.loci["chrom"].isin(["chr1", "chr2", "chr3"]).to_numpy()
        report = world.audit(
            labels=world.labels[kept],
            loci=world.loci[kept],
            preds={name: frame[kept] for name, frame in world.preds.items()},
        )
        assert_nothing_is_silent(report)
        findings = report.findings.set_index("code")
        assert "3 chromosomes" in findings.loc["LK006", "evidence"]
        assert set(report.design["blocks"]) == {"stretch"}
        assert set(report.information["reason"]) == {"fewer than 200 loci"}

    def test_few_audited_chromosomes_of_many_are_cut_into_stretches(self, world):
        """The reference has labels on 22 chromosomes, and the targets are audited on three."""
        kept = world.loci["chrom"].isin(["chr1", "chr2", "chr3"]).to_numpy()
        labels = world.labels.astype(float)
        labels.loc[~kept, list(world.targets)] = np.nan
        report = world.audit(labels=labels)
        (row,) = report.findings[report.findings["code"] == "LK006"].itertuples()
        assert row.evidence == (
            "3 of 22 chromosomes hold audited loci; stretches of these are the blocks."
        )
        assert (report.design["n_blocks"] == 20).all()
        assert set(report.design["blocks"]) == {"stretch"}
        assert "LK006" not in set(world.audit().findings["code"])

    def test_contigs_are_no_chromosomes_of_their_own(self, world):
        """Three chromosomes and a dozen contigs are few, and it is said why."""
        loci = world.loci.copy()
        names = loci["chrom"].where(loci["chrom"].isin(["chr1", "chr2", "chr3"]), "chr1")
        names.iloc[::31] = [f"chrUn_{k}" for k in range(len(names.iloc[::31]))]
        loci["chrom"] = names
        genes = self.genes(world)
        report = world.audit(**genes | {"loci": loci.set_axis(genes["labels"].index)})
        (row,) = report.findings[report.findings["code"] == "LK006"].itertuples()
        assert row.evidence == (
            "16 chromosomes hold audited loci, fewer than ten of them enough for a block; "
            "stretches of these are the blocks."
        )
        assert set(report.design["blocks"]) == {"stretch"}
        assert (report.design["n_blocks"] == 21).all()

    def test_a_target_in_few_blocks_of_many_is_said_to_be(self, world):
        first, *others = world.targets
        kept = world.loci["chrom"].isin(["chr1", "chr2", "chr3"]).to_numpy()
        labels = world.labels.astype(float)
        labels.loc[~kept, first] = np.nan
        report = world.audit(labels=labels)
        (row,) = report.findings[report.findings["code"] == "LK006"].itertuples()
        assert row.target == first
        assert row.evidence == (
            f"3 of 22 chromosomes hold audited loci, at {first}; intervals rest on 2 degrees of "
            "freedom."
        )
        assert report.design["n_blocks"].tolist() == [3, *[22] * len(others)]

    def test_two_blocks_test_nothing_specific(self, world):
        report = world.audit(blocks=np.arange(400) % 2)
        assert_nothing_is_silent(report)
        assert set(report.information["reason"]) == {"fewer than 8 blocks"}
        assert (report.verdict["degrees_of_freedom"] == 1).all()

    def test_a_block_with_a_whole_class_is_not_testable(self, world):
        labels = world.labels.astype(float)
        first = world.loci["chrom"].to_numpy() == "chr1"
        labels.loc[~first, world.targets[0]] = 0
        report = world.audit(labels=labels)
        assert_nothing_is_silent(report)
        rows = report.verdict.query("target == @world.targets[0]")
        assert set(rows["reason"]) == {"too few blocks, or a block holds all loci of a class"}

    def test_within_locus_with_a_block_that_holds_a_direction(self):
        world = small_world(0, ("honest-strong",), n_loci=1500, n_targets=2)
        first, second = world.labels[world.targets].to_numpy().T
        report = world.audit(blocks=np.where(first > second, "up", "rest"))
        row = report.within_locus.iloc[0]
        assert row["n_directions"] == 2
        assert np.isfinite(row["concordance"])
        assert row["reason"].startswith("too few blocks, or a block holds all discordant loci")
        assert_nothing_is_silent(report)


def test_fewer_loci_than_the_information_test_needs():
    world = SmallWorld(0, n_loci=100)
    report = world.audit()
    assert_nothing_is_silent(report)
    assert set(report.information["reason"]) == {"fewer than 200 loci"}
    assert "supervised-ceiling" not in set(report.scores["model"])


def test_the_smallest_epigenome_is_audited():
    small = epigenome(n_loci=44, n_cell_types=4, n_lineages=1)
    preds = {"m": small.labels[["C01"]] + np.linspace(0, 0.1, 44)[:, None]}
    report = leakcheck.audit(preds, small.labels, small.loci, train=["C02", "C03", "C04"])
    assert_nothing_is_silent(report)
