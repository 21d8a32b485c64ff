"""What differs between targets, as columns: splines of averages, predictions, and neighbours."""

import dataclasses

import numpy as np
import pytest

from leakcheck.base.columns import ArrayColumn
from leakcheck.base.splines import natural_spline
from leakcheck.curves import Curves, level_columns
from leakcheck.data import Loci
from leakcheck.features import ReferenceFeatures
from leakcheck.panel_rows import PanelRows
from leakcheck.target_rows import AverageRanks, Scratch, layout_of
from tests.oracles.regression import normal_scores
from tests.test_features import naive_mean
from tests.worlds import loci_on, make_set, make_view, panel_of, split_by_column


class TestCurves:
    N = 300

    @pytest.fixture
    def parts(self):
        rng = np.random.default_rng(1)
        average, signal, ridge = rng.random((3, self.N))
        return average, signal, ridge

    def curves(
        self, average, ridge, *, signal=None, nearest=None, places=True, n_references=5,
        label_kind="binary",
    ):  # fmt: skip
        """Curves of plain arrays, in their order."""
        labels = np.ones((self.N, 3))
        loci = loci_on(np.arange(self.N) % 4, np.random.default_rng(2).permutation(self.N) * 500)
        if not places:
            loci = Loci.from_any([f"gene{i}" for i in range(self.N)])
        given = None if signal is None else np.ones((self.N, 3))
        data = make_set(labels, *split_by_column(labels.shape), loci=loci, signal=given)
        view = make_view(average > 0.5, average, average_signal=signal, n_references=n_references)
        view = dataclasses.replace(view, label_kind=label_kind)
        rows = PanelRows(panel_of(data, np.arange(self.N) % 10), view)
        layout = layout_of(rows)
        order = np.arange(self.N) if rows.genome.order is None else rows.genome.order
        columns = [None if one is None else ArrayColumn(one[order]) for one in (ridge, nearest)]
        made = Curves(rows, layout, AverageRanks(rows, Scratch()), *columns)
        found = np.concatenate([made(chunk) for chunk in layout.chunks], axis=1)
        values = np.empty((self.N, len(found)), dtype=np.float32)
        values[order[layout.order]] = found.T
        return values, loci

    def of_levels(self, average):
        """Columns of an average of binary labels."""
        levels, codes = np.unique(average, return_inverse=True)
        by_level = natural_spline(levels).take(codes, axis=0)
        ends = np.column_stack([average == average.min(), average == average.max()])
        return np.hstack([natural_spline(average), by_level, ends])

    def test_are_splines_and_means_of_neighbours(self, parts):
        average, signal, ridge = parts
        found, loci = self.curves(average, ridge, signal=signal)
        both = np.column_stack([average, signal])
        expected = [self.of_levels(average), natural_spline(ridge), natural_spline(signal)]
        expected += [naive_mean(both, loci.chrom, loci.start, window) for window in (1, 2, 4)]
        np.testing.assert_allclose(found, np.hstack(expected), rtol=2e-5, atol=2e-6)
        assert found.shape == (self.N, 4 * 7 + 2 + 3 * 2)

    def test_a_continuous_average_enters_by_its_normal_scores(self, parts):
        average, _, ridge = parts
        found, loci = self.curves(average**5, ridge, label_kind="continuous")
        scores = normal_scores(average)
        expected = [natural_spline(scores), natural_spline(ridge)]
        beside = [naive_mean(scores[:, None], loci.chrom, loci.start, w) for w in (1, 2, 4)]
        np.testing.assert_allclose(found, np.hstack(expected + beside), rtol=2e-5, atol=1e-5)

    def test_few_levels_of_the_average_change_nothing(self, parts):
        _, _, ridge = parts
        average = np.random.default_rng(3).integers(0, 10, self.N) / 9
        found, _ = self.curves(average, ridge, places=False, n_references=9)
        expected = np.hstack([self.of_levels(average), natural_spline(ridge)])
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_levels_that_hold_most_loci_leave_the_steps_beside_them_curved(self, parts):
        """Every rising function of the average is nearly a sum of its columns."""
        _, _, ridge = parts
        share = np.array([0.05, *[0.05] * 9, 0.5])
        average = np.random.default_rng(5).choice(11, self.N, p=share) / 10
        found, _ = self.curves(average, ridge, places=False, n_references=10)
        columns = np.column_stack([np.ones(self.N), found[:, : -natural_spline(ridge).shape[1]]])
        for score in (normal_scores(average), average**4, np.sqrt(average)):
            left = score - columns @ np.linalg.lstsq(columns, score, rcond=None)[0]
            assert left.var() < 1e-3 * score.var()

    def test_without_signal_or_places_only_what_there_is(self, parts):
        average, _, ridge = parts
        found, _ = self.curves(average, ridge, places=False)
        expected = np.hstack([self.of_levels(average), natural_spline(ridge)])
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)

    @pytest.mark.parametrize("kind", ["values", "labels", "one label"])
    def test_the_nearest_cell_type_comes_by_its_ranks(self, parts, kind):
        average, signal, ridge = parts
        nearest = {"values": signal**5, "labels": (signal > 0.6) * 1.0, "one label": 0 * signal}
        found, _ = self.curves(average, ridge, places=False, nearest=nearest[kind])
        expected = [self.of_levels(average), natural_spline(ridge)]
        expected.append(natural_spline(normal_scores(nearest[kind])))
        np.testing.assert_allclose(found, np.hstack(expected), rtol=2e-5, atol=1e-5)


