"""Whether models order targets within loci as their labels do: strata, counts, the table."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from leakcheck._audit.locus_strata import ActivityLevels, LocusStrata, Room, sample_step
from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.centring import Centring
from leakcheck.base.concordance import WithinLocus, within_locus_concordance
from leakcheck.base.resampling import confidence_bounds, jackknife, upper_tail_pvalue
from leakcheck.metrics import Columns
from leakcheck.panel import ReferencePanel
from leakcheck.results import build_table

__all__ = ["WithinLoci", "within_locus_table"]


class WithinLoci(NamedTuple):
    """How each model orders targets within loci, or why that cannot be asked.

    Attributes
    ----------
    n_targets : int
        Number of targets.
    refusal : str
        Why it cannot be asked, else "".
    found : dict of str to WithinLocus or None
        Model to what was found.
    """

    n_targets: int
    refusal: str
    found: Mapping[str, WithinLocus | None]

    @staticmethod
    def why_not(columns: IntArray, is_reference: BoolArray, *, leave_one_out: bool) -> str:
        """Say why targets cannot be compared within loci.

        Parameters
        ----------
        columns : ndarray of int
            The targets.
        is_reference : ndarray of bool, shape (n_cell_types,)
            Cell types with any reference pair.
        leave_one_out : bool
            Whether all cell types are references of one another.

        Returns
        -------
        str
            "" where they can be.
        """
        if len(columns) < 2:
            return "fewer than two targets"
        if leave_one_out or is_reference[columns].any():
            return "targets are references of one another: a perfect memoriser would score 0.0"
        return ""

    @classmethod
    def of(cls, panel: ReferencePanel) -> "WithinLoci":
        """Compare the targets of an evaluation set in strata of the average activity.

        Real numbers are taken without the means of their cell types.

        Parameters
        ----------
        panel : ReferencePanel
            The references and the evaluation set.

        Returns
        -------
        WithinLoci
        """
        data = panel.data
        columns = np.flatnonzero(data.audited.any(axis=0))
        refusal = cls.why_not(columns, panel.is_reference, leave_one_out=data.leave_one_out)
        if refusal:
            return cls(len(columns), refusal, dict.fromkeys(data.models))
        audited = data.audited[:, columns]
        labels = np.where(audited, data.labels[:, columns], np.nan)
        if data.label_kind == "continuous":
            labels = _centred(labels)
        average, blocks = panel.shared_average, (panel.blocks, panel.n_blocks)
        room = Room(len(average), len(columns), panel.n_blocks, int(panel.is_reference.sum()))
        sample = slice(None, None, sample_step(len(average)))
        activity = ActivityLevels.of_sample(average[sample], data.label_kind, room)
        levels = activity.codes(average)
        found = {}
        for model in data.models:
            scores = np.stack([data.scores_of(model, int(column)) for column in columns], axis=1)
            scores = np.where(audited, scores, np.nan)
            strata = LocusStrata.of_sample(levels[sample], activity.n, scores[sample], room)
            codes = strata.codes(levels, scores)
            if data.label_kind == "continuous":
                scores = _centred(scores)
            found[model] = within_locus_concordance(
                labels, scores, *blocks, strata=codes, n_strata=strata.n
            )
        return cls(len(columns), "", found)


def _centred(table: FloatArray) -> FloatArray:
    """Real numbers without the means of their columns: an offset of a cell type says nothing."""
    return Centring.of([partial(iter, (column,)) for column in table.T]).apply(table)


def within_locus_table(within: WithinLoci, level: float) -> pd.DataFrame:
    """Make the table `within_locus`.

    Parameters
    ----------
    within : WithinLoci
        What was found.
    level : float
        One-sided confidence level.

    Returns
    -------
    DataFrame
        One row for each model; a reason instead of a number where it cannot be asked.
    """
    rows: Columns = {}
    for model, found in within.found.items():
        row: dict[str, object] = {
            "model": model,
            "n_targets": within.n_targets,
            "reason": within.refusal,
        }
        if found is not None:
            numbers = _concordance(found.concordance, found.replicates, found.block_sizes, level)
            row |= numbers
            row["n_directions"] = found.n_directions
            if found.n_directions == 0:
                row["reason"] = "no pair of targets has 100 discordant loci in each direction"
            elif np.isnan(numbers["pvalue"]):
                row["reason"] = (
                    "too few blocks, or a block holds all discordant loci of a direction"
                )
        for key in ("concordance", "ci_low", "ci_high", "pvalue"):
            row.setdefault(key, np.nan)
        row.setdefault("n_directions", 0)
        for key, value in row.items():
            rows.setdefault(key, []).append(value)
    return build_table("within_locus", rows)


def _concordance(
    concordance: float, replicates: np.ndarray, sizes: np.ndarray, level: float
) -> dict[str, float]:
    """Interval and p-value against 1/2."""
    found = jackknife(concordance, replicates, sizes)
    low, high = confidence_bounds(found, level)
    return {
        "concordance": concordance,
        "ci_low": float(low),
        "ci_high": float(high),
        "pvalue": float(upper_tail_pvalue(found, 0.5)),
    }
