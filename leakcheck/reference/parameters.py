"""Numbers of parameters, known before a network is built."""

from leakcheck.reference.architecture import KERNEL, Architecture, check_sizes, pooled_lengths

__all__ = ["N_BASES", "n_parameters"]

N_BASES = 4


def n_parameters(architecture: Architecture, *, window: int, n_marks: int) -> int:
    """Count the weights and biases of a network.

    Parameters
    ----------
    architecture : Architecture
        The network.
    window : int
        Length of the sequence in bp; not used by a signal network.
    n_marks : int
        Number of signals; not used by a sequence network.

    Returns
    -------
    int
        The number that Keras counts in the built network.

    Raises
    ------
    ValidationError
        When the network cannot take such inputs.

    Notes
    -----
    A dense layer from a to b units has ``(a + 1) b`` parameters, a convolution from a to b
    channels ``(8 a + 1) b``; pooling and concatenation have none.

    Examples
    --------
    >>> from leakcheck.reference.architecture import Architecture
    >>> small = Architecture(kind="signal", signal_layers=1, signal_units=1)
    >>> n_parameters(small, window=0, n_marks=5)
    8
    """
    check_sizes(architecture, window=window, n_marks=n_marks)
    ends = 0  # units of the last hidden layers
    total = 0
    if architecture.uses_signal:
        total += _dense(n_marks, architecture.signal_layers, architecture.signal_units)
        ends += architecture.signal_units
    if architecture.uses_sequence:
        total += _sequence(architecture, window)
        ends += architecture.units
    if architecture.joint_units:
        total += _dense(ends, 1, architecture.joint_units)
        ends = architecture.joint_units
    return total + ends + 1


def _sequence(architecture: Architecture, window: int) -> int:
    total, positions, channels = 0, window, N_BASES
    for length in pooled_lengths(window, architecture.convolutions):
        total += (KERNEL * channels + 1) * architecture.filters
        positions, channels = length, architecture.filters
    return total + _dense(positions * channels, architecture.layers, architecture.units)


def _dense(inputs: int, layers: int, units: int) -> int:
    return (inputs + 1) * units + (layers - 1) * (units + 1) * units
