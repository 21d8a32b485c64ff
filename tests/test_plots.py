"""Plots: they show what the report holds, and compute nothing."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from leakcheck import ValidationError, audit
from leakcheck._plots.page import figures
from leakcheck._plots.strata import ordered_strata
from leakcheck._plots.style import colours, markers
from leakcheck.results import TABLES, empty_table
from leakcheck.simulate import epigenome, predict

from .report.factory import comparison_rows, make_report

METRIC = "expected_average_precision"


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("Agg")
    yield
    plt.close("all")


def family_report(n=10, n_targets=1, **more):
    names = [f"honest-{i:02d}" for i in range(n)] + [f"memoriser-{i:02d}" for i in range(n)]
    settings = {
        "families": {name: name.split("-")[0] for name in names},
        "parameters": {name: 1000 * (i + 1) for i, name in enumerate(names)},
    } | more.pop("settings", {})
    return make_report(models=names, n_targets=n_targets, settings=settings, **more)


def points(ax):
    """Every marker drawn in the axes, as rounded pairs."""
    drawn = set()
    for line in ax.lines:
        if line.get_marker() not in {"None", None, ""}:
            x, y = np.atleast_1d(line.get_xdata()), np.atleast_1d(line.get_ydata())
            drawn |= {(round(float(a), 9), round(float(b), 9)) for a, b in zip(x, y, strict=True)}
    return drawn


def x_values(ax):
    return {x for x, _ in points(ax)}


def assert_legend_covers_no_data(ax):
    ax.figure.canvas.draw()
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent()
        assert box.y0 >= ax.get_window_extent().y1 - 1
        assert box.x1 <= ax.figure.bbox.x1 + 1


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (14, 1), (2, 4), (6, 4), (3, 56)])
def test_every_score_of_a_model_is_drawn(size):
    report = make_report(*size, n_strata=2)
    ax = report.plot_scores()
    rows = report.scores[(report.scores["kind"] == "model") & (report.scores["metric"] == METRIC)]
    assert {round(value, 9) for value in rows["value"]} <= x_values(ax)
    assert_legend_covers_no_data(ax)


@pytest.mark.parametrize("n_targets", [1, 5])
def test_many_models_are_shown_by_family(n_targets):
    report = family_report(n_targets=n_targets, n_strata=2)
    ax = report.plot_scores()
    labels = {text.get_text() for text in ax.get_yticklabels()}
    legend = {text.get_text() for text in (ax.get_legend().get_texts() if ax.get_legend() else [])}
    assert {"honest", "memoriser"} <= labels | legend
    rows = report.scores[(report.scores["kind"] == "model") & (report.scores["metric"] == METRIC)]
    assert {round(value, 9) for value in rows["value"]} <= x_values(ax)


def test_very_many_models_without_families_are_one_cloud():
    ax = make_report(20, 3, n_strata=2).plot_scores()
    assert "20 models" in {text.get_text() for text in ax.get_legend().get_texts()}


def test_one_target_has_a_labelled_row_for_each_score_best_on_top():
    report = make_report(2, 1, n_strata=2)
    ax = report.plot_scores()
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "memoriser", "average activity", "nearest cell type", "honest", "supervised ceiling",
        "oracle",
    ]  # fmt: skip
    assert ax.get_title(loc="left") == "E003"
    assert ax.get_xlabel().endswith("no skill: 0.520")


def test_whiskers_are_the_stored_intervals():
    report = make_report(1, 1, n_strata=2)
    ax = report.plot_scores()
    row = report.scores[(report.scores["model"] == "honest") & (report.scores["metric"] == METRIC)]
    segments = [
        tuple(np.round(segment[:, 0], 9)) for item in ax.collections
        for segment in item.get_segments()
    ]  # fmt: skip
    assert (round(row["ci_low"].item(), 9), round(row["ci_high"].item(), 9)) in segments


def test_targets_are_sorted_by_the_average_activity():
    report = make_report(2, 6, n_strata=2)
    ax = report.plot_scores()
    scores = report.scores[report.scores["metric"] == METRIC]
    average = scores[scores["model"] == "average-activity"].sort_values("value")
    assert [text.get_text() for text in ax.get_yticklabels()] == average["target"].tolist()


def test_targets_without_an_average_activity_come_first():
    report = make_report(2, 3, n_strata=2)
    gone = (report.scores["model"] == "average-activity") & (report.scores["target"] == "E004")
    scores = report.scores.assign(value=report.scores["value"].mask(gone))
    ax = make_report(2, 3, n_strata=2, tables={"scores": scores}).plot_scores()
    assert ax.get_yticklabels()[0].get_text() == "E004"


def test_another_metric_and_given_axes():
    report = make_report(2, 2, n_strata=2)
    _, ax = plt.subplots()
    assert report.plot_scores("auroc", ax=ax) is ax
    assert ax.get_xlabel() == "AUROC"
    assert len(plt.get_fignums()) == 1


def test_plots_leave_the_report_alone():
    report = family_report(3)
    before = {name: report.to_frame(name) for name in TABLES}
    report.plot_scores()
    report.plot_strata()
    report.plot_complexity()
    for name, table in before.items():
        assert getattr(report, name).equals(table)


def test_families_of_three_and_more_have_boxes():
    report = family_report(10)
    upper, lower = report.plot_strata()
    boxes = upper.patches
    n_strata = report.strata["stratum"].nunique() - 1  # one of them is too small to show
    assert len(boxes) == 2 * n_strata
    assert upper.get_ylabel() == "average precision"
    assert "p" in lower.get_ylabel()
    assert "number of reference cell types" in lower.get_xlabel()
    assert upper.get_xlabel() == ""
    for ax in (upper, lower):
        assert_legend_covers_no_data(ax)


def test_families_of_one_and_two_have_points():
    report = family_report(2)
    upper, _ = report.plot_strata()
    assert not upper.patches
    shown = report.strata[(report.strata["kind"] == "model") & (report.strata["reason"] == "")]
    shown = shown[shown["metric"] == "average_precision"]
    values = {y for _, y in points(upper)}
    assert {round(value, 9) for value in shown["value"]} <= values


def test_many_models_without_a_family_are_one_box():
    def drawn(n_models):
        tables = {"comparisons": empty_table("comparisons")}
        (upper,) = make_report(n_models, 1, n_strata=3, tables=tables).plot_strata()
        legend = upper.get_figure().legends or [upper.get_legend()]
        return [text.get_text() for one in legend for text in one.get_texts()]

    assert "20 models" in drawn(20)
    assert len(drawn(14)) >= 14


def test_small_strata_are_not_drawn_but_keep_their_place():
    upper, _ = make_report(2, 1).plot_strata()
    drawn = {round(x) for x, y in points(upper) if np.isfinite(y)}
    assert 1 not in drawn
    assert {0, 2, 3, 4, 5} <= drawn


def test_p_values_are_drawn_in_the_colour_of_the_higher_family():
    report = family_report(3, n_strata=4)
    rows = comparison_rows(["E003"], 4)
    worse = rows.assign(
        family_a=rows["family_b"], family_b=rows["family_a"], pvalue=1 - rows["pvalue"],
        pvalue_adjusted=1.0,
    )  # fmt: skip
    tests = pd.concat([rows, worse, rows.assign(stratum="all", pvalue=1e-9)], ignore_index=True)
    _, lower = family_report(3, n_strata=4, tables={"comparisons": tests}).plot_strata()
    colour = colours(["honest", "memoriser"])
    expected = {
        (float(row.stratum) - 1, round(-np.log10(row.pvalue), 9))
        for row in rows.itertuples() if row.pvalue == row.pvalue
    }  # fmt: skip
    assert expected <= points(lower)
    assert max(y for _, y in points(lower) if np.isfinite(y)) < 9
    heads = [line for line in lower.lines if line.get_color() == colour["honest"]]
    assert sum(len(line.get_xdata()) for line in heads) == len(expected)
    assert report.settings["families"]["honest-00"] == "honest"


def test_one_family_has_one_panel():
    report = make_report(1, 1, tables={"comparisons": empty_table("comparisons")})
    axes = report.plot_strata()
    assert len(axes) == 1
    assert "number of reference cell types" in axes[0].get_xlabel()


def test_strata_are_drawn_by_the_metric_of_the_verdicts():
    """Under scikit-learn's definition the average of tied loci lies below no skill."""
    world = epigenome(n_loci=1_000)
    preds = predict(world, "memoriser", ("C01",))
    report = audit(preds, world.labels, world.loci, train=list(world.cell_types[1:]))
    (ax,) = report.plot_strata()
    lines = {line.get_label(): np.asarray(line.get_ydata(), float) for line in ax.lines}
    np.testing.assert_allclose(lines["average activity"], lines["no skill"])


