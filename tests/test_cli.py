"""The command line: what it passes on, what it writes where, and how it exits."""

import warnings
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

import leakcheck
from leakcheck import LeakcheckWarning, ValidationError, cli
from leakcheck.adapters import tables
from leakcheck.report import AuditReport

from .report.factory import make_report

COLUMNS = {
    "predictions": None, "label": None, "label_kind": None, "celltype": None,
    "train_column": None, "form": "auto",
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch):
    """Stand-ins for reading and auditing; what they were called with."""
    seen = SimpleNamespace(read=[], table={}, audit={}, report=make_report(2, 1, n_strata=2))

    def read_table(path, separator=None):
        seen.read.append(str(path))
        seen.separator = separator
        return pd.DataFrame({"locus": ["a"], "rpkm": [1.0], "in_train": [True]})

    def evaluation_set_from_table(frame, **arguments):
        seen.table = arguments
        return frame

    def audit(*_data, **arguments):
        seen.audit = arguments
        return seen.report

    for function in (read_table, evaluation_set_from_table):
        monkeypatch.setattr(tables, function.__name__, function)
    monkeypatch.setattr(leakcheck, "audit", audit, raising=False)
    return seen


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_the_version_is_printed():
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"leakcheck {leakcheck.__version__}\n"


def test_help_names_the_commands_and_the_exit_codes():
    text = run("--help").stdout
    for word in ("audit", "gate", "demo", "0 passed, 1 a gate failed, 2 bad input"):
        assert word in text


def test_the_report_goes_to_stdout_and_nothing_else(calls):
    result = run("audit", "preds.csv")
    assert result.exit_code == 0
    assert result.stdout == f"{calls.report}\n"
    assert result.stderr == ""
    assert calls.read == ["preds.csv"]


