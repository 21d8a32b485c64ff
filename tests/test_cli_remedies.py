"""Every remedy that a user of the command line meets can be followed there: nothing is stubbed."""

import inspect
import json
import re

import numpy as np
import pandas as pd
import pytest
import typer.main
from typer.testing import CliRunner

import leakcheck
from leakcheck import cli
from leakcheck.checks import CHECKS, REFUSALS
from tests.worlds import small_world

#: Options of another name than the argument they stand for.
OPTIONS = {
    "preds": "--prediction",
    "celltypes": "--celltype",
    "blocks": "--blocks-column",
    "strata": "--strata-column",
}
#: What findings of splits, of tracks and of data on disk ask for is no argument of an audit.
ARGUMENTS = set(inspect.signature(leakcheck.audit).parameters)


@pytest.fixture(scope="module")
def world():
    return small_world(n_targets=2)


@pytest.fixture(scope="module")
def table(world):
    """Long, with one prediction; reference cell types have none."""
    n, m = world.labels.shape
    model = world.preds["honest-strong"].reindex(columns=world.labels.columns)
    return pd.DataFrame(
        {
            "locus": np.repeat(world.labels.index.to_numpy(), m),
            "celltype": np.tile(world.labels.columns.to_numpy(), n),
            "label": world.labels.to_numpy().ravel(),
            "pred": model.to_numpy().ravel(),
        }
    )