def test_strata_of_another_target_and_metric():
    report = make_report(2, 3)
    upper, _ = report.plot_strata("E004", "average_precision")
    assert upper.get_title(loc="left") == "E004"


def test_given_panels_are_used_and_too_few_are_refused():
    report = make_report(2, 1)
    _, panels = plt.subplots(2)
    assert report.plot_strata(axes=panels) is panels
    with pytest.raises(ValidationError, match=r"`axes` must hold 2 axes, .* 1 came"):
        report.plot_strata(axes=panels[:1])


def test_strata_are_ordered_by_number_where_they_are_numbers():
    assert ordered_strata(["10", "9", "1"]) == ["1", "9", "10"]
    assert ordered_strata(["q10", "q09"]) == ["q10", "q09"]


def test_named_strata_get_a_plain_label():
    strata = make_report(2, 1).strata
    named = strata.assign(stratum="q" + strata["stratum"])
    (ax,) = make_report(
        2, 1, tables={"strata": named, "comparisons": empty_table("comparisons")}
    ).plot_strata()
    assert ax.get_xlabel() == "stratum"
    assert ax.get_xticklabels()[0].get_text() == "q1"


def test_metrics_without_a_no_skill_value_have_no_line_for_it():
    strata = make_report(2, 1).strata.assign(no_skill=np.nan)
    upper, _ = make_report(2, 1, tables={"strata": strata}).plot_strata()
    assert "no skill" not in {text.get_text() for text in upper.get_legend().get_texts()}


