"""Floor 4: from intervals to words: verdicts, their counts, utility and the conclusion."""

from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import FloatArray

__all__ = [
    "NO_BETTER_THAN_CHANCE",
    "PRIMARY_BASELINES",
    "SPECIFICITIES",
    "TOO_LITTLE",
    "UTILITIES",
    "VERDICTS",
    "combine_verdicts",
    "companion_reasons",
    "conclusion",
    "judge_verdicts",
    "summarise_verdicts",
    "utility",
]

Words: TypeAlias = NDArray[np.object_]

#: A model is useful when it beats both: the average activity and the nearest cell type.
PRIMARY_BASELINES: Final = ("average-activity", "nearest-celltype")
VERDICTS: Final = ("beats", "does-not-beat", "inconclusive", "not-testable")
UTILITIES: Final = (
    "beats-both",
    "beats-average-only",
    "beats-nearest-only",
    "beats-neither",
    "inconclusive",
    "not-testable",
)
SPECIFICITIES: Final = (
    "cell-type-specific",
    "consistent-with-memorisation",
    "inconclusive",
    "not-testable",
)

#: What is said of a score that could be noise.
NO_BETTER_THAN_CHANCE: Final = "no better than a random score"

#: What stands in the place of "useful" where a win is negligible.
TOO_LITTLE: Final = "better than both baselines, though not by enough to matter"

_COPYING = "consistent with copying a similar cell type"

# One row for each utility; one text for each specificity, in the order of SPECIFICITIES.
_CONCLUSIONS: Final[dict[str, tuple[str, str, str, str]]] = {
    "beats-both": (
        "useful, and cell-type-specific",
        "useful, but nothing specific to the cell type was found",
        "useful; whether it is cell-type-specific is inconclusive",
        "useful; whether it is cell-type-specific is not testable",
    ),
    "beats-average-only": (
        f"informative, but {_COPYING}: combine it with the nearest cell type",
        _COPYING,
        _COPYING,
        _COPYING,
    ),
    "beats-nearest-only": (
        "informative, but does not beat the average activity: combine it with the average activity",
        "consistent with memorisation",
        "does not beat the average activity; whether it knows the cell type is inconclusive",
        "does not beat the average activity; whether it knows the cell type is not testable",
    ),
    "beats-neither": (
        "informative, but does not beat the baselines: combine it with the baseline",
        "consistent with memorisation",
        "does not beat the baselines; whether it knows the cell type is inconclusive",
        "does not beat the baselines; whether it knows the cell type is not testable",
    ),
    "inconclusive": (
        "informative; whether it beats the baselines is inconclusive",
        "inconclusive against the baselines; nothing specific to the cell type was found",
        "inconclusive",
        "inconclusive against the baselines; whether it knows the cell type is not testable",
    ),
    "not-testable": (
        "informative; whether it beats the baselines is not testable",
        "not testable against the baselines; nothing specific to the cell type was found",
        "not testable against the baselines; whether it knows the cell type is inconclusive",
        "not testable",
    ),
}


def judge_verdicts(verdict: pd.DataFrame, margin: float) -> tuple[Words, Words]:
    """Judge every comparison with a baseline from its stored interval.

    Parameters
    ----------
    verdict : pandas.DataFrame
        Rows of the table ``verdict`` with the columns ``tested, ci_low, ci_high, skill_ci_low,
        skill_ci_high, companion_ci_low``. Where a column ``verdict`` already says
        ``not-testable``, it stays so: no margin makes an untestable comparison testable.
    margin : float
        Skill below which a win is of no practical use. Where `tested` is ``"difference"`` (the
        baseline is nearly perfect), the same share of the room above the baseline.

    Returns
    -------
    verdict : numpy.ndarray of object, shape (n_rows,)
        ``beats``, ``does-not-beat``, ``inconclusive`` or ``not-testable``.
    flag : numpy.ndarray of object, shape (n_rows,)
        ``worse``, ``negligible`` or ``""``.

    Notes
    -----
    With [L, U] the interval of what is tested and C the lower bound of the companion metric's
    difference: ``beats`` if L > 0 and C > 0; else ``does-not-beat`` if U < margin; else
    ``inconclusive``. ``worse`` if U < 0; ``negligible`` if it beats and U < margin. Above a perfect
    baseline the margin is 0, and U = 0 is small too. An undefined bound is not testable, but for
    that of the companion where U < 0. Two metrics are asked for because expected average precision
    alone lets an average with a jitter through in 12% of targets, both in 5%.

    Examples
    --------
    >>> from leakcheck.results import build_table
    >>> bounds = {"skill_ci_low": [0.1, -0.4], "skill_ci_high": [0.3, -0.1]}
    >>> rows = build_table(
    ...     "verdict", bounds | {"tested": ["skill"] * 2, "companion_ci_low": [0.01, -0.02]}
    ... )
    >>> [list(words) for words in judge_verdicts(rows, margin=0.05)]
    [['beats', 'does-not-beat'], ['', 'worse']]
    """
    low, high = _tested_bounds(verdict)
    companion = verdict["companion_ci_low"].to_numpy(dtype=np.float64)
    testable = ~(np.isnan(low) | np.isnan(high))
    # Without its companion a comparison is decided only where it is lost under any margin.
    testable &= ~np.isnan(companion) | (high < 0)
    if "verdict" in verdict:
        testable &= verdict["verdict"].to_numpy(dtype=object) != "not-testable"
    beats = testable & (low > 0) & (companion > 0)
    small = testable & ((high < _margins(verdict, margin)) | (_no_room(verdict) & (high <= 0)))

    words = np.full(len(verdict), "inconclusive", dtype=object)
    words[small] = "does-not-beat"
    words[beats] = "beats"
    words[~testable] = "not-testable"
    flag = np.full(len(verdict), "", dtype=object)
    flag[beats & small] = "negligible"
    flag[testable & (high < 0)] = "worse"
    return words, flag


