"""The nearest cell type: numpy's correlations over the other blocks, and every given form."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.correlations import Correlations
from leakcheck.exceptions import ValidationError
from leakcheck.near_values import weighted_levels
from leakcheck.nearest import (
    Neighbours,
    SimilarityBySource,
    nearest_score,
    weighted_score,
)
from tests.worlds import make_set, panel_of, split_by_column

N, M, BLOCKS = 120, 6, 10


def draw(seed, *, missing=0.0, kind="binary"):
    """Labels that share a locus effect, with holes."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(N, 1)) + rng.normal(size=(N, M))
    labels = (values > 0).astype(float) if kind == "binary" else values * [1, 2, 3, 4, 5, 6] + 50
    labels[rng.random(labels.shape) < missing] = np.nan
    return labels


def set_of(labels, *, signal=None, kind="binary"):
    return make_set(labels, *split_by_column(labels.shape), signal=signal, label_kind=kind)


def pearson(a, b):
    """Correlation over what both know."""
    both = ~np.isnan(a) & ~np.isnan(b)
    if both.sum() < 3 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return np.nan
    return np.corrcoef(a[both], b[both])[0, 1]


class TestCorrelations:
    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    @pytest.mark.parametrize("missing", [0.0, 0.3])
    def test_are_numpys_whole_and_without_each_block(self, kind, missing):
        labels = draw(1, missing=missing, kind=kind)
        panel = panel_of(set_of(labels, kind=kind))
        found = Correlations(panel)
        expected = [[pearson(labels[:, i], labels[:, j]) for j in range(M)] for i in range(M)]
        np.testing.assert_allclose(found.whole(), expected, rtol=1e-10)
        for column in (0, 3):
            without = found.without_blocks(column)
            assert without.shape == (BLOCKS, M)
            for block in range(BLOCKS):
                kept = labels[panel.blocks != block]
                expected = [pearson(kept[:, column], kept[:, j]) for j in range(M)]
                np.testing.assert_allclose(without[block], expected, rtol=1e-9)

    def test_use_the_transformed_signal_where_there_is_one(self):
        labels = draw(2)
        signal = np.random.default_rng(0).gamma(1, 5, labels.shape)
        found = Correlations(panel_of(set_of(labels, signal=signal))).whole()
        np.testing.assert_allclose(found, np.corrcoef(np.arcsinh(signal), rowvar=False))

    def test_see_reference_and_audited_pairs_only(self):
        labels = draw(3)
        reference, audited = split_by_column(labels.shape)
        reference[:60, 2] = audited[60:, 0] = False
        found = Correlations(panel_of(make_set(labels, reference, audited))).whole()
        seen = np.where(reference | audited, labels, np.nan)
        expected = [[pearson(seen[:, i], seen[:, j]) for j in range(M)] for i in range(M)]
        np.testing.assert_allclose(found, expected, rtol=1e-10)

    def test_are_undefined_without_variance_and_with_two_loci(self):
        labels = draw(4)
        labels[:, 1] = 1
        labels[2:, 2] = np.nan
        found = Correlations(panel_of(set_of(labels))).whole()
        assert np.isnan(found[1]).all()
        assert np.isnan(found[2]).all()
        assert np.isfinite(found[3, [0, 3, 4, 5]]).all()


