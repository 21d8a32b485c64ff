"""The whole reproduction in one folder, with a trainer that guesses, and once with networks."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference import desk, reproduce
from leakcheck.reference.gaussians import GAUSSIANS
from leakcheck.reference.presets import GaussianPreset, find_preset
from leakcheck.reference.protocol import Protocol
from tests.reference.guessing import GuessingTrainer
from tests.reference.standin import small_task

PRESET = replace(
    find_preset("tiny"),
    protocol=Protocol(steps_per_epoch=5, max_epochs=2, validation_size=20),
    gaussians=GaussianPreset(n_points=40, layers=(1,), units=(2, 4)),
    n_embedded=30,
)
TABLES = ("scores.csv", "trends.csv", "counts.csv", "baselines.csv", "figure-s3-models.csv")


def quick_embedding(task, *, n_points, seed):
    """Stand for PCA and UMAP: importing UMAP takes longer than all of these tests."""
    return pd.DataFrame(
        {
            "id": ["a", "b"],
            **{f"{kind}_{k}": [0.0, 1.0] for kind in ("pca", "umap") for k in (1, 2)},
            "expression": [0.0, float(n_points + seed)],
            "share_1": 0.7,
            "share_2": 0.2,
        }
    )


@pytest.fixture
def guessing(monkeypatch):
    """No networks and no UMAP."""
    monkeypatch.setattr(reproduce, "Trainer", GuessingTrainer)
    monkeypatch.setattr(desk, "embed_marks", quick_embedding)


def both_tasks():
    """Both tasks, large enough for strata."""
    return {
        "expression": small_task(n_loci=800),
        "tad-boundaries": small_task("tad-boundaries", n_loci=200),
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folder of a whole reproduction, to read from and to copy."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproduce, "Trainer", GuessingTrainer)
        patch.setattr(desk, "embed_marks", quick_embedding)
        reproduce.reproduce(folder, both_tasks(), PRESET, workers=2)
    return folder


@pytest.mark.usefixtures("guessing")
def test_everything_is_there_and_a_second_run_changes_nothing(tmp_path):
    said, events = [], []
    made = reproduce.reproduce(
        tmp_path, both_tasks(), PRESET, workers=2, report=events.append, say=said.append
    )
    assert made.skipped == ()
    assert not made.outcome.failures
    assert len(events) == len(made.outcome.finished) == int(said[0].split()[1])
    names = {path.relative_to(tmp_path).as_posix() for path in made.files}
    figures = ("figure-1d-i", "figure-s1", "figure-s2", "figure-s3")
    expected = {f"figures/{name}.{end}" for name in figures for end in ("png", "svg", "csv")}
    expected |= {
        f"reports/{task}-{setting}.json"
        for task in ("expression", "tad-boundaries")
        for setting in ("cross-chromosome", "cross-cell-type", "hybrid")
    }
    expected |= {
        "trends.md",
        "tables/scores.csv",
        "tables/trends.csv",
        "tables/figure-s3-models.csv",
        "tables/counts.csv",
        "tables/baselines.csv",
        "data.md",
    }
    assert names == expected
    assert all(path.stat().st_size > 10 for path in made.files)
    report = leakcheck.AuditReport.from_json(tmp_path / "reports" / "expression-hybrid.json")
    assert set(report.settings["families"].values()) == {"signal", "sequence", "both"}

    before = {path: path.read_bytes() for path in made.files}
    again = reproduce.reproduce(tmp_path, both_tasks(), PRESET)
    assert not again.outcome.finished
    assert len(again.outcome.found) == len(made.outcome.finished)
    assert {path: path.read_bytes() for path in again.files} == before
    assert (tmp_path / "trends.md").read_text().count("\n") == 6 + len(made.trends)


@pytest.mark.usefixtures("guessing")
def test_a_figure_trains_only_what_it_shows(tmp_path):
    tasks = {"expression": small_task(n_loci=800)}
    only = reproduce.reproduce(tmp_path, tasks, PRESET, figures=["S2"])
    assert {job.task for job in only.outcome.finished} == {GAUSSIANS}
    assert {path.name for path in only.files} >= {"figure-s2.png", "trends.csv"}
    more = reproduce.reproduce(tmp_path, tasks, PRESET, figures=["S3"])
    assert {(job.task, job.trained_in) for job in more.outcome.finished} == {
        ("expression", "cross-cell-type")
    }
    assert not any(job.model.startswith("both") for job in more.outcome.finished)
    none = reproduce.reproduce(tmp_path / "none", tasks, PRESET, figures=["S1"])
    assert not none.outcome.finished
    assert len(none.trends) == 0


@pytest.mark.usefixtures("guessing")
@pytest.mark.parametrize("figure", ["1", "S1", "S2", "S3"])
def test_a_figure_drawn_again_leaves_tables_and_trends_whole(finished, tmp_path, figure):
    shutil.copytree(finished, tmp_path / "again")
    kept = ["trends.md", "data.md", *(f"tables/{name}" for name in TABLES)]
    kept += [f"reports/{path.name}" for path in (finished / "reports").iterdir()]
    made = reproduce.reproduce(tmp_path / "again", both_tasks(), PRESET, figures=[figure])
    assert not made.outcome.finished
    drawn = {path.stem for path in made.files if path.suffix == ".png"}
    assert drawn == {"figure-1d-i" if figure == "1" else f"figure-{figure.lower()}"}
    for name in kept:
        assert (tmp_path / "again" / name).read_bytes() == (finished / name).read_bytes(), name


def test_the_trends_say_how_many_models_there_are(finished):
    n_models = len(list((finished / "models").glob("*.npz")))
    assert f"{n_models} of {n_models} models are finished." in (finished / "trends.md").read_text()


def test_counts_and_baselines_are_written(finished):
    counts = pd.read_csv(finished / "tables" / "counts.csv")
    assert list(counts.columns) == ["task", "what", "count"]
    of_expression = counts[counts["task"] == "expression"].set_index("what")["count"]
    assert of_expression["pairs: all"] == 800 * 8
    assert "| pairs: all | 6,400 |" in (finished / "data.md").read_text()
    free = pd.read_csv(finished / "tables" / "baselines.csv").set_index(["task", "setting"])
    assert len(free) == 6
    scores = pd.read_csv(finished / "tables" / "scores.csv").groupby(["task", "setting"]).first()
    for where, row in scores.iterrows():
        assert free.loc[where, "average_activity"] == pytest.approx(row["average_activity"])
        assert free.loc[where, "no_skill"] == pytest.approx(row["no_skill"])


@pytest.mark.usefixtures("guessing")
def test_labels_alone_have_their_baselines(tmp_path):
    bare = small_task("tad-boundaries", window=0, n_marks=0)
    reproduce.reproduce(tmp_path, {"tad-boundaries": bare}, PRESET, figures=["S1"])
    free = pd.read_csv(tmp_path / "tables" / "baselines.csv")
    assert list(free["setting"]) == ["cross-chromosome", "cross-cell-type", "hybrid"]
    assert (free["average_activity"] > free["no_skill"]).all()


@pytest.mark.usefixtures("guessing")
def test_figures_that_cannot_be_drawn_are_named(tmp_path, monkeypatch):
    bare = small_task("tad-boundaries", window=0, n_marks=0)
    made = reproduce.reproduce(tmp_path, {"tad-boundaries": bare}, PRESET)
    assert [text.partition(":")[0] for text in made.skipped] == [
        "Figure 1",
        "Figure S1",
        "Figure S3",
    ]
    few = {"expression": small_task(n_loci=40)}
    made = reproduce.reproduce(tmp_path / "few", few, PRESET, figures=["S3"])
    assert "must have groups of loci with ten of each class; none has" in made.skipped[0]
    monkeypatch.setattr(reproduce, "jobs_of_gaussians", lambda _: {})
    made = reproduce.reproduce(tmp_path / "none", few, PRESET, figures=["S2"])
    assert "two Gaussians" in made.skipped[0]


@pytest.mark.usefixtures("guessing")
def test_models_that_fail_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(
        reproduce, "Trainer", lambda **given: GuessingTrainer(**given, fail=("dense-1x8",))
    )
    tasks = {"expression": small_task(n_loci=800)}
    made = reproduce.reproduce(tmp_path, tasks, PRESET, figures=["1"])
    assert {failure.job.model for failure in made.outcome.failures} == {"dense-1x8"}
    table = pd.read_csv(tmp_path / "tables" / "scores.csv")
    assert "dense-1x8" not in set(table["model"])
    assert "dense-1x64" in set(table["model"])


@pytest.mark.usefixtures("guessing")
@pytest.mark.parametrize("changed", ["seed", "data", "preset", "backend"])
def test_another_configuration_needs_another_folder(tmp_path, monkeypatch, changed):
    tasks = {"expression": small_task(n_loci=80)}
    reproduce.reproduce(tmp_path, tasks, PRESET, figures=["S2"])
    other = {"tasks": tasks, "preset": PRESET, "seed": 0}
    if changed == "seed":
        other["seed"] = 1
    elif changed == "data":
        other["tasks"] = {"expression": small_task(n_loci=80, seed=1)}
    elif changed == "backend":
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    else:
        other["preset"] = replace(PRESET, n_embedded=31)
    tasks, preset, seed = other.values()
    with pytest.raises(ValidationError, match=f"1 settings differ, the first is {changed}"):
        reproduce.reproduce(tmp_path, tasks, preset, seed=seed, figures=["S2"])


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ("1", "S1", "S2", "S3")),
        (["S3", "figure-1", "s3"], ("1", "S3")),
        (["fig 1d-i", "figure_s2"], ("1", "S2")),
    ],
)
def test_figures_have_several_names(names, found):
    assert reproduce.check_figures(names) == found


def test_unknown_figures_are_refused():
    with pytest.raises(ValidationError, match=r"`figures` must be of .* the first is '7'"):
        reproduce.check_figures(["1", "7"])


@pytest.mark.slow
def test_with_networks_too(tmp_path):
    preset = replace(PRESET, networks=PRESET.networks[:1] + PRESET.networks[3:4])
    tasks = {"expression": small_task(n_loci=80)}
    made = reproduce.reproduce(tmp_path, tasks, preset, figures=["1", "S2"])
    assert not made.outcome.failures
    table = pd.read_csv(tmp_path / "tables" / "scores.csv")
    assert set(table["model"]) == {"signal-1x1", "dense-1x1"}
    assert set(table["setting"]) == {"cross-chromosome", "cross-cell-type", "hybrid"}
    assert table["value"].between(0, 1).all()
