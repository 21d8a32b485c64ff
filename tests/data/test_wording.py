"""Counts, lists and suggestions in messages."""

import numpy as np
import pytest

from leakcheck.data.wording import counted, did_you_mean, listing, share, shown


def test_counted():
    assert [counted(n, "locus") for n in (0, 1, 2)] == ["0 loci", "1 locus", "2 loci"]
    assert counted(3, "cell type") == "3 cell types"


def test_share():
    assert share(1, 9, "row", "is/are") == "1 of 9 rows is"
    assert share(2, 2, "entry", "has/have") == "2 of 2 entries have"


def test_listing():
    assert listing(["a", 1]) == "['a', '1']"
    assert listing("abcdefg", 2) == "['a', 'b', ...] (7 in all)"


@pytest.mark.parametrize(
    ("unknown", "known", "answer"),
    [
        ("E0003", ["E003", "E004"], " Did you mean 'E003'?"),
        ("k562", ["HeLa", "K562"], " Did you mean 'K562'?"),
        ("C0l", [f"C{i:02d}" for i in range(1, 25)], " Did you mean 'C01'?"),
        ("C2", [f"C{i:02d}" for i in range(1, 25)], " Did you mean 'C02'?"),
        ("C2", ["C02", "c2"], " Did you mean 'c2'?"),
        ("CX1", [f"C{i:02d}" for i in range(1, 25)], " Did you mean 'C01'?"),
        ("xyz", ["E003"], ""),
        ("a", [], ""),
    ],
)
def test_did_you_mean(unknown, known, answer):
    assert did_you_mean(unknown, known) == answer


def test_no_search_among_very_many():
    assert did_you_mean("E0003", ["E003"] * 5_001) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (0.25, "0.25"), ("a", "'a'"), (np.True_, "True"), (None, "None"), (1j, "1j")],
)
def test_shown(value, text):
    assert shown(value) == text
