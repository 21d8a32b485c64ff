"""Training to its end: what is learnt, when it stops, what is kept, and how it fails."""

import os
import pickle
import signal
import threading

import numpy as np
import pytest

from leakcheck.exceptions import LeakcheckError, ValidationError
from leakcheck.reference import loops, training
from leakcheck.reference.batches import LabelledPairs, TrainingData, draw_validation
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.training import DivergedError, fit, predict
from tests.reference.training_data import ALL, BOTH, DENSE, N_LOCI, SHORT, SIGNAL, training_data

pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")

DATA = training_data()


def inputs_of(fitted, data=DATA, pairs=DATA.validation):
    codes = data.codes[pairs.locus] if fitted.architecture.uses_sequence else None
    signals = data.signals[pairs.locus, pairs.cell_type]
    return codes, signals if fitted.architecture.uses_signal else None


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_every_kind_learns_its_part(architecture):
    protocol = Protocol(steps_per_epoch=150, max_epochs=6, validation_size=100, learning_rate=0.01)
    fitted = fit(architecture, DATA, protocol, seed=1)
    last = fitted.history[-1]
    assert last.loss < min(0.5, fitted.history[0].loss)
    assert last.validation_average_precision > 0.8
    scores = predict(fitted, *inputs_of(fitted))
    labels = DATA.validation.label
    assert scores[labels].mean() > scores[~labels].mean() + 0.3
    assert scores.dtype == np.float32


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_the_same_seed_gives_the_same_bits(architecture):
    first = fit(architecture, DATA, SHORT, seed=3)
    warm = fit(architecture, DATA, SHORT, seed=3)
    training._loop.cache_clear()
    cold = fit(architecture, DATA, SHORT, seed=3)
    for again in (warm, cold):
        assert again.history == first.history
        assert all((a == b).all() for a, b in zip(first.weights, again.weights, strict=True))
        one, two = (predict(f, *inputs_of(f)) for f in (first, again))
        np.testing.assert_array_equal(one, two)
    other = fit(architecture, DATA, SHORT, seed=4)
    assert other.history[0] != first.history[0]


def test_the_record_is_whole():
    seen = []
    fitted = fit(BOTH, DATA, SHORT, seed=2, on_epoch=seen.append)
    assert tuple(seen) == fitted.history
    assert [epoch.number for epoch in fitted.history] == [1, 2, 3]
    assert (fitted.n_epochs, fitted.stopped, fitted.seed) == (3, "max-epochs", 2)
    assert fitted.seconds > 0
    assert fitted.n_parameters == sum(w.size for w in fitted.weights)
    assert fitted.n_parameters == fitted.model().count_params()


def test_the_history_is_that_of_the_weights():
    """The last validation loss is that of the kept weights on the fixed batch."""
    fitted = fit(SIGNAL, DATA, SHORT, seed=2)
    batch = draw_validation(DATA.validation, SHORT.validation_size)
    p = predict(fitted, *inputs_of(fitted, pairs=batch)).astype(np.float64)
    loss = -np.mean(np.where(batch.label, np.log(p), np.log(1 - p)))
    assert fitted.history[-1].validation_loss == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("architecture", ALL, ids=lambda a: a.name)
def test_the_model_given_out_predicts_the_same(architecture):
    fitted = fit(architecture, DATA, SHORT)
    codes, signals = inputs_of(fitted)
    parts = [] if codes is None else [np.eye(5, 4, dtype=np.float32)[codes]]
    parts += [] if signals is None else [signals]
    expected = fitted.model().predict_on_batch(parts if len(parts) > 1 else parts[0])[:, 0]
    np.testing.assert_allclose(predict(fitted, codes, signals), expected, rtol=1e-5)


def test_a_fitted_network_survives_pickling():
    fitted = fit(SIGNAL, DATA, SHORT)
    copy = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - it was written here
    inputs = inputs_of(fitted)
    np.testing.assert_array_equal(predict(copy, *inputs), predict(fitted, *inputs))


class ScriptedLoop:
    """Validation losses as written down; the weights are the number of the epoch."""

    steps_per_call = 15

    def __init__(self, architecture, model, protocol, losses):
        self.model, self.losses = self, losses
        self.n_calls = self.n_rows = self.epoch = 0

    def get_weights(self):
        return [np.array(self.epoch, dtype=np.float32)]

    def start(self, weights):
        pass

    def train(self, inputs):
        self.n_calls += 1
        self.n_rows += len(inputs.signals)
        return 0.0

    def scores(self, inputs):
        self.epoch += 1
        right = np.exp(-self.losses[self.epoch - 1])
        half = len(inputs.signals) // 2
        return np.repeat([right, 1 - right], half).astype(np.float64)


def scripted(monkeypatch, losses, **changes):
    made = []

    def make(*arguments):
        made.append(ScriptedLoop(*arguments, losses))
        return made[-1]

    monkeypatch.setattr(training, "make_loop", make)
    monkeypatch.setattr(training, "_loop", training._loop.__wrapped__)
    return fit(SIGNAL, DATA, Protocol(steps_per_epoch=40, **changes)), made[0]


# The lowest of all is the third; then it falls again but never below.
LOSSES = [0.9, 0.7, 0.5, 0.6, 0.5, 0.58, 0.55, 0.52, 0.51, 0.4, 0.3]