class TestGaps:
    """Where labels are missing: how many there are, and the average with its gaps filled."""

    def curves(self, labels, target=0, kind="binary"):
        role = split_by_column(labels.shape) if target == 0 else (np.ones(labels.shape, bool),) * 2
        data = make_set(labels, *role, label_kind=kind)
        panel = panel_of(data, np.arange(len(labels)) % 10)
        rows = PanelRows(panel, panel.view(data.cell_types[target]))
        layout = layout_of(rows)
        table = panel.labels[panel.is_reference][:, rows.genome.loci(layout.order)]
        average = AverageRanks(rows, Scratch())
        ridge = ArrayColumn(np.zeros(layout.n_rows))
        means = np.nanmean(table, axis=1, keepdims=True)
        plain, both = (
            np.concatenate(
                [Curves(rows, layout, average, ridge, label_means=m)(c) for c in layout.chunks], 1
            )
            for m in (None, means)
        )
        n_before = len(both) - len(plain)
        others = panel.references_of(rows.column)
        own = panel.labels[others][:, rows.genome.loci(layout.order)]
        return both, n_before, own

    @pytest.mark.parametrize("target", [0, 3], ids=["no member", "a member"])
    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    def test_are_splines_of_both_and_their_products(self, target, kind):
        rng = np.random.default_rng(4)
        labels = rng.random((300, 6))
        if kind == "binary":
            labels = (labels > 0.4) * 1.0
        labels[:, 1:][rng.random((300, 5)) < 0.3] = np.nan
        labels[:, 0] = rng.integers(0, 2, 300)
        labels[np.isnan(labels[:, 1:]).all(axis=1), 1] = 1.0
        found, n_gaps, own = self.curves(labels, target, kind)
        filled = np.where(np.isnan(own), np.nanmean(own, axis=1, keepdims=True), own).sum(axis=0)
        count = natural_spline((~np.isnan(own)).sum(axis=0).astype(float))
        average = natural_spline(normal_scores(filled))
        expected = np.hstack([count, average, average * count[:, :1]]).T
        assert n_gaps == len(expected)
        at = len(found) - n_gaps - 3  # means of the neighbours come last
        np.testing.assert_allclose(found[at : at + n_gaps], expected, rtol=1e-4, atol=2e-5)

    def test_as_many_labels_everywhere_leave_nothing_to_tell(self):
        labels = (np.random.default_rng(4).random((300, 6)) > 0.4) * 1.0
        labels[np.arange(300), 1 + np.arange(300) % 5] = np.nan
        assert self.curves(labels)[1] == 0


