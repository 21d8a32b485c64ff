"""The three mistakes that most users make lead, from the message alone, to their page.

In Python, on the command line, in a failing test, and in the HTML report.
"""

import re
import subprocess
import sys
import textwrap

import pandas as pd
import pytest
from typer.testing import CliRunner

import leakcheck
from leakcheck import GateError, ValidationError, cli
from leakcheck.checks import CHECKS, REFUSALS, explain
from leakcheck.simulate import epigenome, predict

from .report.markup import Page

POINTER = re.compile(r"leakcheck explain (LK\d{3})")


@pytest.fixture(scope="module")
def world():
    return epigenome(n_loci=600, n_cell_types=16, random_state=0)


@pytest.fixture(scope="module")
def inputs(world):
    """What an honest audit would take."""
    targets = world.held_out(2)
    return {
        "preds": predict(world, "honest-strong", targets),
        "labels": world.labels,
        "loci": world.loci,
        "train": [name for name in world.cell_types if name not in targets],
    }


@pytest.fixture(scope="module")
def calls(inputs):
    """The report of 0/1 calls."""
    preds = inputs["preds"]
    return leakcheck.audit(**{**inputs, "preds": (preds > preds.mean()) * 1.0})


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def shifted(frame: pd.DataFrame, by: int) -> pd.DataFrame:
    """The same rows, as a table that counts from 1 would name them."""
    parts = frame.index.to_series().str.extract(r"(.+):(\d+)-(\d+)")
    starts = (parts[1].astype(int) + by).astype(str)
    return frame.set_axis((parts[0] + ":" + starts + "-" + parts[2]).to_numpy())


