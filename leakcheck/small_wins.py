"""Floor 4: wins by less than the margin, which nobody has a use for."""

import pandas as pd

from leakcheck.verdicts import PRIMARY_BASELINES, TOO_LITTLE

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


def is_useful(information: pd.DataFrame) -> "pd.Series[bool]":
    """Whether both baselines are beaten, and neither by too little to matter.

    Parameters
    ----------
    information : pandas.DataFrame
        Table ``information``.

    Returns
    -------
    pandas.Series of bool, shape (n_rows,)
        For each row.

    Examples
    --------
    >>> words = ["useful, and cell-type-specific", f"{TOO_LITTLE}, and cell-type-specific"]
    >>> is_useful(pd.DataFrame({"utility": "beats-both", "conclusion": words})).tolist()
    [True, False]
    """
    little = information["conclusion"].str.startswith(TOO_LITTLE)
    useful: pd.Series[bool] = (information["utility"] == "beats-both") & ~little
    return useful
