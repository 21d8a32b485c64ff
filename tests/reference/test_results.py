"""Scores and verdicts of a sweep: one audit for each task and setting, and what it is fed."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from leakcheck.exceptions import ValidationError
from leakcheck.reference.results import METRIC, audit_models, baseline_table, score_table
from leakcheck.reference.settings import make_split
from leakcheck.reference.store import Job
from tests.reference.fake_sweep import fake_record
from tests.reference.standin import ROLES, small_task

NAMES = ("signal-1x4", "dense-1x8", "dense-1x64", "both-1")


def records(task, trained_in="cross-cell-type"):
    """Models with random scores, one for each name."""
    rng = np.random.default_rng(3)
    split = make_split(task, trained_in)
    return split, [
        fake_record(
            Job(task=task.name, trained_in=trained_in, model=name),
            {s: rng.random(len(pairs)).astype(np.float32) for s, pairs in split.test.items()},
        )
        for name in NAMES
    ]


@pytest.mark.parametrize("name", ["expression", "tad-boundaries"])
@pytest.mark.parametrize("setting", ["cross-cell-type", "hybrid"])
def test_values_are_those_of_an_independent_reading(name, setting):
    task = small_task(name)
    split, models = records(task)
    pairs = split.test[setting]
    audited = audit_models(task, setting, pairs, models)
    table = score_table([audited], {(name, "cross-cell-type"): models})
    assert list(table["family"]) == sorted(table["family"])
    for record in models:
        row = table[table["model"] == record.job.model].iloc[0]
        expected = average_precision_score(pairs.label, record.predictions[setting])
        assert row["value"] == pytest.approx(expected, abs=1e-9)
        assert row["n_parameters"] == record.n_parameters
        assert row["epochs"] == 2
        assert row["n_loci"] == len(pairs)
    reference = [task.cell_types.index(c) for c in ROLES.reference_cell_types]
    # The mean over orders inside ties, by drawing orders.
    average = task.labels[np.ix_(pairs.locus, reference)].mean(axis=1)
    rng = np.random.default_rng(0)
    drawn = [
        average_precision_score(pairs.label, average + 1e-6 * rng.random(len(pairs)))
        for _ in range(200)
    ]
    assert table["average_activity"].iloc[0] == pytest.approx(np.mean(drawn), abs=0.01)
    np.testing.assert_allclose(table["difference"], table["value"] - table["average_activity"])


def test_baselines_of_cross_chromosome_are_of_other_cell_types_at_the_tested_loci():
    task = small_task()
    split, models = records(task, "cross-chromosome")
    report = audit_models(task, "cross-chromosome", split.test["cross-chromosome"], models).report
    assert report.settings["targets"] == ["C1"]
    assert set(report.settings["reference_cell_types"]) == set(ROLES.reference_cell_types)
    assert set(report.settings["families"].values()) == {"signal", "sequence", "both"}
    assert set(report.verdict["baseline"]) >= {"average-activity", "nearest-celltype"}


def test_a_copy_of_the_average_beats_nothing():
    task = small_task(n_loci=400)
    split = make_split(task, "cross-cell-type")
    pairs = split.test["cross-cell-type"]
    reference = [task.cell_types.index(c) for c in ROLES.reference_cell_types]
    average = task.labels[np.ix_(pairs.locus, reference)].mean(axis=1)
    job = Job(task=task.name, trained_in="cross-cell-type", model="dense-1x8")
    perfect = Job(task=task.name, trained_in="cross-cell-type", model="signal-1x4")
    models = [
        fake_record(job, {"cross-cell-type": average.astype(np.float32)}),
        fake_record(perfect, {"cross-cell-type": pairs.label.astype(np.float32)}),
    ]
    audited = audit_models(task, "cross-cell-type", pairs, models)
    table = score_table([audited], {("expression", "cross-cell-type"): models}).set_index("model")
    assert table.loc["dense-1x8", "verdict"] != "beats"
    assert table.loc["signal-1x4", "verdict"] == "beats"
    assert table.loc["dense-1x8", "difference"] == pytest.approx(0, abs=1e-9)


def test_no_models_are_refused():
    task = small_task()
    pairs = make_split(task, "cross-cell-type").test["hybrid"]
    with pytest.raises(ValidationError, match="`records` must hold finished models of hybrid"):
        audit_models(task, "hybrid", pairs, [])


def test_scores_of_other_data_are_refused():
    task = small_task()
    pairs = make_split(task, "cross-cell-type").test["hybrid"]
    job = Job(task="expression", trained_in="cross-cell-type", model="dense-1x8")
    short = fake_record(job, {"hybrid": np.zeros(3, np.float32)})
    with pytest.raises(ValidationError, match=r"each of the 60 test pairs; .*dense-1x8 has 3"):
        audit_models(task, "hybrid", pairs, [short])


def test_what_is_free_is_what_the_audit_compares_with():
    tasks = {name: small_task(name, n_loci=400) for name in ("expression", "tad-boundaries")}
    free = baseline_table(tasks).set_index(["task", "setting"])
    assert list(free.columns) == [
        "target", "n_loci", "no_skill", "average_activity", "nearest_celltype",
    ]  # fmt: skip
    assert len(free) == 6
    for name, task in tasks.items():
        for trained_in in ("cross-chromosome", "cross-cell-type"):
            split, models = records(task, trained_in)
            for setting, pairs in split.test.items():
                table = audit_models(task, setting, pairs, models).report.scores
                table = table[table["metric"] == METRIC].set_index("model")
                scores = table["value"]
                row = free.loc[(name, setting)]
                assert row["average_activity"] == pytest.approx(scores["average-activity"])
                assert row["nearest_celltype"] == pytest.approx(scores["nearest-celltype"])
                assert row["n_loci"] == len(pairs)
                assert row["no_skill"] == pytest.approx(table["no_skill"].iloc[0])
                assert row["no_skill"] == pytest.approx(pairs.label.mean(), abs=0.03)
