"""The first convolution in parts is the network, in its values and its gradients."""

import numpy as np
import pytest

from leakcheck.reference.architecture import Architecture
from leakcheck.reference.first_convolution import FirstConvolution
from leakcheck.reference.models import build

tf = pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")


# Every remainder of the window after convolution and pooling, the shortest one, and runs.
@pytest.mark.parametrize("window", [11, 60, 61, 62, 63])
@pytest.mark.parametrize("kind", ["sequence-convolutional", "both"])
def test_values_and_gradients_are_those_of_the_model(window, kind):
    signal = {"signal_layers": 1, "signal_units": 4, "joint_units": 4} if kind == "both" else {}
    network = Architecture(kind=kind, convolutions=1, filters=5, layers=1, units=6, **signal)
    model = build(network, window=window, n_marks=3, seed=2)
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.1 * rng.standard_normal(w.shape) for w in model.get_weights()])
    codes = rng.integers(0, 5, (9, window))
    codes[0], codes[1] = 0, 4  # every place of a pooling window alike; nothing known
    parts = [tf.one_hot(codes, 4)]
    if kind == "both":
        parts.append(tf.constant(rng.standard_normal((9, 3)), tf.float32))
    ours, theirs = (
        _values_and_gradients(call, model)
        for call in (
            lambda: FirstConvolution(model)(parts),
            lambda: model(parts if len(parts) > 1 else parts[0]),
        )
    )
    assert len(ours) == 1 + len(model.trainable_variables)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert np.abs(ours[1]).max() > 1e-4


def _values_and_gradients(call, model):
    with tf.GradientTape() as tape:
        values = call()
        total = tf.reduce_sum(values * tf.range(1.0, 10.0)[:, None])
    weights = [variable.value for variable in model.trainable_variables]
    return [values.numpy(), *(g.numpy() for g in tape.gradient(total, weights))]