def long(wide: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row for each locus and cell type."""
    rows = wide.melt(var_name="celltype", value_name=name, ignore_index=False)
    return rows.rename_axis("locus").reset_index()


def refused(inputs, **wrong) -> str:
    """The code that the message of a refusal ends with."""
    with pytest.raises(ValidationError) as caught:
        leakcheck.audit(**{**inputs, **wrong})
    (code,) = POINTER.findall(str(caught.value))
    assert code == caught.value.code
    return code


def test_a_target_among_the_references_leads_to_its_page(inputs):
    everything = [*inputs["train"], *inputs["preds"].columns]
    assert "trained" in explain(refused(inputs, train=everything))
    assert refused(inputs, train=everything) == "LK101"
    assert refused(inputs, train=inputs["labels"]) == "LK101"


def test_one_target_of_two_among_the_references_is_named(inputs):
    first, second = inputs["preds"].columns
    report = leakcheck.audit(**{**inputs, "train": [*inputs["train"], first]})
    assert set(report.verdict["target"]) == {second}
    line = next(line for line in str(report).splitlines() if line.startswith("LK015"))
    assert f"['{first}'] is reference" in line
    page = explain("LK015")
    assert "LK101" in page
    assert "docs/guide/three-mistakes.md" in page


@pytest.mark.parametrize("code", ["LK012", "LK015", "LK101", "LK102", "LK104"])
def test_pages_of_the_mistakes_lead_to_all_three(code):
    assert "docs/guide/three-mistakes.md" in explain(code)


@pytest.mark.parametrize("by", [1, -1, 500])
def test_other_coordinates_lead_to_their_page(inputs, by):
    assert refused(inputs, preds=shifted(inputs["preds"], by)) == "LK102"
    assert "counts from 1" in explain("LK102")


def test_calls_lead_to_their_page_and_stand_before_what_they_explain(calls):
    codes = list(dict.fromkeys(calls.findings["code"]))
    assert codes[0] == "LK012"
    assert {"LK003", "LK020"} <= set(codes)
    assert POINTER.findall(str(calls)) == ["LK012"]
    first = re.search(r"^LK\d{3}", str(calls), flags=re.MULTILINE)
    assert first is not None
    assert first[0] == "LK012"
    assert POINTER.findall(calls.to_markdown()) == ["LK012"]


def test_calls_of_two_models_lead_to_their_page(world, inputs):
    """There are more codes than a line holds: the command behind them is not cut off."""
    targets = list(inputs["preds"].columns)
    preds = predict(world, "honest-strong", [*targets, inputs["train"][0]])
    models = {"a": (preds > preds.mean()) * 1.0, "b": (preds > preds.median()) * 1.0}
    report = leakcheck.audit(**{**inputs, "preds": models, "train": inputs["train"][:-1]})
    text = str(report)
    line = next(line for line in text.splitlines() if line.startswith("More in report.findings:"))
    assert "..." in line
    assert POINTER.findall(line) == POINTER.findall(text) == ["LK012"]
    assert POINTER.findall(report.to_markdown()) == ["LK012"]


def test_calls_are_explained_where_a_gate_fails(calls):
    with pytest.raises(GateError) as caught:
        calls.raise_if_failed()
    assert POINTER.findall(str(caught.value)) == ["LK012"]
    assert CHECKS["LK012"].title in str(caught.value)


def test_calls_are_explained_in_the_html_report(calls):
    page = Page(calls.to_html())
    assert "predict_proba" in page.text()
    ids = [attrs["id"] for attrs in page.all("article") if attrs.get("id")]
    assert ids[0] == "LK012"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("train", "LK101"), ("coordinates", "LK102"), ("calls", "LK012"), ("nothing", "LK104")],
)
def test_the_command_line_names_the_page(inputs, tmp_path, wrong, code):
    preds, labels = inputs["preds"], inputs["labels"]
    train = ",".join([*inputs["train"], *(preds.columns if wrong == "train" else ())])
    if wrong == "calls":
        preds = (preds > preds.mean()) * 1.0
    if wrong == "nothing":
        labels = labels[preds.columns]
    table = long(labels, "label")
    scores = shifted(preds, 1) if wrong == "coordinates" else preds
    scores = long(scores, "score")
    scores.to_csv(tmp_path / "scores.csv", index=False)
    table.to_csv(tmp_path / "labels.csv", index=False)
    result = run(
        *("audit", tmp_path / "scores.csv", "--labels", tmp_path / "labels.csv"),
        *([] if wrong == "nothing" else ["--train", train]),
    )
    assert result.exit_code == (0 if wrong == "calls" else 2), result.output
    assert POINTER.findall(result.output) == [code]
    page = run("explain", code)
    assert page.exit_code == 0
    assert page.stdout.strip() == explain(code).strip()


def at(chrom="chr", start=0, end=0):
    """A way to write loci: `at(start=1)` counts from 1, `at("")` leaves "chr" out."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        parts = frame.index.to_series().str.extract(r"chr(.+):(\d+)-(\d+)")
        starts, ends = (parts[k].astype(int) + by for k, by in ((1, start), (2, end)))
        names = chrom + parts[0] + ":" + starts.astype(str) + "-" + ends.astype(str)
        return frame.set_axis(names.to_numpy())

    return change


STYLE = "Rename the chromosomes of `preds`, for example "
ASSEMBLY = "Bring both to one assembly, one way of counting bases and one spelling, or "
#: predictions and labels as two tables write them, and what the message says to do
COORDINATES = {
    "1 beside chr1": (at(""), at(), STYLE + "'1' to 'chr1'."),
    "chr1 beside 1": (at(), at(""), STYLE + "'chr1' to '1'."),
    "predictions from 1": (at(start=1), at(), "Subtract 1 from every `start` of `preds` "),
    "labels from 1": (at(), at(start=1), "Subtract 1 from every `start` of `labels` "),
    "10 kb on": (at(start=10_000, end=10_000), at(), ASSEMBLY),
    "labels 10 kb on": (at(), at(start=10_000, end=10_000), ASSEMBLY),
    "another assembly": (at(start=12_345, end=12_345), at(), ASSEMBLY),
    "other bins": (at(end=200), at(), ASSEMBLY),
}


@pytest.mark.parametrize("form", ["long", "wide"])
@pytest.mark.parametrize("train", ["named", "inferred"])
@pytest.mark.parametrize("case", COORDINATES)
def test_other_coordinates_on_the_command_line(inputs, tmp_path, case, train, form):
    of_preds, of_labels, remedy = COORDINATES[case]
    preds, labels = of_preds(inputs["preds"]), of_labels(inputs["labels"])
    if form == "long":
        long(preds, "score").to_csv(tmp_path / "scores.csv", index=False)
        long(labels, "label").to_csv(tmp_path / "labels.csv", index=False)
    else:
        preds.rename_axis("locus").to_csv(tmp_path / "scores.csv")
        labels.rename_axis("locus").to_csv(tmp_path / "labels.csv")
    named = ["--train", ",".join(inputs["train"])] if train == "named" else []
    result = run("audit", tmp_path / "scores.csv", "--labels", tmp_path / "labels.csv", *named)
    assert result.exit_code == 2, result.output
    text = " ".join(result.stderr.split())
    assert text.endswith(" Read more: leakcheck explain LK102")
    assert "`preds`" in text
    assert "`labels`" in text
    assert remedy in text
    assert "missing (NaN)" not in text


def test_a_failing_test_names_the_page(tmp_path):
    text = """
        import pytest
        from leakcheck.simulate import epigenome, predict

        @pytest.mark.leakcheck
        def test_release(leakcheck_audit):
            world = epigenome(n_loci=600, n_cell_types=16, random_state=0)
            targets = world.held_out(1)
            train = [name for name in world.cell_types if name not in targets]
            scores = predict(world, "honest-strong", targets)
            calls = (scores > scores.mean()) * 1.0
            leakcheck_audit(calls, world.labels, world.loci, train=train)
    """
    (tmp_path / "test_release.py").write_text(textwrap.dedent(text), encoding="utf-8")
    plain = ("-p", "no:cacheprovider", "-p", "no:playwright")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plain, "test_release.py"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"look at: +leakcheck explain LK012", done.stdout)


