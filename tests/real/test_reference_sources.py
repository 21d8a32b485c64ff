"""The small real data as tasks: counts, roles, and how good the baselines and the marks are."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from leakcheck.reference.results import baseline_table
from leakcheck.reference.roadmap import remote_files
from leakcheck.reference.roadmap_lite import HG19_LENGTHS, load_roadmap_lite
from tests.real.roadmap import PROMOTER_LENGTH, load_expression, load_promoters

STORED = Path(__file__).resolve().parents[2] / "docs" / "generated" / "reproduce"
BASELINES = STORED / "roadmap-lite" / "baselines.csv"


@pytest.fixture(scope="module")
def tasks(real_data):
    return load_roadmap_lite(real_data)


def test_labels_and_promoters_agree_with_another_reading(tasks, real_data):
    task = tasks["expression"]
    table, promoters = load_expression(real_data), load_promoters(real_data)
    genes = set(table.genes) & set(promoters)
    assert set(task.loci["id"]) == genes
    assert task.n_loci == len(genes) == 14_527
    rpkm = table.frame().loc[task.loci["id"].tolist(), list(task.cell_types)].to_numpy()
    np.testing.assert_array_equal(task.labels == 1, rpkm > 0.5)
    letters = np.array(list("ACGTN"))[task.codes]
    assert ["".join(row) for row in letters[::97]] == [promoters[g] for g in task.loci["id"][::97]]
    assert task.window == PROMOTER_LENGTH


def test_marks_predict_and_stay_below_the_average(tasks):
    task = tasks["expression"]
    target = task.columns(["E003"])[0]
    train = task.columns(task.splits.train_cell_types)
    truth = task.labels[:, target]
    average = task.labels[:, task.columns(task.splits.reference_cell_types)].mean(axis=1)
    model = LogisticRegression().fit(
        task.signals[:, train].reshape(-1, 2), task.labels[:, train].ravel()
    )
    marks = average_precision_score(truth, model.decision_function(task.signals[:, target]))
    assert average_precision_score(truth, average) == pytest.approx(0.965, abs=0.001)
    assert marks == pytest.approx(0.932, abs=0.005)


def test_boundaries_keep_every_call_outside_gaps(tasks, real_data):
    task = tasks["tad-boundaries"]
    assert task.labels.shape == (16_460, 7)
    assert task.counts["bins: dropped, middle in an assembly gap"] == 805
    calls = (real_data / "tad-40kb" / "H1_ESC_Dixon2015.bed").read_text().splitlines()
    here = [line for line in calls if line.split("\t")[0] in {"chr1", "chr2", "chr3"}]
    kept = int(task.labels[:, task.cell_types.index("H1")].sum())
    assert 0 <= len(here) - kept <= task.counts["bins: dropped, though a boundary somewhere"]


def test_lengths_of_chromosomes_are_those_of_hg19(real_data):
    lines = (real_data / "bioframe" / "hg19.seqinfo.tsv").read_text().splitlines()[1:]
    lengths = {row[0]: int(row[1]) for row in (line.split("\t") for line in lines)}
    assert {name: lengths[name] for name in HG19_LENGTHS} == dict(HG19_LENGTHS)


def test_sums_of_the_download_are_those_of_the_manifest(real_data):
    with (real_data / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    manifest = {row["file"].rpartition("/")[2]: row["sha256"] for row in rows}
    known = [file for file in remote_files() if file.sha256]
    assert len(known) == 8
    assert {file.path.rpartition("/")[2]: file.sha256 for file in known}.items() <= manifest.items()


def test_baselines_are_those_of_the_page(tasks):
    """The TAD calls have no sequence or signal here: what is free is all that can be said."""
    made = baseline_table(tasks)
    pd.testing.assert_frame_equal(made, pd.read_csv(BASELINES), rtol=1e-4)
    task = tasks["tad-boundaries"]
    rows = task.rows([*task.splits.train_chromosomes, *task.splits.validation_chromosomes])
    truth = task.labels[rows][:, task.columns(["H1"])[0]]
    average = task.labels[np.ix_(rows, task.columns(task.splits.reference_cell_types))].mean(axis=1)
    rng = np.random.default_rng(0)
    drawn = [
        average_precision_score(truth, average + 1e-6 * rng.random(len(rows))) for _ in range(20)
    ]
    row = made.set_index(["task", "setting"]).loc[("tad-boundaries", "cross-cell-type")]
    assert row["average_activity"] == pytest.approx(np.mean(drawn), abs=0.005)
    assert row["n_loci"] == len(rows)
