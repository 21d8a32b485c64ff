"""Scores of which nothing can be said: constants, functions of a baseline or of a reference."""

from types import SimpleNamespace

import numpy as np
import pytest

from leakcheck._degenerate import why_untestable
from leakcheck.base.chunks import Runs
from leakcheck.memorization import Question
from tests.worlds import SmallWorld, information_test, small_world


@pytest.fixture(scope="module")
def world():
    return small_world(3, ("random",), n_loci=1500, n_cell_types=12)


class TestDegenerateScores:
    def reason(self, world, score, **changes):
        test, view = information_test(world, **changes)
        found = test.of(
            Question(view, {"m": score(view), "other": np.arange(len(view.rows)) % 97 * 1.0})
        )
        assert found.by_model["other"].reason == ""
        answer = found.by_model["m"]
        assert np.isnan(answer.test.pvalue) == bool(answer.reason)
        return answer.reason

    def test_constant(self, world):
        assert self.reason(world, lambda v: np.full(1500, 0.3)) == "the prediction is constant"

    @pytest.mark.parametrize(
        "function",
        [lambda a: a, lambda a: -a, lambda a: (a > 0.5) * 1.0, lambda a: np.sin(9 * a)],
        ids=["itself", "falling", "calls", "neither"],
    )
    def test_function_of_the_average(self, world, function):
        reason = self.reason(world, lambda v: function(v.average))
        assert reason == "the prediction is a function of the average activity"

    @pytest.mark.parametrize(("prevalence", "n_loci"), [(0.03, 4_000), (0.65, 400)])
    def test_function_of_the_average_signal(self, prevalence, n_loci):
        """At a low prevalence most loci have an average of 0, whatever their signal."""
        world = SmallWorld(1, ("random",), prevalence=prevalence, n_loci=n_loci)
        reason = self.reason(world, lambda v: np.exp(v.average_signal), signal=world.signal)
        assert reason == "the prediction is a function of the average signal"

    def test_function_of_a_continuous_average(self, world):
        labels = np.log(world.signal)
        reason = self.reason(world, lambda v: v.average**3, labels=labels)
        assert reason == "the prediction is a function of the average activity"

    @pytest.mark.parametrize("with_signal", [False, True])
    @pytest.mark.parametrize("which", [0, 4, 8])
    def test_copy_of_a_reference_cell_type(self, world, which, with_signal):
        """The first reference is the target's own neighbour in the tree."""
        name = world.references[which]
        source = np.sqrt(world.signal[name]) if with_signal else world.labels[name] * 2.0
        signal = world.signal if with_signal else None
        reason = self.reason(world, lambda v: source.to_numpy(), signal=signal)
        assert reason == f"the prediction is a function of the reference cell type {name}"

    def test_copy_of_a_label_beside_signals(self, world):
        source = world.labels["C03"].to_numpy() * 1.0
        reason = self.reason(world, lambda v: source, signal=world.signal)
        assert reason == "the prediction is a function of the reference cell type C03"

    @pytest.mark.parametrize(
        "rounded",
        [
            lambda x: x.astype(np.float32),
            lambda x: x.astype(np.float16),
            lambda x: x.round(1),
            lambda x: -x.astype(np.float32),
            lambda x: x > np.median(x),
        ],
        ids=["float32", "float16", "one decimal", "falling", "calls"],
    )
    @pytest.mark.parametrize("kind", ["signal", "continuous"])
    def test_rounded_copies_of_an_average_or_a_reference(self, world, kind, rounded):
        values = np.arcsinh(world.signal)
        given = {"signal": world.signal} if kind == "signal" else {"labels": values}
        source = values["C03"].to_numpy()
        reason = self.reason(world, lambda v: rounded(source) * 1.0, **given)
        assert reason == "the prediction is a function of the reference cell type C03"
        name = "average signal" if kind == "signal" else "average activity"
        reason = self.reason(
            world,
            lambda v: rounded(v.average_signal if kind == "signal" else v.average) * 1.0,
            **given,
        )
        assert reason == f"the prediction is a function of the {name}"

    def test_an_average_that_was_summed_in_another_order(self, world):
        values = np.arcsinh(world.signal)
        table = values[world.references[::-1]].to_numpy().astype(np.float32)
        reason = self.reason(world, lambda v: table.sum(axis=1), labels=values)
        assert reason == "the prediction is a function of the average activity"

    def test_a_reference_with_gaps_is_no_copy(self, world):
        labels = world.labels.astype(float)
        labels.iloc[7, labels.columns.get_loc("C03")] = np.nan
        source = world.labels["C03"].to_numpy() * 1.0
        assert self.reason(world, lambda v: source, labels=labels) == ""

    def test_the_targets_own_labels_are_no_reference(self, world):
        """Under leave-one-out the target is a column among the references of others."""
        own = world.labels[world.targets[0]].to_numpy() * 1.0
        assert self.reason(world, lambda v: own, train="leave-one-out") == ""

    def test_nearly_is_not_the_same(self, world):
        def score(view):
            scores = view.average.copy()
            scores[0] += 1e-9
            return scores

        assert self.reason(world, score) == ""
        jitter = np.random.default_rng(0).normal(size=1500) * 1e-2
        assert self.reason(world, lambda v: v.average_signal + jitter, signal=world.signal) == ""


FEW_OF_A_CLASS = (
    "fewer than the 50 active and as many inactive loci which 20 reference cell types need"
)


class TestUntestable:
    """Twenty references without coordinates have 20 columns, beside 30 others."""

    def rows(self, *, n=250, n_active=50, n_blocks=8, n_references=20):
        labels = (np.arange(n) < n_active) * 1.0
        return SimpleNamespace(
            references=np.arange(n_references),
            has_signal=False,
            has_neighbours=False,
            label_kind="binary",
            runs=Runs.of_codes(np.arange(n) % n_blocks),
            n_blocks=n_blocks + 1,
            labels=labels.__getitem__,
            label_range=(labels.min(), labels.max()),
        )

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({}, ""),
            ({"n": 249}, "fewer than the 250 loci which 20 reference cell types need"),
            ({"n": 200, "n_references": 1, "n_active": 100}, ""),
            ({"n": 199, "n_references": 1, "n_active": 100}, "fewer than 200 loci"),
            ({"n_blocks": 7}, "fewer than 8 blocks"),
            ({"n_active": 0}, "the target's labels are all the same"),
            ({"n_active": 200}, ""),
            ({"n_active": 49}, FEW_OF_A_CLASS),
            ({"n_active": 201}, FEW_OF_A_CLASS),
        ],
    )
    def test_the_least_that_is_enough(self, changes, reason):
        assert why_untestable(self.rows(**changes)) == reason
