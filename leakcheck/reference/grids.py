"""The paper's networks: 65 of signals, 33 and 297 of sequence, 100 of both."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from leakcheck.reference.architecture import Architecture

__all__ = ["grid", "join"]

_LARGEST_JOINT: Final = 10
N_BOTH: Final = 100


def grid(seed: int = 0) -> tuple[Architecture, ...]:
    """List the paper's networks.

    Parameters
    ----------
    seed : int, default 0
        Seed of the draw of the networks of both inputs.

    Returns
    -------
    tuple of Architecture
        65 networks of signals, 33 dense and 297 convolutional ones of sequence, and 100 of both,
        drawn at random; all different, kind by kind.

    Notes
    -----
    Schreiber, Singh, Bilmes & Noble, Genome Biology 21:282 (2020),
    doi:10.1186/s13059-020-02177-y, Methods. A joint layer has 1 to 1,024 units here; the paper
    does not say how many it had.

    Examples
    --------
    >>> networks = grid()
    >>> len(networks), networks[0].name
    (495, 'signal-1x1')
    """
    return (*_single(), *_drawn(seed))


def join(signal: Architecture, sequence: Architecture, joint_units: int) -> Architecture:
    """Put a network of signals and one of sequence side by side, under one more hidden layer.

    Parameters
    ----------
    signal, sequence : Architecture
        The two networks.
    joint_units : int
        Units of the layer that reads the last hidden layers of both.

    Returns
    -------
    Architecture

    Examples
    --------
    >>> join(grid()[0], grid()[65], 4).name
    'both-s1x1-q1x1-j4'
    """
    return Architecture(
        kind="both",
        layers=sequence.layers,
        units=sequence.units,
        convolutions=sequence.convolutions,
        filters=sequence.filters,
        signal_layers=signal.signal_layers,
        signal_units=signal.signal_units,
        joint_units=joint_units,
    )


def _powers(exponents: int) -> tuple[int, ...]:
    """Powers of two from 1 to 2 to the `exponents`."""
    return tuple(2**exponent for exponent in range(exponents + 1))


def _single() -> Iterator[Architecture]:
    """Every network of one kind of input."""
    for layers in range(1, 6):
        for units in _powers(12):
            yield Architecture(kind="signal", signal_layers=layers, signal_units=units)
    for layers in range(1, 4):
        for units in _powers(10):
            yield Architecture(kind="sequence-dense", layers=layers, units=units)
    for convolutions in range(1, 4):
        for filters in _powers(8):
            for units in _powers(10):
                yield Architecture(
                    kind="sequence-convolutional",
                    convolutions=convolutions,
                    filters=filters,
                    layers=1,
                    units=units,
                )


def _drawn(seed: int) -> tuple[Architecture, ...]:
    """Networks of both inputs: a signal and a sequence network and the joint layer, at random."""
    singles = list(_single())
    signals = [a for a in singles if a.kind == "signal"]
    sequences = [a for a in singles if a.kind != "signal"]
    joint = _powers(_LARGEST_JOINT)
    rng = np.random.default_rng(seed)
    found: dict[Architecture, None] = {}  # keeps the order, drops repetitions
    while len(found) < N_BOTH:
        signal = signals[rng.integers(len(signals))]
        sequence = sequences[rng.integers(len(sequences))]
        found[join(signal, sequence, joint[int(rng.integers(len(joint)))])] = None
    return tuple(sorted(found, key=lambda a: tuple(v for v in vars(a).values() if v != a.kind)))
