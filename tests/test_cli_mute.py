"""`leakcheck audit --mute`."""

import pytest
from typer.testing import CliRunner

import leakcheck
from leakcheck.cli import app
from tests.worlds import small_world


@pytest.fixture
def table(tmp_path):
    world = small_world()
    data = world.build()
    frame = data.to_frame().rename(columns={"prediction:memoriser": "prediction"})
    path = tmp_path / "table.csv"
    frame[["locus", "celltype", "label", "prediction"]].to_csv(path, index=False)
    return path


def run(table, tmp_path, *options):
    references = ",".join(small_world().references)
    return CliRunner().invoke(
        app,
        ["audit", str(table), "--train", references, "-o", str(tmp_path / "r.json"), *options],
    )


def test_muted_codes_are_left_out_and_said(table, tmp_path):
    plain = run(table, tmp_path)
    assert plain.exit_code == 0, plain.output
    before = leakcheck.AuditReport.from_json(tmp_path / "r.json")
    codes = sorted(set(before.findings["code"]))[:2]
    done = run(table, tmp_path, "--mute", codes[0], "--mute", codes[1])
    assert done.exit_code == 0
    assert f"Muted: {codes[0]} (" in done.stdout
    after = leakcheck.AuditReport.from_json(tmp_path / "r.json")
    assert not set(codes) & set(after.findings["code"])
    assert set(after.settings["muted"]) == set(codes)
    assert after.settings["muted"][codes[0]]["reason"] == "--mute"


def test_an_unknown_code_is_bad_input(table, tmp_path):
    done = run(table, tmp_path, "--mute", "LK9")
    assert done.exit_code == 2
    assert "`codes` must be codes of checks" in done.stderr