def test_defaults_are_passed_on(calls):
    run("audit", "preds.csv")
    assert calls.table == COLUMNS | {
        "locus": None, "train": None, "signal": None, "labels_frame": None, "signal_frame": None,
        "families": None,
    }  # fmt: skip
    assert calls.audit == {
        "margin": 0.05, "confidence_level": 0.95, "signal_transform": "arcsinh", "progress": None,
        "metrics": None, "parameters": None, "executor": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--prediction", "a", "--prediction", "b"], {"predictions": ["a", "b"]}),
        (["--label", "y"], {"label": "y"}),
        (["--celltype", "cell"], {"celltype": "cell"}),
        (["--loci", "gene"], {"locus": ("gene",)}),
        (["--loci", "chrom, start,end"], {"locus": ("chrom", "start", "end")}),
        (["--train", "E001, E002"], {"train": ["E001", "E002"]}),
        (["--train", "E001,E002", "--train", "E003"], {"train": ["E001", "E002", "E003"]}),
        (["--train", "leave-one-out"], {"train": "leave-one-out"}),
        (["--train-column", "in_train"], {"train": None, "train_column": "in_train"}),
        (["--train", "in_train"], {"train": ["in_train"], "train_column": None}),
        (["--form", "wide"], {"form": "wide"}),
        (["--label-kind", "continuous"], {"label_kind": "continuous"}),
        (["--positive-label", "2", "--label", "rpkm"], {"positive_label": 2}),
        (["--positive-label", "2.5", "--label", "rpkm"], {"positive_label": 2.5}),
        (["--positive-label", "on", "--label", "rpkm"], {"positive_label": "on"}),
        (["--positive-label", "2", "--label", "locus"], {"positive_label": "2"}),
        (["--signal", "rpkm"], {"signal": "rpkm"}),
    ],
)
def test_options_for_the_table_are_passed_on(calls, options, expected):
    assert run("audit", "preds.csv", *options).exit_code == 0
    assert {name: calls.table[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--margin", "0.1"], {"margin": 0.1}),
        (["--confidence-level", "0.9"], {"confidence_level": 0.9}),
        (["--signal-transform", "none"], {"signal_transform": "none"}),
        (["--similarity", "E004"], {"similarity": "E004"}),
    ],
)
def test_options_for_the_audit_are_passed_on(calls, options, expected):
    assert run("audit", "preds.csv", *options).exit_code == 0
    assert {name: calls.audit[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("typed", "separator"), [(";", ";"), ("tab", "\t"), ("\\t", "\t"), (None, None)]
)
def test_the_separator_holds_for_every_table(calls, typed, separator):
    options = [] if typed is None else ["--separator", typed]
    assert run("audit", "preds.csv", "--labels", "labels.csv", *options).exit_code == 0
    assert calls.separator == separator


def test_cell_types_come_from_a_file_too(calls, tmp_path):
    path = tmp_path / "train.txt"
    path.write_text("# reference\nE001\n\n  E002 \n", encoding="utf-8-sig")
    assert run("audit", "preds.csv", "--train", f"@{path}").exit_code == 0
    assert calls.table["train"] == ["E001", "E002"]


@pytest.mark.usefixtures("calls")
def test_a_file_of_cell_types_without_its_sign_is_no_cell_type(tmp_path):
    path = tmp_path / "train.txt"
    assert run("audit", "preds.csv", "--train", path).exit_code == 0
    path.write_text("E001\n")
    result = run("audit", "preds.csv", "--train", path)
    assert result.exit_code == 2
    assert f"is a file. To read their names from it, one in each line, write --train @{path}" in (
        result.stderr
    )


def test_labels_and_signal_come_from_tables_too(calls, tmp_path):
    signal = tmp_path / "signal.tsv"
    signal.touch()
    result = run("audit", "preds.csv", "--labels", "labels.csv", "--signal", signal)
    assert result.exit_code == 0
    assert calls.read == ["preds.csv", "labels.csv", str(signal)]
    assert calls.table["signal"] is None
    assert calls.table["signal_frame"] is not None
    assert calls.table["labels_frame"] is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--loci", "chrom,start"], "`--loci` must be one column or three"),
        (["--loci", "chrom,,end"], "`--loci` must be one column or three"),
        (["--train", ","], "`--train` must name cell types"),
        (["--train", "@/nowhere/train.txt"], "must be a text file with one cell type in each line"),
        (["--train", "leave_one_out"], "Write it so: --train leave-one-out"),
        (["--train", "E001", "--train-column", "x"], "must not both be given"),
        (["--signal", "nowhere.tsv"], "`--signal` must be a column of the table or a file"),
        (["-o", "/nowhere/report.json"], "`path` must lie in an existing folder"),
    ],
)
@pytest.mark.usefixtures("calls")
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(options, message):
    result = run("audit", "preds.csv", *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["audit"], ["audit", "x.csv", "--nonsense"], ["audit", "x.csv", "--margin", "much"],
     ["audit", "x.csv", "--form", "round"], ["nonsense"], ["gate"]],
)  # fmt: skip
def test_usage_errors_exit_with_2_too(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stdout == ""


def test_files_are_written_and_named_on_stderr(calls, tmp_path):
    json_path, card, plots = tmp_path / "r.json", tmp_path / "r.md", tmp_path / "deep" / "plots"
    result = run("audit", "p.csv", "-o", json_path, "--markdown", card, "--plots", plots)
    assert result.exit_code == 0
    assert AuditReport.from_json(json_path).settings == calls.report.settings
    assert card.read_text(encoding="utf-8") == calls.report.to_markdown()
    assert sorted(path.name for path in plots.iterdir()) == [
        "plots.png", "scores.png", "strata.png",
    ]  # fmt: skip
    for path in (json_path, card, plots / "plots.png"):
        assert f"Wrote {path}\n" in result.stderr
    assert result.stdout == f"{calls.report}\n"


@pytest.mark.parametrize("option", ["--html", "-o", "--output"])
def test_a_page_is_written_where_it_is_asked_for(option, calls, tmp_path):
    page = tmp_path / "report.html"
    result = run("audit", "p.csv", option, page)
    assert result.exit_code == 0
    assert page.read_text(encoding="utf-8") == calls.report.to_html()
    assert f"Wrote {page}\n" in result.stderr


def test_outputs_are_checked_before_the_audit(calls, tmp_path):
    assert run("audit", "p.csv", "--html", tmp_path).exit_code == 2
    assert run("audit", "p.csv", "--markdown", tmp_path).exit_code == 2
    assert calls.read == []


@pytest.mark.parametrize("option", ["-o", "--html", "--markdown"])
@pytest.mark.parametrize("role", ["table", "--labels", "--signal", "--similarity"])
def test_no_report_takes_the_place_of_a_table(calls, tmp_path, option, role):
    path = tmp_path / "t.csv"
    path.write_text("precious")
    read = [path] if role == "table" else ["p.csv", role, path]
    result = run("audit", *read, option, tmp_path / "." / "t.csv")
    assert result.exit_code == 2
    assert "must be another file than the tables that are read" in result.stderr
    assert calls.read == []
    assert path.read_text() == "precious"


@pytest.mark.usefixtures("calls")
def test_a_folder_that_cannot_be_made_is_bad_input(tmp_path):
    (tmp_path / "file").touch()
    result = run("audit", "p.csv", "--plots", tmp_path / "file")
    assert result.exit_code == 2
    assert "must be one that can be made" in result.stderr


@pytest.mark.usefixtures("calls")
def test_quiet_prints_nothing(tmp_path):
    result = run("audit", "p.csv", "-o", tmp_path / "r.json", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "r.json").exists()


def test_the_gate_of_an_audit_fails_with_1_after_everything_is_written(calls, tmp_path):
    result = run("audit", "p.csv", "-o", tmp_path / "r.json", "--gate")
    assert result.exit_code == 1
    assert result.stdout == f"{calls.report}\n"
    assert "Gate failed: memoriser does not pass the gate" in result.stderr
    assert (tmp_path / "r.json").exists()


def test_the_gate_of_an_audit_passes_with_0(calls):
    calls.report = make_report(models=["honest"], n_targets=1, n_strata=2)
    assert run("audit", "p.csv", "--gate").exit_code == 0


def fail_with(monkeypatch, calls, raised):
    def audit(*_data, **_arguments):
        raise raised

    assert calls.audit == {}
    monkeypatch.setattr(leakcheck, "audit", audit)
    return run("audit", "p.csv")


def test_errors_of_the_audit_are_bad_input(monkeypatch, calls):
    result = fail_with(monkeypatch, calls, ValidationError("`preds` must be finite; 3 are not."))
    assert result.exit_code == 2
    assert result.stderr == "Error: `preds` must be finite; 3 are not.\n"


def test_an_interruption_is_no_failed_gate(monkeypatch, calls):
    result = fail_with(monkeypatch, calls, KeyboardInterrupt())
    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"


def test_warnings_are_lines_on_stderr_once_each(monkeypatch, calls):
    def audit(*_data, **_arguments):
        for _ in range(2):
            warnings.warn("duplicates were dropped", LeakcheckWarning, stacklevel=1)
        return calls.report

    monkeypatch.setattr(leakcheck, "audit", audit)
    result = run("audit", "p.csv")
    assert result.exit_code == 0
    assert result.stderr == "Warning: duplicates were dropped\n"


def test_warnings_of_others_are_left_as_they_are(monkeypatch, calls):
    def audit(*_data, **_arguments):
        warnings.warn("someone else's", UserWarning, stacklevel=1)
        return calls.report

    monkeypatch.setattr(leakcheck, "audit", audit)
    shown = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *args, **_: shown.append(str(args[0])))
        run("audit", "p.csv")
    assert shown == ["someone else's"]


def test_demo_audits_what_the_library_simulates(calls, tmp_path, monkeypatch):
    def demo_inputs(seed):
        return {"preds": seed}

    monkeypatch.setattr("leakcheck.simulate.demo_inputs", demo_inputs)
    result = run("demo", "-o", tmp_path / "out", "--seed", "7")
    assert result.exit_code == 0
    assert calls.audit == {"preds": 7, "progress": None}
    assert result.stdout == f"{calls.report}\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "plots.png", "report.html", "report.json", "report.md", "scores.png", "strata.png",
    ]  # fmt: skip


def test_a_fault_of_our_own_never_looks_like_a_failed_gate(monkeypatch, capsys):
    def broken():
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(cli, "app", broken)
    monkeypatch.setattr(cli, "prepare_numpy", lambda: False)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 70
    text = capsys.readouterr().err
    assert "ZeroDivisionError: no such luck" in text
    assert "Please report it" in text
