"""The figures show their tables: points where the numbers are, and three files for each."""

import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from leakcheck.exceptions import ValidationError
from leakcheck.reference.figures.complexity import draw_complexity, panel_letters
from leakcheck.reference.figures.embedding import draw_embedding, embed_marks
from leakcheck.reference.figures.gaussians import draw_gaussians
from leakcheck.reference.figures.strata import draw_strata, family_strata, family_tests
from leakcheck.reference.figures.style import FAMILIES, save_figure
from leakcheck.reference.results import audit_models
from leakcheck.reference.settings import SETTINGS, make_split
from leakcheck.reference.store import Job
from tests.reference.fake_sweep import fake_record
from tests.reference.standin import small_task


def score_rows(tasks=("expression", "tad-boundaries")):
    """A table of scores."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            {
                "task": task,
                "setting": setting,
                "model": f"{family}-{size}",
                "family": family,
                "n_parameters": size,
                "value": rng.uniform(0.5, 0.95),
                "average_activity": 0.93,
                "no_skill": 0.5,
            }
            for task in tasks
            for setting in SETTINGS
            for family in FAMILIES
            for size in (10, 1000, 100_000)
        ]
    )


def drawn_points(ax):
    """All (x, y) of markers in one panel."""
    return {
        (float(x), float(y))
        for line in ax.lines
        if line.get_marker() not in {"None", "", None}
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }


def test_every_model_is_a_point_of_its_panel():
    table = score_rows()
    figure = draw_complexity(table)
    letters = panel_letters(table)
    assert list(letters.values()) == list("defghi")
    for ax, (task, setting) in zip(figure.axes, letters, strict=True):
        rows = table[(table["task"] == task) & (table["setting"] == setting)]
        expected = set(zip(rows["n_parameters"].astype(float), rows["value"], strict=True))
        assert drawn_points(ax) == expected
        assert ax.get_xscale() == "log"
        assert {line.get_ydata()[0] for line in ax.lines[:2]} == {0.93, 0.5}
        assert ax.get_title(loc="left") == f"{letters[task, setting]}   {setting}"
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["signal only", "sequence only", "both", "average activity", "no skill"]


def test_one_task_has_one_row():
    figure = draw_complexity(score_rows(("expression",)))
    assert len(figure.axes) == 3


def test_a_setting_without_models_is_an_empty_panel():
    table = score_rows(("expression",))
    figure = draw_complexity(table[table["setting"] != "hybrid"])
    assert drawn_points(figure.axes[2]) == set()


def test_three_files_and_the_same_bytes_each_time(tmp_path):
    table = score_rows()
    for name in ("first", "second"):
        paths = save_figure(draw_complexity(table), table, tmp_path, name)
    assert [path.suffix for path in paths] == [".png", ".svg", ".csv"]
    for path in paths:
        assert path.read_bytes() == path.with_stem("first").read_bytes()
    assert paths[0].read_bytes()[:4] == b"\x89PNG"
    texts = ET.fromstring(paths[1].read_text()).itertext()  # noqa: S314 - we have just written it
    assert "number of parameters" in {text.strip() for text in texts}
    pd.testing.assert_frame_equal(pd.read_csv(paths[2]), table, rtol=1e-5)


def test_the_users_own_look_is_neither_used_nor_changed():
    with mpl.rc_context({"axes.spines.top": True, "font.size": 33}):
        figure = draw_gaussians(gaussian_rows())
        assert mpl.rcParams["font.size"] == 33
    assert figure.axes[0].xaxis.label.get_size() < 12
    assert not figure.axes[0].spines["top"].get_visible()


def gaussian_rows():
    """A table of Figure S2."""
    return pd.DataFrame(
        {"n_parameters": [10, 1000], "value": [0.9, 0.91], "best_possible": 0.92, "no_skill": 0.5}
    )


def test_gaussians_show_networks_and_the_best_possible():
    ax = draw_gaussians(gaussian_rows()).axes[0]
    assert drawn_points(ax) == {(10.0, 0.9), (1000.0, 0.91)}
    assert {line.get_ydata()[0] for line in ax.lines[:2]} == {0.92, 0.5}


def test_principal_components_are_those_of_scikit_learn():
    task = small_task(n_loci=80)
    table = embed_marks(task, n_points=1000, seed=0)
    column = task.cell_types.index("C1")
    pca = PCA(2, svd_solver="full")
    marks = StandardScaler().fit_transform(task.signals[:, column].astype(float))
    expected = pca.fit_transform(marks)
    for k in (1, 2):
        signs = np.sign(np.dot(table[f"pca_{k}"], expected[:, k - 1]))
        np.testing.assert_allclose(table[f"pca_{k}"], signs * expected[:, k - 1], atol=1e-5)
        share = table[f"share_{k}"].iloc[0]
        assert share == pytest.approx(pca.explained_variance_ratio_[k - 1], abs=1e-6)
    np.testing.assert_allclose(table["expression"], np.arcsinh(task.activity[:, column]), rtol=1e-6)
    figure = draw_embedding(table)
    assert [ax.get_title(loc="left") for ax in figure.axes[:2]] == ["PCA", "UMAP"]
    assert np.isfinite(table[["umap_1", "umap_2"]].to_numpy()).all()
    assert len(figure.axes[0].collections[0].get_offsets()) == 80


def test_points_are_drawn_from_what_is_known():
    task = small_task(n_loci=80)
    signals = task.signals.copy()
    signals[:30, task.cell_types.index("C1"), 0] = np.nan
    table = embed_marks(small_task(n_loci=80, signals=signals), n_points=40, seed=1)
    assert len(table) == 40
    assert not set(table["id"]) & {f"g{i}" for i in range(30)}


def test_too_little_to_embed_is_refused():
    with pytest.raises(ValidationError, match="20 loci or more with two marks or more in C1"):
        embed_marks(small_task(n_loci=80, n_marks=1), n_points=50, seed=0)


@pytest.fixture(scope="module")
def strata_report():
    """Marks that know the cell type against memory, in strata."""
    task = small_task(n_loci=1200, window=4)
    split = make_split(task, "cross-cell-type")
    pairs = split.test["cross-cell-type"]
    rng = np.random.default_rng(0)
    average = task.labels[pairs.locus][:, 1:].mean(axis=1)
    known = task.activity[pairs.locus, pairs.cell_type]
    records = []
    for i in range(8):
        noise = rng.normal(size=(2, len(pairs)))
        for name, scores in (
            (f"signal-{i}", np.log(known) + noise[0]),
            (f"dense-{i}", average + 0.2 * noise[1]),
            (f"both-{i}", average),
        ):
            job = Job(task="expression", trained_in="cross-cell-type", model=name)
            records.append(fake_record(job, {"cross-cell-type": scores.astype(np.float32)}))
    return audit_models(task, "cross-cell-type", pairs, records).report


def test_tests_are_those_of_scipy_on_the_models_of_each_group(strata_report):
    values, tests = family_strata(strata_report), family_tests(strata_report)
    assert list(tests["stratum"]) == sorted(tests["stratum"])
    assert set(values["family"]) == {"signal", "sequence", "baseline"}
    compared = 0
    for row in tests.itertuples():
        rows = values[values["stratum"] == row.stratum]
        signal, sequence = (
            rows.loc[rows["family"] == name, "value"] for name in ("signal", "sequence")
        )
        if len(signal) == 8 and not np.isnan(row.pvalue):
            expected = mannwhitneyu(signal, sequence, alternative="greater").pvalue
            assert row.pvalue == pytest.approx(expected, rel=1e-6)
            assert row.minus_log10_p == pytest.approx(-np.log10(expected), rel=1e-6)
            compared += 1
    assert compared >= 3


def test_groups_have_a_box_for_each_family_and_a_point_for_each_test(strata_report):
    values, tests = family_strata(strata_report), family_tests(strata_report)
    upper, lower = draw_strata(values, tests).axes
    groups = values[values["family"] != "baseline"].groupby(["stratum", "family"]).ngroups
    assert len(upper.patches) == groups
    shown = tests.dropna(subset=["pvalue"])
    points = {y for _, y in drawn_points(lower)}
    assert points == set(shown["minus_log10_p"])
    assert lower.get_ylim()[0] == 0


def test_values_between_many_groups_keep_apart(strata_report):
    values, tests = family_strata(strata_report), family_tests(strata_report)
    many = pd.concat([values.assign(stratum=values["stratum"] + 7 * i) for i in range(8)])
    more = pd.concat([tests.assign(stratum=tests["stratum"] + 7 * i) for i in range(8)])
    figure = draw_strata(many, more)
    assert figure.get_size_inches()[0] > 13
    assert len(figure.axes[1].get_xticks()) <= 28
