"""Order, names, dtypes and units change no verdict, and no input is changed by an audit."""

import copy
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import leakcheck
from tests.worlds import SmallWorld, assert_nothing_is_silent, small_world

FEW = settings(max_examples=8)


class Case(NamedTuple):
    """What a small world is made from: many chromosomes or few, with gaps or without."""

    seed: int
    n_targets: int
    n_loci: int
    prevalence: float
    missing: float
    few_chromosomes: bool
    with_signal: bool

    @property
    def inputs(self):
        """Keyword arguments of `leakcheck.audit`."""
        world = SmallWorld(
            self.seed,
            ("memoriser", "honest-weak"),
            n_targets=self.n_targets,
            n_loci=self.n_loci,
            prevalence=self.prevalence,
        )
        gaps = np.random.default_rng(self.seed).random(world.labels.shape) < self.missing
        kept = np.ones(self.n_loci, dtype=bool)
        if self.few_chromosomes:
            kept = world.loci["chrom"].isin([f"chr{i}" for i in range(3, 9)]).to_numpy()
        return {
            "preds": {name: frame[kept] for name, frame in world.preds.items()},
            "labels": world.labels.astype(float).mask(gaps)[kept],
            "loci": world.loci[kept],
            "train": world.references,
            "signal": world.signal[kept] if self.with_signal else None,
        }


CASES = st.builds(
    Case,
    seed=st.integers(0, 50),
    n_targets=st.integers(1, 3),
    n_loci=st.sampled_from([100, 280]),
    prevalence=st.sampled_from([0.3, 0.65]),
    missing=st.sampled_from([0.0, 0.2]),
    few_chromosomes=st.booleans(),
    with_signal=st.booleans(),
)


def tables(report):
    """Verdict and information by key."""
    keys = ["model", "target"]
    return (
        report.verdict.sort_values([*keys, "baseline"], ignore_index=True),
        report.information.sort_values(keys, ignore_index=True),
    )


def assert_same(first, second):
    """Equal words; numbers equal up to the order of sums."""
    (verdict, information), (other_verdict, other_information) = tables(first), tables(second)
    pd.testing.assert_frame_equal(verdict, other_verdict, rtol=1e-6, atol=1e-8)
    pd.testing.assert_frame_equal(information, other_information, rtol=1e-4, atol=1e-5)


@FEW
@given(CASES)
@example(Case(50, 1, 100, 0.3, 0.0, True, False))  # a perfect baseline: no skill is known
def test_nothing_is_silent(case):
    assert_nothing_is_silent(leakcheck.audit(**case.inputs))


@FEW
@given(CASES, st.integers(0, 100))
def test_order_of_rows_and_columns_changes_nothing(case, seed):
    inputs = case.inputs
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(inputs["labels"]))
    columns = rng.permutation(inputs["labels"].shape[1])
    shuffled = dict(inputs)
    for name in ("labels", "signal"):
        if inputs[name] is not None:
            shuffled[name] = inputs[name].iloc[rows, columns]
    shuffled["loci"] = inputs["loci"].iloc[rows]
    shuffled["preds"] = {
        name: frame.iloc[rows, ::-1] for name, frame in reversed(inputs["preds"].items())
    }
    shuffled["train"] = inputs["train"][::-1]
    assert_same(leakcheck.audit(**shuffled), leakcheck.audit(**inputs))


@FEW
@given(CASES)
def test_naming_of_chromosomes_changes_nothing(case):
    inputs = case.inputs
    ids = [name.removeprefix("chr") for name in inputs["labels"].index]
    plain = inputs | {
        name: inputs[name] if inputs[name] is None else inputs[name].set_axis(ids)
        for name in ("labels", "loci", "signal")
    }
    plain["loci"] = plain["loci"].assign(chrom=plain["loci"]["chrom"].str.removeprefix("chr"))
    plain["preds"] = {name: frame.set_axis(ids) for name, frame in inputs["preds"].items()}
    assert_same(leakcheck.audit(**plain), leakcheck.audit(**inputs))


@FEW
@given(CASES)
def test_increasing_transformations_change_nothing_but_the_scores(case):
    inputs = case.inputs
    bent = {name: np.exp(frame / 3) - 5 for name, frame in inputs["preds"].items()}
    assert_same(leakcheck.audit(**(inputs | {"preds": bent})), leakcheck.audit(**inputs))


@FEW
@given(CASES)
def test_inputs_are_unchanged(case):
    inputs = case.inputs
    before = copy.deepcopy(inputs)
    leakcheck.audit(**inputs)
    for name in ("labels", "loci", "signal"):
        if inputs[name] is not None:
            pd.testing.assert_frame_equal(inputs[name], before[name])
    for name, frame in inputs["preds"].items():
        pd.testing.assert_frame_equal(frame, before["preds"][name])
    assert inputs["train"] == before["train"]


@FEW
@given(CASES, st.data())
def test_labels_of_a_target_never_change_its_average(case, data):
    """Neither the average nor, inside a block, the nearest cell type of that block."""
    inputs = case.inputs
    built = leakcheck.build_evaluation_set(**inputs)
    target = data.draw(st.sampled_from(built.targets))
    chrom = data.draw(st.sampled_from(inputs["loci"]["chrom"].unique().tolist()))
    here = (inputs["loci"]["chrom"] == chrom).to_numpy()
    changed = inputs["labels"].copy()
    changed.loc[here, target] = 1 - changed.loc[here, target]
    again = leakcheck.build_evaluation_set(**(inputs | {"labels": changed}))
    first, second = (leakcheck.compute_baseline_scores(one, target) for one in (built, again))
    averages = [name for name in first if name.startswith("average")]
    pd.testing.assert_frame_equal(first[averages], second[averages], check_exact=True)
    if inputs["loci"]["chrom"].nunique() >= 10:  # else blocks are stretches
        inside = inputs["labels"].index[here].intersection(first.index)
        near = ["nearest-celltype", "k-nearest-celltypes"]
        pd.testing.assert_frame_equal(
            first.loc[inside, near], second.loc[inside, near], check_exact=True
        )


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32, "Int64", "boolean", object])
def test_dtypes_of_labels_change_nothing(dtype):
    world = small_world()
    found = world.audit(labels=world.labels.astype(bool).astype(dtype))
    pd.testing.assert_frame_equal(found.verdict, world.audit().verdict)


@FEW
@given(CASES)
def test_json_round_trip_is_exact(case):
    report = leakcheck.audit(**case.inputs)
    again = leakcheck.AuditReport.from_json(report.to_json())
    assert again.to_json() == report.to_json()
    pd.testing.assert_frame_equal(again.verdict, report.verdict, check_exact=True)
