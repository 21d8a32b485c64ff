"""Balanced draws, and the tables they are drawn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import (
    Balanced,
    Inputs,
    LabelledPairs,
    TrainingData,
    draw_validation,
)
from leakcheck.reference.protocol import Protocol

SIGNAL = Architecture(kind="signal", signal_layers=1, signal_units=1)
DENSE = Architecture(kind="sequence-dense", layers=1, units=1)


def some_pairs(labels, n_cell_types=3):
    at = np.arange(len(labels))
    return LabelledPairs(locus=at // n_cell_types, cell_type=at % n_cell_types, label=labels)


@given(
    st.lists(st.booleans(), min_size=2, max_size=40).filter(lambda x: len(set(x)) == 2),
    st.integers(1, 8),
    st.integers(1, 5),
    st.integers(0, 2**31),
)
def test_every_batch_is_half_active(labels, half, steps, seed):
    pairs = some_pairs(np.array(labels))
    protocol = Protocol(batch_size=2 * half, steps_per_epoch=steps)
    drawn = Balanced(pairs=pairs, protocol=protocol, seed=seed).epoch(1)
    assert drawn.shape == (steps, 2 * half)
    assert pairs.label[drawn[:, :half]].all()
    assert not pairs.label[drawn[:, half:]].any()


def test_draws_depend_on_seed_and_epoch_only():
    pairs = some_pairs(np.arange(300) % 3 == 0)
    first = Balanced(pairs=pairs, protocol=Protocol(), seed=1)
    again = Balanced(pairs=pairs, protocol=Protocol(), seed=1)
    again.epoch(1)
    np.testing.assert_array_equal(first.epoch(2), again.epoch(2))
    assert (first.epoch(1) != first.epoch(2)).any()
    other = Balanced(pairs=pairs, protocol=Protocol(), seed=2)
    assert (first.epoch(1) != other.epoch(1)).any()


def test_every_pair_is_drawn_alike():
    pairs = some_pairs(np.arange(30) < 10)
    balanced = Balanced(pairs=pairs, protocol=Protocol(), seed=0)
    counts = np.bincount(balanced.epoch(1).ravel(), minlength=30)
    expected = np.where(pairs.label, 6400 / 10, 6400 / 20)
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_validation_is_drawn_without_replacement_where_it_can_be():
    pairs = some_pairs(np.arange(100) < 60)
    drawn = draw_validation(pairs, 60)
    assert drawn.label.tolist() == [True] * 30 + [False] * 30
    assert len({(a, b) for a, b in zip(drawn.locus, drawn.cell_type, strict=True)}) == 60
    scarce = draw_validation(pairs, 100)
    inactive = slice(50, 100)
    assert not scarce.label[inactive].any()
    assert len(set(zip(scarce.locus[inactive], scarce.cell_type[inactive], strict=True))) <= 40
    again = draw_validation(pairs, 60)
    np.testing.assert_array_equal(drawn.locus, again.locus)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"locus": [0], "cell_type": [0], "label": [np.nan]}, "`label` must be 0 or 1; 1 of 1"),
        (
            {"locus": [0, 1], "cell_type": [0], "label": [1]},
            "`locus` must have one entry per label",
        ),
        ({"locus": [0], "cell_type": [-1], "label": [1]}, "`cell_type` must hold integers from 0"),
        ({"locus": [0.5], "cell_type": [0], "label": [1]}, "`locus` must hold integers"),
    ],
)
def test_pairs_are_checked(fields, message):
    with pytest.raises(ValidationError, match=message):
        LabelledPairs(**fields)


GOOD = some_pairs(np.array([True, False, True, False]))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"codes": np.zeros(4, np.uint8)}, r"`codes` must have shape \(n_loci, window\)"),
        ({"codes": np.zeros((4, 9), np.int64)}, "`codes` must be of type uint8; got int64"),
        ({"codes": np.zeros((1, 9), np.uint8)}, "`train` must name rows of `codes`; got locus 1"),
        ({"signals": np.zeros((4, 3), np.float32)}, "`signals` must have shape"),
        ({"signals": np.zeros((4, 2, 5), np.float32)}, "`train` must name columns of `signals`"),
        ({"validation": some_pairs(np.ones(4))}, "`validation` must hold active and inactive"),
    ],
)
def test_tables_are_checked(fields, message):
    with pytest.raises(ValidationError, match=message):
        TrainingData(**{"train": GOOD, "validation": GOOD, **fields})


def test_inputs_are_the_pairs_rows_of_what_the_network_sees():
    rng = np.random.default_rng(0)
    data = TrainingData(
        train=GOOD,
        validation=GOOD,
        codes=rng.integers(0, 5, (2, 9)).astype(np.uint8),
        signals=rng.standard_normal((2, 3, 5)),
    )
    assert (data.window, data.n_marks) == (9, 5)
    signal, dense = Inputs.of(SIGNAL, data, GOOD), Inputs.of(DENSE, data, GOOD)
    assert signal.codes is None
    assert dense.signals is None
    assert signal.signals.dtype == np.float32
    for row, (locus, cell_type) in enumerate(zip(GOOD.locus, GOOD.cell_type, strict=True)):
        np.testing.assert_array_equal(dense.codes[row], data.codes[locus])
        np.testing.assert_allclose(signal.signals[row], data.signals[locus, cell_type], rtol=1e-6)
    part = signal.rows(slice(1, 3))
    np.testing.assert_array_equal(part.signals, signal.signals[1:3])


def test_absent_tables_have_no_width():
    data = TrainingData(train=GOOD, validation=GOOD)
    assert (data.window, data.n_marks) == (0, 0)
