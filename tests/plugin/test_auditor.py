"""The fixture takes what `leakcheck.audit` takes, and a name."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck._pytest.auditor import Auditor
from leakcheck.simulate import epigenome, predict

pytest_plugins = ["pytester"]

WORLD = epigenome(n_loci=300)
TARGETS = WORLD.held_out(2)
WIDE = {
    "labels": WORLD.labels,
    "loci": WORLD.loci,
    "train": [name for name in WORLD.cell_types if name not in TARGETS],
}


def auditor(margin: float | None = None) -> tuple[Auditor, list]:
    """An auditor and the list of what it keeps."""
    kept: list = []
    return Auditor("t.py::test_x", margin, kept.append), kept


@pytest.fixture(scope="module")
def preds() -> pd.DataFrame:
    return predict(WORLD, "honest-strong", TARGETS)


def test_the_report_is_that_of_audit(preds):
    audit, kept = auditor()
    report = audit(preds, **WIDE)
    pd.testing.assert_frame_equal(report.verdict, leakcheck.audit(preds, **WIDE).verdict)
    assert kept[0].report is report
    assert (kept[0].key, kept[0].title) == ("t.py::test_x", "test_x")


def test_a_single_model_takes_the_name_and_a_mapping_keeps_its_own(preds):
    audit, kept = auditor()
    assert audit(preds, name="mine", **WIDE).settings["models"] == ["mine"]
    assert audit({"a": preds}, name="mine", **WIDE).settings["models"] == ["a"]
    assert [record.key for record in kept] == ["t.py::test_x mine", "t.py::test_x mine #2"]


def test_the_long_form_too(preds):
    shape = WORLD.labels.shape
    scores = preds.reindex(columns=WORLD.labels.columns)
    rows = pd.DataFrame(
        {
            "locus": np.repeat(WORLD.labels.index.to_numpy(), shape[1]),
            "cell": np.tile(WORLD.labels.columns.to_numpy(), shape[0]),
            "label": WORLD.labels.to_numpy().ravel(),
            "score": scores.to_numpy().ravel(),
        }
    )
    audit, _ = auditor()
    columns = {"labels": "label", "loci": "locus", "celltypes": "cell", "data": rows}
    assert audit("score", name="mine", **columns).settings["models"] == ["mine"]
    assert audit(["score"], name="mine", **columns).settings["models"] == ["score"]
    arrays = [rows[name].to_numpy() for name in ("label", "locus", "cell")]
    assert audit(rows["score"].to_numpy(), *arrays, name="mine").settings["models"] == ["mine"]
    assert audit(rows[["score"]], *arrays, name="mine").settings["models"] == ["score"]
    data = leakcheck.build_evaluation_set("score", **columns)
    assert audit(data, name="mine").settings["models"] == list(data.models) != ["mine"]


def test_the_margin_of_the_gate_is_the_default(preds):
    audit, _ = auditor(margin=0.2)
    assert audit(preds, **WIDE).settings["margin"] == 0.2
    assert audit(preds, margin=0.3, **WIDE).settings["margin"] == 0.3


def test_a_finished_report_stands_alone(preds):
    audit, kept = auditor(margin=0.2)
    report = leakcheck.audit(preds, **WIDE)
    assert audit(report, name="shared") is report
    with pytest.raises(leakcheck.ValidationError, match=r"finished report, and 1 other.*`labels`"):
        audit(report, WORLD.labels)
    with pytest.raises(leakcheck.ValidationError, match="first `margin`"):
        audit(report, margin=0.1)
    assert len(kept) == 1


@pytest.mark.parametrize("name", ["", " ", 3, np.nan])
def test_a_name_is_a_text(preds, name):
    audit, _ = auditor()
    with pytest.raises(leakcheck.ValidationError, match="`name` must be a text"):
        audit(preds, name=name, **WIDE)


def test_bad_input_fails_the_test_as_an_error_of_its_own(project):
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_a(leakcheck_audit): leakcheck_audit(None)\n"
        "@pytest.mark.leakcheck(models='zzz')\n"
        "def test_b(leakcheck_audit): leakcheck_audit(report('honest'))\n"
    )
    result = project.run("--leakcheck-report-only")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ValidationError: `labels` must hold*"])
    result.stdout.fnmatch_lines(["@pytest.mark.leakcheck: `models` must be in the report; *"])


def test_predictions_are_audited_within_a_test(project):
    project.write(
        """
from leakcheck.simulate import epigenome, predict

@pytest.mark.leakcheck(specific=True)
@pytest.mark.parametrize("model", ["memoriser", "honest-strong"])
def test_a(model, leakcheck_audit):
    world = epigenome(n_loci=800)
    targets = world.held_out(2)
    train = [name for name in world.cell_types if name not in targets]
    preds = predict(world, model, targets)
    leakcheck_audit(preds, world.labels, world.loci, train=train, signal=world.signal, name=model)
"""
    )
    wanted = {"test_a[memoriser]": "failed", "test_a[honest-strong]": "passed"}
    assert project.outcomes("-n", "2", outside=True) == wanted
