"""Predictions of simulated models whose truth is known."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray
from leakcheck.data.seeds import generator_of
from leakcheck.data.wording import counted, did_you_mean, listing
from leakcheck.exceptions import ValidationError
from leakcheck.simulate.epigenome import Epigenome, check_numbers, epigenome

__all__ = ["MODELS", "demo_inputs", "predict"]

#: What each simulated model is. The first group has only memory of the reference cell types, the
#: second knows something about the target.
MODELS: Final[dict[str, str]] = {
    "memoriser": "the average activity with a little noise of training",
    "jittered-average": "the average activity with its ties broken at random",
    "three-celltypes": "the mean signal of three reference cell types, none next to a target",
    "random-weights": "a random weighting of the reference signals, none next to a target",
    "smoothed-average": "the average activity, averaged over neighbouring loci too",
    "offset-memoriser": "a memoriser with one offset for each target",
    "random": "noise",
    "nearest-copier": "the signal of the reference cell type that is most like the target",
    "rough-copier": "the same signal under a little noise",
    "honest-weak": "the target's activity under noise as large as the activity itself",
    "honest-strong": "the target's activity under little noise",
    "mixture": "four parts average activity, one part the target's own activity",
    "perfect": "the target's activity itself",
}

#: Models that learn nothing from other cell types.
_WITHOUT_REFERENCES = frozenset({"random", "honest-weak", "honest-strong", "perfect"})


def predict(
    world: Epigenome,
    model: str,
    targets: list[str],
    *,
    weight: float = 0.2,
    random_state: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Predict targets with a model of known kind.

    Parameters
    ----------
    world : Epigenome
        The simulated cell types; those that are no target are the references.
    model : str
        A key of `MODELS`.
    targets : list of str
        Cell types to predict.
    weight : float
        Share of the target's own activity in ``"mixture"``, in [0, 1].
    random_state : int or numpy.random.Generator
        Seed or generator.

    Returns
    -------
    pandas.DataFrame, shape (n_loci, n_targets)
        Scores, larger = more active.

    Raises
    ------
    ValidationError
        When the model or a target is unknown, a target comes twice, the weight is no share, or no
        cell type is left to learn from.

    Examples
    --------
    >>> from leakcheck.simulate import epigenome
    >>> predict(epigenome(n_loci=100), "memoriser", ["C01", "C07"]).shape
    (100, 2)
    """
    if str(model) not in MODELS:
        raise ValidationError(
            f"`model` must be one of {', '.join(MODELS)}; {model!r} came."
            f"{did_you_mean(model, list(MODELS)) or ' Choose one of them.'}"
        )
    _check_targets(world, targets)
    check_numbers(real={"weight": weight})
    if not 0 <= weight <= 1:
        raise ValidationError(
            f"`weight` must be a share, 0 to 1; {weight!r} came. 0.2 is the default."
        )
    if set(targets) >= set(world.cell_types) and model not in _WITHOUT_REFERENCES:
        raise ValidationError(
            f"`targets` must leave cell types that {model!r} can learn from; they are all "
            f"{len(world.cell_types)}. Predict fewer at a time, for leave-one-out each by itself."
        )
    rng = generator_of(random_state)
    maker = _Maker(world, targets, weight, rng)
    columns = maker.scores(model)
    return pd.DataFrame(columns, index=world.labels.index, columns=list(targets))


def _check_targets(world: Epigenome, targets: Any) -> None:
    """Refuse targets that are no cell types of the simulation, or come twice."""
    if isinstance(targets, str | bytes) or not isinstance(targets, Iterable):
        raise ValidationError(
            f"`targets` must be a list of cell types; {targets!r} came. Give for example "
            f"[{world.cell_types[0]!r}]."
        )
    unknown = [name for name in targets if name not in world.cell_types]
    if unknown:
        raise ValidationError(
            f"`targets` must be cell types of the simulation; {len(unknown)} are not, the first "
            f"is {unknown[0]!r}. They run from C01 to {world.cell_types[-1]}."
        )
    double = [name for name, times in Counter(targets).items() if times > 1]
    if double:
        raise ValidationError(
            f"`targets` must name each cell type once; {counted(len(double), 'name')} came more "
            f"than once: {listing(double)}. Remove what is repeated."
        )


