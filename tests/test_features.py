"""What references know, as columns: whose each is, what it holds, and neighbours by naive loops."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.ridge import standardise
from leakcheck.base.splines import natural_spline
from leakcheck.data import Loci
from leakcheck.features import Neighbourhood, ReferenceFeatures, curves
from tests.worlds import loci_on, make_set, make_view, panel_of, split_by_column


def naive_mean(columns, chrom, place, window):
    """Mean over the nearest loci on the chromosome, `window` to each side, without the locus."""
    result = columns.copy()
    for row in range(len(columns)):
        same = [r for r in np.argsort(place, kind="stable") if chrom[r] == chrom[row]]
        at = same.index(row)
        beside = same[max(at - window, 0) : at] + same[at + 1 : at + 1 + window]
        if beside:
            result[row] = columns[beside].mean(axis=0)
    return result


class TestNeighbourhood:
    @given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 5), st.integers(1, 6))
    def test_means_are_naive_loops(self, seed, n, n_chrom, window):
        rng = np.random.default_rng(seed)
        chrom, place = rng.integers(0, n_chrom, size=n), rng.permutation(n)
        columns = rng.normal(size=(n, 3)) + 100
        order = np.lexsort((place, chrom))
        before = columns.copy()
        found = Neighbourhood(order=order, chrom=chrom[order]).mean(columns, window)
        np.testing.assert_allclose(found, naive_mean(columns, chrom, place, window), rtol=1e-9)
        np.testing.assert_array_equal(columns, before)

    def test_rows_in_genome_order_are_no_other_case(self):
        chrom = np.array([0, 0, 0, 1, 2, 2])
        columns = np.arange(6.0)[:, None]
        found = Neighbourhood(order=np.arange(6), chrom=chrom).mean(columns, 1)
        np.testing.assert_allclose(found[:, 0], [1, 1, 1, 3, 5, 4])

    def test_float32_columns_lose_nothing(self):
        columns = np.full((5000, 1), 0.1, dtype=np.float32)
        found = Neighbourhood(order=np.arange(5000), chrom=np.zeros(5000, int)).mean(columns, 4)
        np.testing.assert_allclose(found, np.float32(0.1), rtol=1e-6)


def labels_and_signal(n=200, m=5, *, missing=0.2):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, size=(n, m)).astype(float)
    labels[rng.random(labels.shape) < missing] = np.nan
    return labels, rng.gamma(1, 4, size=(n, m))


def columns_of(features):
    """The standardised columns in the caller's order of rows."""
    values = np.empty_like(features.table.values)
    values[features.table.order] = features.table.values
    return values


def filled(values):
    """References by column, holes filled with the cell type's own mean."""
    return np.where(np.isnan(values), np.nanmean(values, axis=0), values)


