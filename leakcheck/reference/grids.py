"""Which networks are trained: the paper's whole grid and smaller ones that show its trends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture, check_sizes

__all__ = ["Preset", "dropped", "grid"]

Preset: TypeAlias = Literal["paper", "small", "tiny"]


@dataclass(frozen=True, kw_only=True)
class _Axes:
    """The values that a grid crosses."""

    signal_layers: Sequence[int]
    signal_units: Sequence[int]
    dense_layers: Sequence[int]
    dense_units: Sequence[int]
    convolutions: Sequence[int]
    filters: Sequence[int]
    convolution_units: Sequence[int]  # of the dense layer behind them
    joint_units: Sequence[int]
    n_both: int  # networks of both inputs, drawn at random


def _powers(largest: int, step: int = 2) -> tuple[int, ...]:
    """1, `step`, `step` squared ... up to `largest`."""
    values = [1]
    while values[-1] * step <= largest:
        values.append(values[-1] * step)
    return tuple(values)


_AXES: dict[Preset, _Axes] = {
    "paper": _Axes(
        signal_layers=(1, 2, 3, 4, 5),
        signal_units=_powers(4096),
        dense_layers=(1, 2, 3),
        dense_units=_powers(1024),
        convolutions=(1, 2, 3),
        filters=_powers(256),
        convolution_units=_powers(1024),
        joint_units=_powers(1024),
        n_both=100,
    ),
    "small": _Axes(
        signal_layers=(1, 2, 3),
        signal_units=_powers(256, 4),
        dense_layers=(1, 2),
        dense_units=_powers(256, 4),
        convolutions=(1, 2),
        filters=_powers(64, 8),
        convolution_units=_powers(64, 8),
        joint_units=_powers(64, 4),
        n_both=12,
    ),
    "tiny": _Axes(
        signal_layers=(1, 2),
        signal_units=(1, 16),
        dense_layers=(1,),
        dense_units=(1, 8, 64),
        convolutions=(1,),
        filters=(4,),
        convolution_units=(1, 16),
        joint_units=(4, 16),
        n_both=2,
    ),
}


def grid(preset: Preset, *, window: int = 2000, seed: int = 0) -> tuple[Architecture, ...]:
    """List the networks of a preset that a window of this length allows.

    Parameters
    ----------
    preset : {"paper", "small", "tiny"}
        ``"paper"`` is the whole grid: 65 networks of signals, 33 dense and 297 convolutional
        ones of sequence, 100 of both drawn at random. The others are smaller.
    window : int, default 2000
        Length of the sequence in bp. Networks whose convolutions need more are left out;
        `dropped` names them.
    seed : int, default 0
        Seed of the draw of the networks of both inputs. The draw does not depend on `window`.

    Returns
    -------
    tuple of Architecture
        All different, kind by kind.

    Raises
    ------
    ValidationError
        When there is no such preset.

    Examples
    --------
    >>> len(grid("paper"))
    495
    >>> [network.name for network in grid("tiny")][:2]
    ['signal-1x1', 'signal-1x16']
    """
    return tuple(a for a in _all(preset, seed) if not _objection(a, window))


def dropped(preset: Preset, *, window: int, seed: int = 0) -> dict[Architecture, str]:
    """Name the networks that `grid` leaves out, each with the reason.

    Parameters
    ----------
    preset, window, seed
        As in `grid`.

    Returns
    -------
    dict of Architecture to str
        Empty where the window is long enough for every network.

    Examples
    --------
    >>> len(dropped("paper", window=60)), len(dropped("paper", window=2000))
    (138, 0)
    """
    reasons = {network: _objection(network, window) for network in _all(preset, seed)}
    return {network: reason for network, reason in reasons.items() if reason}


def _all(preset: Preset, seed: int) -> tuple[Architecture, ...]:
    if preset not in _AXES:
        raise ValidationError(
            f"`preset` must be one of {', '.join(map(repr, _AXES))}; got {preset!r}. "
            "Choose one of these."
        )
    axes = _AXES[preset]
    return (*_single(axes), *_drawn(axes, seed))


def _objection(network: Architecture, window: int) -> str:
    """Why the window is too short; empty where it is not."""
    try:
        check_sizes(network, window=window, n_marks=1)
    except ValidationError as error:
        return str(error)
    return ""


def _single(axes: _Axes) -> Iterator[Architecture]:
    """Every network of one kind of input."""
    for layers in axes.signal_layers:
        for units in axes.signal_units:
            yield Architecture(kind="signal", signal_layers=layers, signal_units=units)
    for layers in axes.dense_layers:
        for units in axes.dense_units:
            yield Architecture(kind="sequence-dense", layers=layers, units=units)
    for convolutions in axes.convolutions:
        for filters in axes.filters:
            for units in axes.convolution_units:
                yield Architecture(
                    kind="sequence-convolutional",
                    convolutions=convolutions,
                    filters=filters,
                    layers=1,
                    units=units,
                )


def _drawn(axes: _Axes, seed: int) -> tuple[Architecture, ...]:
    """Networks of both inputs: a signal and a sequence network and the joint layer, at random."""
    singles = list(_single(axes))
    signals = [a for a in singles if a.kind == "signal"]
    sequences = [a for a in singles if a.kind != "signal"]
    rng = np.random.default_rng(seed)
    found: dict[Architecture, None] = {}  # keeps the order, drops repetitions
    while len(found) < axes.n_both:
        signal = signals[rng.integers(len(signals))]
        sequence = sequences[rng.integers(len(sequences))]
        joint = axes.joint_units[int(rng.integers(len(axes.joint_units)))]
        found[_join(signal, sequence, joint)] = None
    return tuple(sorted(found, key=lambda a: tuple(v for v in vars(a).values() if v != a.kind)))


def _join(signal: Architecture, sequence: Architecture, joint_units: int) -> Architecture:
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
