"""What references know of a target: naive loops, and never the target itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.exceptions import ValidationError
from leakcheck.panel import ReferencePanel
from tests.worlds import make_set, panel_of, split_by_column


def draw(seed, n=40, m=6, *, missing=0.2, overlap=True):
    """Labels with holes; each pair is reference, audited, both at once (leave-one-out) or none."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size=(n, m)).astype(float)
    labels[rng.random(labels.shape) < missing] = np.nan
    reference = rng.random(labels.shape) < 0.7
    audited = ~reference & (rng.random(labels.shape) < 0.9)
    if overlap:
        reference = audited = np.ones(labels.shape, dtype=bool)
    signal = np.where(rng.random(labels.shape) < 0.0, np.nan, rng.gamma(1, 5, labels.shape))
    return labels, reference, audited, signal


def naive_average(labels, reference, row, column):
    """Mean over observed references other than the target, and how many."""
    values = [
        labels[row, other]
        for other in range(labels.shape[1])
        if other != column and reference[row, other] and not np.isnan(labels[row, other])
    ]
    return (np.mean(values) if values else np.nan), len(values)


def naive_signal(labels, reference, signal):
    """Signal of reference pairs, and of all pairs of a cell type without any other label."""
    found = np.full(signal.shape, np.nan)
    for column, own in enumerate(signal.T):
        labelled = ~np.isnan(labels[:, column])
        roles = reference[labelled, column].tolist()
        for row, value in enumerate(own):
            if all(roles) or (labelled[row] and reference[row, column]):
                found[row, column] = value
    return found


@pytest.mark.parametrize("overlap", [True, False], ids=["leave-one-out", "mask"])
@pytest.mark.parametrize("seed", range(4))
def test_averages_are_naive_loops_over_the_others(seed, overlap):
    labels, reference, audited, signal = draw(seed, overlap=overlap)
    data = make_set(labels, reference, audited, signal=signal, leave_one_out=overlap)
    panel = panel_of(data)
    for column, name in enumerate(data.cell_types):
        if not data.audited[:, column].any():
            continue
        view = panel.view(name)
        expected = {
            row: naive_average(labels, reference, row, column)
            for row in np.flatnonzero(data.audited[:, column])
        }
        kept = [row for row, (_, count) in expected.items() if count]
        np.testing.assert_array_equal(view.rows, kept)
        np.testing.assert_allclose(view.average, [expected[row][0] for row in kept], rtol=1e-15)
        np.testing.assert_array_equal(view.n_observed, [expected[row][1] for row in kept])
        assert view.n_hybrid == len(expected) - len(kept)
        np.testing.assert_array_equal(view.labels, labels[kept, column])
        np.testing.assert_array_equal(view.positive, labels[kept, column] == 1)
        np.testing.assert_array_equal(view.blocks, data.loci.chrom[kept])
        np.testing.assert_array_equal(view.block_sizes, np.bincount(view.blocks, minlength=10))
        known = np.arcsinh(naive_signal(labels, reference, signal))
        signals = [naive_average(known, np.ones_like(reference), row, column)[0] for row in kept]
        np.testing.assert_allclose(view.average_signal, signals, rtol=1e-12)


def test_references_are_the_other_cell_types_with_a_reference_pair():
    labels = np.ones((4, 5))
    labels[:, 4] = np.nan
    reference = np.zeros((4, 5), dtype=bool)
    reference[:2, [0, 1, 4]] = True
    audited = np.zeros((4, 5), dtype=bool)
    audited[2:, 0] = audited[:, 2] = True
    panel = panel_of(make_set(labels, reference, audited))
    np.testing.assert_array_equal(panel.is_reference, [True, True, False, False, False])
    np.testing.assert_array_equal(panel.references_of(0), [1])
    np.testing.assert_array_equal(panel.references_of(2), [0, 1])
    view = panel.view("A")
    assert view.n_hybrid == 2
    assert len(view.rows) == 0


@given(
    seed=st.integers(0, 10_000),
    overlap=st.booleans(),
    kind=st.sampled_from(["binary", "continuous"]),
    flips=st.lists(st.tuples(st.integers(0, 39), st.booleans()), max_size=40),
)
def test_changing_a_targets_labels_changes_no_bit_of_its_average(seed, overlap, kind, flips):
    labels, reference, audited, signal = draw(seed, overlap=overlap)
    if kind == "continuous":  # order and rounding of the sums would show
        labels, signal = labels * signal + 0.1, None
    changed, changed_signal = labels.copy(), None if signal is None else signal.copy()
    for row, value in flips:
        if not np.isnan(changed[row, 2]):
            changed[row, 2] = value if signal is not None else 1e6 * value + 0.3
            if signal is not None:
                changed_signal[row, 2] = 100 * value
    if not (audited & ~np.isnan(labels))[:, 2].any():
        return
    first, second = (
        panel_of(
            make_set(y, reference, audited, signal=s, label_kind=kind, leave_one_out=overlap)
        ).view("C")
        for y, s in ((labels, signal), (changed, changed_signal))
    )
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.average, second.average)
    np.testing.assert_array_equal(first.n_observed, second.n_observed)
    if signal is not None:
        np.testing.assert_array_equal(first.average_signal, second.average_signal)


def test_other_targets_see_the_change():
    labels, reference, audited, _ = draw(1, missing=0)
    changed = labels.copy()
    changed[:, 2] = 1 - changed[:, 2]
    first, second = (
        panel_of(make_set(y, reference, audited, leave_one_out=True)).view("A")
        for y in (labels, changed)
    )
    assert (first.average != second.average).all()


