"""What the figures must show, as numbers: each trend of the paper with the bound it is held to."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray
from leakcheck.reference.settings import SETTINGS

__all__ = ["compute_trends", "trends_markdown"]

_LEVEL: Final = 0.05
_LARGE: Final = 100
#: Models that thirds can be made of.
_FEWEST: Final = 3
_DIGITS: Final = 12
_COLUMNS: Final = ["where", "trend", "value", "bound", "holds"]


class _Trend(NamedTuple):
    """A number and the bound that it is held to."""

    where: str
    trend: str
    value: float
    relation: str  # ">=", "<=", "<", ">"
    limit: float

    def row(self) -> list[object]:
        """Row of the table."""
        compare = {">=": np.greater_equal, "<=": np.less_equal, "<": np.less, ">": np.greater}
        holds = bool(compare[self.relation](self.value, self.limit))
        return [self.where, self.trend, self.value, f"{self.relation} {self.limit:g}", holds]


def compute_trends(
    scores: pd.DataFrame | None = None,
    tests: pd.DataFrame | None = None,
    gaussians: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Measure the trends of the paper.

    Parameters
    ----------
    scores : pandas.DataFrame, optional
        The table of `leakcheck.reference.results.score_table`.
    tests : pandas.DataFrame, optional
        The table of `leakcheck.reference.figures.strata.family_tests`.
    gaussians : pandas.DataFrame, optional
        The table of `leakcheck.reference.gaussians.gaussian_table`.

    Returns
    -------
    pandas.DataFrame
        Columns ``where, trend, value, bound, holds``. Trends without models to measure them on
        have no row; a number that is undefined is NaN and does not hold.

    Notes
    -----
    Thirds are of the models by number of parameters; a difference of thirds is one of means. The
    middle of the groups is the half of them around the median activity count. It is compared by
    the mean of -log10 p, which Figure S3 draws: the share of groups with a low p says nothing of
    the place where it is 1 everywhere.
    """
    found: list[_Trend] = []
    if scores is not None:
        for task, rows in scores.groupby("task", sort=True):
            found += _task_trends(str(task), rows)
    if tests is not None:
        found += _strata_trends(tests)
    if gaussians is not None:
        values = gaussians["value"].to_numpy()
        span = float(np.ptp(values)) if len(values) else np.nan
        found.append(_Trend("Gaussians (S2)", "range of AP over sizes", span, "<=", 0.02))
    return pd.DataFrame([trend.row() for trend in found], columns=_COLUMNS)


def _task_trends(task: str, rows: pd.DataFrame) -> Iterable[_Trend]:
    """Trends of one task, over its settings."""
    of = {
        (str(setting), str(family)): part.sort_values(["n_parameters", "model"])
        for (setting, family), part in rows.groupby(["setting", "family"])
    }
    same, new = f"{task}, cross-cell-type", f"{task}, hybrid"
    memorised = of.get(("cross-cell-type", "sequence"))
    if memorised is not None:
        beats = float((memorised["verdict"] == "beats").sum())
        gap = float(-memorised["difference"].max())
        yield _Trend(same, "sequence only: Spearman of AP and size", _rises(memorised), ">=", 0.8)
        yield _Trend(same, "sequence only: average activity less best AP", gap, "<=", 0.02)
        yield _Trend(same, "sequence only: models that beat the average", beats, "<=", 0)
    if (part := of.get(("hybrid", "sequence"))) is not None and len(part) >= _FEWEST:
        yield _Trend(new, "sequence only: largest less smallest third", _thirds(part), "<=", 0.03)
    for setting in SETTINGS:
        part = of.get((setting, "signal"), rows.iloc[:0])
        large = part.loc[part["n_parameters"] > _LARGE, "value"].to_numpy()
        if len(large):
            name = f"signal only: spread of AP above {_LARGE} parameters"
            yield _Trend(f"{task}, {setting}", name, float(np.ptp(large)), "<", 0.05)
    for where, setting, relation in ((same, "cross-cell-type", ">"), (new, "hybrid", "<=")):
        if (part := of.get((setting, "both"))) is not None and len(part) >= _FEWEST:
            yield _Trend(where, "both: largest less smallest third", _thirds(part), relation, 0.03)


def _rises(rows: pd.DataFrame) -> float:
    """Rank correlation of score and size, over the models above the smallest."""
    rows = rows[rows["n_parameters"] > rows["n_parameters"].min()]
    if rows["n_parameters"].nunique() < 2 or rows["value"].nunique() < 2:
        return float("nan")
    ranks = rows[["n_parameters", "value"]].rank().to_numpy()
    # Ranks make a fraction; rounding errors must not put it below a bound that it is equal to.
    return round(float(np.corrcoef(ranks, rowvar=False)[0, 1]), _DIGITS)


def _thirds(rows: pd.DataFrame) -> float:
    """Mean score of the largest third of the models, less that of the smallest."""
    values: FloatArray = rows["value"].to_numpy(dtype=float)
    third = len(values) // 3
    return float(values[-third:].mean() - values[:third].mean())


def _strata_trends(tests: pd.DataFrame) -> Iterable[_Trend]:
    """Trends of Figure S3."""
    tests = tests.dropna(subset=["pvalue"]).sort_values("stratum")
    low = (tests["pvalue"] < _LEVEL).to_numpy(dtype=float)
    strength = tests["minus_log10_p"].to_numpy(dtype=float)
    quarter = len(low) // 4
    middle = np.zeros(len(low), dtype=bool)
    middle[quarter : len(low) - quarter] = True
    where = "expression, activity counts (S3)"
    share = float(low.mean()) if len(low) else np.nan
    more = np.nan
    if quarter:
        more = round(float(strength[middle].mean() - strength[~middle].mean()), _DIGITS)
    yield _Trend(where, "groups where signal only is higher, p < 0.05", share, ">=", 0.6)
    yield _Trend(where, "mean -log10 p, middle half less outer half", more, ">", 0)


def trends_markdown(table: pd.DataFrame, about: str) -> str:
    """Write the trends as a page.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `compute_trends`.
    about : str
        What was run, in a sentence.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        "# Trends",
        "",
        about,
        "",
        "| where | trend | value | bound | |",
        "|---|---|---|---|---|",
    ]
    for where, trend, value, bound, holds in table.to_numpy(dtype=object):
        shown = "undefined" if np.isnan(value) else f"{value:.3g}"
        answer = "holds" if holds else "does not hold"
        lines.append(f"| {where} | {trend} | {shown} | {bound} | {answer} |")
    return "\n".join(lines) + "\n"
