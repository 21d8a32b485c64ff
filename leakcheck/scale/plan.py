"""Floor 6: what must be known to settle a cell type, and what is known of it afterwards."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from leakcheck._typing import BoolArray, LabelKind
from leakcheck.scale.ingest import PartSummary
from leakcheck.scale.loci_table import LociTable

__all__ = ["CellTypeSummary", "StorePlan", "column_name"]


@dataclass
class StorePlan:
    """What settling a cell type needs to know; written once, read by every task.

    Attributes
    ----------
    parts : list of PartSummary
        All parts.
    loci : LociTable
        Order and repeats.
    cell_types, models : tuple of str
        Names.
    label_kind : {"binary", "continuous"}
        What the labels are.
    has_signal : bool
        Whether a signal came.
    source : {"inferred", "cell types", "leave-one-out"}
        How the reference was named.
    named : ndarray of bool, shape (n_cell_types,)
        Cell types that `train` names.
    predicted : ndarray of bool, shape (n_cell_types,)
        Cell types with any prediction.
    """

    parts: list[PartSummary]
    loci: LociTable
    cell_types: tuple[str, ...]
    models: tuple[str, ...]
    label_kind: LabelKind
    has_signal: bool
    source: str
    named: BoolArray
    predicted: BoolArray

    def save(self, folder: Path) -> None:
        """Write the plan into the store."""
        (folder / "plan.pkl").write_bytes(pickle.dumps(self))

    @staticmethod
    def load(folder: Path) -> "StorePlan":
        """Read the plan of a store, which only leakcheck itself writes."""
        plan: StorePlan = pickle.loads((folder / "plan.pkl").read_bytes())  # noqa: S301
        return plan

    def roles(self, column: int, observed: BoolArray, known: BoolArray) -> tuple[Any, Any]:
        """Reference and audited pairs of a cell type.

        Parameters
        ----------
        column : int
            The cell type.
        observed : ndarray of bool, shape (n,)
            Where it has a label.
        known : ndarray of bool, shape (n,)
            Where any model has a prediction.

        Returns
        -------
        tuple of ndarray of bool
            As `leakcheck.data.roles` decides.
        """
        if self.source == "inferred":
            return observed & ~known, observed & known
        nothing = np.zeros(len(observed), dtype=bool)
        audited = observed if self.predicted[column] else nothing
        if self.source == "leave-one-out":
            return observed, audited
        return (observed, nothing) if self.named[column] else (nothing, audited)


@dataclass
class CellTypeSummary:
    """What one cell type holds; small.

    Attributes
    ----------
    column : int
        The cell type.
    n_observed, n_reference, n_audited, n_predicted : int
        Pairs; predicted by any model.
    n_predicted_reference : int
        Reference pairs that any model predicts.
    n_auditable : int
        Pairs with a label and a prediction.
    missing : dict of int to (int, int)
        Model to the audited pairs that it does not predict, and the row of the first.
    is_call : dict of int to bool
        Model to whether its audited scores are only 0 and 1.
    n_scores : dict of int to int
        Model to the predictions that it has.
    first_label : float
        An audited label; NaN without any.
    varies : bool
        Whether audited labels differ.
    has_reference_signal : bool
        Whether a reference pair has a signal.
    range : (float, float)
        Least and largest label; NaN without any.
    digests : dict of str to bytes
        Hashes of the columns.
    dtypes : dict of str to str
        Types of the columns that were written.
    """

    column: int
    n_observed: int = 0
    n_reference: int = 0
    n_audited: int = 0
    n_predicted: int = 0
    n_predicted_reference: int = 0
    n_auditable: int = 0
    missing: dict[int, tuple[int, int]] = field(default_factory=dict)
    is_call: dict[int, bool] = field(default_factory=dict)
    n_scores: dict[int, int] = field(default_factory=dict)
    first_label: float = np.nan
    varies: bool = False
    has_reference_signal: bool = False
    range: tuple[float, float] = (np.nan, np.nan)
    digests: dict[str, bytes] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)


def column_name(kind: str, column: int, model: int | None = None) -> str:
    """Name of the file of a column.

    Parameters
    ----------
    kind : {"labels", "signal", "prediction", "audited"}
        What it holds.
    column : int
        Cell type.
    model : int, optional
        Model, for predictions.

    Returns
    -------
    str
    """
    return f"{kind}-{column}" if model is None else f"{kind}-{model}-{column}"
