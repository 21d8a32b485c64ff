"""Every plot that a report has numbers for, as figures without a window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from leakcheck import plots
from leakcheck._plots.choose import model_families
from leakcheck._plots.scores import scores_size
from leakcheck._plots.strata import strata_size
from leakcheck._report.rows import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from leakcheck.report import AuditReport

__all__ = ["figures"]

#: Name, width, height in inches, and what draws into an empty (sub)figure of that size.
Panel = tuple[str, float, float, Callable[[Any], None]]


def figures(report: "AuditReport") -> "dict[str, Figure]":
    """Draw each plot as a figure of its own, and all of them on one page.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``scores``, ``strata``, ``complexity`` (those that the report has numbers for), and
        ``plots``, the page. Empty where there is nothing to draw.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    panels = _panels(report)
    drawn = {}
    for name, width, height, draw in panels:
        drawn[name] = Figure(figsize=(width, height), layout="constrained")
        draw(drawn[name])
    if panels:
        drawn["plots"] = _page(panels)
    return drawn


def _page(panels: list[Panel]) -> "Figure":
    """Stack the panels under one another."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    heights = [height for _, _, height, _ in panels]
    width = max(width for _, width, _, _ in panels)
    page = Figure(figsize=(width, sum(heights)), layout="constrained")
    parts = page.subfigures(len(panels), squeeze=False, height_ratios=heights, hspace=0.04)
    for part, (_, _, _, draw) in zip(parts[:, 0], panels, strict=True):
        draw(part)
    return page


def _panels(report: "AuditReport") -> list[Panel]:
    """List what the report has numbers for."""
    panels: list[Panel] = []
    if len(report.scores):
        models = distinct(report.scores[report.scores["kind"] == "model"], "model")
        size = scores_size(report.scores, model_families(report.settings, models))
        panels.append(("scores", *size, lambda f: _scores(report, f)))
    if len(report.strata):
        n_strata = len(distinct(report.strata, "stratum"))
        n_panels = 2 if len(report.comparisons) else 1
        size = strata_size(n_strata, n_panels)
        panels.append(("strata", *size, lambda f: _strata(report, f, n_panels)))
    if report.settings.get("parameters"):
        panels.append(("complexity", 6.4, 4.2, lambda f: _complexity(report, f)))
    return panels


def _scores(report: "AuditReport", figure: "Figure | SubFigure") -> None:
    """Scores against baselines."""
    plots.plot_scores(report, ax=figure.subplots())


def _strata(report: "AuditReport", figure: "Figure | SubFigure", n_panels: int) -> None:
    """Strata, with tests under them."""
    axes = figure.subplots(
        n_panels, squeeze=False, sharex=True, gridspec_kw={"height_ratios": (2, 1)[:n_panels]}
    )
    plots.plot_strata(report, axes=list(axes[:, 0]))


def _complexity(report: "AuditReport", figure: "Figure | SubFigure") -> None:
    """Scores against numbers of parameters."""
    plots.plot_complexity(report, ax=figure.subplots())
