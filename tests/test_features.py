"""What references know, as columns: whose each is, what it holds, and neighbours by naive loops."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from leakcheck.base.chunks import Layout, Runs
from leakcheck.base.neighbours import neighbour_means
from leakcheck.base.normal_map import NormalMap, map_places
from leakcheck.data import Loci
from leakcheck.features import ReferenceFeatures
from leakcheck.panel_rows import PanelRows
from tests.oracles.regression import standardised
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


def means_of(columns, chrom, place, window, *, chunk_rows=None, folds=None):
    """Means by `neighbour_means`, chunk by chunk, back in the order of the rows."""
    order = np.lexsort((place, chrom))
    blocks = np.zeros(len(chrom), dtype=int) if folds is None else folds[order]
    layout = Layout.of(Runs.of_codes(blocks, chrom[order]), np.arange(len(chrom) + 1), chunk_rows)
    found = np.empty(columns.shape)
    for chunk in layout.chunks:
        slots = chunk.window(window)
        beside = columns[order][slots.rows].T.copy()
        beside[:, slots.gaps] = 0
        windows = [w for w in (1, 2, 4) if w < window] + [window]
        at = order[chunk.rows]
        found[at] = neighbour_means(beside, chunk, windows)[-1].T
    return found


class TestNeighbourMeans:
    @given(
        st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 5), st.integers(1, 6),
        st.integers(1, 30), st.booleans(),
    )  # fmt: skip
    def test_are_naive_loops(self, seed, n, n_chrom, window, chunk_rows, scattered):
        rng = np.random.default_rng(seed)
        chrom, place = rng.integers(0, n_chrom, size=n), rng.permutation(n)
        folds = rng.integers(0, 3, size=n) if scattered else None
        columns = rng.normal(size=(n, 3)) + 100
        before = columns.copy()
        found = means_of(columns, chrom, place, window, chunk_rows=chunk_rows, folds=folds)
        np.testing.assert_allclose(found, naive_mean(columns, chrom, place, window), rtol=1e-12)
        np.testing.assert_array_equal(columns, before)

    @pytest.mark.parametrize("chunk_rows", [1, 3, 64, 300])
    def test_chunks_change_no_bit(self, chunk_rows):
        rng = np.random.default_rng(1)
        columns, chrom = rng.normal(size=(300, 2)), np.sort(rng.integers(0, 9, 300))
        whole = means_of(columns, chrom, np.arange(300), 4)
        parts = means_of(columns, chrom, np.arange(300), 4, chunk_rows=chunk_rows)
        np.testing.assert_array_equal(parts, whole)

    def test_a_locus_alone_keeps_its_own_value(self):
        chrom = np.array([0, 0, 0, 1, 2, 2])
        found = means_of(np.arange(6.0)[:, None], chrom, np.arange(6), 1)
        np.testing.assert_array_equal(found[:, 0], [1, 1, 1, 3, 5, 4])

    def test_float32_columns_lose_nothing(self):
        columns = np.full((5000, 1), 0.1, dtype=np.float32)
        found = means_of(columns, np.zeros(5000, int), np.arange(5000), 4)
        np.testing.assert_allclose(found, np.float32(0.1), rtol=1e-6)


def labels_and_signal(n=200, m=5, *, missing=0.2):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, size=(n, m)).astype(float)
    labels[rng.random(labels.shape) < missing] = np.nan
    return labels, rng.gamma(1, 4, size=(n, m))


def rows_of(panel, rows):
    """Some loci as the rows of a target, whoever is audited there."""
    view = make_view(np.zeros(len(rows)), np.zeros(len(rows)))
    return PanelRows(panel, dataclasses.replace(view, rows=rows, label_kind=panel.data.label_kind))


def columns_at(panel, rows):
    """The features at some loci, and their standardised columns in the order of the loci."""
    given = rows_of(panel, rows)
    features = ReferenceFeatures.build(given)
    values = np.empty_like(features.table.values)
    values[given.genome.view(features.layout.order)] = features.table.values
    return features, values


def filled(values):
    """References by column, holes filled with the cell type's own mean."""
    return np.where(np.isnan(values), np.nanmean(values, axis=0), values)


