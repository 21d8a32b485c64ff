"""Floor 4: wins by less than the margin, which nobody has a use for."""

import pandas as pd

from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["is_useful", "too_small_wins"]


def too_small_wins(verdict: pd.DataFrame) -> set[tuple[str, str]]:
    """Find where one of the two primary baselines is beaten by too little to matter.

    Parameters
    ----------
    verdict : pandas.DataFrame
        Table ``verdict``.

    Returns
    -------
    set of (str, str)
        Models and targets.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": ["m"], "target": ["E003"],
    ...     "baseline": ["nearest-celltype"], "flag": ["negligible"]})
    >>> too_small_wins(rows)
    {('m', 'E003')}
    """
    small = verdict["baseline"].isin(PRIMARY_BASELINES) & (verdict["flag"] == "negligible")
    rows = verdict[small]
    return set(zip(rows["model"], rows["target"], strict=True))


def is_useful(information: pd.DataFrame, verdict: pd.DataFrame) -> "pd.Series[bool]":
    """Whether both baselines are beaten, and neither by too little to matter.

    Parameters
    ----------
    information : pandas.DataFrame
        Table ``information``.
    verdict : pandas.DataFrame
        Table ``verdict``, at least the rows of the same models and targets.

    Returns
    -------
    pandas.Series of bool, shape (n_rows,)
        For each row.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": "m", "target": ["E003", "E004"], "utility": "beats-both",
    ...     "baseline": "average-activity", "flag": ["", "negligible"]})
    >>> is_useful(rows, rows).tolist()
    [True, False]
    """
    small = too_small_wins(verdict)
    pairs = zip(information["model"], information["target"], strict=True)
    little = pd.Series([pair in small for pair in pairs], index=information.index, dtype=bool)
    useful: pd.Series[bool] = (information["utility"] == "beats-both") & ~little
    return useful