def run(path, *options):
    result = CliRunner().invoke(cli.app, ["audit", str(path), "-q", *map(str, options)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def report_of(path, *options):
    out = path.parent / "report.json"
    result = run(path, "-o", out, *options)
    assert result.exit_code == 0, result.stderr
    return leakcheck.AuditReport.from_json(out)


def refused(path, *options):
    result = run(path, *options)
    assert result.exit_code == 2
    return result.stderr


def written(table, path, **options):
    table.to_csv(path, index=False, **options)
    return path


@pytest.mark.parametrize("code", sorted({**CHECKS, **REFUSALS}))
def test_what_a_remedy_names_is_an_option(code):
    command = typer.main.get_command(cli.app).commands["audit"]
    known = {name for option in command.params for name in option.opts}
    remedy = {**CHECKS, **REFUSALS}[code].remedy
    named = re.findall(r"`?\b([a-z_]+)`?(?==')|`([a-z_]+)`", remedy)
    for argument in {one or other for one, other in named} & ARGUMENTS:
        assert OPTIONS.get(argument, f"--{argument.replace('_', '-')}") in known
    assert set(re.findall(r"--[a-z-]+", remedy)) <= known


@pytest.mark.parametrize(
    ("values", "positive"), [((1, 2), "2"), (("no", "yes"), "yes"), ((-1, 1), "1")]
)
def test_labels_of_two_other_values(world, table, tmp_path, values, positive):
    coded = table.assign(label=np.asarray(values, dtype=object)[table["label"].to_numpy()])
    path = written(coded, tmp_path / "t.csv")
    assert "in a terminal: --positive-label" in refused(path)
    found = report_of(path, "--positive-label", positive)
    expected = report_of(written(table, tmp_path / "plain.csv"))
    pd.testing.assert_frame_equal(found.verdict, expected.verdict)
    assert "must be one of the labels" in refused(path, "--positive-label", "3")


def test_a_signal_file_whose_column_has_another_name(table, world, tmp_path):
    long = table[["locus", "celltype"]].assign(rpkm=np.arange(len(table)) / 7)
    path, signal = written(table, tmp_path / "t.csv"), tmp_path / "signal.csv"
    text = refused(path, "--signal", written(long, signal))
    assert "`signal` must be a column of its table; none is called signal, value." in text
    assert "in a terminal: call it signal." in text
    written(long.rename(columns={"rpkm": "signal"}), signal)
    assert report_of(path, "--signal", signal).settings["inputs"]["signal"]


def test_leave_one_out_beside_cell_types(table, tmp_path):
    text = refused(written(table, tmp_path / "t.csv"), "--train", "a", "--train", "leave-one-out")
    assert "`--train` must be cell types or leave-one-out; both came. Give one of them." in text


def test_two_values_may_be_real_numbers(table, tmp_path):
    path = written(table.assign(label=table["label"] + 1), tmp_path / "t.csv")
    assert "--label-kind continuous" in refused(path)
    found = report_of(path, "--label-kind", "continuous")
    assert found.settings["label_kind"] == "continuous"
    assert "label_kind='binary'" in refused(path, "--label-kind", "binary")


def test_wide_labels_of_two_other_values(world, tmp_path):
    labels = (world.labels + 1).rename_axis("locus").reset_index()
    preds = world.preds["memoriser"].rename_axis("locus").reset_index()
    options = ("--labels", written(labels, tmp_path / "y.csv"), "--train", "@")
    (tmp_path / "train.txt").write_text("\n".join(world.references))
    options = (*options[:-1], f"@{tmp_path / 'train.txt'}")
    path = written(preds, tmp_path / "p.csv")
    assert "in a terminal: --positive-label 2" in refused(path, *options)
    report_of(path, *options, "--positive-label", "2")


def test_a_separator_that_no_suffix_says(table, tmp_path):
    expected = report_of(written(table, tmp_path / "t.csv"))
    for name in ("t.dat", "semicolons.csv"):
        path = written(table, tmp_path / name, sep=";")
        assert "in a terminal: --separator ';'" in refused(path)
        pd.testing.assert_frame_equal(report_of(path, "--separator", ";").verdict, expected.verdict)
    tabs = written(table, tmp_path / "tabs.dat", sep="\t")
    pd.testing.assert_frame_equal(report_of(tabs, "--separator", "tab").verdict, expected.verdict)
    assert "`separator` must be one ASCII character" in refused(tabs, "--separator", "::")


@pytest.mark.parametrize("kind", ["similarities", "features", "name"])
def test_lk022_the_nearest_cell_type_by_other_means(world, table, tmp_path, kind):
    path = written(table, tmp_path / "t.csv")
    assert "LK022" in set(report_of(path).findings["code"])
    names = list(world.labels.columns)
    features = pd.DataFrame(np.arange(len(names))[:, None] ** [1, 2], index=names)
    source = {
        "similarities": written(world.signal.corr().reset_index(), tmp_path / "similar.csv"),
        "features": written(features.reset_index(), tmp_path / "features.csv"),
        "name": world.references[0],
    }[kind]
    found = report_of(path, "--similarity", source)
    assert "LK022" not in set(found.findings["code"])
    given = {"similarities": world.signal.corr(), "features": features, "name": source}[kind]
    expected = world.audit(preds=world.preds["honest-strong"], similarity=given)
    assert found.design["nearest"].tolist() == expected.design["nearest"].tolist()
    assert found.design["nearest_source"].tolist() == expected.design["nearest_source"].tolist()


def test_lk018_blocks_of_loci_without_coordinates(world, table, tmp_path):
    genes = {name: f"g{i}" for i, name in enumerate(world.labels.index)}
    unplaced = table.assign(locus=table["locus"].map(genes))
    path = written(unplaced, tmp_path / "t.csv")
    assert "LK018" in set(report_of(path).findings["code"])
    chrom = table["locus"].str.partition(":")[0]
    with_blocks = unplaced.assign(where=chrom).sample(frac=1, random_state=0)
    found = report_of(written(with_blocks, tmp_path / "b.csv"), "--blocks-column", "where")
    assert "LK018" not in set(found.findings["code"])
    placed = report_of(written(table, tmp_path / "placed.csv"))
    numbers = ["model", "target", "baseline", "skill", "skill_se", "pvalue"]
    key = numbers[:3]
    pd.testing.assert_frame_equal(
        found.verdict[numbers].sort_values(key, ignore_index=True),
        placed.verdict[numbers].sort_values(key, ignore_index=True),
    )


@pytest.mark.parametrize("where", ["predictions", "labels"])
def test_blocks_beside_wide_tables(world, tmp_path, where):
    blocks = {"where": world.loci["chrom"].str.removeprefix("chr").astype(int).to_numpy() % 11}
    labels = world.labels.rename_axis("locus").reset_index()
    preds = world.preds["memoriser"].rename_axis("locus").reset_index()
    tables = {"labels": labels, "predictions": preds}
    tables[where] = tables[where].assign(**blocks)
    (tmp_path / "train.txt").write_text("\n".join(world.references))
    options = (
        "--labels", written(tables["labels"], tmp_path / "y.csv"),
        "--train", f"@{tmp_path / 'train.txt'}", "--blocks-column", "where",
    )  # fmt: skip
    found = report_of(written(tables["predictions"], tmp_path / "p.csv"), *options)
    assert (found.design["n_blocks"].iloc[0], found.design["blocks"].iloc[0]) == (11, "given")
    assert found.settings["n_loci"] == len(labels)


def test_blocks_that_cannot_be(table, tmp_path):
    path = written(table.assign(where=np.arange(len(table)) % 2), tmp_path / "t.csv")
    assert "`blocks_column` must give each locus one block" in refused(
        path, "--blocks-column", "where"
    )
    assert "`blocks_column` names a column that is not in the table: 'there'" in refused(
        path, "--blocks-column", "there"
    )


def test_strata_of_a_column(world, table, tmp_path):
    near = pd.Series(np.arange(len(world.labels)) % 3, index=world.labels.index)
    named = near.map({0: "promoter", 1: "enhancer", 2: np.nan})
    path = written(table.assign(where=table["locus"].map(named)), tmp_path / "t.csv")
    found = report_of(path, "--strata-column", "where", "--prediction", "pred").strata
    expected = world.audit(preds={"pred": world.preds["honest-strong"]}, strata=named).strata
    assert set(found["stratum"]) == {"promoter", "enhancer"}
    key = ["model", "target", "stratum", "metric"]
    pd.testing.assert_frame_equal(
        found.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True)
    )
    several = written(table.assign(where=np.arange(len(table)) % 2), tmp_path / "s.csv")
    assert "`strata_column` must give each locus one stratum" in refused(
        several, "--strata-column", "where"
    )
    assert "`strata_column` names a column that is not in the table: 'there'" in refused(
        path, "--strata-column", "there"
    )


def test_what_is_said_of_models(world, table, tmp_path):
    """Families, numbers of parameters, and the metrics of the table of scores."""
    rng = np.random.default_rng(0)
    models = {f"net{i}": table["pred"] + 0.1 * i * rng.standard_normal(len(table)) for i in (1, 2)}
    path = written(table.assign(**models), tmp_path / "t.csv")
    options = [f"--prediction={name}" for name in ("pred", *models)]
    options += [f"--families={name}=noisy" for name in models] + ["--families=pred=plain"]
    options += [f"--parameters={name}={n}" for name, n in zip(models, (10, 200), strict=True)]
    found = report_of(
        path, *options, "--metrics", "auroc", "--metrics", "expected_average_precision"
    )
    assert found.settings["families"] == {"pred": "plain", "net1": "noisy", "net2": "noisy"}
    assert found.settings["parameters"] == {"net1": 10, "net2": 200}
    assert set(found.scores["metric"]) == {"auroc", "expected_average_precision"}
    assert set(found.comparisons["family_a"]) | set(found.comparisons["family_b"]) == {
        "plain",
        "noisy",
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--families", "pred"), "`--families` must be a model and a value, MODEL=VALUE; 'pred'"),
        (("--families", "=deep"), "MODEL=VALUE; '=deep' came"),
        (("--families", "pred=a", "--families", "pred=b"), "'pred' came twice"),
        (("--families", "other=a"), "`families`"),
        (("--parameters", "pred=many"), "`--parameters` must give whole numbers; 'pred=many' came"),
        (("--parameters", "other=3"), "`parameters` must name models of `preds`"),
        (("--metrics", "f1"), "`metrics` must name metrics of binary labels"),
    ],
)
def test_what_cannot_be_said_of_models(table, tmp_path, options, words):
    assert words in refused(written(table, tmp_path / "t.csv"), *options)


