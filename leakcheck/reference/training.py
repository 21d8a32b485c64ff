"""Train one network by the protocol, and predict with it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.exceptions import LeakcheckError, ValidationError
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import (
    Balanced,
    Inputs,
    LabelledPairs,
    TrainingData,
    draw_validation,
)
from leakcheck.reference.loops import Loop, make_loop
from leakcheck.reference.models import build
from leakcheck.reference.parameters import n_parameters
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.runtime import set_threads

__all__ = ["DivergedError", "Epoch", "Fitted", "fit", "predict"]


class DivergedError(LeakcheckError):
    """The loss of a network is no longer a finite number."""


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """What is known of an epoch.

    Attributes
    ----------
    number : int
        From 1.
    loss : float
        Mean loss over the epoch's mini-batches, each before its step.
    validation_loss : float
        Loss on the validation batch after the epoch; natural logarithms, ln 2 says nothing.
    validation_average_precision : float
        Expected average precision on the validation batch; 0.5 says nothing, for half is active.
    """

    number: int
    loss: float
    validation_loss: float
    validation_average_precision: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """A trained network.

    Attributes
    ----------
    architecture, protocol, seed
        As given to `fit`.
    window, n_marks : int
        Bases of sequence and marks at each locus; 0 where it does not look.
    weights : tuple of ndarray of float32, each of the shape that Keras gives it
        In Keras's order.
    history : tuple of Epoch
        Every epoch.
    stopped : {"patience", "max-epochs"}
        Why training ended.
    seconds : float
        Time of the training by the clock, building and compiling included.
    """

    architecture: Architecture
    protocol: Protocol
    seed: int
    window: int
    n_marks: int
    weights: tuple[NDArray[np.float32], ...]
    history: tuple[Epoch, ...]
    stopped: Literal["patience", "max-epochs"]
    seconds: float

    @property
    def n_epochs(self) -> int:
        """Epochs trained."""
        return len(self.history)

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return n_parameters(self.architecture, window=self.window, n_marks=self.n_marks)

    def model(self) -> Any:
        """Build the Keras model with these weights.

        Returns
        -------
        keras.Model
            As `build` makes it.
        """
        model = build(self.architecture, window=self.window, n_marks=self.n_marks)
        model.set_weights(list(self.weights))
        return model


def fit(
    architecture: Architecture,
    data: TrainingData,
    protocol: Protocol | None = None,
    seed: int = 0,
    *,
    threads: int | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Fitted:
    """Train a network.

    Parameters
    ----------
    architecture : Architecture
        The network.
    data : TrainingData
        Bases, signals, and the pairs to train and validate on.
    protocol : Protocol, optional
        The paper's when absent.
    seed : int, default 0
        Seed of the initial weights and of the mini-batches. The validation batch does not depend
        on it.
    threads : int, optional
        Threads of the backend; see `leakcheck.reference.runtime.set_threads`.
    on_epoch : callable, optional
        Called after each epoch; what it raises ends the training and is passed on.

    Returns
    -------
    Fitted
        Weights and history. The same seed, data, machine and number of threads give the same
        numbers, bit by bit.

    Raises
    ------
    ValidationError
        When the network needs inputs that are absent, too short or NaN.
    DivergedError
        When a loss is not finite.
    MissingDependencyError
        When Keras or its backend is not installed (``leakcheck[reference]``).

    Notes
    -----
    A keyboard interrupt is heard between two calls of the backend: after an epoch where that is
    quick, else after 50 steps. Nothing is left behind.

    Examples
    --------
    >>> signals = np.array([[[-1.0], [1.0]], [[1.0], [-1.0]]], dtype=np.float32)
    >>> pairs = LabelledPairs(locus=[0, 0, 1, 1], cell_type=[0, 1, 0, 1], label=[0, 1, 1, 0])
    >>> data = TrainingData(signals=signals, train=pairs, validation=pairs)
    >>> network = Architecture(kind="signal", signal_layers=1, signal_units=4)
    >>> fitted = fit(network, data, Protocol(max_epochs=2, validation_size=4))
    >>> (predict(fitted, signals=signals[:, 0]) > 0.5).tolist()
    [False, True]
    """
    protocol = protocol or Protocol()
    set_threads(threads)
    start = time.perf_counter()
    window = data.window if architecture.uses_sequence else 0
    n_marks = data.n_marks if architecture.uses_signal else 0
    loop = _loop(architecture, window, n_marks, protocol, threading.get_ident())
    for role, pairs in (("train", data.train), ("validation", data.validation)):
        _check_finite(architecture, data, role, pairs)
    fresh = build(architecture, window=window, n_marks=n_marks, seed=seed, protocol=protocol)
    loop.start(fresh.get_weights())
    run = _Run(loop, architecture, data, protocol, seed)
    stopped = run.until_stopped(on_epoch)
    return Fitted(
        architecture=architecture,
        protocol=protocol,
        seed=seed,
        window=window,
        n_marks=n_marks,
        weights=tuple(run.kept_weights()),
        history=tuple(run.history),
        stopped=stopped,
        seconds=time.perf_counter() - start,
    )


def predict(
    fitted: Fitted,
    codes: NDArray[np.uint8] | None = None,
    signals: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Score loci with a trained network.

    Parameters
    ----------
    fitted : Fitted
        The network.
    codes : ndarray of uint8, shape (n, window), optional
        Bases; needed by networks of sequence, else not looked at.
    signals : ndarray of float32, shape (n, n_marks), optional
        Marks of each row's cell type; needed by networks of signals, else not looked at.

    Returns
    -------
    ndarray of float32, shape (n,)
        Probabilities of being active.

    Raises
    ------
    ValidationError
        When an input is absent or has another shape than in training, or a signal is not finite.
    MissingDependencyError
        When Keras or its backend is not installed (``leakcheck[reference]``).

    Examples
    --------
    >>> signals = np.ones((3, 1), dtype=np.float32)
    >>> pairs = LabelledPairs(locus=[0, 1], cell_type=[0, 0], label=[0, 1])
    >>> data = TrainingData(signals=signals[:, None], train=pairs, validation=pairs)
    >>> network = Architecture(kind="signal", signal_layers=1, signal_units=4)
    >>> fitted = fit(network, data, Protocol(max_epochs=1, validation_size=4))
    >>> predict(fitted, signals=signals).shape
    (3,)
    """
    architecture = fitted.architecture
    inputs = Inputs(
        codes=_expected("codes", codes, fitted.window) if architecture.uses_sequence else None,
        signals=_expected("signals", signals, fitted.n_marks) if architecture.uses_signal else None,
    )
    sizes = {len(part) for part in (inputs.codes, inputs.signals) if part is not None}
    if len(sizes) > 1:
        raise ValidationError(
            f"`codes` and `signals` must have one row each per pair; got {sorted(sizes)} rows. "
            "Give arrays of one length."
        )
    if 0 in sizes:
        return np.empty(0, dtype=np.float32)
    loop = _loop(
        architecture, fitted.window, fitted.n_marks, fitted.protocol, threading.get_ident()
    )
    loop.start(list(fitted.weights))
    return loop.scores(inputs)


