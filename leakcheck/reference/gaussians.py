"""Two overlapping Gaussians: data on which a larger network has nothing more to learn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import leakcheck
from leakcheck._typing import BoolArray, IntArray
from leakcheck.reference.batches import LabelledPairs, TrainingData

if TYPE_CHECKING:
    from leakcheck.reference.presets import GaussianPreset
    from leakcheck.reference.store import Record

__all__ = ["GAUSSIANS", "draw_gaussian_data", "gaussian_table", "gaussian_test"]

#: Name of the task, and of the setting that its models are tested in.
GAUSSIANS: Final = "gaussians"
_PARTS: Final = ("train", "validation", "test")


def draw_gaussian_data(preset: "GaussianPreset", seed: int) -> TrainingData:
    """Draw training, validation and test points, one after the other, as loci with signals.

    Parameters
    ----------
    preset : GaussianPreset
        Dimensions, distance and number of points.
    seed : int
        Seed of the draw.

    Returns
    -------
    TrainingData
        Without sequence; one cell type. The test points are the last ``n_points`` loci; see
        `gaussian_test`.
    """
    n = preset.n_points
    rng = np.random.default_rng(seed)
    label = _labels(n)
    shift = preset.distance / np.sqrt(preset.n_dimensions)
    points = rng.standard_normal((len(label), preset.n_dimensions)) + shift * (label[:, None] - 0.5)
    parts = [_pairs(label, start, n) for start in range(0, len(label), n)]
    return TrainingData(
        train=parts[0],
        validation=parts[1],
        signals=points[:, None, :].astype(np.float32),
    )


def _labels(n_points: int) -> IntArray:
    """Which Gaussian each point is of: in turn, through all parts."""
    label: IntArray = np.arange(len(_PARTS) * n_points) % 2
    return label


def _pairs(label: IntArray, start: int, n: int) -> LabelledPairs:
    """Pairs of n points from `start`."""
    locus = np.arange(start, start + n)
    return LabelledPairs(locus=locus, cell_type=np.zeros_like(locus), label=label[locus] == 1)


def gaussian_test(
    data: TrainingData, preset: "GaussianPreset"
) -> tuple[NDArray[np.float32], BoolArray]:
    """Give points and labels of the test.

    Returns
    -------
    tuple of ndarray
        Points (n, n_dimensions) and labels (n,).
    """
    if data.signals is None:  # drawn with them
        raise TypeError("data of draw_gaussian_data are needed")
    points = data.signals[-preset.n_points :, 0, :]
    return points, _labels(preset.n_points)[-preset.n_points :] == 1


def gaussian_table(
    records: Sequence["Record"], preset: "GaussianPreset", seed: int
) -> pd.DataFrame:
    """Score every network on the test points.

    Parameters
    ----------
    records : sequence of Record
        The networks.
    preset : GaussianPreset
        Of the data that they were trained on.
    seed : int
        Of the same.

    Returns
    -------
    pandas.DataFrame
        Columns ``model, n_parameters, value, best_possible, no_skill, epochs, seconds``, by number
        of parameters. The value is expected average precision; the best possible score is the sum
        of the coordinates, which orders points as their true odds do.
    """
    points, label = gaussian_test(draw_gaussian_data(preset, seed), preset)
    best = leakcheck.expected_average_precision(label, points.astype(np.float64).sum(axis=1))
    table = pd.DataFrame(
        {
            "model": [record.job.model for record in records],
            "n_parameters": [record.n_parameters for record in records],
            "value": [
                leakcheck.expected_average_precision(label, record.predictions[GAUSSIANS])
                for record in records
            ],
            "best_possible": best,
            "no_skill": label.mean(),
            "epochs": [len(record.history) for record in records],
            "seconds": [round(record.seconds, 2) for record in records],
        }
    )
    return table.sort_values(["n_parameters", "model"], ignore_index=True)