class TestReferenceFeatures:
    @pytest.mark.parametrize("missing", [0.0, 0.2])
    def test_with_a_signal_there_are_five_columns_for_each_reference(self, missing):
        labels, signal = labels_and_signal(missing=missing)
        data = make_set(labels, *split_by_column(labels.shape), signal=signal)
        panel = panel_of(data)
        rows = np.arange(20, 180)
        features = ReferenceFeatures.build(panel, rows)
        np.testing.assert_array_equal(features.owner, np.tile([1, 2, 3, 4], 5))
        known = np.where(np.isnan(labels), np.nan, np.arcsinh(signal))[rows, 1:]
        plain = filled(known)
        low, high = np.quantile(plain, [0.25, 0.75], axis=0)
        beside = naive_mean(plain, data.loci.chrom[rows], data.loci.start[rows], 1)
        expected = [plain, np.minimum(plain, low), np.maximum(plain, high)]
        expected += [filled(labels[rows, 1:]), beside]
        np.testing.assert_allclose(
            columns_of(features), standardise(np.hstack(expected)), atol=2e-5
        )

    def test_without_one_label_and_neighbours(self):
        labels, _ = labels_and_signal()
        data = make_set(labels, *split_by_column(labels.shape))
        features = ReferenceFeatures.build(panel_of(data), np.arange(200))
        np.testing.assert_array_equal(features.owner, np.tile([1, 2, 3, 4], 2))
        plain = filled(labels[:, 1:])
        expected = [plain, naive_mean(plain, data.loci.chrom, data.loci.start, 1)]
        np.testing.assert_allclose(
            columns_of(features), standardise(np.hstack(expected)), atol=2e-5
        )

    def test_without_coordinates_there_are_no_neighbours(self):
        labels, _ = labels_and_signal()
        loci = Loci.from_any([f"gene{i}" for i in range(200)])
        data = make_set(labels, *split_by_column(labels.shape), loci=loci)
        features = ReferenceFeatures.build(panel_of(data, np.arange(200) % 9), np.arange(200))
        assert features.neighbourhood is None
        assert len(features.owner) == 4

    def test_chromosomes_without_positions_are_no_neighbours_either(self):
        labels, _ = labels_and_signal()
        loci = dataclasses.replace(loci_on(np.arange(200) % 10), start=None, end=None)
        data = make_set(labels, *split_by_column(labels.shape), loci=loci)
        assert ReferenceFeatures.build(panel_of(data), np.arange(200)).neighbourhood is None

    def test_a_columns_owner_is_all_that_it_depends_on(self):
        labels, signal = labels_and_signal()
        masks = np.ones(labels.shape, dtype=bool), np.ones(labels.shape, dtype=bool)
        changed, changed_signal = labels.copy(), signal.copy()
        changed[:, 3] = np.where(np.isnan(labels[:, 3]), np.nan, 1 - labels[:, 3])
        changed_signal[:, 3] = signal[::-1, 3]
        first, second = (
            ReferenceFeatures.build(
                panel_of(make_set(y, *masks, signal=s, leave_one_out=True)), np.arange(200)
            )
            for y, s in ((labels, signal), (changed, changed_signal))
        )
        kept = first.owner != 3
        np.testing.assert_array_equal(columns_of(first)[:, kept], columns_of(second)[:, kept])
        assert (columns_of(first)[:, ~kept] != columns_of(second)[:, ~kept]).any(axis=0).all()

    def test_a_cell_type_without_a_value_at_these_loci_is_a_column_of_zeros(self):
        labels, _ = labels_and_signal(missing=0)
        labels[50:, 2] = np.nan
        data = make_set(labels, *split_by_column(labels.shape))
        features = ReferenceFeatures.build(panel_of(data), np.arange(60, 200))
        assert (columns_of(features)[:, features.owner == 2] == 0).all()

    def test_folds_are_whole_blocks(self):
        labels, _ = labels_and_signal()
        data = make_set(labels, *split_by_column(labels.shape))
        panel = panel_of(data, np.arange(200) % 11)
        table = ReferenceFeatures.build(panel, np.arange(200)).table
        assert len(table.bounds) == 6
        folds = np.repeat(np.arange(5), np.diff(table.bounds))
        for block in range(11):
            assert len(np.unique(folds[panel.blocks[table.order] == block])) == 1


class TestCurves:
    @pytest.fixture
    def parts(self):
        rng = np.random.default_rng(1)
        average, signal, ridge = rng.random((3, 300))
        return average, signal, ridge

    def test_are_splines_and_means_of_neighbours(self, parts):
        average, signal, ridge = parts
        order = np.random.default_rng(2).permutation(300)
        neighbourhood = Neighbourhood(order=order, chrom=np.sort(np.arange(300) % 4))
        view = make_view(average > 0.5, average, average_signal=signal)
        found = curves(view, ridge, neighbourhood)
        both = np.column_stack([average, signal])
        expected = [natural_spline(values) for values in (average, ridge, signal)]
        expected += [neighbourhood.mean(both, window) for window in (1, 2, 4)]
        np.testing.assert_allclose(found, np.hstack(expected), rtol=1e-6)
        assert found.shape == (300, 3 * 7 + 3 * 2)

    def test_few_levels_of_the_average_change_nothing(self, parts):
        _, _, ridge = parts
        average = np.random.default_rng(3).integers(0, 10, 300) / 9
        view = make_view(average > 0.5, average, n_references=9)
        found = curves(view, ridge, None)
        expected = np.hstack([natural_spline(average), natural_spline(ridge)])
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_without_signal_or_places_only_what_there_is(self, parts):
        average, _, ridge = parts
        found = curves(make_view(average > 0.5, average), ridge, None)
        expected = np.hstack([natural_spline(average), natural_spline(ridge)])
        np.testing.assert_allclose(found, expected, rtol=1e-6)
