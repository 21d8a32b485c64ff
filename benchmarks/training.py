"""Training against ``model.fit`` from a generator: ``python -m benchmarks.training``.

The peer is what one writes first: a compiled Keras model and a Python generator that draws a
balanced mini-batch and makes it one-hot. Both train the same network on the same data; a round is
the same number of steps, so the ratio is that of epochs per second.

The first line of each network is by the clock: both may use every core, and how well they do is
part of what is compared. The second is processor time, which other work on the machine disturbs
less. The contestants take turns. What ``fit`` does once a call is taken off the peer's time.
"""

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks._measure import Row, run
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import Balanced, Inputs, LabelledPairs, TrainingData
from leakcheck.reference.loops import make_loop
from leakcheck.reference.models import build
from leakcheck.reference.parameters import N_BASES
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.runtime import load_keras

WINDOW, N_LOCI, N_CELL_TYPES, N_MARKS = 2000, 2000, 8, 5
EPOCH = Protocol().steps_per_epoch
SIGNAL_BOUND, DENSE_BOUND, CONVOLUTIONAL_BOUND = 5.0, 2.0, 1.2


def _signal(layers: int, units: int) -> Architecture:
    return Architecture(kind="signal", signal_layers=layers, signal_units=units)


def _dense(layers: int, units: int) -> Architecture:
    return Architecture(kind="sequence-dense", layers=layers, units=units)


def _convolutional(convolutions: int, filters: int) -> Architecture:
    return Architecture(
        kind="sequence-convolutional",
        convolutions=convolutions,
        filters=filters,
        layers=1,
        units=64,
    )


@dataclass(frozen=True, kw_only=True)
class Match:
    """A network, the steps and rounds that are timed, and what is asked for."""

    network: Architecture
    bound: float | None
    steps: int
    repeats: int = 3


QUICK = (
    Match(network=_signal(1, 8), bound=SIGNAL_BOUND, steps=EPOCH),
    Match(network=_signal(2, 64), bound=SIGNAL_BOUND, steps=EPOCH),
    Match(network=_dense(1, 8), bound=DENSE_BOUND, steps=100),
    Match(network=_dense(1, 256), bound=DENSE_BOUND, steps=50),
    Match(network=_convolutional(2, 64), bound=CONVOLUTIONAL_BOUND, steps=10),
)
FULL = (
    *(
        Match(network=_signal(k, u), bound=SIGNAL_BOUND, steps=EPOCH)
        for k in (1, 5)
        for u in (1, 64)
    ),
    Match(network=_signal(3, 1024), bound=None, steps=50),
    *(
        Match(network=_dense(k, u), bound=DENSE_BOUND, steps=100)
        for k in (1, 3)
        for u in (8, 64, 256)
    ),
    Match(network=_dense(1, 1024), bound=None, steps=25),
    *(Match(network=_convolutional(k, 64), bound=CONVOLUTIONAL_BOUND, steps=25) for k in (1, 2, 3)),
    Match(network=_convolutional(2, 8), bound=None, steps=50),
    Match(network=_convolutional(1, 256), bound=None, steps=10),
)


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    data = _data()
    return [row for match in (FULL if full else QUICK) for row in _rows_of(match, data)]


def _data() -> TrainingData:
    rng = np.random.default_rng(0)
    locus = np.repeat(np.arange(N_LOCI), N_CELL_TYPES)
    pairs = LabelledPairs(
        locus=locus,
        cell_type=np.tile(np.arange(N_CELL_TYPES), N_LOCI),
        label=rng.random(len(locus)) < 0.5,
    )
    return TrainingData(
        codes=rng.integers(0, N_BASES, (N_LOCI, WINDOW)).astype(np.uint8),
        signals=rng.standard_normal((N_LOCI, N_CELL_TYPES, N_MARKS)).astype(np.float32),
        train=pairs,
        validation=pairs,
    )


def _rows_of(match: Match, data: TrainingData) -> Iterator[Row]:
    """Clock and processor time of one network."""
    ours, theirs = _our_steps(match, data), _generator_steps(match, data)
    for work in (ours, theirs):
        work(match.steps)  # compiles
    times = [
        (_times(ours, match.steps), _times(theirs, match.steps + 1) - _times(theirs, 1))
        for _ in range(match.repeats)
    ]
    scale = EPOCH / match.steps
    bounds = {"clock": match.bound, "processor": None}
    for i, (kind, bound) in enumerate(bounds.items()):
        yield Row(
            name=f"an epoch of {match.network.name}, {kind}",
            ours=scale * statistics.median(float(a[i]) for a, _ in times),
            peer=f"model.fit from a generator, {match.steps} steps scaled up",
            theirs=scale * statistics.median(float(b[i]) for _, b in times),
            ratio=statistics.median(float(b[i] / a[i]) for a, b in times),
            bound=bound,
        )


def _times(work: Callable[[int], object], steps: int) -> np.ndarray:
    """Seconds by the clock and of the processor."""
    start = np.array([time.perf_counter(), time.process_time()])
    work(steps)
    return np.array([time.perf_counter(), time.process_time()]) - start


def _our_steps(match: Match, data: TrainingData) -> Callable[[int], object]:
    """Draw, gather and train, as `leakcheck.reference.training.fit` does in an epoch."""
    protocol = Protocol(steps_per_epoch=match.steps)
    loop = make_loop(match.network, _build(match.network), protocol)
    batches = Balanced(pairs=data.train, protocol=protocol, seed=0)

    def train(_: int) -> None:
        drawn = batches.epoch(1)
        for i in range(0, len(drawn), loop.steps_per_call):
            pairs = data.train.take(drawn[i : i + loop.steps_per_call].ravel())
            loop.train(Inputs.of(match.network, data, pairs))

    return train


def _generator_steps(match: Match, data: TrainingData) -> Callable[[int], object]:
    keras = load_keras()
    model = _build(match.network)
    model.compile(keras.optimizers.Adam(epsilon=Protocol().epsilon), "binary_crossentropy")
    batches = _generator(match.network, data)

    def train(steps: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a generator cannot be shuffled
            model.fit(batches, steps_per_epoch=steps, epochs=1, verbose=0)

    return train


def _generator(
    network: Architecture, data: TrainingData
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    active = np.flatnonzero(data.train.label)
    inactive = np.flatnonzero(~data.train.label)
    bases = np.eye(N_BASES, dtype=np.float32)
    half = Protocol().batch_size // 2
    labels = np.repeat(np.array([[1], [0]], dtype=np.float32), half, axis=0)
    while True:
        rows = np.concatenate([rng.choice(active, half), rng.choice(inactive, half)])
        locus, cell_type = data.train.locus[rows], data.train.cell_type[rows]
        if network.uses_sequence:
            yield bases[data.codes[locus]], labels
        else:
            yield data.signals[locus, cell_type], labels


def _build(network: Architecture) -> object:
    return build(network, window=WINDOW, n_marks=N_MARKS, seed=0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; both contestants may use every core."""
    print(f"both contestants use up to {os.cpu_count()} threads, whatever the next line says")
    return run("Training against model.fit from a generator, by the clock.", rows, argv)


if __name__ == "__main__":
    sys.exit(main())
