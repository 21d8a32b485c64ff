"""Strata: every variable count, scaled where references are missing, quantiles, and the user's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.exceptions import ValidationError
from leakcheck.strata import activity_strata, make_strata, quantile_strata
from tests.worlds import make_set, make_view, panel_of, split_by_column


def set_and_view(labels, kind="binary"):
    data = make_set(labels, *split_by_column(labels.shape), label_kind=kind)
    return data, panel_of(data).view("A")


class TestActivityStrata:
    def test_counts_from_one_to_n_less_one(self):
        labels = np.column_stack([np.zeros(6), np.tri(6, 5, -1)])
        _, view = set_and_view(labels)
        strata = activity_strata(view)
        assert strata.names == ("1", "2", "3", "4")
        np.testing.assert_array_equal(strata.codes, [-1, 0, 1, 2, 3, -1])

    @given(st.integers(0, 10_000), st.integers(2, 8), st.sampled_from([0.0, 0.5]))
    def test_a_locus_is_in_the_stratum_of_its_scaled_count(self, seed, n, missing):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, size=(50, n + 1)).astype(float)
        labels[:, 1:][rng.random((50, n)) < missing] = np.nan
        labels[0, 1:] = 0  # every reference is one somewhere
        _, view = set_and_view(labels)
        strata = activity_strata(view)
        assert strata.names == tuple(str(k) for k in range(1, n))
        for row, code in zip(labels[view.rows, 1:], strata.codes, strict=True):
            seen = row[~np.isnan(row)]
            if seen.min() == seen.max():
                assert code == -1
            else:
                assert 0 <= code < n - 1
                assert abs(seen.mean() * n - (code + 1)) <= 0.5

    def test_a_variable_locus_stays_variable_when_its_count_is_rounded(self):
        """1 of 9 references of 3 scaled: 0.33 rounds to 0; 8 of 9 rounds to 3."""
        view = make_view([0, 1], [1 / 9, 8 / 9], n_references=3)
        np.testing.assert_array_equal(activity_strata(view).codes, [0, 1])

    @pytest.mark.parametrize("n", [0, 1])
    def test_one_reference_has_no_strata(self, n):
        view = make_view([0, 1], [0.0, 1.0], n_references=n)
        assert activity_strata(view).names == ()
        np.testing.assert_array_equal(activity_strata(view).codes, [-1, -1])


class TestQuantileStrata:
    def test_bins_are_equal_and_in_order(self):
        average = np.random.default_rng(0).normal(size=1000)
        strata = quantile_strata(make_view(average, average))
        assert strata.names == tuple(f"q{i:02d}" for i in range(1, 21))
        assert np.bincount(strata.codes).tolist() == pytest.approx([50] * 20, abs=1)
        np.testing.assert_array_equal(np.diff(strata.codes[np.argsort(average)]) >= 0, True)

    @given(
        st.lists(st.integers(0, 4) | st.floats(0, 10), min_size=1, max_size=60),
        st.integers(1, 20),
    )
    def test_no_bin_is_empty_and_equal_values_stay_together(self, values, n_bins):
        average = np.array(values, dtype=float)
        strata = quantile_strata(make_view(average, average), n_bins)
        assert len(strata.names) <= n_bins
        assert np.bincount(strata.codes, minlength=len(strata.names)).min() > 0
        assert len(strata.codes) == len(values)
        for value in set(values):
            assert len(set(strata.codes[average == value])) == 1

    def test_many_zeros_are_one_bin(self):
        average = np.concatenate([np.zeros(500), np.arange(1, 501)])
        strata = quantile_strata(make_view(average, average))
        assert (strata.codes[:500] == 0).all()
        assert (strata.codes[500:] > 0).mean() > 0.9

    def test_no_loci_have_no_bins(self):
        strata = quantile_strata(make_view([], []))
        assert strata.names == ()
        assert strata.codes.shape == (0,)


class TestMakeStrata:
    @pytest.fixture
    def labels(self):
        labels = np.random.default_rng(0).integers(0, 2, size=(12, 4)).astype(float)
        labels[3, 1:] = np.nan
        return labels

    def test_activity_means_counts_or_quantiles(self, labels):
        data, view = set_and_view(labels)
        assert make_strata(data, view, "activity").names == ("1", "2")
        data, view = set_and_view(labels + 0.5, "continuous")
        assert make_strata(data, view, "activity").names[0] == "q01"

    @pytest.mark.parametrize("convert", [list, np.array, pd.Series, pd.Categorical])
    def test_an_array_is_one_stratum_for_each_locus_of_the_set(self, labels, convert):
        data, view = set_and_view(labels)
        values = ["low", "high", "mid", "never", *["low", "high"] * 4]
        strata = make_strata(data, view, convert(values))
        assert strata.names == ("high", "low", "mid")
        expected = [values[row] for row in view.rows]
        assert [strata.names[code] for code in strata.codes] == expected
        assert 3 not in view.rows

    def test_numbers_are_in_the_order_of_numbers(self, labels):
        data, view = set_and_view(labels)
        strata = make_strata(data, view, np.array([10, 9] * 6))
        assert strata.names == ("9", "10")

    def test_missing_is_in_no_stratum(self, labels):
        data, view = set_and_view(labels)
        values = [None, "a", "a", "b", float("nan"), "a", "a", "b", None, "a", "a", "b"]
        strata = make_strata(data, view, values)
        assert strata.names == ("a", "b")
        np.testing.assert_array_equal(strata.codes == -1, [row % 4 == 0 for row in view.rows])

    def test_a_function_is_asked_for_each_target(self, labels):
        data, view = set_and_view(labels)
        asked = []

        def choice(given, target):
            asked.append((given, target))
            return np.arange(len(given.loci)) % 2

        assert make_strata(data, view, choice).names == ("0", "1")
        assert asked == [(data, "A")]

    @pytest.mark.parametrize("choice", ["variance", "entropy", "Activity", ""])
    def test_another_word_is_refused(self, labels, choice):
        with pytest.raises(ValidationError, match=f'`strata` must be "activity".*{choice!r} came'):
            make_strata(*set_and_view(labels), choice)

    @pytest.mark.parametrize("choice", [[1, 2, 3], lambda data, target: [1, 2, 3]])
    def test_another_length_is_refused(self, labels, choice):
        with pytest.raises(ValidationError, match=r"`strata` must have .* \(3,\) .* 12 loci"):
            make_strata(*set_and_view(labels), choice)

    @pytest.mark.parametrize("choice", [None, 5, lambda data, target: 0, np.ones((12, 2))])
    def test_another_shape_is_refused(self, labels, choice):
        with pytest.raises(ValidationError, match="`strata` must have one value for each locus"):
            make_strata(*set_and_view(labels), choice)

    def test_values_that_are_written_alike_are_refused(self, labels):
        names = np.array([1, "1", "a"] * 4, dtype=object)
        with pytest.raises(
            ValidationError, match=r"`strata` must name .* 1 at A .* the first is '1' \(int, str\)"
        ):
            make_strata(*set_and_view(labels), names)

    def test_a_stratum_that_is_called_like_the_whole_is_refused(self, labels):
        names = np.array(["low", "all", "high"] * 4, dtype=object)
        with pytest.raises(
            ValidationError, match=r"`strata` must not hold 'all'.* 4 of 11 loci of A"
        ):
            make_strata(*set_and_view(labels), names)