@lru_cache(maxsize=1)
def _loop(
    architecture: Architecture, window: int, n_marks: int, protocol: Protocol, thread: int
) -> Loop:
    """The loop of a network; kept, for compiling it takes longer than a small network's training.

    `thread` keeps two threads from sharing one network's weights.
    """
    model = build(architecture, window=window, n_marks=n_marks, protocol=protocol)
    return make_loop(architecture, model, protocol)


class _Run:
    """One training: epochs until the validation loss has stopped falling."""

    def __init__(
        self,
        loop: Loop,
        architecture: Architecture,
        data: TrainingData,
        protocol: Protocol,
        seed: int,
    ) -> None:
        self.history: list[Epoch] = []
        self._loop, self._architecture, self._data = loop, architecture, data
        self._protocol = protocol
        self._batches = Balanced(pairs=data.train, protocol=protocol, seed=seed)
        validation = draw_validation(data.validation, protocol.validation_size)
        self._labels = validation.label
        self._validation = Inputs.of(architecture, data, validation)
        self._best: tuple[int, float] = (0, np.inf)  # epoch and its loss
        self._best_weights: list[NDArray[np.float32]] = []

    def until_stopped(
        self, on_epoch: Callable[[Epoch], None] | None
    ) -> Literal["patience", "max-epochs"]:
        """Train; say why it ended."""
        for number in range(1, self._protocol.max_epochs + 1):
            epoch = self._epoch(number)
            self.history.append(epoch)
            if epoch.validation_loss < self._best[1]:
                self._best = (number, epoch.validation_loss)
                if self._protocol.weights == "best":
                    self._best_weights = self._loop.model.get_weights()
            if on_epoch is not None:
                on_epoch(epoch)
            if number - self._best[0] >= self._protocol.patience:
                return "patience"
        return "max-epochs"

    def kept_weights(self) -> list[NDArray[np.float32]]:
        """The weights that the protocol keeps."""
        if self._protocol.weights == "best":
            return self._best_weights
        weights: list[NDArray[np.float32]] = self._loop.model.get_weights()
        return weights

    def _epoch(self, number: int) -> Epoch:
        steps = self._batches.epoch(number)
        per_call = self._loop.steps_per_call
        pieces = [steps[i : i + per_call] for i in range(0, len(steps), per_call)]
        loss = sum(self._train(piece, number) for piece in pieces) / len(steps)
        scores = self._loop.scores(self._validation).astype(np.float64)
        return Epoch(
            number=number,
            loss=loss,
            validation_loss=self._finite(_loss(self._labels, scores, self._protocol.clip), number),
            validation_average_precision=_average_precision(self._labels, scores),
        )

    def _train(self, steps: IntArray, number: int) -> float:
        pairs = self._data.train.take(steps.ravel())
        inputs = Inputs.of(self._architecture, self._data, pairs)
        return self._finite(self._loop.train(inputs), number)

    def _finite(self, loss: float, number: int) -> float:
        if not np.isfinite(loss):
            raise DivergedError(
                f"The loss of {self._architecture.name} became {loss} in epoch {number}. "
                "Lower `learning_rate`, or look at the signals' scale."
            )
        return loss