class TestSignal:
    @pytest.mark.parametrize(("transform", "function"), [("arcsinh", np.arcsinh), ("none", np.abs)])
    def test_is_transformed_before_the_mean(self, transform, function):
        labels, _, _, signal = draw(0, missing=0)
        data = make_set(labels, *split_by_column(labels.shape), signal=signal)
        panel = panel_of(data, transform=transform)
        expected = function(signal[:, 1:]).mean(axis=1)
        np.testing.assert_allclose(panel.view("A").average_signal, expected, rtol=1e-12)
        np.testing.assert_array_equal(panel.values, panel.signal)
        np.testing.assert_array_equal(panel.values[1:], function(signal[:, 1:]).T)
        assert np.isnan(panel.values[0]).all()

    def test_without_it_labels_are_the_values(self):
        labels, _, _, _ = draw(0)
        panel = panel_of(make_set(labels, *split_by_column(labels.shape)))
        assert panel.view("A").average_signal is None
        np.testing.assert_array_equal(panel.values, panel.labels)

    def test_missing_references_are_left_out_of_the_mean(self):
        labels = np.ones((3, 4))
        signal = np.array([[9.0, 1, np.nan, 3], [9, np.nan, np.nan, 5], [9, 2, 2, 2]])
        data = make_set(labels, *split_by_column((3, 4)), signal=signal)
        found = panel_of(data, transform="none").view("A").average_signal
        np.testing.assert_array_equal(found, [2, 5, 2])

    def test_it_counts_where_the_label_of_a_reference_is_missing(self):
        labels = np.ones((3, 4))
        labels[0, 1] = labels[2, 2] = np.nan
        signal = np.arange(12.0).reshape(3, 4)
        signal[1, 3] = np.nan
        data = make_set(labels, *split_by_column((3, 4)), signal=signal)
        panel = panel_of(data, transform="none")
        np.testing.assert_array_equal(panel.signal[1:], signal[:, 1:].T)
        np.testing.assert_array_equal(panel.view("A").average_signal, [2, 5.5, 10])
        assert np.isnan(panel.labels[1, 0])

    def test_it_does_not_count_beside_labels_that_are_no_reference(self):
        labels = np.ones((4, 3))
        labels[3, 1] = np.nan
        reference, audited = split_by_column((4, 3))
        reference[0, 1], audited[0, 1] = False, True
        data = make_set(labels, reference, audited, signal=np.ones((4, 3)))
        known = panel_of(data).signal_pairs
        np.testing.assert_array_equal(known[1], [False, True, True, False])
        assert not known[0].any()
        assert known[2].all()

    def test_loci_with_reference_labels_and_no_signal_are_refused(self):
        labels = np.ones((5, 3))
        signal = np.ones((5, 3))
        signal[[1, 3], 1:] = np.nan
        data = make_set(labels, *split_by_column((5, 3)), signal=signal)
        match = rf"`signal` .* 2 loci .* the first is {data.loci.ids[1]}\. Give their signal"
        with pytest.raises(ValidationError, match=match):
            panel_of(data).view("A")

    def test_loci_that_no_reference_knows_need_no_signal(self):
        labels = np.ones((4, 3))
        labels[0, 1:] = np.nan
        signal = np.where(np.isnan(labels), np.nan, 2.0)
        view = panel_of(make_set(labels, *split_by_column((4, 3)), signal=signal)).view("A")
        np.testing.assert_array_equal(view.rows, [1, 2, 3])
        assert view.n_hybrid == 1

    def test_beside_continuous_labels_it_is_refused(self):
        labels = np.arange(12.0).reshape(4, 3)
        data = make_set(labels, *split_by_column((4, 3)), signal=labels, label_kind="continuous")
        with pytest.raises(ValidationError, match="`signal` goes beside binary labels"):
            panel_of(data)


class TestActivityCount:
    def test_is_the_number_of_active_references(self):
        labels = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1.0]])
        view = panel_of(make_set(labels, *split_by_column((4, 4)))).view("A")
        np.testing.assert_array_equal(view.activity_count, [0, 1, 2, 3])

    def test_is_scaled_where_references_are_missing(self):
        nan = np.nan
        labels = np.array([[0, 1, 0, nan, nan], [0, 1, 1, 1, nan], [0, 1, nan, nan, nan]])
        labels = np.vstack([labels, np.zeros((1, 5))])
        view = panel_of(make_set(labels, *split_by_column((4, 5)))).view("A")
        np.testing.assert_array_equal(view.activity_count, [2, 4, 4, 0])


def test_label_variance_is_over_the_observed_references():
    labels, _, _, _ = draw(6, n=60)
    labels[~np.isnan(labels)] = np.random.default_rng(1).normal(size=np.sum(~np.isnan(labels)))
    data = make_set(labels, *split_by_column(labels.shape), label_kind="continuous")
    panel = panel_of(data)
    view = panel.view("A")
    expected = np.nanvar(labels[view.rows, 1:], axis=1)
    np.testing.assert_allclose(panel.label_variance(view), expected, atol=1e-14)


def test_inputs_are_unchanged():
    labels, reference, audited, signal = draw(2)
    before = [array.copy() for array in (labels, reference, audited, signal)]
    data = make_set(labels, reference, audited, signal=signal, leave_one_out=True)
    panel = ReferencePanel(data, data.loci.chrom, 10)
    panel.view("A")
    panel.labels[:] = panel.signal[:] = 0
    for array, copy in zip((labels, reference, audited, signal), before, strict=True):
        np.testing.assert_array_equal(array, copy)