class TestServes:
    """When averages of several targets may be tables of levels."""

    def features(self, *, missing=0.0, n=200, **changes):
        labels, signal = labels_and_signal(n, missing=missing)
        if changes.pop("with_signal", False):
            changes["signal"] = signal
        if changes.get("label_kind") == "continuous":
            labels = signal
        panel = panel_of(make_set(labels, *split_by_column(labels.shape), **changes))
        self.genome = rows_of(panel, np.arange(n)).genome
        return columns_at(panel, np.arange(n))[0]

    @pytest.mark.parametrize("with_signal", [False, True])
    def test_several_targets_where_no_label_is_missing(self, with_signal):
        features = self.features(with_signal=with_signal)
        assert features.serves(2)
        assert not features.serves(1)
        groups = features.table.groups
        assert groups.n_groups == 5
        labels = labels_and_signal(missing=0.0)[0]
        found = np.concatenate([groups.codes(chunk) for chunk in features.layout.chunks])
        order = self.genome.view(features.layout.order)
        np.testing.assert_array_equal(found, labels[order, 1:].sum(axis=1))

    @pytest.mark.parametrize("changes", [{"missing": 0.2}, {"label_kind": "continuous"}])
    def test_not_where_labels_are_missing_or_have_no_levels(self, changes):
        features = self.features(**changes)
        assert features.table.groups is None
        assert not features.serves(2)

    def test_not_where_sums_would_take_too_much_memory(self, monkeypatch):
        features = self.features()
        n_folds, p = features.table.sums.shape
        most = (1 << 25) // (8 * n_folds * 5 * p) - 1
        assert features.serves(most)
        assert not features.serves(most + 1)
        longer = self.features(n=400)
        monkeypatch.setattr("leakcheck.features.MOST_BYTES", 2 * 400 * p)
        assert longer.serves(2)  # a chunk in the order of its groups takes four times as much
        monkeypatch.setattr("leakcheck.features.MOST_BYTES", 2 * 400 * p - 1)
        assert not longer.serves(2)
        assert features.serves(2)


