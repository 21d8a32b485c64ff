"""The numbers that the pages quote from the Roadmap table are those that a command computes."""

import importlib.util
import re
from pathlib import Path

import pytest

from leakcheck.reference.roadmap_lite import load_roadmap_lite

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "roadmap_numbers.py"
PAGE = ROOT / "docs" / "guide" / "roadmap.md"
PAGES = {"loci": ROOT / "docs" / "guide" / "reproduce.md"}
NUMBER = r"[+-]?\d+\.\d+"


def load():
    """The script as a module; docs is no package."""
    spec = importlib.util.spec_from_file_location("roadmap_numbers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script():
    return load()


@pytest.mark.parametrize(
    "name", ["averages", "left-over", "loci", "neighbours", "own-label", "rounding", "spread"]
)
def test_stored_numbers_are_computed_again(script, expression, name):
    stored = (script.STORED / f"{name}.txt").read_text(encoding="utf-8")
    made = script.NUMBERS[name](expression)
    words = [re.sub(r"\s+", " ", re.sub(NUMBER, "#", text)).strip() for text in (made, stored)]
    assert words[0] == words[1]
    numbers = [[float(x) for x in re.findall(NUMBER, text)] for text in (made, stored)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.01, abs=0.0011)


def test_every_number_is_listed_and_shown(script):
    assert sorted(script.NUMBERS) == sorted(path.stem for path in script.STORED.glob("*.txt"))
    for name in script.NUMBERS:
        page = PAGES.get(name, PAGE).read_text(encoding="utf-8")
        assert f"../generated/roadmap/{name}.txt" in page


def test_whole_numbers_of_loci_are_those_of_the_tables(script, real_data):
    stored = (script.STORED / "loci.txt").read_text(encoding="utf-8")
    numbers = [int(line.split()[-1].replace(",", "")) for line in stored.splitlines()]
    assert numbers[0] == 17_951  # the paper's
    task = load_roadmap_lite(real_data)["expression"]
    missing = task.counts["genes: with expression, without promoter"]
    assert numbers[-1] == task.n_loci
    assert numbers[2] == task.n_loci + missing
    assert numbers[1] == numbers[2] + task.counts["genes: with expression, not annotated"]
    assert numbers[1] > numbers[2] > numbers[3] > numbers[4] > numbers[0]


def test_without_the_table_nothing_is_computed(script, monkeypatch, capsys):
    monkeypatch.setattr(script, "find_real_data", lambda: None)
    monkeypatch.setattr(script.sys, "argv", ["roadmap_numbers.py"])
    assert script.main() == 0
    assert "nothing was computed" in capsys.readouterr().out
