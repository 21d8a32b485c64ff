"""The fast loop does what plain Keras does, and both what the formula of Adam says."""

from dataclasses import replace

import numpy as np
import pytest

from leakcheck.reference import loops
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import Balanced, Inputs
from leakcheck.reference.loops import GraphLoop, PlainLoop, batch_labels, is_compiled, make_loop
from leakcheck.reference.models import build
from leakcheck.reference.protocol import Protocol
from tests.reference.training_data import ALL, BOTH, CONVOLUTIONAL, DENSE, SIGNAL, training_data

pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")

DATA = training_data()
CONVOLUTIONAL_ONES = [
    (CONVOLUTIONAL, False),
    (replace(CONVOLUTIONAL, convolutions=1), False),
    (replace(BOTH, convolutions=2, filters=4), False),
]


def network(architecture, seed=1):
    return build(architecture, window=DATA.window, n_marks=DATA.n_marks, seed=seed)


def epoch_inputs(architecture, protocol, number=1):
    drawn = Balanced(pairs=DATA.train, protocol=protocol, seed=0).epoch(number)
    return Inputs.of(architecture, DATA, DATA.train.take(drawn.ravel()))


def trained(loop, architecture, protocol, n_epochs=2):
    losses = [loop.train(epoch_inputs(architecture, protocol, i)) for i in range(n_epochs)]
    return losses, loop.model.get_weights()


@pytest.mark.parametrize(
    ("architecture", "compiled"),
    [(SIGNAL, True), (DENSE, True), (BOTH, True), (DENSE, False), *CONVOLUTIONAL_ONES],
    ids=lambda value: value if isinstance(value, bool) else value.name,
)
def test_the_graph_trains_as_plain_keras_does(architecture, compiled):
    protocol = Protocol(steps_per_epoch=15, epsilon=1e-4)
    graph = GraphLoop(architecture, network(architecture), protocol, compiled=compiled)
    plain = PlainLoop(architecture, network(architecture), protocol)
    losses, weights = trained(graph, architecture, protocol)
    plain_losses, plain_weights = trained(plain, architecture, protocol)
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-4)
    for ours, theirs in zip(weights, plain_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)
    pairs = Inputs.of(architecture, DATA, DATA.validation)
    np.testing.assert_allclose(graph.scores(pairs), plain.scores(pairs), atol=1e-3)


def adam_by_hand(weights, inputs, protocol, n_steps):
    """Logistic regression behind one ReLU layer, in double precision, step by step."""
    w = [np.asarray(x, dtype=np.float64) for x in weights]
    first, second = [0 * x for x in w], [0 * x for x in w]
    y = batch_labels(protocol.batch_size)
    losses = []
    for t in range(1, n_steps + 1):
        x = inputs.signals[(t - 1) * len(y) : t * len(y)].astype(np.float64)
        hidden = np.maximum(x @ w[0] + w[1], 0)
        p = 1 / (1 + np.exp(-(hidden @ w[2] + w[3])))
        kept = np.clip(p, protocol.clip, 1 - protocol.clip)
        losses.append(-np.mean(y * np.log(kept) + (1 - y) * np.log(1 - kept)))
        delta = np.where(kept == p, p - y, 0) / len(y)
        back = (delta @ w[2].T) * (hidden > 0)
        gradients = [x.T @ back, back.sum(0), hidden.T @ delta, delta.sum(0)]
        rate = protocol.learning_rate * np.sqrt(1 - protocol.beta_2**t) / (1 - protocol.beta_1**t)
        for i, g in enumerate(gradients):
            first[i] = protocol.beta_1 * first[i] + (1 - protocol.beta_1) * g
            second[i] = protocol.beta_2 * second[i] + (1 - protocol.beta_2) * g**2
            w[i] = w[i] - rate * first[i] / (np.sqrt(second[i]) + protocol.epsilon)
    return sum(losses), w


