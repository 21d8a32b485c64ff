"""How large a reproduction is: which networks, how long they are trained, how much is drawn."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture, check_sizes
from leakcheck.reference.grids import grid, join
from leakcheck.reference.protocol import Protocol

__all__ = ["PRESETS", "GaussianPreset", "Preset", "find_preset"]


@dataclass(frozen=True, kw_only=True)
class GaussianPreset:
    """The two Gaussians of Figure S2 and the networks that tell them apart.

    Attributes
    ----------
    n_dimensions : int
        Dimensions; both Gaussians have the unit matrix as covariance.
    distance : float
        Distance between their means, in standard deviations.
    n_points : int
        Points in each of training, validation and test, half of each Gaussian.
    layers, units : tuple of int
        Networks of signals: each number of layers with each number of units.
    """

    n_dimensions: int = 5
    distance: float = 2.0
    n_points: int = 20_000
    layers: tuple[int, ...] = (1, 2, 3)
    units: tuple[int, ...] = (8, 64, 512)

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """The networks, by layers and then by units."""
        return tuple(
            Architecture(kind="signal", signal_layers=layers, signal_units=units)
            for layers in self.layers
            for units in self.units
        )


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Everything that makes one reproduction larger than another.

    Attributes
    ----------
    name : str
        Of the preset.
    networks : tuple of Architecture
        What is trained on the two tasks; empty stands for the paper's whole grid, see
        `leakcheck.reference.grids.grid`.
    protocol : Protocol
        How each network is trained.
    gaussians : GaussianPreset
        Figure S2.
    n_embedded : int
        Loci of Figure S1 at most.
    about : str
        What differs from the paper, for readers of its results.
    genome : mapping of str to object
        Arguments of `leakcheck.simulate.write_genome` for simulated data. Windows of the small
        presets are shorter than the paper's 2 kb, so that the smallest networks of sequence have
        fewer parameters than there are loci and cannot learn them by heart.
    """

    name: str
    networks: tuple[Architecture, ...]
    protocol: Protocol
    gaussians: GaussianPreset
    n_embedded: int
    about: str
    genome: Mapping[str, Any] = field(default_factory=dict)

    def architectures(
        self, *, window: int, n_marks: int, seed: int = 0
    ) -> tuple[Architecture, ...]:
        """List the networks that a task with these inputs allows.

        Parameters
        ----------
        window : int
            Length of the sequence in bp; 0 where there is none.
        n_marks : int
            Number of signals; 0 where there are none.
        seed : int, default 0
            Seed of the draw of the paper's networks of both inputs.

        Returns
        -------
        tuple of Architecture
            Networks that need what is absent, or a longer window, are left out.

        Examples
        --------
        >>> networks = find_preset("tiny").architectures(window=0, n_marks=5)
        >>> [network.name for network in networks]
        ['signal-1x1', 'signal-1x16', 'signal-2x16']
        """
        every = self.every_network(seed)
        return tuple(network for network in every if _fits(network, window, n_marks))

    def every_network(self, seed: int = 0) -> tuple[Architecture, ...]:
        """List the networks that are trained where a task has all inputs.

        Parameters
        ----------
        seed : int, default 0
            As for `architectures`.

        Returns
        -------
        tuple of Architecture
        """
        return self.networks or grid(seed)

    def as_json(self) -> dict[str, Any]:
        """Give everything that the results depend on, as JSON values."""
        return asdict(self)


def _fits(network: Architecture, window: int, n_marks: int) -> bool:
    """Say whether a network can take such inputs."""
    try:
        check_sizes(network, window=window, n_marks=n_marks)
    except ValidationError:
        return False
    return True


def _signal(layers: int, *units: int) -> tuple[Architecture, ...]:
    return tuple(
        Architecture(kind="signal", signal_layers=layers, signal_units=size) for size in units
    )


def _dense(layers: int, *units: int) -> tuple[Architecture, ...]:
    return tuple(Architecture(kind="sequence-dense", layers=layers, units=size) for size in units)


def _convolutional(convolutions: int, *sizes: tuple[int, int]) -> tuple[Architecture, ...]:
    """Networks with these numbers of filters and of units behind them."""
    return tuple(
        Architecture(
            kind="sequence-convolutional",
            convolutions=convolutions,
            filters=filters,
            layers=1,
            units=units,
        )
        for filters, units in sizes
    )


