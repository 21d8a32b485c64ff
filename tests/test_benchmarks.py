"""How benchmarks are judged: by bounds, by recorded ratios, twice. Nothing here is timed."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import _measure, _recorded, _rows, report
from benchmarks._recorded import NO_RECORD, Record, write_record
from benchmarks._rows import Row, missing, table

MACHINE = {"processor": "abacus", "numpy sort": "beads"}


def line(ratio, **more):
    return Row(name="work, 1,000 rows", peer="a peer", ratio=ratio, **more)


@pytest.fixture(autouse=True)
def standard(monkeypatch):
    """Nothing is held against a record, unless a test says so."""
    monkeypatch.setattr(_measure, "_standard", _measure._Standard())
    monkeypatch.setattr(_measure, "environment", lambda: dict(MACHINE))
    return _measure._standard


@pytest.fixture
def recorded(standard):
    """A record of 10 for the line."""
    standard.record = Record({line(1.0).key: 10.0})
    return standard


# One line -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "at_most", "status"),
    [
        (5.01, False, "passed"),
        (4.99, False, "WORSE THAN RECORDED"),
        (19.9, True, "passed"),
        (20.1, True, "WORSE THAN RECORDED"),
    ],
)
def test_a_ratio_twice_as_bad_as_recorded_fails(recorded, ratio, at_most, status):
    row = recorded.held(line(ratio, at_most=at_most))
    assert row.status == status
    assert row.failed == (status != "passed")
    assert ("(10.00)" in table([row])) == row.failed


def test_a_bound_is_kept_or_missed_on_its_side():
    assert line(3.0, bound=2.9).passed
    assert line(2.0, bound=2.9).status == "MISSED"
    assert line(2.0, bound=2.9, at_most=True).passed
    assert line(3.0, bound=2.9, at_most=True).status == "MISSED"
    assert line(2.0, bound=2.9).eased(2).passed
    assert line(5.0, bound=2.9, at_most=True).eased(2).passed
    assert line(float("nan"), bound=1.0).failed


def test_a_peer_that_is_not_there_is_neither_passed_nor_failed():
    row = missing("work", peer="a peer", reason="not installed", bound=2.0)
    assert (row.passed, row.failed, row.status) == (False, False, "not measured")
    assert table([row]).endswith("a peer  not measured: not installed")
    assert row.as_record()["ratio"] is None


def test_the_number_of_rows_is_given_or_read_from_the_name():
    assert line(1.0).size == 1000
    assert line(1.0, n=7).size == 7
    assert Row(name="audit of 1,000,000 loci x 20 targets", peer="", ratio=1.0).size == 1_000_000
    assert Row(name="a bootstrap", peer="", ratio=1.0).size is None


def test_small_numbers_are_legible_in_the_table():
    assert " 4.0e-13 " in table([line(4e-13)])
    assert " 0.00 " in table([line(0.0)])


# Recorded ratios ----------------------------------------------------------------------------------


def results(*rows, benchmark="ranking"):
    lines = [{"benchmark": benchmark, **row.as_record()} for row in rows]
    return {"environment": MACHINE, "rows": lines}


def test_what_is_recorded_is_read_again_and_other_benchmarks_stay(tmp_path):
    path = tmp_path / "recorded.json"
    write_record(path, "quick", results(line(3.0), benchmark="other"))
    write_record(path, "quick", results(replace(line(9.0), name="old")))
    write_record(path, "full", results(line(7.0)))
    unrecordable = replace(line(1e-13, recordable=False), name="a difference")
    write_record(path, "quick", results(line(4.0), unrecordable, missing("x", peer="", reason="?")))
    read = {
        (mode, name): Record.read(path, mode, name, MACHINE).ratios
        for mode in ("quick", "full")
        for name in ("ranking", "other")
    }
    key = line(1.0).key
    assert read["quick", "ranking"] == {key: 4.0}
    assert read["quick", "other"] == {key: 3.0}
    assert read["full", "ranking"] == {key: 7.0}
    assert read["full", "other"] == {}


def test_a_run_that_is_to_be_recorded_is_held_against_nothing():
    found = Record.read(NO_RECORD, "quick", "ranking", MACHINE)
    assert found.unmatched([line(1.0)]) == []
    assert found.beside(line(1.0)).recorded is None


def test_a_missing_record_is_said(tmp_path, recorded):
    path = tmp_path / "recorded.json"
    absent = Record.read(path, "quick", "ranking", MACHINE)
    assert absent.unmatched([line(1.0)]) == ["no recorded ratios: recorded.json is absent"]
    write_record(path, "quick", results(line(4.0)))
    other = Record.read(path, "quick", "growth", MACHINE)
    assert other.unmatched([]) == ["no recorded ratios of growth in the mode quick"]
    new = replace(line(1.0), name="new")
    assert recorded.record.unmatched([new]) == [
        "no recorded ratio: new | a peer",
        "recorded, and no longer measured: work, 1,000 rows | a peer",
    ]
    skipped = missing("work, 1,000 rows", peer="a peer", reason="not installed")
    assert recorded.record.unmatched([skipped]) == []


def test_ratios_of_another_sort_are_not_held_against_a_run(tmp_path):
    path = tmp_path / "recorded.json"
    write_record(path, "quick", results(line(4.0)))
    read = Record.read(path, "quick", "ranking", MACHINE | {"numpy sort": "pebbles"})
    assert read.ratios == {}
    assert "numpy sort was beads, and is pebbles" in read.unmatched([line(1.0)])[0]


def test_the_committed_record_names_benchmarks_that_exist():
    content = json.loads(_recorded.RECORDED.read_text(encoding="utf-8"))
    assert set(content) <= {"quick", "full"}
    assert content["quick"]["environment"]["numpy sort"]
    for part in content.values():
        assert set(part["ratios"]) <= set(report.names())
        numbers = [ratio for rows in part["ratios"].values() for ratio in rows.values()]
        assert numbers
        assert np.isfinite(numbers).all()


# A second look ------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """Ratios that the contestants will be found to have; how often each was asked for."""
    ratios, asked = [], []

    def cpu_times(works, *, repeats=5):
        asked.append(repeats)
        ratio = ratios.pop(0)
        return {"ours": [1.0] * repeats, "theirs": [ratio] * repeats}

    monkeypatch.setattr(_measure, "cpu_times", cpu_times)
    return ratios, asked


def compare():
    return _measure.compare("work, 1,000 rows", None, None, peer="a peer", repeats=5)


@pytest.mark.parametrize(
    ("ratios", "looks", "passed"),
    [([6.0], [5], True), ([4.0, 6.0], [5, 15], True), ([4.0, 4.5], [5, 15], False)],
)
def test_a_failing_line_is_measured_once_more_with_more_repeats(
    recorded, clock, ratios, looks, passed
):
    expected = ratios[-1]
    clock[0].extend(ratios)
    row = recorded.held(compare())
    assert clock[1] == looks
    assert row.ratio == expected
    assert row.passed == passed
    assert ("after a second look" in table([row])) == (not passed)


def test_lines_that_nobody_looked_at_twice_are_measured_again_all_together(tmp_path, capsys):
    runs = []

    def rows(full):
        runs.append(full)
        return [line(1.0 if len(runs) == 1 else 3.0, bound=2.0), replace(line(9.0), name="good")]

    path = tmp_path / "rows.json"
    arguments = ["--full", "--json", str(path), "--recorded", str(tmp_path / "none.json")]
    assert _measure.run("A benchmark.", rows, arguments) == 0
    assert runs == [True, True]
    content = json.loads(path.read_text(encoding="utf-8"))
    assert [row["ratio"] for row in content["rows"]] == [3.0, 9.0]
    assert content["notes"] == ["no recorded ratios: none.json is absent"]
    assert "processor abacus" in capsys.readouterr().out


@pytest.mark.parametrize(("slack", "status"), [("1", 1), ("4", 0)])
def test_a_benchmark_that_fails_ends_with_1(tmp_path, slack, status):
    arguments = ["--slack", slack, "--recorded", str(tmp_path / "none.json")]
    assert _measure.run("A benchmark.", lambda full: [line(1.0, bound=3.0)], arguments) == status


def test_a_benchmark_is_held_against_the_record_under_its_own_name(tmp_path, capsys):
    path = tmp_path / "recorded.json"
    write_record(path, "quick", results(line(9.0), benchmark="test_benchmarks"))
    arguments = ["--recorded", str(path)]
    assert _measure.run("A benchmark.", lambda full: [line(5.0)], arguments) == 0
    assert _measure.run("A benchmark.", lambda full: [line(4.0)], arguments) == 1
    assert "WORSE THAN RECORDED (9.00)" in capsys.readouterr().out


def test_works_take_turns_and_short_ones_are_called_many_times():
    calls = {"a": 0, "b": 0}

    def work(name):
        calls[name] += 1

    times = _measure.cpu_times({name: (lambda n=name: work(n)) for name in calls}, repeats=2)
    assert [len(one) for one in times.values()] == [2, 2]
    assert min(calls.values()) > 100
    assert all(value >= 0 for one in times.values() for value in one)


# All benchmarks -----------------------------------------------------------------------------------


def runner_of(outcomes):
    """Run nothing: give the status and write the rows that were asked for."""

    def run(argv):
        name = argv[2].removeprefix("benchmarks.")
        status, rows = outcomes[name]
        if rows is not None:
            content = {"environment": MACHINE, "notes": ["a note"]}
            content["rows"] = [row.as_record() for row in rows]
            path = Path(argv[argv.index("--json") + 1])
            path.write_text(json.dumps(content), encoding="utf-8")
        return status, f"{name} speaks\n"

    return run


def test_results_of_all_benchmarks_are_put_together():
    skipped = missing("work", peer="torchmetrics", reason="not installed")
    outcomes = {
        "ranking": (0, [line(3.0), skipped]),
        "growth": (1, [line(1.0, bound=2.0)]),
        "memory": (-9, None),
    }
    found = report.collect(list(outcomes), "quick", ["--slack", "1"], runner_of(outcomes))
    assert [row["benchmark"] for row in found["rows"]] == ["ranking", "ranking", "growth"]
    assert found["environment"] == MACHINE
    assert found["broken"] == ["memory"]
    assert report.has_failed(found)
    assert "== growth, quick sizes\ngrowth speaks" in report.as_text(found)
    assert report.summary(found).splitlines() == [
        "1 lines passed, 1 failed, 1 not measured (torchmetrics: not installed)",
        "MISSED: growth: work, 1,000 rows | a peer",
        "BROKEN: memory did not come to its end",
        "ranking: a note",
        "growth: a note",
    ]
    fine = report.collect(["ranking"], "quick", [], runner_of(outcomes))
    assert not report.has_failed(fine)


@pytest.fixture
def commanded(tmp_path, monkeypatch):
    """The command with one benchmark that runs nothing, in a folder of its own."""
    outcomes = {"ranking": (0, [line(3.0)])}
    monkeypatch.setattr(report, "_tee", runner_of(outcomes))
    monkeypatch.setattr(command, "names", lambda: ["ranking"])
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "RECORDED", tmp_path / "recorded.json")
    monkeypatch.setattr(command, "_PAGE", tmp_path / "docs")
    return outcomes, tmp_path


def test_the_command_writes_a_file_and_records_only_where_asked(commanded):
    _, folder = commanded
    assert command.main(["--quick"]) == 0
    assert [path.name for path in folder.rglob("*.*")] == ["benchmarks-quick.json"]
    assert command.main(["--full", "--record", "--page", "--text", str(folder / "t.txt")]) == 0
    record = json.loads((folder / "recorded.json").read_text(encoding="utf-8"))
    assert record["full"]["ratios"] == {"ranking": {line(1.0).key: 3.0}}
    page = json.loads((folder / "docs" / "benchmarks.json").read_text(encoding="utf-8"))
    assert list(page["printed"]) == ["ranking"]
    shown = (folder / "docs" / "benchmarks.txt").read_text(encoding="utf-8")
    assert shown == (folder / "t.txt").read_text(encoding="utf-8")
    assert "== ranking, full sizes\nranking speaks" in shown


def test_the_page_keeps_what_was_not_measured_again(commanded, monkeypatch):
    outcomes, folder = commanded
    outcomes["growth"] = (1, [line(1.0, bound=2.0)])
    monkeypatch.setattr(command, "names", lambda: ["growth", "ranking"])
    page = folder / "docs" / "benchmarks.json"
    assert command.main(["--quick", "--page"]) == 1
    outcomes["ranking"] = (0, [line(4.0)])
    assert command.main(["--full", "--page", "--only", "ranking"]) == 0
    found = json.loads(page.read_text(encoding="utf-8"))
    ratios = [(row["benchmark"], row["ratio"]) for row in found["rows"]]
    assert ratios == [("growth", 1.0), ("ranking", 4.0)]
    assert found["notes"] == ["growth: a note", "ranking: a note"]
    shown = page.with_suffix(".txt").read_text(encoding="utf-8")
    heads = [one for one in shown.splitlines() if one.startswith("==")]
    assert heads == ["== growth, quick sizes", "== ranking, full sizes"]
    assert "1 lines passed, 1 failed" in shown
    monkeypatch.setitem(MACHINE, "processor", "another one")
    before = page.read_bytes()
    with pytest.raises(ValueError, match="measure all of them, without --only"):
        command.main(["--full", "--page", "--only", "ranking"])
    assert page.read_bytes() == before


def test_the_command_fails_where_a_benchmark_breaks_and_then_records_nothing(commanded):
    outcomes, folder = commanded
    outcomes["ranking"] = (2, None)
    assert command.main(["--quick", "--record"]) == 1
    assert not (folder / "recorded.json").exists()


def test_a_benchmark_is_run_in_a_process_whose_words_are_shown_and_kept(capfd):
    status, text = report._tee([sys.executable, "-c", "print('one'); raise SystemExit(3)"])
    assert (status, text) == (3, "one\n")
    assert capfd.readouterr().out == "one\n"


def test_benchmarks_are_found_by_their_function():
    names = report.names()
    assert {"audit", "growth", "memory", "peers", "ranking", "resampling"} <= set(names)
    assert not {"script", "report"} & set(names)


def test_environment_says_how_numpy_sorts(monkeypatch):
    monkeypatch.undo()
    assert _measure.environment()["numpy sort"] in {"AVX-512", "AVX2", "NEON", "plain"}
    assert _rows.WORSE == 2.0