def _loss(labels: NDArray[np.bool_], scores: NDArray[np.float64], clip: float) -> float:
    """Mean binary cross-entropy in double precision."""
    p = np.clip(scores, clip, 1 - clip)
    return -float(np.mean(np.log(np.where(labels, p, 1 - p))))


def _average_precision(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    import leakcheck  # noqa: PLC0415 - the front door opens when it is used

    return float(leakcheck.expected_average_precision(labels, scores))


def _check_finite(
    architecture: Architecture, data: TrainingData, role: str, pairs: LabelledPairs
) -> None:
    """Refuse pairs without signals where the network looks at them."""
    signals = Inputs.of(architecture, data, pairs).signals
    if signals is not None:
        _refuse_nan(signals, f"the {role} pairs")


def _refuse_nan(signals: NDArray[np.float32], what: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(signals).all(axis=1))
    if len(wrong):
        raise ValidationError(
            f"`signals` must be finite; {len(wrong)} of {len(signals)} rows of {what} are not, "
            f"the first is {wrong[0]}. Leave out pairs of cell types that lack a track."
        )


def _expected(name: str, values: NDArray[Any] | None, width: int) -> NDArray[Any]:
    """An input of `predict`, checked."""
    came = None if values is None else values.shape
    if values is None or values.ndim != 2 or values.shape[1] != width:
        raise ValidationError(
            f"`{name}` must have shape (n, {width}), as in training; got {came}. "
            "Give the same inputs as in training."
        )
    if name == "signals":
        values = values.astype(np.float32, copy=False)
        _refuse_nan(values, "`signals`")
    return values
