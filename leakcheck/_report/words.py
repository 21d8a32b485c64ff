"""Numbers and names as the report prints them."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = [
    "clean",
    "companion_gain",
    "interval_level",
    "joined",
    "loci_of_a_stratum",
    "metric_label",
    "number",
    "plural",
    "short",
    "shortened",
    "signed",
    "signed_interval",
    "strata_are_counts",
    "tested_gain",
]

_METRIC_LABELS: Final = {
    "average_precision": "AP (scikit-learn)",
    "expected_average_precision": "AP",
    "auroc": "AUROC",
    "conditional_auroc": "AUROC within strata",
    "pearson": "Pearson r",
    "spearman": "Spearman rho",
    "mse": "MSE",
    "r2": "R2",
    "msevar": "MSE weighted by variance",
    "mse1obs": "MSE of the top 1% observed",
    "mse1imp": "MSE of the top 1% predicted",
    "anomaly_correlation": "anomaly correlation",
}


def metric_label(metric: str) -> str:
    """Name of a metric for readers; a metric without one keeps its own."""
    return _METRIC_LABELS.get(metric, metric)


def loci_of_a_stratum(settings: Mapping[str, Any]) -> str:
    """What the loci of a stratum have in common; empty where the strata were given."""
    if _strata_were_given(settings):
        return ""
    if settings.get("label_kind") == "continuous":
        return "loci with about the same mean in the reference cell types"
    return "loci that are active in equally many reference cell types"


def strata_are_counts(settings: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether strata are activity counts, and are no numbers of the user's own."""
    return not _strata_were_given(settings) and all(name.isdecimal() for name in names)


def _strata_were_given(settings: Mapping[str, Any]) -> bool:
    """Whether strata are other ones than those of activity."""
    return bool(settings.get("choices", {}).get("strata", "activity") != "activity")


def number(value: float) -> str:
    """Three decimals, more where the value is near 1 and the third would hide the difference."""
    if math.isnan(value):
        return "n/a"
    if abs(value) >= 1000 or 0 < abs(value) < 0.001:
        return f"{value:.2e}"
    return f"{value:.4f}" if 0.99 <= value < 1 else f"{value:.3f}"


def signed(value: float, decimals: int = 3) -> str:
    """Write a number with its sign; fewer decimals where the number is large."""
    if math.isnan(value):
        return "n/a"
    if abs(value) >= 1000:
        return f"{value:+.1e}"
    return f"{value:+.{max(0, decimals - (abs(value) >= 10) - (abs(value) >= 100))}f}"


def signed_interval(value: float, low: float, high: float, decimals: int = 3) -> str:
    """Signed number with its interval: ``+0.120 [+0.080, +0.160]``."""
    numbers = [x for x in (value, low, high) if not math.isnan(x)]
    tiny = 0 < max(map(abs, numbers), default=0.0) < 0.5 * 0.1**decimals

    def write(x: float) -> str:
        return f"{x:+.1e}" if tiny and not math.isnan(x) else signed(x, decimals)

    if math.isnan(low) and math.isnan(high):
        return write(value)
    return f"{write(value)} [{write(low)}, {write(high)}]"


def tested_gain(row: Any) -> tuple[str, str]:
    """What a comparison tested, ``skill`` or ``difference``, and its value with the interval."""
    if row.tested == "difference":
        return "difference", signed_interval(row.difference, row.ci_low, row.ci_high, 4)
    return "skill", signed_interval(row.skill, row.skill_ci_low, row.skill_ci_high)


def companion_gain(row: Any) -> str:
    """The companion metric's gain, where it alone kept a model from beating a baseline, else ""."""
    low = row.ci_low if row.tested == "difference" else row.skill_ci_low
    decided = row.verdict in ("inconclusive", "does-not-beat") and low > 0
    if not (decided and row.companion_ci_low <= 0):
        return ""
    gain = (row.companion_difference, row.companion_ci_low, row.companion_ci_high)
    return f"{metric_label(row.companion_metric)} {signed_interval(*gain, 4)}"


def interval_level(settings: Mapping[str, Any]) -> str:
    """Level of the two-sided interval, of which each bound holds with the confidence level."""
    return f"{200 * settings['confidence_level'] - 100:.3g}%"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Count and noun: ``1 model``, ``18,915 loci``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def joined(names: list[str], most: int) -> str:
    """First names of a list, and how many more there are."""
    shown = ", ".join(clean(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown}, and {len(names) - most:,} more"


def clean(name: str) -> str:
    """Name that cannot break a line or drive a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def short(name: str, width: int, tail: int | None = None) -> str:
    """Clean name, cut in the middle where it is too long: both ends tell names apart."""
    name = clean(name)
    if len(name) <= width:
        return name
    tail = (width - 3) // 2 if tail is None else tail
    return f"{name[: width - 3 - tail]}...{name[len(name) - tail :]}"


def shortened(names: Iterable[str], width: int) -> dict[str, str]:
    """Each name, cut where the names that are shown beside it stay apart, if any cut does that."""
    every = list(dict.fromkeys(names))
    usual = [short(name, width) for name in every]
    if len(set(usual)) == len(every):
        return dict(zip(every, usual, strict=True))
    middle = (width - 3) // 2
    tails = sorted(range(width - 2), key=lambda tail: abs(tail - middle))
    cuts = [[short(name, width, tail) for name in every] for tail in tails]
    cut_names = sorted(name for name in every if len(name) > width)
    pairs = enumerate(zip(cut_names[0], cut_names[-1], strict=False))
    same = next((at for at, (first, last) in pairs if first != last), 0)
    behind = [clean(name[same:])[: width - 3] for name in every]
    cuts.append(
        [
            cut if len(name) <= width else f"...{end}"
            for name, cut, end in zip(every, usual, behind, strict=True)
        ]
    )
    return dict(zip(every, max(cuts, key=lambda cut: len(set(cut))), strict=True))
