"""Blocks on which the references hardly vary: which they are, and what is left without them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.base.chunks import Runs
from leakcheck.live_rows import LeftOut, LiveRows
from leakcheck.panel_rows import PanelRows
from leakcheck.silent_blocks import silent_blocks
from leakcheck.simulate import epigenome
from leakcheck.target_rows import AverageRanks, Scratch
from tests.worlds import make_set, panel_of, split_by_column

SIZES = (19, 60, 30, 25, 56)
BLOCKS = np.repeat(np.arange(5), SIZES)
RNG = np.random.default_rng


def rows_of(labels, **options):
    """Rows of the target in the first column, on five chromosomes."""
    data = make_set(labels, *split_by_column(labels.shape), **options)
    panel = panel_of(data, BLOCKS)
    return PanelRows(panel, panel.view("A"))


def labels_with(constant, value=0.0, kind="binary"):
    rng = RNG(0)
    labels = rng.integers(2, size=(190, 5)) * 1.0 if kind == "binary" else rng.normal(size=(190, 5))
    labels[np.isin(BLOCKS, constant), 1:] = value
    return labels


def silent_of(rows):
    return np.flatnonzero(silent_blocks(rows, AverageRanks(rows, Scratch()))).tolist()


class TestSilentBlocks:
    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_blocks_of_enough_loci_on_which_the_references_are_constant(self, value, kind):
        """The first block has nineteen loci, and the target varies on all of them."""
        assert silent_of(rows_of(labels_with([0, 1, 3], value, kind), label_kind=kind)) == [1, 3]

    @pytest.mark.parametrize(("n_active", "expected"), [(1, [1, 3]), (2, [1, 3]), (12, [3])])
    def test_a_few_active_loci_are_next_to_nothing(self, n_active, expected):
        labels = labels_with([1, 3])
        labels[20 : 20 + n_active, 2] = 1
        average = labels[:, 1:].mean(axis=1)
        inside = np.array([average[block == BLOCKS].var() for block in range(5)])
        share = inside / np.average(inside[1:], weights=SIZES[1:])
        assert np.flatnonzero((share < 0.1) & (np.arange(5) > 0)).tolist() == expected
        assert silent_of(rows_of(labels)) == expected

    def test_a_few_active_loci_are_enough_in_a_small_block(self):
        labels = labels_with([1, 3])
        labels[80, 2] = labels[110, 2] = 1
        assert BLOCKS[[80, 110]].tolist() == [2, 3]
        assert silent_of(rows_of(labels)) == [1]

    def test_labels_of_the_target_decide_nothing(self):
        labels = labels_with([1, 3])
        labels[np.isin(BLOCKS, [2, 3]), 0] = 0
        assert silent_of(rows_of(labels)) == [1, 3]

    def test_gaps_in_a_constant_leave_it_constant(self):
        labels = labels_with([1, 3], np.log(0.01), "continuous")
        labels[RNG(1).random(labels.shape) < 0.2] = np.nan
        assert silent_of(rows_of(labels, label_kind="continuous")) == [1, 3]

    @pytest.mark.parametrize("sign", [1, -1])
    def test_outliers_leave_the_other_blocks_alone(self, sign):
        labels = np.exp(3 * labels_with([], kind="continuous"))
        labels[50] = 1e12
        assert silent_of(rows_of(sign * labels, label_kind="continuous")) == []

    @pytest.mark.parametrize(("quantiles", "expected"), [((0.05, 0.65), []), ((0.05, 0.3), [4])])
    def test_in_heavy_tails_ranks_must_be_close_as_well(self, quantiles, expected):
        """The block hardly varies beside the others, whatever the ranks of its two values."""
        average = np.exp(3 * RNG(0).normal(size=190))
        low, high = np.quantile(average, quantiles)
        average[BLOCKS == 4] = np.where(np.arange(56) % 2, low, high)
        clipped = average.clip(max=np.quantile(average, 0.95))
        assert clipped[BLOCKS == 4].var() < 0.02 * clipped[BLOCKS == 1].var()
        labels = np.tile(average[:, None], 5)
        assert silent_of(rows_of(labels, label_kind="continuous")) == expected

    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    @pytest.mark.parametrize("length", [7, 40])
    def test_stretches_that_are_read_at_a_time_change_nothing(self, length, kind, monkeypatch):
        monkeypatch.setattr("leakcheck.target_rows.CHUNK_ROWS", length)
        assert silent_of(rows_of(labels_with([1, 3], kind=kind), label_kind=kind)) == [1, 3]

    def test_runs_without_rows_are_not_looked_at(self):
        runs = Runs(np.array([30, 0, 30]), np.array([0, 0, 1]), np.zeros(3, dtype=int))
        average = np.append(np.zeros(30), np.arange(30) % 2 == 0).astype(float)
        parts = {"runs": runs, "n_blocks": 2, "label_kind": "binary"}
        rows = SimpleNamespace(average=average.__getitem__, **parts)
        assert silent_blocks(rows, ranks=None).tolist() == [True, False]

    def test_what_rounding_leaves_of_one_number_is_no_variance(self):
        labels = labels_with([0, 1, 2, 3, 4], 0.1, "continuous")
        labels[(BLOCKS != 1) & (np.arange(190) % 2 == 0), 2] = np.nan
        rows = rows_of(labels, label_kind="continuous")
        assert 0 < np.ptp(rows.average(slice(0, 190))) < 1e-16
        assert silent_of(rows) == []

    def test_none_where_no_block_varies(self):
        assert silent_of(rows_of(labels_with([0, 1, 2, 3, 4]))) == []

    def test_none_where_blocks_are_loci(self):
        data = make_set(labels_with([1]), *split_by_column((190, 5)))
        panel = panel_of(data, np.arange(190))
        assert silent_of(PanelRows(panel, panel.view("A"))) == []


def test_chromosomes_without_rows_in_a_silent_block_are_not_named():
    runs = Runs(np.array([30, 0, 25]), np.array([0, 0, 1]), np.array([4, 5, 6]))
    rows = SimpleNamespace(runs=runs, n_blocks=3)
    silent = np.array([True, False, False])
    assert LeftOut.of(rows, silent) == LeftOut(n_blocks=1, n_loci=30, n_left=1, chroms=(4,))


@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_rows_that_are_left_are_those_of_a_table_without_the_blocks(kind):
    labels, silent = labels_with([1, 3], kind=kind), np.isin(np.arange(5), [1, 3])
    labels[RNG(2).random(labels.shape) < 0.1] = np.nan
    rows = rows_of(labels, label_kind=kind)
    live = LiveRows(rows, silent)
    block_of = np.repeat(rows.runs.blocks, rows.runs.lengths)
    kept = np.flatnonzero(~silent[block_of])
    some = RNG(3).permutation(len(kept))[:40]
    for at in (slice(0, len(kept)), slice(5, 12), slice(15, 60), some):
        wanted = kept[at]
        np.testing.assert_array_equal(live.labels(at), rows.labels(wanted))
        np.testing.assert_array_equal(live.average(at), rows.average(wanted))
        np.testing.assert_array_equal(live.active(at, 2), rows.active(wanted, 2))
        np.testing.assert_array_equal(live.table(at), rows.table(wanted))
        if kind == "binary":
            np.testing.assert_array_equal(live.levels[0][live.codes(at)], rows.average(wanted))
    assert live.runs.n_rows == len(kept) == len(rows.labels(slice(0, len(block_of)))[kept])
    assert live.label_range == (rows.labels(kept).min(), rows.labels(kept).max())
    assert live.key != rows.key
    if kind == "binary":
        values, counts = np.unique(rows.average(kept), return_counts=True)
        np.testing.assert_array_equal(live.levels[0], values)
        np.testing.assert_array_equal(live.levels[1], counts)
    assert (live.left_out.n_blocks, live.left_out.n_left) == (2, 3)
    assert live.left_out.n_loci == len(block_of) - len(kept)


def audits(kind, gone, seed=0):
    """Memory and a mixture where chromosomes are silent, and without the loci of these."""
    rng = RNG(seed)
    world = epigenome(random_state=rng, n_cell_types=8)
    labels = world.labels if kind != "continuous" else np.arcsinh(world.signal)
    labels = labels.iloc[:, [0, 2, 3, 5, 6]].astype(float)
    is_gone = world.loci["chrom"].isin(gone).to_numpy()
    labels[is_gone] = 0
    average = (labels.sum(axis=1).to_numpy()[:, None] - labels) / 4
    noise = 0.05 * rng.standard_normal(labels.shape)
    preds = {"memory": average + noise, "mixture": average + 0.3 * labels + noise}
    similar = dict(zip(labels, np.roll(labels.columns, 1), strict=True))
    options = {"train": "leave-one-out", "similarity": similar}
    whole = leakcheck.audit(preds, labels, world.loci, **options)
    kept = ~is_gone
    preds = {name: table[kept] for name, table in preds.items()}
    return whole, leakcheck.audit(preds, labels[kept], world.loci[kept], **options)


class TestAudit:
    @pytest.mark.parametrize("kind", ["labels", "continuous"])
    def test_the_information_test_is_that_of_the_other_chromosomes(self, kind):
        whole, left = audits(kind, ["chr3", "chr8", "chr9", "chr15"])
        columns = ["statistic", "pvalue", "degrees_of_freedom"]
        pd.testing.assert_frame_equal(
            whole.information[columns], left.information[columns], check_exact=True
        )
        answers = whole.information["specificity"].groupby(whole.information["model"]).unique()
        assert answers["mixture"].tolist() == ["cell-type-specific"]
        assert "cell-type-specific" not in answers["memory"]

    def test_other_numbers_are_those_of_all_loci(self):
        whole, left = audits("labels", ["chr3"])
        assert whole.scores["n_loci"].max() > left.scores["n_loci"].max()
        rows = whole.information, left.information
        assert (rows[0]["spearman_with_average"] > rows[1]["spearman_with_average"]).any()
        ceiling = whole.scores[whole.scores["model"] == "supervised-ceiling"]
        assert (ceiling["n_loci"] == whole.scores["n_loci"].max()).all()

    def test_what_is_left_out_is_said(self):
        whole, left = audits("labels", ["chr8", "chr3"])
        found = whole.findings.set_index("code")["evidence"]["LK050"]
        assert "2 of 22 chromosomes (chr3, chr8)" in found
        assert found.endswith("the information test rests on the other 20.")
        assert "LK050" not in set(left.findings["code"])

    def test_fewer_than_eight_that_vary_are_too_few(self):
        whole, _ = audits("labels", [f"chr{k}" for k in range(8, 23)])
        reasons = set(whole.information["reason"])
        assert reasons == {"fewer than 8 blocks, where the references' labels vary"}
        assert whole.information["spearman_with_average"].notna().all()
