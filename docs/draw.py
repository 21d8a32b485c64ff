"""Draw the pictures of the pages into docs/figures, from simulated data whose truth is known.

    python docs/draw.py             write all
    python docs/draw.py pitfall     write one

On one machine, the same versions of leakcheck and matplotlib write the same bytes. The card behind
each picture is white, so that it can be read on a dark page too.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

import leakcheck
from leakcheck.report import AuditReport
from leakcheck.simulate import Epigenome, epigenome, predict

FIGURES = Path(__file__).resolve().parent / "figures"
#: Okabe and Ito's palette, as in leakcheck.plots; black is kept for the average
INK, BLUE, RED, GREEN, GREY = "#1a1a1a", "#0072B2", "#D55E00", "#009E73", "#8c8c8c"
COLOURS = {
    "average-activity": INK,
    "memoriser": RED,
    "honest-weak": BLUE,
    "honest-strong": GREEN,
    "random": GREY,
}
STEP = 5  # of so many loci the heat map shows one
NAMES = {"average-activity": "average activity"}
STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "leakcheck",
}


def main() -> None:
    """Draw what the command line names, or everything."""
    FIGURES.mkdir(exist_ok=True)
    mpl.use("Agg")
    with mpl.rc_context(STYLE):
        for name in sys.argv[1:] or PICTURES:
            figure = PICTURES[name]()
            figure.savefig(FIGURES / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)
            print(f"docs/figures/{name}.svg")


def example(n_loci: int = 3_000) -> tuple[Epigenome, str, list[str]]:
    """The simulated cell types, the target and its references."""
    world = epigenome(n_loci=n_loci, random_state=0)
    (target,) = world.held_out(1)
    return world, target, [name for name in world.cell_types if name != target]


def scores(world: Epigenome, target: str, *models: str) -> dict[str, pd.DataFrame]:
    """Predictions of the target by models of known kind, each with noise of its own."""
    rng = np.random.default_rng(0)
    return {name: predict(world, name, [target], random_state=rng) for name in models}


def report(n_loci: int) -> AuditReport:
    """The audit that several pictures show."""
    world, target, references = example(n_loci)
    preds = scores(world, target, "memoriser", "honest-weak", "honest-strong", "random")
    return leakcheck.audit(preds, world.labels, world.loci, train=references)


def pitfall() -> Figure:
    """Labels of all cell types, loci sorted by activity count, over the average activity."""
    world, target, references = example()
    count = world.labels[references].sum(axis=1).to_numpy()
    order = np.argsort(count, kind="stable")[::STEP]
    figure, (top, middle, bottom) = plt.subplots(
        3, 1, figsize=(7.6, 4.6), sharex=True, height_ratios=(1, 8, 3.2), layout="constrained"
    )
    colours = ListedColormap(["#f2f2f2", BLUE])
    for ax, names in ((top, [target]), (middle, references)):
        ax.imshow(
            world.labels[names].to_numpy()[order].T,
            aspect="auto",
            interpolation="nearest",
            cmap=colours,
        )
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0, labelbottom=False)
        ax.set_yticks([])
    top.set_title(
        f"{len(count):,} loci, sorted by the number of cell types in which they are active"
    )
    top.set_ylabel("target", rotation=0, ha="right", va="center")
    middle.set_ylabel(f"{len(references)} reference\ncell types", rotation=0, ha="right")
    middle.yaxis.set_label_coords(-0.015, 0.45)
    bottom.fill_between(np.arange(len(order)), count[order] / len(references), color=INK, lw=0)
    bottom.set_ylabel("average\nactivity", rotation=0, ha="right", va="center")
    bottom.set_yticks([0, 1])
    ends = np.array([0, np.sum(count == 0), np.sum(count < len(references)), len(count)])
    parts = ("never active", "variable", "always active")
    bottom.set_xticks(
        (ends[:-1] + ends[1:]) / 2 / STEP,
        [f"{name}\n{n:,} loci" for name, n in zip(parts, np.diff(ends), strict=True)],
    )
    bottom.tick_params(axis="x", length=0)
    return figure


def remembered() -> Figure:
    """The score of each model at each locus, against the average activity."""
    world, target, references = example()
    average = world.labels[references].mean(axis=1).to_numpy()
    active = world.labels[target].to_numpy() > 0
    shown = ("memoriser", "honest-weak", "honest-strong")
    figure, axes = plt.subplots(1, 3, figsize=(7.6, 3.1), sharex=True, layout="constrained")
    noise = np.random.default_rng(0).uniform(-0.4, 0.4, len(average)) / len(references)
    for ax, name in zip(axes, shown, strict=True):
        score = scores(world, target, name)[name][target].rank(pct=True).to_numpy()
        for label, colour, marker in ((False, RED, "."), (True, BLUE, ".")):
            own = active == label
            ax.scatter(
                (average + noise)[own],
                score[own],
                s=5,
                c=colour,
                marker=marker,
                alpha=0.55,
                lw=0,
                rasterized=True,
            )
        ax.set_title(name)
        ax.set_xlabel("average activity")
        ax.set_yticks([0, 0.5, 1])
    axes[0].set_ylabel("score, as a rank")
    for label, colour in (("active in the target", BLUE), ("not active", RED)):
        axes[0].scatter([], [], s=22, c=colour, label=label)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9)
    figure.set_dpi(150)
    return figure


def lines(ax: Axes, frame: pd.DataFrame, models: tuple[str, ...]) -> None:
    """One line for each model over the strata."""
    for name in models:
        ax.plot(frame.index, frame[name], color=COLOURS[name], lw=1.8, label=NAMES.get(name, name))


def by_stratum(found: AuditReport, metric: str) -> pd.DataFrame:
    """Strata by models, with the no-skill value."""
    rows = found.strata[(found.strata["metric"] == metric) & (found.strata["reason"] == "")]
    frame = rows.pivot_table(index="stratum", columns="model", values="value")
    frame["no skill"] = rows.groupby("stratum")["no_skill"].first()
    frame.index = frame.index.astype(int)
    return frame.sort_index()


def reversal() -> Figure:
    """Models at all loci, and the same models inside each activity count."""
    found = report(12_000)
    models = ("random", "honest-weak", "memoriser", "average-activity", "honest-strong")
    rows = found.scores[found.scores["metric"] == "expected_average_precision"]
    value = rows.set_index("model")["value"]
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(7.6, 3.4), width_ratios=(1, 1.35), layout="constrained"
    )
    for place, name in enumerate(models):
        left.plot([rows["no_skill"].max(), value[name]], [place, place], color="#dddddd", lw=1.5)
        left.plot(value[name], place, "o", color=COLOURS[name], ms=8)
        left.annotate(f"{value[name]:.3f}", (value[name], place), (0, 7), ha="center",
                      textcoords="offset points", fontsize=8.5)  # fmt: skip
    left.set_yticks(range(len(models)), [NAMES.get(name, name) for name in models])
    left.set_ylim(-0.5, len(models) - 0.3)
    left.set_xlim(0.6, 1.03)
    left.set_title("All loci")
    left.set_xlabel("average precision")
    frame = by_stratum(found, "auroc")
    lines(right, frame, ("average-activity", "memoriser", "honest-weak", "honest-strong"))
    right.set_ylim(0.2, 1.03)
    right.set_title("Loci of one activity count")
    right.set_xlabel("activity count (number of reference cell types)")
    right.set_ylabel("AUROC")
    right.legend(frameon=False, fontsize=8.5, ncols=2, loc="lower center")
    return figure


def raw_ap() -> Figure:
    """Average precision and AUROC by stratum: one follows the prevalence, the other does not."""
    found = report(12_000)
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.1), sharex=True, layout="constrained")
    for ax, metric in zip(axes, ("expected_average_precision", "auroc"), strict=True):
        frame = by_stratum(found, metric)
        lines(ax, frame, ("random", "honest-weak", "honest-strong"))
        ax.plot(frame.index, frame["no skill"], color=INK, lw=1.2, ls="--", label="no skill")
        ax.set_ylim(0, 1.03)
        ax.set_xlabel("activity count")
    axes[0].set_title("Average precision: climbs for all")
    axes[1].set_title("AUROC: does not")
    axes[1].legend(frameon=False, fontsize=8.5, loc="lower right")
    return figure


def report_scores() -> Figure:
    """What `report.plot_scores()` draws."""
    return report(3_000).plot_scores().figure


def report_strata() -> Figure:
    """What `report.plot_strata()` draws."""
    return report(3_000).plot_strata()[0].figure


PICTURES = {
    "pitfall": pitfall,
    "remembered": remembered,
    "reversal": reversal,
    "raw-ap": raw_ap,
    "report-scores": report_scores,
    "report-strata": report_strata,
}

if __name__ == "__main__":
    main()
