"""Counts of parameters against Keras over the paper's grid, and against counts by hand."""

import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.grids import grid
from leakcheck.reference.models import build
from leakcheck.reference.parameters import n_parameters

PAPER = grid()


def test_by_hand():
    signal = Architecture(kind="signal", signal_layers=2, signal_units=3)
    assert n_parameters(signal, window=0, n_marks=5) == (5 * 3 + 3) + (3 * 3 + 3) + (3 + 1)
    dense = Architecture(kind="sequence-dense", layers=1, units=2)
    assert n_parameters(dense, window=10, n_marks=0) == (40 * 2 + 2) + (2 + 1)
    convolutional = Architecture(
        kind="sequence-convolutional", convolutions=2, filters=3, layers=1, units=2
    )
    first, second = 8 * 4 * 3 + 3, 8 * 3 * 3 + 3
    flat = 2 * 3  # 60 bp: 53 positions, 13 pooled; 6 positions, 1 pooled
    assert n_parameters(convolutional, window=60, n_marks=0) == (
        first + second + (flat // 2 * 2 + 2) + (2 + 1)
    )


def test_the_largest_has_more_than_1e8():
    sizes = [n_parameters(network, window=2000, n_marks=5) for network in PAPER]
    assert max(sizes) == 130_558_209
    assert min(sizes) == 8


@pytest.fixture
def weightless():
    """Let Keras count without holding the weights: 1e8 numbers of each network are not needed."""
    keras = pytest.importorskip("keras", reason="the extra `reference` is not installed")
    return lambda: keras.StatelessScope(initialize_variables=False)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted({network.kind for network in PAPER}))
def test_the_formula_agrees_with_keras_over_the_whole_grid(kind, weightless):
    networks = [network for network in PAPER if network.kind == kind]
    assert networks
    for network in networks:
        with weightless():
            model = build(network, window=2000, n_marks=5)
        assert n_parameters(network, window=2000, n_marks=5) == model.count_params(), network.name


def test_impossible_inputs_are_refused():
    network = Architecture(
        kind="sequence-convolutional", convolutions=3, filters=1, layers=1, units=1
    )
    with pytest.raises(ValidationError, match="`window` must be at least 211 bp"):
        n_parameters(network, window=60, n_marks=0)