def test_explain_lists_all_codes():
    text = run("explain").stdout
    for code, check in {**CHECKS, **REFUSALS}.items():
        assert re.search(rf"^  {code}  {check.severity} +{re.escape(check.title)}$", text, re.M)


def test_explain_prints_several_pages():
    text = run("explain", "lk003", "LK101").stdout
    assert text.startswith("LK003 (error)")
    assert "\n\n\nLK101 (error)" in text


def test_explain_refuses_what_is_no_code():
    result = run("explain", "LK999")
    assert result.exit_code == 2
    assert "`code` must be the code of a check" in result.stderr


def test_without_a_signal_specific_is_not_to_be_claimed_yet(world, inputs):
    without = leakcheck.audit(**inputs)
    assert (without.information["specificity"] == "cell-type-specific").any()
    assert "do not claim it yet" in " ".join(str(without).split())
    assert "do not claim it yet" in without.to_markdown()
    assert "do not claim it yet" in Page(without.to_html()).text()
    signal = leakcheck.audit(**inputs, signal=world.signal)
    assert "do not claim it yet" not in " ".join(str(signal).split())


def test_a_gate_on_the_command_line_asks_of_targets_and_of_their_mean(world, inputs, tmp_path):
    leakcheck.audit(**inputs, signal=world.signal).to_json(tmp_path / "report.json")
    first = inputs["preds"].columns[0]
    result = run("gate", tmp_path / "report.json", "--target", first, "--per", "celltype")
    assert result.stdout.strip().endswith(f"nearest-celltype at {first}.")
    mean = run("gate", tmp_path / "report.json", "--per", "overall")
    assert mean.exit_code in (0, 1)
    assert ("in the mean of the targets." in mean.stdout) == (mean.exit_code == 0)
    wrong = run("gate", tmp_path / "report.json", "--target", "C99")
    assert wrong.exit_code == 2
    assert "`targets` must be in the report" in wrong.stderr
    assert run("gate", tmp_path / "report.json", "--per", "chromosome").exit_code == 2
