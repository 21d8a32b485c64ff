"""Counts and notes of the tasks are told: loci, pairs that are dropped, and why."""

import numpy as np

from leakcheck.reference.read_data import count_table, data_markdown
from tests.reference.standin import small_task


def counts_of(task):
    """Counts by their name."""
    return count_table({task.name: task}).set_index("what")["count"]


def test_pairs_that_no_model_sees_are_counted_once():
    task = small_task(n_loci=40)
    task.signals[:, 2, 1] = np.nan  # a cell type without one of the tracks
    task.labels[:5, 2] = np.nan
    task.labels[:3, 4] = np.nan
    found = counts_of(task)
    assert found["loci: kept"] == 40
    assert found["cell types: kept"] == 8
    assert found["pairs: all"] == 320
    assert found["pairs: dropped, no label"] == 8
    assert found["pairs: dropped, a mark without a track"] == 35


def test_counts_of_the_readers_stand_beside():
    task = small_task(counts={"genes: other chromosome": 7})
    assert counts_of(task)["genes: other chromosome"] == 7


def test_the_page_has_every_count_and_note():
    task = small_task(counts={"genes: elements": 43_575}, notes=("Gaps are 0.", "Another."))
    text = data_markdown({"expression": task, "tad-boundaries": small_task("tad-boundaries")})
    assert text.startswith("# Data\n\n**expression**, m0, m1, m2, m3, m4, window 20 bp\n\n- Gaps")
    assert "| genes: elements | 43,575 |" in text
    assert text.count("| what | count |") == 2
    bare = data_markdown({"expression": small_task(n_marks=0, window=0)})
    assert "**expression**, no marks, window 0 bp" in bare
