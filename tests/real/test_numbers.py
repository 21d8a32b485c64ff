"""The numbers of the real Roadmap table, through `leakcheck.audit` and through the command line."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import leakcheck
from leakcheck import cli
from tests.real import roadmap

pytestmark = pytest.mark.usefixtures("real_data")

TARGET = "E003"


@pytest.fixture(scope="module")
def tables(real_data):
    """Labels, RPKM and loci of the 18,915 genes on chr1-22."""
    found = roadmap.load_expression(real_data)
    names = {"index": pd.Index(found.genes, name="gene"), "columns": list(found.cell_types)}
    rpkm = pd.DataFrame(found.rpkm, **names)
    return (rpkm > 0.5).astype(np.int8), rpkm, found.loci


@pytest.fixture(scope="module")
def variable(tables):
    """Genes that are active in some of the 55 other cell types and not in others."""
    count = tables[0].drop(columns=TARGET).sum(axis=1)
    return ((count >= 1) & (count <= 54)).to_numpy()


def audit_target(tables, rows=slice(None), **options):
    """Audit the prevalence-free question at E003: what do the baselines score?"""
    labels, rpkm, loci = tables
    labels, rpkm, loci = labels[rows], rpkm[rows], loci[rows]
    train = [name for name in labels if name != TARGET]
    preds = np.arcsinh(rpkm[["E024"]]).set_axis([TARGET], axis=1)
    if options.pop("with_signal", True):
        options["signal"] = rpkm
    return leakcheck.audit(preds, labels, loci, train=train, **options)


def score(report, model, metric, target=TARGET):
    rows = report.scores.set_index(["model", "target", "metric"])
    return float(rows.loc[(model, target, metric), "value"])


def test_baselines_at_all_genes(tables):
    report = audit_target(tables, with_signal=False)
    row = report.scores.iloc[0]
    assert row["n_loci"] == 18_915
    assert row["prevalence"] == pytest.approx(0.674438, abs=5e-7)
    assert score(report, "average-activity", "average_precision") == pytest.approx(
        0.982726, abs=5e-7
    )
    assert score(report, "average-activity", "auroc") == pytest.approx(0.963920, abs=5e-7)
    assert score(report, "nearest-celltype", "average_precision") == pytest.approx(
        0.961388, abs=5e-7
    )


def test_baselines_at_variable_genes(tables, variable):
    report = audit_target(tables, variable, with_signal=False)
    row = report.scores.iloc[0]
    assert row["n_loci"] == 10_386
    # 5,410 of 10,386, which is 0.5208935.
    assert row["prevalence"] == pytest.approx(0.520893, abs=1e-6)
    assert score(report, "average-activity", "average_precision") == pytest.approx(
        0.906402, abs=5e-7
    )
    assert score(report, "average-activity", "auroc") == pytest.approx(0.896477, abs=5e-7)


@pytest.mark.parametrize(
    ("transform", "all_genes", "variable_genes"),
    [
        ("arcsinh", (0.978544, 0.955538), (0.882776, 0.877162)),
        ("none", (0.896767, 0.877459), (0.700871, 0.767399)),
    ],
)
def test_mean_signal_with_and_without_transformation(
    tables, variable, transform, all_genes, variable_genes
):
    for rows, expected in ((slice(None), all_genes), (variable, variable_genes)):
        report = audit_target(tables, rows, signal_transform=transform)
        found = [score(report, "average-signal", m) for m in ("average_precision", "auroc")]
        assert found == pytest.approx(expected, abs=5e-7)
        raw = (report.findings["code"] == "LK010").any()
        assert raw == (transform == "none")


def test_groups_of_activity_count(tables):
    report = audit_target(tables, with_signal=False)
    design = report.design.iloc[0]
    assert design[["n_never_active", "n_always_active", "n_variable"]].tolist() == [
        1_180,
        7_349,
        10_386,
    ]
    rows = report.strata.drop_duplicates("stratum")
    assert rows["stratum"].tolist() == [str(count) for count in range(1, 55)]
    assert (rows["n_loci"].min(), rows["n_loci"].median(), rows["n_loci"].max()) == (
        109,
        153.5,
        678,
    )


def test_nearest_cell_type_of_h1(tables):
    report = audit_target(tables)
    design = report.design.iloc[0]
    assert design["nearest"] == "E024"
    assert design["nearest_source"] == "labels of other blocks"
    assert design["nearest_agreement"] == pytest.approx(0.961195, abs=5e-7)
    # 0.9728552 in float64 by numpy.corrcoef; products in float32 lose 3e-6.
    own, other = (np.arcsinh(tables[1][name]) for name in (TARGET, "E024"))
    assert design["nearest_correlation"] == pytest.approx(np.corrcoef(own, other)[0, 1], abs=1e-12)
    assert design["nearest_correlation"] == pytest.approx(0.972855, abs=5e-7)
    assert score(report, "nearest-celltype", "average_precision") == pytest.approx(
        0.996044, abs=5e-7
    )


def test_every_cell_type_against_the_others_in_one_call(tables):
    labels, _, loci = tables
    count = labels.sum(axis=1)
    preds = pd.DataFrame({name: (count - labels[name]) / 55 for name in labels})
    report = leakcheck.audit(preds, labels, loci, train="leave-one-out")
    rows = report.scores[
        (report.scores["model"] == "average-activity")
        & (report.scores["metric"] == "average_precision")
    ].set_index("target")["value"]
    assert len(rows) == 56
    assert rows.mean() == pytest.approx(0.980166, abs=5e-7)
    assert (rows.idxmin(), rows.idxmax()) == ("E116", "E084")
    assert (rows.min(), rows.max()) == pytest.approx((0.953658, 0.991087), abs=5e-7)
    # The prediction is the average: it neither wins nor loses anywhere.
    verdict = report.verdict[report.verdict["baseline"] == "average-activity"]
    assert (verdict["verdict"] == "does-not-beat").all()
    assert (verdict["difference"] == 0).all()
    assert (report.information["specificity"] == "not-testable").all()


def test_a_copy_of_a_reference_cell_type_is_not_specific(tables):
    report = audit_target(tables)
    row = report.information.iloc[0]
    assert row["specificity"] != "cell-type-specific"
    verdict = report.verdict.set_index("baseline")["verdict"]
    assert verdict["average-activity"] == "beats"
    assert verdict["nearest-celltype"] == "does-not-beat"
    assert row["conclusion"] == "consistent with copying a similar cell type"


def test_jitter_does_not_beat_the_average(tables):
    labels, _, loci = tables
    rng = np.random.default_rng(0)
    count = labels.sum(axis=1)
    preds = pd.DataFrame(
        {name: (count - labels[name]) / 55 + 1e-6 * rng.random(len(labels)) for name in labels}
    )
    report = leakcheck.audit(preds, labels, loci, train="leave-one-out")
    scores = report.scores[report.scores["metric"] == "average_precision"]
    wide = scores.pivot_table(index="target", columns="model", values="value")
    assert (wide["model"] > wide["average-activity"]).mean() > 0.8
    verdict = report.verdict[report.verdict["baseline"] == "average-activity"]
    assert (verdict["verdict"] == "beats").mean() <= 0.085


def test_the_command_line_gives_the_same_numbers(tables, tmp_path):
    labels, rpkm, loci = tables
    frames = {
        "preds": np.arcsinh(rpkm[["E024"]]).set_axis([TARGET], axis=1),
        "labels": labels,
        "signal": rpkm,
    }
    paths = {}
    for name, frame in frames.items():
        paths[name] = tmp_path / f"{name}.parquet"
        # Two genes share an interval: the column `gene` names them.
        beside = pd.concat([loci.set_axis(frame.index), frame], axis=1)
        beside.rename_axis("gene").reset_index().to_parquet(paths[name], index=False)
    output = tmp_path / "report.json"
    train = ",".join(name for name in labels if name != TARGET)
    arguments = [
        "audit", str(paths["preds"]), "--form", "wide", "--labels", str(paths["labels"]),
        "--signal", str(paths["signal"]), "--train", train, "-o", str(output),
    ]  # fmt: skip
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    assert TARGET in result.stdout
    assert json.loads(output.read_text())["schema"] == "leakcheck-report"
    stored = leakcheck.AuditReport.from_json(output)
    expected = audit_target(tables)
    for name in ("scores", "verdict", "strata", "information", "design"):
        pd.testing.assert_frame_equal(stored.to_frame(name), expected.to_frame(name))
    assert score(stored, "nearest-celltype", "average_precision") == pytest.approx(
        0.996044, abs=5e-7
    )
