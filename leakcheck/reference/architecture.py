"""What a network looks like: kind of input, layers, units; and the rule for what is possible."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from leakcheck.exceptions import ValidationError

__all__ = ["KERNEL", "POOL", "Architecture", "Family", "Kind", "check_sizes", "pooled_lengths"]

Kind: TypeAlias = Literal["signal", "sequence-dense", "sequence-convolutional", "both"]
Family: TypeAlias = Literal["signal", "sequence", "both"]

KERNEL = 8  # bases that a convolution sees; stride 1
POOL = 4  # positions that max pooling takes together; stride 4

_FAMILIES: dict[Kind, Family] = {
    "signal": "signal",
    "sequence-dense": "sequence",
    "sequence-convolutional": "sequence",
    "both": "both",
}
# Fields that a kind needs; all others must be 0.
_FIELDS: dict[Kind, set[str]] = {
    "signal": {"signal_layers", "signal_units"},
    "sequence-dense": {"layers", "units"},
    "sequence-convolutional": {"convolutions", "filters", "layers", "units"},
    "both": {"layers", "units", "signal_layers", "signal_units", "joint_units"},
}
_CONVOLUTIONAL = {"convolutions", "filters"}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One network of the paper, without its weights.

    Every hidden layer has ReLU, the output is one unit with a sigmoid. Fields that a kind does
    not use are 0.

    Parameters
    ----------
    kind : {"signal", "sequence-dense", "sequence-convolutional", "both"}
        What goes in, and through which layers. ``"both"`` joins a signal network and a sequence
        network: their last hidden layers are concatenated, and one more hidden layer follows.
        Its sequence network is convolutional when `convolutions` is above 0, else dense.
    layers, units : int
        Dense hidden layers of the sequence network and units in each. A convolutional network
        has one of them, behind its convolutions.
    convolutions, filters : int
        Convolutions of kernel 8 and stride 1, each followed by max pooling of 4 with stride 4,
        and the filters of each.
    signal_layers, signal_units : int
        Dense hidden layers of the signal network and units in each.
    joint_units : int
        Units of the hidden layer behind the concatenation.

    Raises
    ------
    ValidationError
        When a field that `kind` needs is below 1, or one that it does not use is above 0.

    Notes
    -----
    Schreiber, Singh, Bilmes & Noble, Genome Biology 21:282 (2020),
    `doi:10.1186/s13059-020-02177-y <https://doi.org/10.1186/s13059-020-02177-y>`_.

    Examples
    --------
    >>> from leakcheck.reference.architecture import Architecture
    >>> Architecture(kind="signal", signal_layers=3, signal_units=64).name
    'signal-3x64'
    """

    kind: Kind
    layers: int = 0
    units: int = 0
    convolutions: int = 0
    filters: int = 0
    signal_layers: int = 0
    signal_units: int = 0
    joint_units: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _FIELDS:
            raise ValidationError(
                f"`kind` must be one of {', '.join(map(repr, _FIELDS))}; got {self.kind!r}. "
                "Choose one of these."
            )
        for name, value in self._sizes().items():
            self._check_field(name, value)
        if (self.convolutions > 0) != (self.filters > 0):
            raise ValidationError(
                "`convolutions` and `filters` go together; got "
                f"{self.convolutions} and {self.filters}. Give both, or leave both at 0."
            )
        if self.convolutions and self.layers != 1:
            raise ValidationError(
                f"`layers` must be 1 behind convolutions; got {self.layers}. Leave one dense layer."
            )

    def _sizes(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if name != "kind"}

    def _check_field(self, name: str, value: int) -> None:
        if name in _FIELDS[self.kind]:
            rule, broken = "at least 1", value < 1
        elif self.kind == "both" and name in _CONVOLUTIONAL:
            rule, broken = "at least 0", value < 0
        else:
            rule, broken = "left at 0, for it is not used", value != 0
        if broken:
            raise ValidationError(
                f"`{name}` must be {rule} in a network of kind {self.kind!r}; got {value}. "
                "Change it, or the kind."
            )

    @property
    def name(self) -> str:
        """Short id, the same for the same network and different for any other."""
        dense = f"{self.layers}x{self.units}"
        convolutional = f"{self.convolutions}x{self.filters}-d{self.units}"
        signal = f"{self.signal_layers}x{self.signal_units}"
        if self.kind == "signal":
            return f"signal-{signal}"
        if self.kind == "sequence-dense":
            return f"dense-{dense}"
        if self.kind == "sequence-convolutional":
            return f"conv-{convolutional}"
        sequence = f"c{convolutional}" if self.convolutions else f"q{dense}"
        return f"both-s{signal}-{sequence}-j{self.joint_units}"

    @property
    def family(self) -> Family:
        """What the network sees: ``"signal"``, ``"sequence"`` or ``"both"``."""
        return _FAMILIES[self.kind]

    @property
    def uses_sequence(self) -> bool:
        """Whether the network reads bases."""
        return self.kind != "signal"

    @property
    def uses_signal(self) -> bool:
        """Whether the network reads histone marks."""
        return self.kind in ("signal", "both")


def pooled_lengths(window: int, convolutions: int) -> tuple[int, ...]:
    """Positions left behind each pooling; 0 from where the window is too short.

    Neither convolution nor pooling pads: ``floor((n - 7) / 4)`` positions are left of n.

    Examples
    --------
    >>> pooled_lengths(2000, 3)
    (498, 122, 28)
    >>> pooled_lengths(60, 3)
    (13, 1, 0)
    """
    lengths = []
    for _ in range(convolutions):
        window = max(0, (window - KERNEL + 1) // POOL)
        lengths.append(window)
    return tuple(lengths)


def check_sizes(architecture: Architecture, *, window: int, n_marks: int) -> None:
    """Refuse inputs that the network cannot take.

    Raises
    ------
    ValidationError
        When the network needs bases or marks and there are none, or when `window` is too short
        for its convolutions: 11 bp for one, 51 for two, 211 for three.
    """
    if architecture.uses_sequence and window < 1:
        raise ValidationError(
            f"`window` must be at least 1 bp for {architecture.name}; got {window}. "
            "Give the sequence, or a network without it."
        )
    if architecture.uses_signal and n_marks < 1:
        raise ValidationError(
            f"`n_marks` must be at least 1 for {architecture.name}; got {n_marks}. "
            "Give signals, or a network without them."
        )
    lengths = pooled_lengths(window, architecture.convolutions)
    if 0 in lengths:
        least = 1
        for _ in range(architecture.convolutions):
            least = least * POOL + KERNEL - 1
        raise ValidationError(
            f"`window` must be at least {least} bp for {architecture.convolutions} "
            f"convolution(s); got {window}: nothing is left behind pooling "
            f"{lengths.index(0) + 1}. Lengthen the window, or use fewer convolutions."
        )
