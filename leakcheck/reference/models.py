"""Keras models of the paper's networks, from plain layers, for any backend."""

from typing import Any

import numpy as np

from leakcheck.reference.architecture import (
    KERNEL,
    POOL,
    Architecture,
    Family,
    Kind,
    check_sizes,
)
from leakcheck.reference.grids import grid
from leakcheck.reference.parameters import N_BASES, n_parameters
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.runtime import load_keras

__all__ = ["Architecture", "Family", "Kind", "build", "grid", "n_parameters"]

# Keras asks every initialiser for a seed of its own; these are drawn from the model's.
_SEEDS = 2**31 - 1


def build(
    architecture: Architecture,
    *,
    window: int,
    n_marks: int,
    seed: int = 0,
    protocol: Protocol | None = None,
) -> Any:
    """Build a network with fresh weights.

    Parameters
    ----------
    architecture : Architecture
        The network.
    window : int
        Length of the sequence in bp; not used by a signal network.
    n_marks : int
        Number of signals; not used by a sequence network.
    seed : int, default 0
        Seed of the initial weights: the same seed gives the same weights.
    protocol : Protocol, optional
        Names the initialisers; the paper's when absent.

    Returns
    -------
    keras.Model
        Takes one-hot sequence (batch, window, 4), or signals (batch, n_marks), or the list of
        both in this order; gives probabilities (batch, 1). Not compiled.

    Raises
    ------
    ValidationError
        When the network cannot take such inputs.
    MissingDependencyError
        When Keras or its backend is not installed (``leakcheck[reference]``).

    Notes
    -----
    Layers as in Keras 2.0.8: convolution and pooling without padding, ReLU behind every hidden
    layer, a sigmoid behind the single output.

    Examples
    --------
    >>> network = Architecture(kind="signal", signal_layers=1, signal_units=4)
    >>> build(network, window=0, n_marks=5).count_params()
    29
    """
    check_sizes(architecture, window=window, n_marks=n_marks)
    keras = load_keras()
    layer = _Layers(keras, protocol or Protocol(), seed)
    inputs, ends = [], []
    if architecture.uses_sequence:
        inputs.append(keras.Input((window, N_BASES), name="sequence"))
        ends.append(_sequence(layer, inputs[-1], architecture))
    if architecture.uses_signal:
        inputs.append(keras.Input((n_marks,), name="signals"))
        ends.append(
            _dense(layer, inputs[-1], architecture.signal_layers, architecture.signal_units)
        )
    last = ends[0]
    if architecture.joint_units:
        last = _dense(layer, keras.layers.Concatenate()(ends), 1, architecture.joint_units)
    output = layer.dense(1, "sigmoid")(last)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], output, name=architecture.name)


class _Layers:
    """Makes layers whose initial weights follow from one seed."""

    def __init__(self, keras: Any, protocol: Protocol, seed: int) -> None:
        self.keras = keras
        self._protocol = protocol
        self._rng = np.random.default_rng(seed)

    def _initialisers(self) -> dict[str, Any]:
        return {
            role: self.keras.initializers.get({"class_name": name, "config": self._config(name)})
            for role, name in (
                ("kernel_initializer", self._protocol.kernel_initializer),
                ("bias_initializer", self._protocol.bias_initializer),
            )
        }

    def _config(self, name: str) -> dict[str, int]:
        made = self.keras.initializers.get(name)
        seeded = "seed" in made.get_config()
        return {"seed": int(self._rng.integers(_SEEDS))} if seeded else {}

    def dense(self, units: int, activation: str = "relu") -> Any:
        return self.keras.layers.Dense(units, activation=activation, **self._initialisers())

    def convolution(self, filters: int) -> Any:
        return self.keras.layers.Conv1D(
            filters, KERNEL, strides=1, padding="valid", activation="relu", **self._initialisers()
        )

    def pooling(self) -> Any:
        return self.keras.layers.MaxPooling1D(POOL, strides=POOL, padding="valid")


def _sequence(layer: _Layers, bases: Any, architecture: Architecture) -> Any:
    """Convolutions if there are any, then dense layers."""
    for _ in range(architecture.convolutions):
        bases = layer.pooling()(layer.convolution(architecture.filters)(bases))
    flat = layer.keras.layers.Flatten()(bases)
    return _dense(layer, flat, architecture.layers, architecture.units)


def _dense(layer: _Layers, inputs: Any, layers: int, units: int) -> Any:
    for _ in range(layers):
        inputs = layer.dense(units)(inputs)
    return inputs
