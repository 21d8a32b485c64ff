"""The networks as Keras builds them, and the descriptions they are built from."""

import numpy as np
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture, check_sizes, pooled_lengths
from leakcheck.reference.models import build, n_parameters
from leakcheck.reference.protocol import Protocol

keras = pytest.importorskip("keras", reason="the extra `reference` is not installed")

SIGNAL = Architecture(kind="signal", signal_layers=2, signal_units=3)
DENSE = Architecture(kind="sequence-dense", layers=2, units=5)
CONVOLUTIONAL = Architecture(
    kind="sequence-convolutional", convolutions=2, filters=8, layers=1, units=16
)
BOTH = Architecture(kind="both", layers=2, units=5, signal_layers=1, signal_units=4, joint_units=2)
BOTH_CONVOLUTIONAL = Architecture(
    kind="both",
    layers=1,
    units=5,
    convolutions=1,
    filters=2,
    signal_layers=3,
    signal_units=4,
    joint_units=2,
)
ALL = (SIGNAL, DENSE, CONVOLUTIONAL, BOTH, BOTH_CONVOLUTIONAL)
WINDOW = 80


def inputs_of(architecture, n=7):
    rng = np.random.default_rng(0)
    bases = np.eye(5, 4, dtype=np.float32)[rng.integers(0, 5, (n, WINDOW))]
    signals = rng.standard_normal((n, 5)).astype(np.float32)
    parts = [bases] * architecture.uses_sequence + [signals] * architecture.uses_signal
    return parts if len(parts) > 1 else parts[0]


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_a_network_gives_one_probability_a_row(architecture):
    model = build(architecture, window=WINDOW, n_marks=5, seed=1)
    scores = model.predict_on_batch(inputs_of(architecture))
    assert scores.shape == (7, 1)
    assert scores.dtype == np.float32
    assert ((scores > 0) & (scores < 1)).all()
    assert len(np.unique(scores)) > 1


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_weights_follow_from_the_seed_alone(architecture):
    first, same, other = (
        build(architecture, window=WINDOW, n_marks=5, seed=seed).get_weights() for seed in (1, 1, 2)
    )
    assert all((a == b).all() for a, b in zip(first, same, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_two_layers_of_one_shape_start_differently():
    model = build(
        Architecture(kind="signal", signal_layers=3, signal_units=4), window=0, n_marks=4, seed=1
    )
    kernels = model.get_weights()[0:6:2]
    assert not (kernels[0] == kernels[1]).all()
    assert not (kernels[1] == kernels[2]).all()


def test_initial_weights_are_glorot_uniform_and_biases_zero():
    wide = Architecture(kind="signal", signal_layers=2, signal_units=200)
    kernel, bias = build(wide, window=0, n_marks=5, seed=3).get_weights()[2:4]
    limit = np.sqrt(6 / 400)
    assert np.abs(kernel).max() <= limit
    assert np.abs(kernel).max() > 0.99 * limit
    assert abs(kernel.std() - limit / np.sqrt(3)) < 0.01 * limit
    assert (bias == 0).all()


def test_the_protocol_names_the_initialisers():
    protocol = Protocol(kernel_initializer="ones", bias_initializer="ones")
    weights = build(SIGNAL, window=0, n_marks=5, protocol=protocol).get_weights()
    assert all((w == 1).all() for w in weights)


def layer_names(model):
    return [type(layer).__name__ for layer in model.layers]


def test_a_convolution_has_kernel_8_and_pooling_4_without_padding():
    model = build(CONVOLUTIONAL, window=WINDOW, n_marks=0)
    assert layer_names(model) == [
        "InputLayer",
        *(["Conv1D", "MaxPooling1D"] * 2),
        "Flatten",
        "Dense",
        "Dense",
    ]
    convolution, pooling = model.layers[1], model.layers[2]
    assert convolution.kernel_size == (8,)
    assert convolution.strides == (1,)
    assert pooling.pool_size == (4,)
    assert pooling.strides == (4,)
    assert [model.layers[i].output.shape[1] for i in (2, 4)] == list(pooled_lengths(WINDOW, 2))


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_hidden_layers_have_relu_and_the_output_a_sigmoid(architecture):
    layers = [
        layer
        for layer in build(architecture, window=WINDOW, n_marks=5).layers
        if hasattr(layer, "activation")
    ]
    names = [layer.activation.__name__ for layer in layers]
    assert names[:-1] == ["relu"] * (len(names) - 1)
    assert names[-1] == "sigmoid"
    assert layers[-1].units == 1
    assert all(layer.kernel_regularizer is None for layer in layers)


def test_both_inputs_join_before_one_more_hidden_layer():
    model = build(BOTH, window=WINDOW, n_marks=5)
    (concatenation,) = [layer for layer in model.layers if type(layer).__name__ == "Concatenate"]
    assert concatenation.output.shape == (None, 5 + 4)
    assert [layer.units for layer in model.layers[-2:]] == [2, 1]


def test_a_dense_network_computes_what_numpy_does():
    model = build(DENSE, window=WINDOW, n_marks=0, seed=5)
    bases = inputs_of(DENSE)
    hidden = bases.reshape(len(bases), -1).astype(np.float64)
    weights = model.get_weights()
    for kernel, bias in zip(weights[0:4:2], weights[1:4:2], strict=True):
        hidden = np.maximum(hidden @ kernel + bias, 0)
    expected = 1 / (1 + np.exp(-(hidden @ weights[4] + weights[5])))
    np.testing.assert_allclose(model.predict_on_batch(bases), expected, rtol=1e-5)


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_the_formula_agrees_with_keras(architecture):
    model = build(architecture, window=WINDOW, n_marks=5)
    assert n_parameters(architecture, window=WINDOW, n_marks=5) == model.count_params()


@pytest.mark.parametrize(
    ("architecture", "name", "family"),
    [
        (SIGNAL, "signal-2x3", "signal"),
        (DENSE, "dense-2x5", "sequence"),
        (CONVOLUTIONAL, "conv-2x8-d16", "sequence"),
        (BOTH, "both-s1x4-q2x5-j2", "both"),
        (BOTH_CONVOLUTIONAL, "both-s3x4-c1x2-d5-j2", "both"),
    ],
)
def test_names_and_families(architecture, name, family):
    assert (architecture.name, architecture.family) == (name, family)
    assert architecture.uses_sequence == (family != "signal")
    assert architecture.uses_signal == (family != "sequence")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "signals"}, "`kind` must be one of 'signal'"),
        ({"kind": "signal", "signal_layers": 1}, "`signal_units` must be at least 1"),
        (
            {"kind": "signal", "signal_layers": 1, "signal_units": 1, "units": 2},
            "`units` must be left at 0",
        ),
        ({"kind": "sequence-dense", "layers": 1, "units": 0}, "`units` must be at least 1"),
        (
            {
                "kind": "sequence-convolutional",
                "convolutions": 1,
                "filters": 1,
                "layers": 2,
                "units": 1,
            },
            "`layers` must be 1 behind convolutions",
        ),
        ({**vars(BOTH), "convolutions": 1}, "`convolutions` and `filters` go together"),
        ({**vars(BOTH), "filters": -1}, "`filters` must be at least 0"),
    ],
)
def test_impossible_descriptions_are_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Architecture(**fields)


@pytest.mark.parametrize(("convolutions", "least"), [(1, 11), (2, 51), (3, 211)])
def test_the_shortest_window_of_convolutions(convolutions, least):
    network = Architecture(
        kind="sequence-convolutional", convolutions=convolutions, filters=1, layers=1, units=1
    )
    assert build(network, window=least, n_marks=0).count_params() > 0
    with pytest.raises(ValidationError, match=f"`window` must be at least {least} bp"):
        build(network, window=least - 1, n_marks=0)


def test_absent_inputs_are_refused():
    with pytest.raises(ValidationError, match="`window` must be at least 1 bp for dense-2x5"):
        check_sizes(DENSE, window=0, n_marks=5)
    with pytest.raises(ValidationError, match="`n_marks` must be at least 1 for signal-2x3"):
        check_sizes(SIGNAL, window=100, n_marks=0)