def companion_reasons(verdict: pd.DataFrame) -> list[str]:
    """Say where the companion metric alone kept a model from beating a baseline.

    Parameters
    ----------
    verdict : pandas.DataFrame
        Rows of the table ``verdict`` with their words. No margin changes what is said.

    Returns
    -------
    list of str
        One for each row: the companion's gain with its interval where the interval of what is
        tested lies above zero and the companion's does not; else what ``reason`` says already.

    Examples
    --------
    >>> from leakcheck.results import build_table
    >>> numbers = {"skill_ci_low": 0.3, "skill_ci_high": 0.4, "companion_difference": 0.0003,
    ...            "companion_ci_low": -0.0027, "companion_ci_high": 0.0032}
    >>> words = {"tested": "skill", "verdict": "inconclusive", "companion_metric": "auroc"}
    >>> rows = build_table("verdict", {key: [one] for key, one in (numbers | words).items()})
    >>> companion_reasons(rows)
    ['auroc does not gain beyond chance: +0.0003 [-0.0027, +0.0032]']
    """
    low, _ = _tested_bounds(verdict)
    decides = (low > 0) & (verdict["companion_ci_low"].to_numpy(dtype=np.float64) <= 0)
    decides &= verdict["verdict"].to_numpy(dtype=object) != "not-testable"
    reasons: list[str] = verdict["reason"].tolist()
    for row in np.flatnonzero(decides).tolist():
        one = verdict.iloc[row]
        bounds = f"[{one['companion_ci_low']:+.4f}, {one['companion_ci_high']:+.4f}]"
        reasons[row] = (
            f"{one['companion_metric']} does not gain beyond chance: "
            f"{one['companion_difference']:+.4f} {bounds}"
        )
    return reasons


def _margins(verdict: pd.DataFrame, margin: float) -> FloatArray:
    """Margin of each row in the unit of what was tested: a skill is a share of the room."""
    by_difference = (verdict["tested"] == "difference").to_numpy(dtype=bool)
    if not by_difference.any():
        return np.full(len(verdict), margin)
    room = 1.0 - verdict["baseline_value"].to_numpy(dtype=np.float64)
    return np.where(by_difference, margin * room, margin)