def test_a_column_of_the_reference_is_no_cell_type(world, table, tmp_path):
    """Names of cell types, columns, and the two under one name."""
    name = world.references[0]
    path = written(table, tmp_path / "t.csv")
    for column in (name, "nope"):
        text = refused(path, "--train-column", column)
        assert f"`train_column` names a column that is not in the table: '{column}'" in text
    mask = table["celltype"].isin(world.references)
    both = written(table.assign(**{name: mask}), tmp_path / "both.csv")
    by_column = json.loads(report_of(both, "--train-column", name).to_json())
    assert by_column["settings"]["reference_cell_types"] == world.references
    by_name = report_of(both, "--train", name, "--prediction", "pred")
    assert by_name.settings["reference_cell_types"] == [name]


def test_a_report_that_is_not_there_goes_by_its_name_in_the_help(tmp_path):
    result = CliRunner().invoke(cli.app, ["gate", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "`REPORT` must be a report's JSON text or its file; there is no file" in result.stderr
    assert "leakcheck audit -o" in result.stderr


@pytest.mark.parametrize("ending", ["csv", "TSV", "csv.gz", "xlsx", "pdf", "md"])
def test_a_report_is_not_written_under_the_name_of_a_table(tmp_path, ending):
    path = tmp_path / f"audit.{ending}"
    result = CliRunner().invoke(cli.app, ["audit", "no-such-table.csv", "-o", str(path)])
    assert result.exit_code == 2
    assert "`--output` writes the report as JSON" in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())
