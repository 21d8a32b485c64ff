"""The Keras callback audits at the end of epochs."""

import numpy as np
import pytest

import leakcheck
from leakcheck.callbacks import audit_callback, skill_logs
from leakcheck.exceptions import ValidationError


@pytest.fixture(scope="module")
def pairs():
    """Validation pairs of one cell type, with what its model sees, and the labels of the others."""
    world = leakcheck.simulate.epigenome(n_loci=400, n_cell_types=8)
    inputs = world.latent[:, :1].astype(np.float32)
    target, *others = world.cell_types
    labels = world.labels[target].to_numpy()
    return inputs, labels, world.loci, [target] * len(labels), world.labels[others]


@pytest.fixture(scope="module")
def keras():
    runtime = pytest.importorskip(
        "leakcheck.reference.runtime", reason="the reference is not installed"
    )
    pytest.importorskip("tensorflow", reason="tensorflow is not installed (extra reference)")
    return runtime.load_keras()


def fit(keras, pairs, callbacks, epochs=3):
    inputs, labels, *_ = pairs
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy")
    return model.fit(inputs, labels, epochs=epochs, verbose=0, callbacks=callbacks)


def test_skill_is_logged_and_others_can_watch_it(keras, pairs):
    inputs, labels, loci, cells, seen = pairs
    watch = audit_callback(inputs, labels, loci, cells, train=seen)
    stop = keras.callbacks.EarlyStopping(monitor="leakcheck_skill", mode="max", patience=0)
    history = fit(keras, pairs, [watch, stop], epochs=20).history
    assert len(history["leakcheck_skill"]) < 20
    assert history["leakcheck_skill"][-1] == watch.history[-1]["leakcheck_skill"]
    assert watch.report.settings["targets"] == [cells[0]]
    assert skill_logs(watch.report) == {
        name: value for name, value in watch.history[-1].items() if name != "epoch"
    }


def test_audits_every_second_epoch(keras, pairs):
    inputs, labels, loci, cells, seen = pairs
    watch = audit_callback(inputs, labels, loci, cells, train=seen, every=2, prefix="lc_")
    history = fit(keras, pairs, [watch], epochs=3).history
    assert [one["epoch"] for one in watch.history] == [0, 2]
    assert history["lc_skill"][0] == history["lc_skill"][1]


def test_the_last_epoch_is_audited_whatever_the_step(keras, pairs):
    inputs, labels, loci, cells, seen = pairs
    watch = audit_callback(inputs, labels, loci, cells, train=seen, every=3)
    fit(keras, pairs, [watch], epochs=5)
    assert [one["epoch"] for one in watch.history] == [0, 3, 4]


def test_several_outputs_are_refused(keras, pairs):
    inputs, labels, loci, cells, seen = pairs
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    watch = audit_callback(inputs, labels, loci, cells, train=seen)
    watch.set_model(model)
    with pytest.raises(ValidationError, match="`model` must give one score for each row"):
        watch.on_epoch_end(0, {})


def test_every_must_be_positive():
    with pytest.raises(ValidationError, match="`every` must be 1 or more; it is 0"):
        audit_callback(None, None, None, None, train=None, every=0)
