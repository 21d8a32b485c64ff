"""The three settings: who trains, validates and tests, and that nobody does two of these."""

import numpy as np
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.settings import SETTINGS, make_split, usable_pairs
from tests.reference.standin import ROLES, small_task


def named(task, pairs):
    """Pairs as a set of (locus id, cell type)."""
    ids = task.loci["id"].to_numpy()
    return {
        (ids[locus], task.cell_types[column])
        for locus, column in zip(pairs.locus, pairs.cell_type, strict=True)
    }


def by_hand(task, chromosomes, cell_types):
    """The same by a loop over all pairs."""
    return {
        (row.id, cell_type)
        for place, row in enumerate(task.loci.itertuples())
        for column, cell_type in enumerate(task.cell_types)
        if row.chrom in chromosomes
        and cell_type in cell_types
        and not np.isnan(task.labels[place, column])
        and not np.isnan(task.signals[place, column]).any()
    }


def holey_task():
    """A task in which labels and signals are missing here and there."""
    task = small_task(n_loci=80)
    rng = np.random.default_rng(1)
    labels = np.where(rng.random(task.labels.shape) < 0.1, np.nan, task.labels)
    signals = np.where(rng.random(task.signals.shape) < 0.02, np.nan, task.signals)
    return small_task(
        n_loci=80, labels=labels.astype(np.float32), signals=signals.astype(np.float32)
    )


SEEN = ("chr2", "chr3", "chr4")
EXPECTED = {
    ("cross-chromosome", "train"): (("chr3", "chr4"), ("C1",)),
    ("cross-chromosome", "validation"): (("chr2",), ("C1",)),
    ("cross-chromosome", "cross-chromosome"): (("chr1",), ("C1",)),
    ("cross-cell-type", "train"): (SEEN, ROLES.train_cell_types),
    ("cross-cell-type", "validation"): (SEEN, ROLES.validation_cell_types),
    ("cross-cell-type", "cross-cell-type"): (SEEN, ("C1",)),
    ("cross-cell-type", "hybrid"): (("chr1",), ("C1",)),
}


@pytest.mark.parametrize(("trained_in", "part"), EXPECTED)
def test_parts_are_those_of_the_paper(trained_in, part):
    task = holey_task()
    split = make_split(task, trained_in)
    pairs = split.test[part] if part in split.test else getattr(split, part)
    assert named(task, pairs) == by_hand(task, *EXPECTED[trained_in, part])
    assert (pairs.label == (task.labels[pairs.locus, pairs.cell_type] == 1)).all()


@pytest.mark.parametrize("trained_in", ["cross-chromosome", "cross-cell-type"])
def test_no_pair_has_two_parts(trained_in):
    task = small_task()
    split = make_split(task, trained_in)
    parts = [named(task, p) for p in (split.train, split.validation, *split.test.values())]
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_hybrid_shares_neither_locus_nor_cell_type_with_training():
    split = make_split(small_task(), "cross-cell-type")
    for known in (split.train, split.validation):
        assert not set(split.test["hybrid"].locus) & set(known.locus)
        assert not set(split.test["hybrid"].cell_type) & set(known.cell_type)


def test_every_setting_is_tested_once():
    tested = [
        setting
        for trained_in in dict.fromkeys(SETTINGS.values())
        for setting in make_split(small_task(), trained_in).test
    ]
    assert sorted(tested) == sorted(SETTINGS)


def test_pairs_come_in_the_order_of_the_table():
    pairs = make_split(small_task(), "cross-cell-type").train
    key = pairs.locus * 100 + pairs.cell_type
    assert (np.diff(key) > 0).all()


def test_a_task_without_marks_keeps_every_labelled_pair():
    task = small_task(n_marks=0)
    assert usable_pairs(task).all()


def test_a_part_of_one_class_is_refused():
    task = small_task(n_loci=80)
    labels = task.labels.copy()
    labels[:20] = 0
    with pytest.raises(ValidationError, match=r"hybrid pairs of expression.* are 20, of them 0"):
        make_split(small_task(n_loci=80, labels=labels), "cross-cell-type")