class TestReferenceFeatures:
    @pytest.mark.parametrize("missing", [0.0, 0.2])
    def test_with_a_signal_there_are_five_columns_for_each_reference(self, missing):
        labels, signal = labels_and_signal(missing=missing)
        gaps = np.random.default_rng(1).random(signal.shape) < missing  # others than of the labels
        signal = np.where(gaps, np.nan, signal)
        data = make_set(labels, *split_by_column(labels.shape), signal=signal)
        panel = panel_of(data)
        rows = np.arange(20, 180)
        features, columns = columns_at(panel, rows)
        np.testing.assert_array_equal(features.owner, np.tile([1, 2, 3, 4], 5))
        known = np.arcsinh(signal)[rows, 1:]
        plain = filled(known)
        low, high = np.nanquantile(known, [0.25, 0.75], axis=0)
        beside = naive_mean(plain, data.loci.chrom[rows], data.loci.start[rows], 1)
        expected = [plain, np.minimum(plain, low), np.maximum(plain, high)]
        expected += [filled(labels[rows, 1:]), beside]
        np.testing.assert_allclose(columns, standardised(np.hstack(expected)), atol=2e-5)

    @pytest.mark.parametrize("has_signal", [True, False])
    def test_neighbours_are_loci_that_are_not_audited_too(self, has_signal):
        labels, signal = labels_and_signal(missing=0.0)
        own = {"signal": signal} if has_signal else {}
        data = make_set(labels, *split_by_column(labels.shape), **own)
        rows = np.arange(1, 200, 3)
        columns = columns_at(panel_of(data), rows)[1][:, -4:]
        known = (np.arcsinh(signal) if has_signal else labels)[:, 1:]
        expected = naive_mean(known, data.loci.chrom, data.loci.start, 1)[rows]
        np.testing.assert_allclose(columns, standardised(expected), atol=2e-5)

    def test_without_one_label_and_neighbours(self):
        labels, _ = labels_and_signal()
        data = make_set(labels, *split_by_column(labels.shape))
        features, columns = columns_at(panel_of(data), np.arange(200))
        np.testing.assert_array_equal(features.owner, np.tile([1, 2, 3, 4], 2))
        plain = filled(labels[:, 1:])
        expected = [plain, naive_mean(plain, data.loci.chrom, data.loci.start, 1)]
        np.testing.assert_allclose(columns, standardised(np.hstack(expected)), atol=2e-5)

    @pytest.mark.parametrize("missing", [0.0, 0.2])
    def test_continuous_labels_enter_by_their_normal_scores_too(self, missing):
        _, labels = labels_and_signal()
        labels[np.random.default_rng(4).random(labels.shape) < missing] = np.nan
        data = make_set(labels, *split_by_column(labels.shape), label_kind="continuous")
        features, columns = columns_at(panel_of(data), np.arange(200))
        np.testing.assert_array_equal(features.owner, np.tile([1, 2, 3, 4], 5))
        plain = filled(labels[:, 1:]).astype(np.float32)
        known = [np.sort(one[~np.isnan(one)]) for one in labels[:, 1:].astype(np.float32).T]
        ordered = [one.take(map_places(len(one))) for one in known]
        maps = [NormalMap.of(one, len(k)) for one, k in zip(ordered, known, strict=True)]
        scores = np.column_stack([m.apply(x) for m, x in zip(maps, plain.T, strict=True)])
        scores[np.isnan(labels[:, 1:])] = 0
        beside = naive_mean(scores, data.loci.chrom, data.loci.start, 1)
        low, high = norm.ppf([0.25, 0.75])
        within = np.clip(plain, *np.transpose([(one[1], one[-2]) for one in ordered]))
        expected = [within, scores, np.minimum(scores, low), np.maximum(scores, high), beside]
        np.testing.assert_allclose(columns, standardised(np.hstack(expected)), atol=2e-5)

    def test_what_is_not_observed_moves_no_normal_score_of_what_is(self):
        """A cell type with labels at half of the loci has the scores that it has by itself."""
        _, labels = labels_and_signal()
        labels[100:, 1] = np.nan
        data = make_set(labels, *split_by_column(labels.shape), label_kind="continuous")
        _, columns = columns_at(panel_of(data), np.arange(200))
        scores = columns[:, 4]
        ranks = np.argsort(np.argsort(labels[:100, 1])) + 0.5
        assert np.corrcoef(scores[:100], norm.ppf(ranks / 100))[0, 1] > 0.998
        np.testing.assert_allclose(scores[100:], scores[:100].mean(), atol=0.02)

    def test_a_cell_type_without_labels_at_these_loci_says_nothing(self):
        _, labels = labels_and_signal()
        labels[:150, 2] = np.nan
        data = make_set(labels, *split_by_column(labels.shape), label_kind="continuous")
        _, columns = columns_at(panel_of(data), np.arange(150))
        assert (columns[:, 1::4] == 0).all()
        assert np.isfinite(columns).all()

    def test_the_unit_of_continuous_labels_changes_only_their_own_column(self):
        _, labels = labels_and_signal()
        (_, own), (_, other) = (
            columns_at(
                panel_of(make_set(y, *split_by_column(y.shape), label_kind="continuous")),
                np.arange(200),
            )
            for y in (labels, labels**3)
        )
        # Halfway between two loci the map of one unit is not that of another.
        np.testing.assert_allclose(own[:, 4:], other[:, 4:], atol=0.15)
        assert (np.abs(own[:, :4] - other[:, :4]).max(axis=0) > 0.5).all()

    def test_without_coordinates_there_are_no_neighbours(self):
        labels, _ = labels_and_signal()
        loci = Loci.from_any([f"gene{i}" for i in range(200)])
        data = make_set(labels, *split_by_column(labels.shape), loci=loci)
        features, _ = columns_at(panel_of(data, np.arange(200) % 9), np.arange(200))
        assert len(features.owner) == 4

    def test_chromosomes_without_positions_are_no_neighbours_either(self):
        labels, _ = labels_and_signal()
        loci = dataclasses.replace(loci_on(np.arange(200) % 10), start=None, end=None)
        data = make_set(labels, *split_by_column(labels.shape), loci=loci)
        assert not rows_of(panel_of(data), np.arange(200)).has_neighbours
        assert len(columns_at(panel_of(data), np.arange(200))[0].owner) == 4

    def test_a_columns_owner_is_all_that_it_depends_on(self):
        labels, signal = labels_and_signal()
        masks = np.ones(labels.shape, dtype=bool), np.ones(labels.shape, dtype=bool)
        changed, changed_signal = labels.copy(), signal.copy()
        changed[:, 3] = np.where(np.isnan(labels[:, 3]), np.nan, 1 - labels[:, 3])
        changed_signal[:, 3] = signal[::-1, 3]
        (first, own), (_, other) = (
            columns_at(panel_of(make_set(y, *masks, signal=s, leave_one_out=True)), np.arange(200))
            for y, s in ((labels, signal), (changed, changed_signal))
        )
        kept = first.owner != 3
        np.testing.assert_array_equal(own[:, kept], other[:, kept])
        assert (own[:, ~kept] != other[:, ~kept]).any(axis=0).all()

    def test_a_cell_type_without_a_value_at_these_loci_is_a_column_of_zeros(self):
        labels, _ = labels_and_signal(missing=0)
        labels[50:, 2] = np.nan
        data = make_set(labels, *split_by_column(labels.shape))
        features, columns = columns_at(panel_of(data), np.arange(60, 200))
        assert (columns[:, features.owner == 2] == 0).all()

    def test_folds_are_whole_blocks(self):
        labels, _ = labels_and_signal()
        data = make_set(labels, *split_by_column(labels.shape))
        panel = panel_of(data, np.arange(200) % 11)
        given = rows_of(panel, np.arange(200))
        table = ReferenceFeatures.build(given).table
        assert len(table.bounds) == 6
        folds = np.repeat(np.arange(5), np.diff(table.bounds))
        rows = given.genome.view(table.order)
        for block in range(11):
            assert len(np.unique(folds[panel.blocks[rows] == block])) == 1