class TestCrossFitted:
    def test_each_block_takes_the_best_of_the_other_blocks(self):
        labels = draw(5)
        panel = panel_of(set_of(labels))
        view = panel.view("A")
        neighbours = SimilarityBySource(panel).of(view)
        assert neighbours.source == "labels of other blocks"
        score = nearest_score(panel, view, neighbours)
        for block in range(BLOCKS):
            kept = labels[panel.blocks != block]
            order = sorted(range(1, M), key=lambda c: -pearson(kept[:, 0], kept[:, c]))
            np.testing.assert_array_equal(neighbours.order[block], order)
            here = panel.blocks == block
            np.testing.assert_array_equal(score[here], labels[here, order[0]])
        chosen = np.bincount(neighbours.order[:, 0]).argmax()
        assert neighbours.chosen == chosen

    @given(st.integers(0, 10_000), st.integers(0, BLOCKS - 1), st.sampled_from([0.0, 0.2]))
    def test_labels_of_a_block_never_change_its_own_score(self, seed, block, missing):
        labels = draw(seed, missing=missing)
        changed = labels.copy()
        here = np.arange(N) * BLOCKS // N == block
        rng = np.random.default_rng(seed)
        changed[here, 0] = np.where(
            np.isnan(labels[here, 0]), np.nan, rng.integers(0, 2, here.sum())
        )
        found = []
        for y in (labels, changed):
            panel = panel_of(set_of(y))
            view = panel.view("A")
            neighbours = SimilarityBySource(panel).of(view)
            inside = view.blocks == block
            scores = (
                nearest_score(panel, view, neighbours),
                weighted_score(panel, view, neighbours).values,
            )
            found.append((neighbours.order[block], *(score[inside] for score in scores)))
        for first, second in zip(*found, strict=True):
            np.testing.assert_array_equal(first, second)

    def test_without_any_correlation_the_order_stays(self):
        labels = draw(6)
        labels[:, 0] = 1
        panel = panel_of(set_of(labels))
        neighbours = SimilarityBySource(panel).of(panel.view("A"))
        np.testing.assert_array_equal(neighbours.order, [[1, 2, 3, 4, 5]] * BLOCKS)
        assert np.isnan(neighbours.similarity).all()

    def test_without_references_nothing_is_chosen(self):
        labels = draw(7)[:, :1]
        reference = np.arange(N)[:, None] < 60
        panel = panel_of(make_set(labels, reference, ~reference))
        neighbours = SimilarityBySource(panel).of(panel.view("A"))
        assert neighbours.chosen is None
        assert neighbours.order.shape == (BLOCKS, 0)


