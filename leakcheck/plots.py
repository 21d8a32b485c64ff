"""Floor 6: plots of a report. They draw stored numbers and compute none."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leakcheck._plots.choose import (
    choose_metric,
    choose_target,
    drawn_as,
    family_pairs,
    known_parameters,
    model_families,
    verdict_metric,
)
from leakcheck._plots.complexity import draw_complexity
from leakcheck._plots.scores import draw_scores, scores_size
from leakcheck._plots.strata import (
    draw_comparisons,
    draw_strata,
    label_strata,
    ordered_strata,
    strata_size,
)
from leakcheck._plots.style import head, new_axes, new_panels, shown
from leakcheck._report.rows import distinct
from leakcheck._report.words import strata_are_counts
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from leakcheck.report import AuditReport

__all__ = ["plot_complexity", "plot_scores", "plot_strata"]


def plot_scores(
    report: "AuditReport", metric: str | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the scores of models against baselines at each target, with intervals.

    Parameters
    ----------
    report : AuditReport
        The report.
    metric : str, optional
        A metric of the table ``scores``; default the one that the verdicts are about.
    ax : matplotlib.axes.Axes, optional
        Axes to draw in; default those of a new figure whose height follows the number of rows.

    Returns
    -------
    matplotlib.axes.Axes
        For one target a row for each model, baseline and bound, the best on top. For several a
        row for each target, sorted by the average activity, in which baselines are ticks: a
        model to the right of a tick scores higher. More than 14 models are shown by family.

    Raises
    ------
    ValidationError
        When the report has no such metric.

    Examples
    --------
    >>> from leakcheck import audit
    >>> from leakcheck.simulate import epigenome, predict
    >>> world = epigenome(n_loci=200)
    >>> preds = predict(world, "memoriser", ("C01",))
    >>> report = audit(preds, world.labels, train=list(world.cell_types[1:]))
    >>> report.plot_scores().get_title(loc="left")
    'C01'
    """
    metric = choose_metric(report.scores, "scores", metric, verdict_metric(report))
    scores = report.scores[report.scores["metric"] == metric]
    models = distinct(scores[scores["kind"] == "model"], "model")
    families = model_families(report.settings, models)
    if ax is None:
        ax = new_axes(*scores_size(scores, families))
    draw_scores(scores, families, metric, ax)
    return ax


def plot_strata(
    report: "AuditReport",
    target: str | None = None,
    metric: str | None = None,
    *,
    axes: "Sequence[Axes] | None" = None,
) -> "Sequence[Axes]":
    """Draw families of models within strata of loci: the paper's Figure S3.

    Parameters
    ----------
    report : AuditReport
        The report.
    target : str, optional
        Target cell type; default the first.
    metric : str, optional
        A metric of the table ``strata``; default the one that the verdicts are about, or the
        first there is.
    axes : sequence of matplotlib.axes.Axes, optional
        Axes to draw in: one, and a second for the tests where families are compared.

    Returns
    -------
    sequence of matplotlib.axes.Axes
        The upper panel has a box for each family in each stratum (points for fewer than three
        models; one box for all where more than 14 models have no family), the baselines and the
        no-skill value. The lower one, where there are two families
        or more, has -log10 p of the one-sided Mann-Whitney test, in the colour of the family that
        scores higher.

    Raises
    ------
    ValidationError
        When the report has no such target or metric, no strata, or `axes` are too few.

    Notes
    -----
    Strata that are too small to interpret are left out. Values of different strata are not
    comparable: the no-skill value rises with the activity count. Models of a family share their
    errors, so p speaks of these models on these loci. Figure S3 of Schreiber et al. 2020,
    doi:10.1186/s13059-020-02177-y.

    Examples
    --------
    >>> from leakcheck import audit
    >>> from leakcheck.simulate import epigenome, predict
    >>> world = epigenome(n_loci=200)
    >>> preds = predict(world, "memoriser", ("C01",))
    >>> report = audit(preds, world.labels, train=list(world.cell_types[1:]))
    >>> len(report.plot_strata())
    1
    """
    metric = choose_metric(report.strata, "strata", metric, verdict_metric(report))
    target = choose_target(report.strata, target)
    strata = report.strata
    strata = strata[(strata["target"] == target) & (strata["metric"] == metric)]
    order = ordered_strata(distinct(strata, "stratum"))
    models = distinct(strata[strata["kind"] == "model"], "model")
    families = model_families(report.settings, models)
    tests = family_pairs(report.comparisons, target)
    needed = 2 if len(tests) else 1
    axes = new_panels(needed, *strata_size(len(order), needed)) if axes is None else axes
    if len(axes) < needed:
        raise ValidationError(
            f"`axes` must hold {needed} axes, the second for the tests between families; "
            f"{len(axes)} came. Make them with plt.subplots({needed}, sharex=True)."
        )
    series = families if len(tests) else drawn_as(families)
    draw_strata(strata[strata["reason"] == ""], series, order, metric, axes[0])
    head(axes[0], shown(target))
    if len(tests):
        names = list(dict.fromkeys(families.values()))
        level = 1.0 - float(report.settings["confidence_level"])
        draw_comparisons(tests, names, order, level, axes[1])
        head(axes[1])
    label_strata(axes[:needed], order, counts=strata_are_counts(report.settings, order))
    return axes


def plot_complexity(
    report: "AuditReport",
    target: str | None = None,
    *,
    parameters: Mapping[str, float] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw scores against numbers of parameters, beside what one gets for free.

    Parameters
    ----------
    report : AuditReport
        The report.
    target : str, optional
        Target cell type; default the first.
    parameters : mapping of str to float, optional
        Number of parameters of each model; default ``report.settings["parameters"]``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw in; default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        One point for each model that has a number of parameters, on a logarithmic axis.

    Raises
    ------
    ValidationError
        When no model of the report has a number of parameters, one is not positive, or the report
        has no such target.

    Examples
    --------
    >>> from leakcheck import audit
    >>> from leakcheck.simulate import epigenome, predict
    >>> world = epigenome(n_loci=200)
    >>> preds = predict(world, "memoriser", ("C01",))
    >>> report = audit(preds, world.labels, train=list(world.cell_types[1:]))
    >>> report.plot_complexity(parameters={"model": 5000}).get_xlabel()
    'number of parameters'
    """
    metric = choose_metric(report.scores, "scores", None, verdict_metric(report))
    target = choose_target(report.scores, target)
    scores = report.scores
    scores = scores[(scores["target"] == target) & (scores["metric"] == metric)]
    models = distinct(scores[scores["kind"] == "model"], "model")
    counts = known_parameters(parameters or report.settings.get("parameters"), models)
    if ax is None:
        ax = new_axes(6.4, 4.2)
    draw_complexity(scores, counts, model_families(report.settings, models), metric, ax)
    return ax