@pytest.mark.parametrize(("patience", "n_epochs"), [(1, 4), (2, 5), (5, 8), (6, 9)])
def test_training_stops_when_the_loss_has_not_fallen_for_so_many_epochs(
    monkeypatch, patience, n_epochs
):
    fitted, loop = scripted(monkeypatch, LOSSES, patience=patience)
    assert (fitted.n_epochs, fitted.stopped) == (n_epochs, "patience")
    found = [epoch.validation_loss for epoch in fitted.history]
    np.testing.assert_allclose(found, LOSSES[:n_epochs], rtol=1e-6)
    assert loop.n_rows == n_epochs * 40 * 32
    assert loop.n_calls == n_epochs * 3  # 15, 15 and 10 steps


def test_training_stops_at_the_most_epochs(monkeypatch):
    fitted, _ = scripted(monkeypatch, LOSSES, max_epochs=6)
    assert (fitted.n_epochs, fitted.stopped) == (6, "max-epochs")


@pytest.mark.parametrize(("kept", "epoch"), [("final", 8), ("best", 3)])
def test_the_protocol_says_which_weights_are_kept(monkeypatch, kept, epoch):
    fitted, _ = scripted(monkeypatch, LOSSES, weights=kept)
    assert fitted.weights[0] == epoch


def with_signals(signals):
    return TrainingData(
        codes=DATA.codes, signals=signals, train=DATA.train, validation=DATA.validation
    )


def test_a_loss_that_is_no_number_is_a_failure():
    with pytest.raises(DivergedError, match="The loss of signal-2x8 became nan in epoch 1"):
        fit(SIGNAL, with_signals(np.copysign(np.float32(3e38), DATA.signals)), SHORT)
    assert issubclass(DivergedError, LeakcheckError)


def test_signals_that_are_not_known_are_refused():
    signals = DATA.signals.copy()
    signals[5, 3, 1] = np.nan
    with pytest.raises(ValidationError, match="1 of 120 rows of the validation pairs are not"):
        fit(SIGNAL, with_signals(signals), SHORT)
    assert fit(DENSE, with_signals(signals), SHORT).n_epochs == 3


def test_absent_inputs_are_refused():
    bare = TrainingData(train=DATA.train, validation=DATA.validation)
    with pytest.raises(ValidationError, match="`n_marks` must be at least 1"):
        fit(SIGNAL, bare, SHORT)
    with pytest.raises(ValidationError, match="`window` must be at least 1 bp"):
        fit(DENSE, bare, SHORT)


def test_wrong_inputs_of_predict_are_refused():
    fitted = fit(BOTH, DATA, SHORT)
    codes, signals = DATA.codes, DATA.signals[:, 0]
    with pytest.raises(ValidationError, match=r"`codes` must have shape \(n, 64\).*got None"):
        predict(fitted, None, signals)
    with pytest.raises(ValidationError, match=r"`signals` must have shape \(n, 3\)"):
        predict(fitted, codes, signals[:, :2])
    with pytest.raises(ValidationError, match=r"one row each per pair; got \[119, 120\] rows"):
        predict(fitted, codes, signals[1:])
    with pytest.raises(ValidationError, match="`signals` must be finite; 120 of 120"):
        predict(fitted, codes, signals * np.nan)
    assert predict(fitted, codes[:0], signals[:0]).shape == (0,)


def test_inputs_are_unchanged():
    codes, signals = DATA.codes.copy(), DATA.signals.copy()
    predict(fit(BOTH, DATA, SHORT), codes, DATA.signals[:, 0])
    np.testing.assert_array_equal(codes, DATA.codes)
    np.testing.assert_array_equal(signals, DATA.signals)


@pytest.fixture
def interrupts():
    """Interrupts raise, also in workers of pytest-xdist, which ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_ends_training_and_leaves_nothing_behind():
    before = fit(SIGNAL, DATA, SHORT, seed=1)
    long = Protocol(max_epochs=10_000, patience=10_000, validation_size=100)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))

    def on_epoch(epoch):
        if epoch.number == 1:
            timer.start()

    with pytest.raises(KeyboardInterrupt):
        fit(SIGNAL, DATA, long, on_epoch=on_epoch)
    timer.join()
    assert fit(SIGNAL, DATA, SHORT, seed=1).history == before.history


def test_two_threads_do_not_share_a_network(monkeypatch):
    monkeypatch.setattr(loops, "_COMPILED_PARAMETERS", 0)  # compiling takes longer
    alone = [fit(DENSE, DATA, SHORT, seed=seed).history for seed in (1, 2)]
    found = {}

    def work(seed):
        found[seed] = fit(DENSE, DATA, SHORT, seed=seed).history

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[1], found[2]] == alone


def test_a_locus_more_or_less_elsewhere_changes_nothing():
    """Only the loci of the pairs are read: a longer table gives the same numbers."""
    longer = TrainingData(
        codes=np.concatenate([DATA.codes, DATA.codes[:9]]),
        signals=np.concatenate([DATA.signals, DATA.signals[:9] * np.nan]),
        train=DATA.train,
        validation=LabelledPairs(**vars(DATA.validation)),
    )
    assert len(longer.codes) == N_LOCI + 9
    assert fit(BOTH, longer, SHORT).history == fit(BOTH, DATA, SHORT).history