class TestGiven:
    @pytest.fixture
    def labels(self):
        return draw(8)

    @pytest.fixture
    def panel(self, labels):
        return panel_of(set_of(labels))

    @pytest.fixture
    def similarity(self):
        """A square table, shuffled, with a cell type that nobody asked for."""
        names = list("DBFACEZ")
        values = np.random.default_rng(1).random((7, 7))
        return pd.DataFrame(values, index=names, columns=names[::-1])

    def test_one_name_serves_every_target(self, panel, labels):
        view = panel.view("A")
        neighbours = SimilarityBySource(panel, "D").of(view)
        assert neighbours.source == "named"
        assert neighbours.chosen == 3
        np.testing.assert_array_equal(nearest_score(panel, view, neighbours), labels[:, 3])
        np.testing.assert_array_equal(weighted_score(panel, view, neighbours).values, labels[:, 3])

    def test_a_name_for_each_target(self, labels):
        reference, audited = split_by_column(labels.shape)
        reference[:, 1], audited[:, 1] = False, True
        panel = panel_of(make_set(labels, reference, audited))
        source = SimilarityBySource(panel, {"A": "C", "B": "F", "unused": "?"})
        assert source.of(panel.view("A")).chosen == 2
        assert source.of(panel.view("B")).chosen == 5

    def test_a_square_table_ranks_its_row(self, panel, similarity):
        neighbours = SimilarityBySource(panel, similarity).of(panel.view("A"))
        row = similarity.loc["A", list("BCDEF")]
        expected = row.sort_values(ascending=False)
        names = [panel.data.cell_types[c] for c in neighbours.order[4]]
        assert names == expected.index.tolist()
        np.testing.assert_array_equal(neighbours.similarity[7], expected)
        assert neighbours.source == "given similarity"

    def test_unknown_similarities_come_last(self, panel, similarity):
        similarity.loc["A", ["B", "C", "D"]] = np.nan
        order = SimilarityBySource(panel, similarity).of(panel.view("A")).order[0]
        assert set(order[:2]) == {4, 5}
        np.testing.assert_array_equal(order[2:], [1, 2, 3])

    def test_features_are_standardised_and_compared_by_distance(self, panel):
        features = pd.DataFrame(
            {"small": [0.0, 1, 2, 3, 4, 5], "large": [0.0, 9e6, 1e6, 2e6, 3e6, 4e6], "same": 7},
            index=list("ABCDEF"),
        )
        neighbours = SimilarityBySource(panel, features).of(panel.view("A"))
        scaled = (features - features.mean()) / features.std(ddof=0).replace(0, 1)
        distance = np.linalg.norm(scaled - scaled.loc["A"], axis=1)
        np.testing.assert_array_equal(neighbours.order[0], np.argsort(distance)[1:])
        np.testing.assert_allclose(neighbours.similarity[0], -np.sort(distance)[1:])
        assert neighbours.source == "given features"

    def test_features_that_tell_nothing_apart_are_refused(self, panel):
        table = pd.DataFrame(7.0, index=list("ABCDEF"), columns=["x", "y"])
        with pytest.raises(
            ValidationError, match=r"`similarity` must tell .*; all 2 .* 6 cell types"
        ):
            SimilarityBySource(panel, table)

    def test_features_of_one_cell_type_are_not_called_the_same_in_all(self, panel):
        features = pd.DataFrame({"x": [1.0] + 5 * [np.nan]}, index=list("ABCDEF"))
        source = SimilarityBySource(panel, features)
        with pytest.raises(ValidationError, match=r"must say how near 'A' is .* all 5 values"):
            source.of(panel.view("A"))

    def test_features_of_other_cell_types_do_not_matter_for_their_absence(self, panel):
        features = pd.DataFrame({"x": range(8)}, index=list("ABCDEFXY"))
        order = SimilarityBySource(panel, features).of(panel.view("A")).order[0]
        np.testing.assert_array_equal(order, [1, 2, 3, 4, 5])

    @pytest.mark.parametrize(
        ("similarity", "match"),
        [
            ("A", r"other than the target; 'A' came for 'A'"),
            ("c", r"'c' came for 'A'\. Did you mean 'C'\? The references are B, C, D, E, F\."),
            ("xyz", r"'xyz' came for 'A'\. The references are B, C, D, E, F\."),
            ("BB", r"'BB' came for 'A'\. Did you mean 'B'\?"),
            ({"B": "C"}, r"for every target; none came for 'A'"),
            ({"A": "Q"}, r"'Q' came for 'A'"),
        ],
    )
    def test_names_that_are_no_references_are_refused(self, panel, similarity, match):
        with pytest.raises(ValidationError, match=f"`similarity` .*{match}"):
            SimilarityBySource(panel, similarity)

    def test_no_target_is_its_own_nearest_where_it_is_a_reference_of_others(self, labels):
        every = np.ones(labels.shape, dtype=bool)
        panel = panel_of(make_set(labels, every, every, leave_one_out=True))
        with pytest.raises(ValidationError, match=r"other than the target; 'B' came for 'B'"):
            SimilarityBySource(panel, dict(zip("ABCDEF", "BBCDEF", strict=True)))

    def test_many_references_are_not_all_listed(self):
        labels = np.tile(draw(1), 3)
        panel = panel_of(set_of(labels))
        with pytest.raises(ValidationError, match=r"B, C, D, E, F, G, H, I, \.\.\.\.$"):
            SimilarityBySource(panel, "zzz")

    def test_tables_without_a_row_for_everybody_are_refused(self, panel, similarity):
        with pytest.raises(ValidationError, match=r"`similarity` .* 2 have none, .* 'A'"):
            SimilarityBySource(panel, similarity.drop(index=["A", "C"]))

    @pytest.mark.parametrize("square", [True, False])
    def test_repeated_rows_are_refused(self, panel, similarity, square):
        table = pd.concat([similarity, similarity.loc[["C"]]])
        table = table if square else table[["A"]]
        with pytest.raises(ValidationError, match=r"one row for each cell type; .* 'C'"):
            SimilarityBySource(panel, table)

    def test_repeated_columns_are_refused(self, panel, similarity):
        table = pd.concat([similarity, similarity[["C"]]], axis=1)
        with pytest.raises(ValidationError, match=r"one column for each cell type; .* 'C'"):
            SimilarityBySource(panel, table)

    def test_text_is_refused(self, panel, similarity):
        table = similarity.astype(object)
        table.loc["D", "E"] = "much"
        with pytest.raises(ValidationError, match="`similarity` must be a table of numbers"):
            SimilarityBySource(panel, table)

    @pytest.mark.parametrize("square", [True, False], ids=["similarity", "features"])
    def test_infinite_numbers_are_refused(self, panel, similarity, square):
        table = similarity if square else similarity.iloc[:, :1].set_axis(["age"], axis=1)
        table.iloc[2, 0] = -np.inf
        with pytest.raises(ValidationError, match=r"must be finite; 1 of .* in the row of 'F'"):
            SimilarityBySource(panel, table)

    @pytest.mark.parametrize("square", [True, False], ids=["similarity", "features"])
    def test_a_target_of_which_nothing_is_known_is_refused(self, panel, similarity, square):
        similarity.loc["A"] = np.nan
        table = similarity if square else similarity[["A", "B"]]
        source = SimilarityBySource(panel, table)
        with pytest.raises(ValidationError, match=r"`similarity` must say .* 'A'"):
            source.of(panel.view("A"))

    def test_the_table_is_unchanged(self, panel, similarity):
        before = similarity.copy()
        SimilarityBySource(panel, similarity).of(panel.view("A"))
        pd.testing.assert_frame_equal(similarity, before)