def _no_room(verdict: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows whose baseline is perfect: nothing can lie above it."""
    by_difference = (verdict["tested"] == "difference").to_numpy(dtype=bool)
    is_perfect = (verdict["baseline_value"] == 1.0).to_numpy(dtype=bool)
    return np.logical_and(by_difference, is_perfect)


def _tested_bounds(verdict: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Interval of the skill, or of the difference where that is what was tested."""
    by_difference = (verdict["tested"] == "difference").to_numpy(dtype=bool)

    def bound(side: str) -> FloatArray:
        return np.where(
            by_difference,
            verdict[f"ci_{side}"].to_numpy(dtype=np.float64),
            verdict[f"skill_ci_{side}"].to_numpy(dtype=np.float64),
        )

    return bound("low"), bound("high")


def summarise_verdicts(verdict: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Count the verdicts of each model against each baseline over the targets.

    Parameters
    ----------
    verdict : pandas.DataFrame
        Table ``verdict``: one row per model, target and baseline.
    alpha : float, default 0.05
        Level at which an adjusted p-value (Holm over targets) counts in `n_beats_adjusted`.

    Returns
    -------
    pandas.DataFrame
        ``model, baseline, n_targets, n_beats, n_beats_adjusted, n_does_not_beat, n_inconclusive,
        n_not_testable``, in the order in which models and baselines first appear.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": ["m", "m"], "baseline": ["average-activity"] * 2,
    ...     "verdict": ["beats", "inconclusive"], "pvalue_adjusted": [0.01, 0.4]})
    >>> summarise_verdicts(rows)[["n_targets", "n_beats", "n_inconclusive"]].to_numpy().tolist()
    [[2, 1, 1]]
    """
    words = verdict["verdict"]
    beats = words == "beats"
    counts = {
        "n_targets": np.ones(len(verdict), dtype=bool),
        "n_beats": beats,
        "n_beats_adjusted": beats & (verdict["pvalue_adjusted"] < alpha),
        "n_does_not_beat": words == "does-not-beat",
        "n_inconclusive": words == "inconclusive",
        "n_not_testable": words == "not-testable",
    }
    counted = pd.DataFrame(counts).astype(np.int64)
    keys = [verdict["model"], verdict["baseline"]]
    summary = counted.groupby(keys, sort=False).sum().reset_index()
    return summary.astype({"model": object, "baseline": object})


def combine_verdicts(average: str, nearest: str) -> str:
    """Name the utility of a model from its verdicts against the two primary baselines.

    Parameters
    ----------
    average, nearest : str
        Verdict against the average activity and against the nearest cell type.

    Returns
    -------
    str
        One of `UTILITIES`. One baseline that is not beaten decides that the model does not beat
        both; otherwise a comparison that is not testable or inconclusive leaves it open.

    Examples
    --------
    >>> combine_verdicts("beats", "does-not-beat"), combine_verdicts("beats", "inconclusive")
    ('beats-average-only', 'inconclusive')
    """
    both = (average, nearest)
    if both == ("beats", "beats"):
        return "beats-both"
    if "does-not-beat" in both:
        if average == "beats":
            return "beats-average-only"
        return "beats-nearest-only" if nearest == "beats" else "beats-neither"
    return "not-testable" if "not-testable" in both else "inconclusive"


def utility(verdict: pd.DataFrame) -> pd.DataFrame:
    """Say for each model and target which of the two primary baselines it beats.

    Parameters
    ----------
    verdict : pandas.DataFrame
        Table ``verdict``; rows of other baselines are not looked at. A primary baseline without a
        row is not testable.

    Returns
    -------
    pandas.DataFrame
        ``model, target, utility``, one row for each model and target in the order of `verdict`;
        `utility` is one of `UTILITIES`.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": ["m", "m"], "target": ["E003", "E003"],
    ...     "baseline": list(PRIMARY_BASELINES), "verdict": ["beats", "beats"]})
    >>> utility(rows)["utility"].item()
    'beats-both'
    """
    columns = ("model", "target", "baseline", "verdict")
    rows = zip(*(verdict[column].tolist() for column in columns), strict=True)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for model, target, baseline, word in rows:
        found.setdefault((model, target), {})[baseline] = word
    words = [
        combine_verdicts(*(by.get(name, "not-testable") for name in PRIMARY_BASELINES))
        for by in found.values()
    ]
    data = {
        "model": [model for model, _ in found],
        "target": [target for _, target in found],
        "utility": words,
    }
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})


def conclusion(
    utility: str,
    specificity: str,
    no_better_than_chance: bool = False,
    too_little: bool = False,
) -> str:
    """Put utility and specificity into words.

    Parameters
    ----------
    utility : str
        One of `UTILITIES`.
    specificity : str
        One of `SPECIFICITIES`.
    no_better_than_chance : bool
        Whether the score could be noise: a model that knows nothing has not memorised either.
    too_little : bool
        Whether a baseline is beaten by less than the margin: nobody has a use for that.

    Returns
    -------
    str
        A phrase. It never says that a model *is* a memoriser: the data can only be consistent
        with memorisation.

    Examples
    --------
    >>> conclusion("beats-neither", "consistent-with-memorisation")
    'consistent with memorisation'
    """
    found = _CONCLUSIONS[utility][SPECIFICITIES.index(specificity)]
    if no_better_than_chance and found == "consistent with memorisation":
        return NO_BETTER_THAN_CHANCE
    if too_little and utility == "beats-both":
        return found.replace("useful", TOO_LITTLE, 1)
    return found