@pytest.mark.parametrize("make", [make_loop, PlainLoop])
@pytest.mark.parametrize("changes", [{}, {"learning_rate": 0.02, "beta_1": 0.5, "clip": 0.3}])
def test_training_follows_the_formula(make, changes):
    architecture = Architecture(kind="signal", signal_layers=1, signal_units=6)
    protocol = Protocol(steps_per_epoch=30, **changes)
    loop = make(architecture, network(architecture), protocol)
    inputs = epoch_inputs(architecture, protocol)
    expected_loss, expected = adam_by_hand(loop.model.get_weights(), inputs, protocol, 30)
    assert loop.train(inputs) == pytest.approx(expected_loss, rel=1e-5)
    for ours, theirs in zip(loop.model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("make", [make_loop, PlainLoop])
def test_a_new_start_forgets_everything(make):
    protocol = Protocol(steps_per_epoch=10)
    loop = make(SIGNAL, network(SIGNAL), protocol)
    fresh = loop.model.get_weights()
    first = trained(loop, SIGNAL, protocol)
    loop.start(fresh)
    again = trained(loop, SIGNAL, protocol)
    assert first[0] == again[0]
    assert all((a == b).all() for a, b in zip(first[1], again[1], strict=True))


def test_plain_keras_is_compiled_once(monkeypatch):
    model, compiled = network(SIGNAL), []
    compile_it = model.compile
    monkeypatch.setattr(model, "compile", lambda *a: compiled.append(a) or compile_it(*a))
    protocol = Protocol(steps_per_epoch=10, learning_rate=0.02)
    loop = PlainLoop(SIGNAL, model, protocol)
    fresh = model.get_weights()
    for _ in range(2):
        loop.start(fresh)
        trained(loop, SIGNAL, protocol)
    assert len(compiled) == 1
    loop.start(fresh)
    rates = {v.path.split("/")[-1]: v.numpy() for v in model.optimizer.variables}
    assert rates.pop("learning_rate") == np.float32(0.02)
    assert len(rates) > 4
    assert not any(value.any() for value in rates.values())


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_scores_do_not_depend_on_how_many_rows_come_at_once(architecture, monkeypatch):
    monkeypatch.setattr(loops, "_SIGNAL_ROWS", 7)
    monkeypatch.setattr(loops, "_SEQUENCE_ROWS", 7)
    pairs = Inputs.of(architecture, DATA, DATA.validation)
    model = network(architecture)
    pieces = make_loop(architecture, model, Protocol()).scores(pairs)
    codes = np.eye(5, 4, dtype=np.float32)
    parts = [codes[pairs.codes]] * architecture.uses_sequence
    parts += [pairs.signals] * architecture.uses_signal
    whole = model.predict_on_batch(parts if len(parts) > 1 else parts[0])[:, 0]
    assert pieces.shape == (len(DATA.validation),)
    np.testing.assert_allclose(pieces, whole, rtol=1e-5)


def test_another_backend_gets_the_plain_loop(monkeypatch):
    assert isinstance(make_loop(SIGNAL, network(SIGNAL), Protocol()), GraphLoop)
    monkeypatch.setattr(loops, "backend", lambda: "jax")
    assert isinstance(make_loop(SIGNAL, network(SIGNAL), Protocol()), PlainLoop)


def test_what_is_compiled_and_how_often_the_keyboard_is_heard(monkeypatch):
    compiled = {a.kind: is_compiled(a, network(a)) for a in ALL}
    assert compiled == {
        "signal": True,
        "sequence-dense": True,
        "sequence-convolutional": False,
        "both": True,
    }
    monkeypatch.setattr(loops, "_COMPILED_PARAMETERS", 10)
    assert [is_compiled(a, network(a)) for a in ALL] == [True, False, False, False]
    steps = [make_loop(a, network(a), Protocol()).steps_per_call for a in ALL]
    assert steps == [400, 50, 50, 50]