class TestScores:
    def test_levels_are_listed_where_they_are_no_more_than_loci(self):
        """Two cell types in two blocks: four levels in each."""
        near = Neighbours(order=np.array([[1, 0]] * 2), similarity=np.ones((2, 2)), source="")
        np.testing.assert_array_equal(weighted_levels(near, 8), [0, 0.5, 0.5, 1] * 2)
        assert weighted_levels(near, 7) is None

    def test_the_next_nearest_stands_in_where_one_is_not_observed(self):
        labels = np.array([[1, 0, 1, 1], [1, np.nan, 0, 1], [1, np.nan, np.nan, 0.0]])
        panel = panel_of(set_of(labels), blocks=[0, 0, 1])
        view = panel.view("A")
        order = np.array([[1, 2, 3], [1, 2, 3]])
        neighbours = Neighbours(order=order, similarity=np.ones((2, 3)), source="")
        np.testing.assert_array_equal(nearest_score(panel, view, neighbours), [0, 0, 0])
        swapped = Neighbours(order=order[:, ::-1], similarity=np.ones((2, 3)), source="")
        np.testing.assert_array_equal(nearest_score(panel, view, swapped), [1, 1, 0])

    @staticmethod
    def naive_weighted(labels, neighbours, blocks, k):
        found = []
        for row, block in enumerate(blocks):
            similarity = np.nan_to_num(neighbours.similarity[block, :k])
            weights = np.maximum(similarity, 0)
            if not weights.any():
                weights = 1 / np.arange(1, k + 1)
            values = labels[row, neighbours.order[block, :k]]
            seen = ~np.isnan(values) & (weights > 0)
            if seen.any():
                found.append(np.average(values[seen], weights=weights[seen]))
            else:
                found.append(np.nanmean(labels[row, 1:]))
        return found

    @pytest.mark.parametrize("shift", [0.0, -2.0], ids=["correlations", "distances"])
    @pytest.mark.parametrize("k", [1, 3, 5, 9])
    def test_weights_are_similarities_or_ranks(self, shift, k):
        labels = draw(9, missing=0.4)
        panel = panel_of(set_of(labels))
        view = panel.view("A")
        rng = np.random.default_rng(3)
        order = np.array([rng.permutation(np.arange(1, M)) for _ in range(BLOCKS)])
        similarity = -np.sort(-(2 * rng.random((BLOCKS, M - 1)) - 1 + shift), axis=1)
        similarity[2, -1] = np.nan
        neighbours = Neighbours(order=order, similarity=similarity, source="")
        found = weighted_score(panel, view, neighbours, k=k).values
        expected = self.naive_weighted(labels[view.rows], neighbours, view.blocks, min(k, M - 1))
        np.testing.assert_allclose(found, expected, rtol=1e-12)

    @pytest.mark.parametrize("k", [1, 3, 5])
    def test_codes_have_the_order_and_the_ties_of_the_score(self, k):
        labels = np.tile(draw(4), (4, 1))
        panel = panel_of(set_of(labels), blocks=np.arange(4 * N) % 2)
        view = panel.view("A")
        found = weighted_score(panel, view, SimilarityBySource(panel).of(view), k=k)
        ranks = [np.unique(part, return_inverse=True)[1] for part in found]
        np.testing.assert_array_equal(*ranks)
        for column in range(1, M):  # a gap of each reference in either block
            labels[2 * column : 2 * column + 2, column] = np.nan
        panel = panel_of(set_of(labels), blocks=np.arange(4 * N) % 2)
        view = panel.view("A")
        assert weighted_score(panel, view, SimilarityBySource(panel).of(view), k=k).codes is None

    def test_with_a_signal_the_mean_signal_stands_in(self):
        labels = np.ones((2, 3))
        labels[0, 1] = np.nan
        signal = np.array([[0, np.nan, 4.0], [0, 2, 6]])
        data = set_of(labels, signal=signal)
        panel = panel_of(data, blocks=[0, 1], transform="none")
        view = panel.view("A")
        neighbours = SimilarityBySource(panel, "B").of(view)
        np.testing.assert_array_equal(weighted_score(panel, view, neighbours).values, [4, 2])
        np.testing.assert_array_equal(nearest_score(panel, view, neighbours), [4, 2])