def test_54_strata_name_every_other_one():
    upper, _ = make_report(2, 1, n_strata=54).plot_strata()
    assert len(upper.get_xticks()) == 27


def test_complexity_has_a_point_for_each_model_with_parameters():
    report = family_report(3, n_strata=2)
    ax = report.plot_complexity()
    scores = report.scores[report.scores["metric"] == METRIC].set_index("model")["value"]
    expected = {
        (float(count), round(scores[name], 9))
        for name, count in report.settings["parameters"].items()
    }
    assert expected <= points(ax)
    assert ax.get_xscale() == "log"
    assert len(ax.texts) == 6
    lines = {round(line.get_ydata()[0], 9) for line in ax.lines if len(set(line.get_ydata())) == 1}
    assert {0.9, 0.92} <= lines
    assert_legend_covers_no_data(ax)


def test_complexity_takes_parameters_and_axes():
    report = make_report(2, 2, n_strata=2)
    _, ax = plt.subplots()
    assert report.plot_complexity("E004", parameters={"honest": 10}, ax=ax) is ax
    assert ax.get_title(loc="left") == "E004"
    assert 10.0 in x_values(ax)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda r: r.plot_scores("mse"), r"`metric` .* 'mse' is not\. Choose one of"),
        (lambda r: r.plot_strata(metric="mse"), r"`metric` .*table `strata`"),
        (lambda r: r.plot_strata("E999"), r"`target` must be a target .* 'E999' is not"),
        (lambda r: r.plot_complexity("E999"), r"`target` must be a target"),
        (lambda r: r.plot_complexity(), r"`parameters` must give .* parameters=\{'honest': 12_000"),
        (lambda r: r.plot_complexity(parameters={"x": 1}), r"none of 2 models has one"),
        (lambda r: r.plot_complexity(parameters={"honest": 0}), r"must be positive; 1 of 1"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, message):
    with pytest.raises(ValidationError, match=message):
        draw(make_report(2, 1))


@pytest.mark.parametrize("draw", ["plot_scores", "plot_strata", "plot_complexity"])
def test_an_empty_report_cannot_be_drawn(draw):
    empty = {name: empty_table(name) for name in ("scores", "strata", "comparisons", "verdict")}
    with pytest.raises(ValidationError, match="it has none"):
        getattr(make_report(0, 0, tables=empty), draw)()


def test_baselines_alone_have_no_complexity():
    report = make_report(1, 1)
    scores = report.scores[report.scores["kind"] != "model"].reset_index(drop=True)
    with pytest.raises(ValidationError, match="the report must have models to draw"):
        make_report(1, 1, tables={"scores": scores}).plot_complexity()


def test_the_page_has_what_the_report_has_numbers_for(tmp_path):
    drawn = figures(family_report(4))
    assert set(drawn) == {"scores", "strata", "complexity", "plots"}
    for name, figure in drawn.items():
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
    few = figures(make_report(2, 1, tables={"strata": empty_table("strata")}))
    assert set(few) == {"scores", "plots"}
    nothing = {name: empty_table(name) for name in ("scores", "strata", "comparisons")}
    assert figures(make_report(0, 0, tables=nothing)) == {}
    assert plt.get_fignums() == []


def test_a_page_without_families_has_one_panel_of_strata():
    report = make_report(1, 1, tables={"comparisons": empty_table("comparisons")})
    assert len(figures(report)["strata"].axes) == 1


def test_undefined_scores_are_left_out():
    report = make_report(2, 3, n_strata=2)
    scores = report.scores.assign(value=np.nan, ci_low=np.nan, ci_high=np.nan)
    kept = scores["model"] != "honest"
    scores.loc[kept, "value"] = report.scores["value"][kept]
    ax = make_report(2, 3, n_strata=2, tables={"scores": scores}).plot_scores()
    assert all(np.isfinite(x) for x in x_values(ax))


def test_colours_and_markers_tell_fourteen_models_apart():
    names = [f"m{i}" for i in range(14)]
    pairs = {(colours(names)[name], markers(names)[name]) for name in names}
    assert len(pairs) == 14


def test_names_of_users_are_drawn_as_they_are():
    report = make_report(models=["honest-$x", "memoriser<b>", "_$1_$2"], n_targets=2)
    ax = report.plot_scores()
    ax.figure.canvas.draw()
    texts = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {r"honest-\$x", "memoriser<b>", "\N{THIN SPACE}_\\$1_\\$2"} <= texts