def _both(*sequences: Architecture) -> tuple[Architecture, ...]:
    """Join each network of sequence with one small network of signals."""
    (signal,) = _signal(1, 16)
    return tuple(join(signal, sequence, 16) for sequence in sequences)


def _beside_the_paper(networks: tuple[Architecture, ...], protocol: Protocol) -> str:
    """What a preset leaves of the paper's networks and epochs."""
    largest = max(max(one.units, one.filters, one.signal_units) for one in networks)
    return (
        f"{len(networks)} networks instead of {len(grid())}, none larger than {largest} units, and "
        f"{protocol.max_epochs} epochs at most instead of {Protocol().max_epochs}."
    )


_TINY: Final = Preset(
    name="tiny",
    networks=(
        *_signal(1, 1, 16),
        *_signal(2, 16),
        *_dense(1, 1, 8, 64),
        *_convolutional(1, (4, 4), (16, 16)),
        *_both(*_dense(1, 1, 8, 64)),
    ),
    protocol=Protocol(steps_per_epoch=100, max_epochs=5, patience=3, validation_size=400),
    gaussians=GaussianPreset(n_points=2_000, layers=(1,), units=(8, 128)),
    n_embedded=300,
    about="A few small networks and five short epochs: the whole path, not the trends.",
    # As many genes as make groups of equal activity count that Figure S3 can test.
    genome={"n_genes": 1_500, "n_bins": 300, "n_cell_types": 12, "window": 60, "step": 20},
)
_SMALL_NETWORKS: Final = (
    *_signal(1, 1, 4, 16, 64, 256),
    *_signal(2, 4, 16, 64),
    *_signal(3, 16, 64),
    *_dense(1, 1, 2, 4, 8, 16, 32, 64, 128, 256),
    *_dense(2, 4, 16, 64),
    *_convolutional(1, (4, 4), (8, 8), (16, 16), (8, 64), (16, 64), (32, 64), (64, 64)),
    *_convolutional(2, (8, 8), (16, 16), (32, 32)),
    *_both(*_dense(1, 1, 2, 4, 8, 16, 32, 64, 256)),
    *_both(*_convolutional(1, (4, 4), (16, 16))),
)
_SMALL_PROTOCOL: Final = Protocol(max_epochs=30)
_SMALL: Final = Preset(
    name="small",
    networks=_SMALL_NETWORKS,
    protocol=_SMALL_PROTOCOL,
    gaussians=GaussianPreset(),
    n_embedded=2_000,
    about=_beside_the_paper(_SMALL_NETWORKS, _SMALL_PROTOCOL),
    genome={
        "n_genes": 7_000,
        "n_bins": 6_000,
        "n_cell_types": 16,
        "window": 100,
        "step": 25,
        "boundary_prevalence": 0.4,
        # Cell types that differ a little less than by default: with as few of them as there are
        # with TAD boundaries, networks stop before they have learnt every locus otherwise.
        "tree": leakcheck.simulate.Tree(lineage_sd=0.15, pair_sd=0.15, own_sd=0.2),
        # The real lengths in megabases, but for chr1: the hybrid setting needs loci to test on.
        "chromosome_weights": (
            700, 243, 198, 191, 181, 171, 159, 146, 141, 136, 135, 134, 115, 107, 103, 90, 81, 78,
            59, 63, 48, 51,
        ),
    },
)  # fmt: skip
_PAPER: Final = Preset(
    name="paper",
    networks=(),
    protocol=Protocol(),
    gaussians=GaussianPreset(layers=(1, 2, 3, 4, 5), units=(8, 32, 128, 512, 2048)),
    n_embedded=20_000,
    about="The paper's networks and protocol.",
    genome={"n_genes": 18_000, "n_bins": 6_000, "n_cell_types": 56, "window": 2_000, "step": 200},
)
PRESETS: Final[Mapping[str, Preset]] = {one.name: one for one in (_TINY, _SMALL, _PAPER)}


def find_preset(name: str) -> Preset:
    """Find a preset by its name.

    Raises
    ------
    ValidationError
        When there is none of that name.

    Examples
    --------
    >>> find_preset("paper").protocol.max_epochs
    100
    """
    if name not in PRESETS:
        raise ValidationError(
            f"`preset` must be one of {', '.join(PRESETS)}; {name!r} came. Choose one of these."
        )
    return PRESETS[name]
