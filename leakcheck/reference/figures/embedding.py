"""Figure S1: the marks of loci in two dimensions, by PCA and by UMAP, coloured by expression."""

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from leakcheck._optional import import_optional
from leakcheck._typing import FloatArray
from leakcheck.exceptions import ValidationError
from leakcheck.reference.figures.style import look, new_figure
from leakcheck.reference.runtime import load_keras
from leakcheck.reference.settings import usable_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from leakcheck.reference.task import Task

__all__ = ["draw_embedding", "embed_marks"]

_FEWEST: Final = 20
_PANELS: Final = {"pca": "PCA", "umap": "UMAP"}


def embed_marks(task: "Task", *, n_points: int, seed: int) -> pd.DataFrame:
    """Place loci of the test cell type by their marks.

    Parameters
    ----------
    task : Task
        With signals. Loci without a label or a signal are left out.
    n_points : int
        At most so many loci, drawn without replacement.
    seed : int
        Seed of the draw and of UMAP.

    Returns
    -------
    pandas.DataFrame
        Columns ``id, pca_1, pca_2, umap_1, umap_2, expression, active, share_1, share_2``:
        arcsinh of the RPKM where there is one, else the label; the shares are of the variance that
        the two principal components explain.

    Raises
    ------
    ValidationError
        When there are fewer than 20 loci, or fewer than two marks.

    Notes
    -----
    Marks are standardised. UMAP (McInnes, Healy & Melville 2018, doi:10.21105/joss.00861) runs
    with its defaults.
    """
    target = task.splits.test_cell_type
    column = task.cell_types.index(target)
    rows = np.flatnonzero(usable_pairs(task)[:, column])
    if len(rows) < _FEWEST or len(task.marks) < 2:
        raise ValidationError(
            f"`task` must have {_FEWEST} loci or more with two marks or more in {target}; it has "
            f"{len(rows)} with {len(task.marks)}. Give another cell type the role of the test."
        )
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(rows)[:n_points])
    marks = task.signals[rows, column].astype(np.float64)
    spread = marks.std(axis=0)
    marks = (marks - marks.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    components, shares = _principal(marks)
    nearby = _umap(marks, seed)
    activity = task.labels if task.activity is None else np.arcsinh(task.activity)
    return pd.DataFrame(
        {
            "id": task.loci["id"].to_numpy()[rows],
            "pca_1": components[:, 0],
            "pca_2": components[:, 1],
            "umap_1": nearby[:, 0],
            "umap_2": nearby[:, 1],
            "expression": activity[rows, column],
            "active": task.labels[rows, column].astype(np.int64),
            "share_1": shares[0],
            "share_2": shares[1],
        }
    )


def _principal(marks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores on the first two principal components, and the shares of variance of all."""
    left, singular, right = np.linalg.svd(marks, full_matrices=False)
    # The sign of a component means nothing: take the one whose largest weight is positive.
    largest = np.abs(right).argmax(axis=1)
    signs = np.sign(right[np.arange(len(right)), largest])
    variance = singular**2
    return (left * singular * signs)[:, :2], variance / variance.sum()


def _umap(marks: FloatArray, seed: int) -> FloatArray:
    """Place points by UMAP."""
    load_keras()  # UMAP imports TensorFlow where there is one, and would let it chatter
    with warnings.catch_warnings():
        # numba and UMAP warn of their own affairs, among them that a seed costs threads.
        warnings.simplefilter("ignore")
        umap = import_optional("umap", extra="reference", purpose="to draw Figure S1")
        placed: FloatArray = umap.UMAP(random_state=seed, n_jobs=1).fit_transform(marks)
    return placed


def draw_embedding(table: pd.DataFrame) -> "Figure":
    """Draw both embeddings.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `embed_marks`.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels with one colour bar: expression, from its least value to its 99th percentile.
    """
    with look():
        figure = new_figure(9.0, 4.2)
        axes = figure.subplots(1, 2)
        top = max(float(np.percentile(table["expression"], 99)), 1e-6)
        # High values are drawn last, so that they are not hidden under the many low ones.
        table = table.sort_values("expression", kind="stable")
        for ax, (short, name) in zip(axes, _PANELS.items(), strict=True):
            points = ax.scatter(
                table[f"{short}_1"], table[f"{short}_2"], c=table["expression"], cmap="viridis",
                vmin=0, vmax=top, s=7, linewidths=0, rasterized=True,
            )  # fmt: skip
            ax.set_title(name, loc="left", fontweight="bold")
            shares = [f" ({table[f'share_{k}'].iloc[0]:.0%})" for k in (1, 2)]
            first, second = shares if short == "pca" else ("", "")
            ax.set_xlabel(f"{name} 1{first}")
            ax.set_ylabel(f"{name} 2{second}")
        figure.colorbar(points, ax=axes, label="expression, arcsinh(RPKM)", extend="max")
    return figure
