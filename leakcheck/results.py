"""Floor 2: the columns of every table that leakcheck returns, and the one way to build them.

Columns of a table are fixed: later versions add columns behind, and never rename or reorder.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

__all__ = ["TABLES", "ColumnKind", "build_table", "empty_table", "has_types_of"]

ColumnKind: TypeAlias = Literal["string", "float", "integer"]

_S: ColumnKind = "string"
_F: ColumnKind = "float"
_I: ColumnKind = "integer"

#: Table name -> column name -> kind. `string` columns hold "" where there is nothing to say,
#: `float` columns hold NaN where a number is undefined (the reason stands in `reason`).
TABLES: dict[str, dict[str, ColumnKind]] = {
    "scores": {
        "model": _S, "target": _S, "metric": _S, "value": _F, "ci_low": _F, "ci_high": _F,
        "prevalence": _F, "n_loci": _I, "n_positive": _I, "reason": _S,
        # kind: "model", "baseline" or "bound" (supervised-ceiling and oracle)
        "kind": _S, "no_skill": _F,
    },
    "verdict": {
        "model": _S, "target": _S, "baseline": _S, "metric": _S, "difference": _F,
        "ci_low": _F, "ci_high": _F, "skill": _F, "pvalue": _F, "pvalue_adjusted": _F,
        "verdict": _S, "flag": _S, "specificity": _S, "reason": _S,
        "model_value": _F, "baseline_value": _F, "skill_ci_low": _F, "skill_ci_high": _F,
        "skill_se": _F, "degrees_of_freedom": _F,
        # the second metric that a win must hold for: AUROC, or Pearson for continuous labels
        "companion_metric": _S, "companion_difference": _F, "companion_ci_low": _F,
        "companion_ci_high": _F, "companion_se": _F, "minimum_detectable_gain": _F,
        # "skill" or, where the baseline is nearly perfect, "difference"
        "tested": _S, "difference_se": _F,
    },
    "information": {
        "model": _S, "target": _S, "specificity": _S, "statistic": _F, "pvalue": _F,
        "pvalue_adjusted": _F, "degrees_of_freedom": _F, "spearman_with_average": _F,
        "utility": _S, "conclusion": _S, "reason": _S,
    },
    "strata": {
        "model": _S, "target": _S, "stratum": _S, "metric": _S, "value": _F,
        "prevalence": _F, "n_loci": _I, "n_positive": _I, "reason": _S,
        "kind": _S, "no_skill": _F,
    },
    "comparisons": {
        "family_a": _S, "family_b": _S, "target": _S, "stratum": _S, "metric": _S,
        "statistic": _F, "pvalue": _F, "pvalue_adjusted": _F, "effect_size": _F,
        "n_a": _I, "n_b": _I, "method": _S, "reason": _S,
        # the locus-level jackknife of the difference of family means, beside Mann-Whitney
        "difference": _F, "ci_low": _F, "ci_high": _F, "pvalue_loci": _F,
        "pvalue_loci_adjusted": _F,
    },
    "findings": {
        "code": _S, "severity": _S, "model": _S, "target": _S, "title": _S, "evidence": _S,
        "remedy": _S, "docs": _S,
    },
    "design": {
        "target": _S, "setting": _S, "setting_share": _F, "n_loci": _I, "n_hybrid_loci": _I,
        "n_reference": _I, "n_never_active": _I, "n_always_active": _I, "n_variable": _I,
        "nearest": _S, "nearest_source": _S, "nearest_correlation": _F, "nearest_agreement": _F,
        "n_blocks": _I, "blocks": _S, "reason": _S,
        # reference cell types that are observed at a locus: the fewest and the most
        "n_observed_least": _I, "n_observed_most": _I,
        # of the loci that no reference observes, those within 200 kb of one that some does
        "near_share": _F,
    },
    "summary": {
        "model": _S, "baseline": _S, "n_targets": _I, "n_beats": _I, "n_beats_adjusted": _I,
        "n_does_not_beat": _I, "n_inconclusive": _I, "n_not_testable": _I, "skill": _F,
        "ci_low": _F, "ci_high": _F, "reason": _S,
    },
    "within_locus": {
        "model": _S, "concordance": _F, "ci_low": _F, "ci_high": _F, "pvalue": _F,
        "n_directions": _I, "n_targets": _I, "reason": _S,
    },
    # quartiles of a score's rank in each tenth of the average activity's rank; ranks are 0 to 1
    "ranks": {
        "model": _S, "target": _S, "bin": _I, "loci": _S, "n_loci": _I, "average_rank": _F,
        "average_low": _F, "average_high": _F, "score_q25": _F, "score_median": _F,
        "score_q75": _F, "reason": _S,
    },
}  # fmt: skip

_DTYPES: dict[ColumnKind, Any] = {
    "string": object,
    "float": np.float64,
    "integer": np.int64,
}


def build_table(
    name: str, columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]
) -> pd.DataFrame:
    """Make the table `name` from its columns.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    columns : mapping of str to sequence, or to ndarray of shape (n_rows,)
        One sequence for each column of the table, all of one length. A column that is absent is
        filled with ``""``, NaN or 0.

    Returns
    -------
    pandas.DataFrame
        With exactly the table's columns, in their order, with object (``str``), float64 or
        int64 values and a fresh row index.

    Raises
    ------
    KeyError
        When the table has no column of that name.
    ValueError
        When columns differ in length.

    Examples
    --------
    >>> build_table("within_locus", {"model": ["m"], "concordance": [0.5]}).shape
    (1, 8)
    """
    schema = TABLES[name]
    unknown = [column for column in columns if column not in schema]
    if unknown:
        raise KeyError(f"table {name!r} has no columns {unknown}")
    lengths = {column: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of table {name!r} must have one length; they have {lengths}")
    length = next(iter(lengths.values()), 0)
    fills: dict[ColumnKind, Any] = {"string": "", "float": np.nan, "integer": 0}
    data: dict[str, Any] = {}
    for column, kind in schema.items():
        given = column in columns
        values = _array(columns[column] if given else [fills[kind]] * length, kind)
        # A bare array of strings would get another type from pandas 3.
        data[column] = pd.Series(values, dtype=object) if kind == "string" else values
    return pd.DataFrame(data, index=pd.RangeIndex(length))


def _array(values: Sequence[Any] | np.ndarray[Any, Any], kind: ColumnKind) -> np.ndarray[Any, Any]:
    """Entries of a column as an array of the column's type; strings and numbers only."""
    if kind != "string":
        return np.array(values, dtype=_DTYPES[kind])
    entries = np.empty(len(values), dtype=object)
    entries[:] = values
    return entries


def has_types_of(name: str, table: pd.DataFrame) -> bool:
    """Say whether a table with the columns of the table `name` has its types and a fresh index.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    table : DataFrame
        With the columns of that table, in their order.

    Returns
    -------
    bool
        False where `build_table` would change it.

    Examples
    --------
    >>> table = build_table("within_locus", {"model": ["a", "b"]})
    >>> has_types_of("within_locus", table), has_types_of("within_locus", table.iloc[1:])
    (True, False)
    """
    wanted = [np.dtype(_DTYPES[kind]) for kind in TABLES[name].values()]
    return list(table.dtypes) == wanted and table.index.equals(pd.RangeIndex(len(table)))


def empty_table(name: str) -> pd.DataFrame:
    """Make the table `name` without rows.

    Parameters
    ----------
    name : str
        A key of `TABLES`.

    Returns
    -------
    pandas.DataFrame
        All columns with their types.

    Examples
    --------
    >>> empty_table("findings").columns[0]
    'code'
    """
    return build_table(name, {})