class _Maker:
    """Scores of one model in all targets."""

    def __init__(
        self, world: Epigenome, targets: list[str], weight: float, rng: np.random.Generator
    ) -> None:
        self._world = world
        self._rng = rng
        self._weight = weight
        self._columns = [world.cell_types.index(name) for name in targets]
        self._references = [i for i in range(len(world.cell_types)) if i not in set(self._columns)]
        self._shape = (len(world.loci), len(targets))

    def scores(self, model: str) -> FloatArray:
        """Dispatch by name; memorisers give every target the same column."""
        memory = {
            "memoriser": lambda: self._average() + 0.05 * self._noise(1)[:, 0],
            "jittered-average": lambda: self._average() + 1e-6 * self._rng.random(self._shape[0]),
            "three-celltypes": self._three,
            "random-weights": self._weighted,
            "smoothed-average": self._smoothed,
        }
        if model in memory:
            return np.repeat(memory[model]()[:, None], self._shape[1], axis=1)
        own = self._world.latent[:, self._columns]
        spread = float(self._world.latent.std())
        own_models: dict[str, Any] = {
            "offset-memoriser": lambda: self.scores("memoriser") + self._offsets(),
            "random": lambda: self._noise(self._shape[1]),
            "nearest-copier": self._copied,
            "rough-copier": lambda: self._copied() + 0.1 * self._noise(self._shape[1]),
            "honest-weak": lambda: own + 0.8 * spread * self._noise(self._shape[1]),
            "honest-strong": lambda: own + 0.1 * spread * self._noise(self._shape[1]),
            "mixture": lambda: self._mixed(own),
            "perfect": lambda: own,
        }
        scores: FloatArray = own_models[model]()
        return scores

    def _noise(self, columns: int) -> FloatArray:
        return self._rng.standard_normal((self._shape[0], columns))

    def _average(self) -> FloatArray:
        """Average activity of the references."""
        average: FloatArray = self._world.labels.to_numpy()[:, self._references].mean(axis=1)
        return average

    def _signals(self) -> FloatArray:
        """Transformed signal of the references that are in no target's sublineage.

        One that is next to a target may truly beat the average there: that is copying, not memory.
        """
        taken = set(self._world.sublineage[self._columns].tolist())
        distant = [i for i in self._references if self._world.sublineage[i] not in taken]
        signal: FloatArray = np.arcsinh(
            self._world.signal.to_numpy()[:, distant or self._references]
        )
        return signal

    def _three(self) -> FloatArray:
        signals = self._signals()
        chosen = self._rng.choice(signals.shape[1], size=min(3, signals.shape[1]), replace=False)
        three: FloatArray = signals[:, chosen].mean(axis=1)
        return three

    def _weighted(self) -> FloatArray:
        signals = self._signals()
        return signals @ self._rng.dirichlet(np.ones(signals.shape[1]))

    def _smoothed(self) -> FloatArray:
        """Half the average activity, half the mean of both neighbours on the chromosome."""
        frame = pd.DataFrame({"chrom": self._world.loci["chrom"], "own": self._average()})
        shifted = frame.groupby("chrom", sort=False)["own"]
        beside = pd.concat([shifted.shift(1), shifted.shift(-1)], axis=1).mean(axis=1)
        smoothed: FloatArray = ((frame["own"] + beside) / 2).to_numpy()
        return smoothed

    def _offsets(self) -> FloatArray:
        return self._rng.standard_normal(self._shape[1])

    def _copied(self) -> FloatArray:
        """Signal of the reference cell type that is most like the target."""
        world = self._world
        signal = np.arcsinh(world.signal.to_numpy())
        chosen = []
        for column in self._columns:
            near = np.corrcoef(signal[:, [column, *self._references]], rowvar=False)[0, 1:]
            chosen.append(self._references[int(np.argmax(near))])
        copied: FloatArray = signal[:, chosen]
        return copied

    def _mixed(self, own: FloatArray) -> FloatArray:
        """Average of the references' latent activity, and the target's own."""
        average = self._world.latent[:, self._references].mean(axis=1, keepdims=True)
        mixed: FloatArray = (1 - self._weight) * average + self._weight * own
        return mixed


def demo_inputs(random_state: int = 0) -> dict[str, Any]:
    """Make the inputs of the embedded example.

    Parameters
    ----------
    random_state : int
        Seed.

    Returns
    -------
    dict of str to object
        Keyword arguments for `leakcheck.audit`: five models that predict four target cell
        types of a simulated epigenome of 24.

    Examples
    --------
    >>> sorted(demo_inputs())
    ['families', 'labels', 'loci', 'preds', 'signal', 'train']
    """
    world = epigenome(random_state=random_state)
    targets = world.held_out(4)
    rng = np.random.default_rng(random_state)
    shown = ("memoriser", "nearest-copier", "honest-weak", "honest-strong", "random")
    return {
        "preds": {name: predict(world, name, targets, random_state=rng) for name in shown},
        "labels": world.labels,
        "loci": world.loci,
        "train": [name for name in world.cell_types if name not in targets],
        "signal": world.signal,
        "families": {},
    }