class TestFloors:
    """Where many continuous labels are the least: how many are."""

    @pytest.mark.parametrize("least", [-0.5, np.log2(0.7)], ids=["in float32", "in float64 alone"])
    @pytest.mark.parametrize("target", [0, 3], ids=["no member", "a member"])
    def test_are_splines_of_the_number_of_references(self, target, least):
        rng = np.random.default_rng(9)
        labels = np.maximum(rng.normal(size=(300, 6)), least)
        labels[:, 2] = rng.normal(size=300)  # has no floor
        role = split_by_column(labels.shape) if target == 0 else (np.ones(labels.shape, bool),) * 2
        data = make_set(labels, *role, label_kind="continuous")
        panel = panel_of(data, np.arange(300) % 10)
        rows = PanelRows(panel, panel.view(data.cell_types[target]))
        features = ReferenceFeatures.build(rows)
        of_column = dict(zip(rows.members.tolist(), features.floors, strict=True))
        assert [column for column, floor in of_column.items() if np.isnan(floor)] == [2]
        layout, average = features.layout, AverageRanks(rows, Scratch())
        ridge = ArrayColumn(np.zeros(300))
        plain, both = (
            np.hstack([Curves(rows, layout, average, ridge, floors=m)(c) for c in layout.chunks])
            for m in (None, features.floors)
        )
        own = panel.labels[panel.references_of(rows.column)][:, rows.genome.loci(layout.order)]
        expected = natural_spline((own == least).sum(axis=0).astype(float)).T
        at = len(plain) - 3  # means of the neighbours come last
        np.testing.assert_allclose(both[at:-3], expected, rtol=1e-4, atol=2e-5)
        np.testing.assert_array_equal(np.delete(both, np.s_[at:-3], axis=0), plain)

    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    def test_none_where_no_label_is_the_least_of_many(self, kind):
        labels = np.random.default_rng(9).normal(size=(300, 6))
        data = make_set(
            labels if kind == "continuous" else (labels > 0) * 1.0,
            *split_by_column(labels.shape),
            label_kind=kind,
        )
        panel = panel_of(data, np.arange(300) % 10)
        assert ReferenceFeatures.build(PanelRows(panel, panel.view("A"))).floors is None


class TestLevelColumns:
    """The splines of an average as a table, which the group and the mark of a row lead to."""

    @pytest.mark.parametrize("target", [0, 3], ids=["no member", "a member"])
    def test_are_the_columns_that_curves_write_out(self, target):
        rng = np.random.default_rng(8)
        labels = (rng.random((200, 6)) < rng.beta(0.5, 0.5, (200, 1))).astype(float)
        role = split_by_column(labels.shape) if target == 0 else (np.ones(labels.shape, bool),) * 2
        data = make_set(labels, *role)
        panel = panel_of(data, np.arange(200) % 10)
        view = panel.view(data.cell_types[target])
        rows = PanelRows(panel, view)
        layout = layout_of(rows)
        table = level_columns(rows)
        ridge = ArrayColumn(rng.random(200))
        average = AverageRanks(rows, Scratch())
        whole, rest = (
            Curves(rows, layout, average, ridge, tabled=tabled) for tabled in (False, True)
        )
        for chunk in layout.chunks:
            written = table.values.take(table.codes(chunk), axis=1)
            np.testing.assert_array_equal(whole(chunk), np.concatenate([written, rest(chunk)]))
            group = rows.active(chunk.rows).sum(axis=0)
            mark = np.zeros(len(chunk), int) if table.marks is None else table.marks(chunk) * 1
            assert mark.any() == (target == 3)
            np.testing.assert_array_equal(table.places[mark, group], table.codes(chunk))
        assert table.counts.sum() == 200

    def test_continuous_averages_have_none(self):
        labels = np.random.default_rng(9).random((40, 3))
        data = make_set(labels, *split_by_column(labels.shape), label_kind="continuous")
        panel = panel_of(data, np.arange(40) % 10)
        rows = PanelRows(panel, panel.view(data.cell_types[0]))
        with pytest.raises(ValueError, match="no levels"):
            level_columns(rows)
