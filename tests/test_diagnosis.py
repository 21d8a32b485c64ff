"""Every finding from a small set made for it, and its absence where there is no cause."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.baselines import Baselines
from leakcheck.checks import CHECKS
from leakcheck.data import Loci
from leakcheck.data.evaluation_set import Note
from leakcheck.diagnosis import InputFacts, TargetFacts, findings_of_input, findings_of_results
from leakcheck.results import build_table
from tests.worlds import make_set, panel_of, small_report


def codes_of(findings):
    return {one.code for one in findings}


def only(findings, code):
    """The findings of one code."""
    return [one for one in findings if one.code == code]


class TestInput:
    def draw(self, n=60, m=6, n_targets=2, seed=0):
        """References are alike, targets like nobody."""
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(n, m))
        values[:, n_targets:] += 2 * rng.normal(size=(n, 1))
        labels = (values > 0).astype(float)
        audited = np.zeros((n, m), dtype=bool)
        audited[:, :n_targets] = True
        return labels, audited

    def found(
        self,
        labels,
        audited,
        *,
        signal=True,
        similarity="F",
        block_kind="chromosome",
        n_blocks=10,
        transform="arcsinh",
        **options,
    ):
        if signal is True:
            signal = labels + 1.0
        data = make_set(labels, ~audited, audited, signal=signal, **options)
        blocks = np.arange(len(labels)) % 10
        panel = panel_of(data, blocks, transform)
        baselines = [Baselines(panel, similarity).of(target) for target in data.targets]
        targets = [TargetFacts.of(one) for one in baselines]
        return findings_of_input(InputFacts.of(data), targets, (n_blocks, block_kind), transform)

    def test_a_sound_input_has_nothing_to_say(self):
        assert self.found(*self.draw()) == []

    def test_notes_of_the_border_become_findings(self):
        notes = (Note("LK001", "seen"), Note("LK017", "missing"))
        found = self.found(*self.draw(), notes=notes)
        assert [(one.code, one.evidence) for one in found] == [
            ("LK001", "seen"), ("LK017", "missing"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("n_references", "evidence"),
        [
            (1, "A has 1 reference cell type."),
            (2, "A has 2 reference cell types."),
            (3, None),
        ],
    )
    def test_lk004_few_references(self, n_references, evidence):
        found = self.found(*self.draw(m=2 + n_references), similarity="C")
        assert [one.evidence for one in only(found, "LK004")] == ([evidence] if evidence else [])

    @pytest.mark.parametrize(
        ("n_references", "evidence"),
        [
            (2, "A has 2 reference cell types."),
            (7, "A has 7 reference cell types and no signal."),
            (8, None),
        ],
    )
    def test_lk004_few_references_of_calls_alone(self, n_references, evidence):
        found = self.found(*self.draw(m=2 + n_references), similarity="C", signal=None)
        assert [one.evidence for one in only(found, "LK004")] == ([evidence] if evidence else [])

    def test_lk006_few_chromosomes(self):
        labels, audited = self.draw()
        loci = Loci.from_any([f"chr{1 + i % 3}:{i}-{i + 1}" for i in range(60)])
        found = self.found(labels, audited, loci=loci, block_kind="stretch")
        assert codes_of(found) == {"LK006"}
        assert "3 chromosomes" in found[0].evidence
        assert self.found(labels, audited, loci=loci, block_kind="given") == []

    @pytest.mark.parametrize(("n_blocks", "codes"), [(9, {"LK006"}), (10, set())])
    def test_lk006_few_given_blocks(self, n_blocks, codes):
        found = self.found(*self.draw(), block_kind="given", n_blocks=n_blocks)
        assert codes_of(found) == codes
        expected = ["`blocks` names 9; intervals rest on 8 degrees of freedom."] if codes else []
        assert [one.evidence for one in found] == expected

    @pytest.mark.parametrize("block_kind", ["stretch", "given"])
    def test_loci_without_coordinates_are_left_to_the_notes_of_the_border(self, block_kind):
        labels, audited = self.draw()
        loci = Loci.from_any([f"gene{i}" for i in range(60)])
        assert self.found(labels, audited, loci=loci, block_kind=block_kind) == []

    def test_lk009_a_target_that_resembles_a_reference(self):
        rng = np.random.default_rng(0)
        values = rng.normal(size=(100, 6))
        values[:, 0] = values[:, 3] + 0.1 * rng.normal(size=100)
        audited = np.zeros((100, 6), dtype=bool)
        audited[:, :2] = True
        found = self.found(values, audited, signal=None, label_kind="continuous")
        (twin,) = only(found, "LK009")  # the nearest cell type was named, and is another one
        assert twin.target == "A"
        assert twin.evidence.startswith("Correlation with D is 0.99")

    def test_lk010_raw_signal(self):
        assert codes_of(self.found(*self.draw(), transform="none")) == {"LK010"}
        found = self.found(*self.draw(), signal=None, transform="none")
        assert "LK010" not in codes_of(found)

    @pytest.mark.parametrize(
        ("names", "evidence"),
        [
            (["K562", "k562", "H1"], "Cell types 'k562' and 'K562' count as different."),
            (
                ["MCF-7", "H1 hESC", "MCF7", "h1_hesc"],
                "Cell types 'MCF7' and 'MCF-7', 'h1_hesc' and 'H1 hESC' count as different.",
            ),
            (
                [f"{name}{i}" for i in range(6) for name in "aA"],
                (
                    "Cell types 'A0' and 'a0', 'A1' and 'a1', 'A2' and 'a2', 'A3' and 'a3', and 2 "
                    "more count as different."
                ),
            ),
            (["K562", "K56", "K5-62"], None),
            (["CD4+", "CD4-", "1.1", "11", "-", "+"], None),
        ],
    )
    def test_lk036_names_that_differ_in_writing(self, names, evidence):
        facts = InputFacts(
            notes=(), n_chromosomes=9, has_signal=True, label_kind="binary",
            cell_types=tuple(names),
        )  # fmt: skip
        found = only(findings_of_input(facts, [], (9, "chromosome"), "arcsinh"), "LK036")
        assert [one.evidence for one in found] == ([evidence] if evidence else [])

    def test_lk022_the_targets_labels_at_other_loci(self):
        (found,) = only(self.found(*self.draw(), similarity=None), "LK022")
        assert found.evidence.startswith("At 2 of 2 targets")

    def test_lk025_no_signal(self):
        assert codes_of(self.found(*self.draw(m=10), signal=None)) == {"LK025"}
        labels, audited = self.draw()
        labels -= np.random.default_rng(1).random(size=labels.shape)
        assert self.found(labels, audited, signal=None, label_kind="continuous") == []

    @pytest.mark.parametrize(
        ("transform", "raw"),
        [(np.exp, True), (lambda x: x - np.exp(x), False), (np.log1p, False), (np.negative, False)],
        ids=["counts", "negative", "log", "all negative"],
    )
    def test_lk027_labels_like_counts(self, transform, raw):
        labels, audited = self.draw(n=400)
        labels = transform(3 * (labels + np.abs(np.random.default_rng(2).normal(size=(400, 6)))))
        labels[::7, 3] = np.nan
        found = self.found(labels, audited, signal=None, label_kind="continuous")
        assert ("LK027" in codes_of(found)) == raw


def verdict(**columns):
    """Rows of the table `verdict` about three targets, nothing to remark about them."""
    base = {
        "model": ["m"] * 3,
        "target": ["A", "B", "C"],
        "baseline": ["average-activity"] * 3,
        "skill": [0.4, 0.5, 0.6],
        "skill_se": [0.01] * 3,
        "verdict": ["beats"] * 3,
        "flag": [""] * 3,
        "tested": ["skill"] * 3,
    }
    return build_table("verdict", base | columns)


def information(**columns):
    base = {
        "model": ["m"] * 3,
        "target": ["A", "B", "C"],
        "conclusion": ["useful, and cell-type-specific"] * 3,
        "spearman_with_average": [0.7, 0.8, 0.9],
        "reason": [""] * 3,
    }
    return build_table("information", base | columns)


def scores(**columns):
    base = {
        "model": ["m"] * 3,
        "target": ["A", "B", "C"],
        "kind": ["model"] * 3,
        "metric": ["auroc"] * 3,
        "value": [0.9, 0.8, 0.7],
    }
    return build_table("scores", base | columns)


def found_in(*, families=None, margin=0.05, **tables):
    everything = {"scores": scores(), "verdict": verdict(), "information": information()}
    return findings_of_results(everything | tables, margin, families or {})


class TestResults:
    def test_a_good_model_has_nothing_to_say(self):
        assert found_in() == []

    @pytest.mark.parametrize(
        ("targets", "testable", "evidence"),
        [
            ("AAA", "A", "A is the only target."),
            ("AAA", "", "A is the only target."),
            ("ABC", "B", "B is the only one of 3 targets that can be tested."),
            ("ABC", "BC", None),
            ("ABC", "", None),
        ],
    )
    def test_lk011_one_target_that_says_anything(self, targets, testable, evidence):
        words = ["beats" if one in testable else "not-testable" for one in targets]
        table = verdict(target=list(targets), verdict=words, specificity=["not-testable"] * 3)
        found = only(found_in(verdict=table), "LK011")
        assert [one.evidence for one in found] == ([evidence] if evidence else [])

    def test_lk011_information_that_is_testable_counts_too(self):
        words = ["not-testable"] * 3
        specific = ["cell-type-specific", "inconclusive", "not-testable"]
        assert only(found_in(verdict=verdict(verdict=words, specificity=specific)), "LK011") == []

    @pytest.mark.parametrize(
        ("code", "conclusion"),
        [
            ("LK002", "consistent with memorisation"),
            ("LK021", "consistent with copying a similar cell type"),
            (
                "LK021",
                "informative, but consistent with copying a similar cell type: combine it",
            ),
        ],
    )
    def test_lk002_and_lk021_conclusions(self, code, conclusion):
        good = "useful, and cell-type-specific"
        (one,) = found_in(information=information(conclusion=[conclusion, good, conclusion]))
        assert (one.code, one.model, one.target) == (code, "m", "")
        assert one.evidence == "At A, C; median rank correlation with the average 0.800."
        (one,) = found_in(information=information(conclusion=[good, conclusion, good]))
        assert one.target == "B"

    @pytest.mark.parametrize(
        "name", ["average activity", "average signal", "reference cell type E003"]
    )
    def test_lk013_function_of_a_baseline(self, name):
        reason = f"the prediction is a function of the {name}"
        (one,) = found_in(information=information(reason=[reason, "", ""]))
        assert (one.code, one.target) == ("LK013", "A")
        assert found_in(information=information(reason=["the prediction is constant"] * 3)) == []

    def test_lk003_does_not_beat(self):
        words = ["does-not-beat", "beats", "does-not-beat"]
        (one,) = found_in(verdict=verdict(verdict=words, skill=[-0.2, 0.5, 0.01]))
        assert (one.code, one.severity, one.model, one.target) == ("LK003", "error", "m", "")
        assert one.evidence == "At 2 of 3 targets; median skill there -0.095."
        nearest = verdict(verdict=words, baseline=["nearest-celltype"] * 3)
        assert found_in(verdict=nearest) == []

    def test_lk020_worse_than_a_primary_baseline(self):
        for baseline in ("average-activity", "nearest-celltype"):
            table = verdict(flag=["", "worse", ""], baseline=[baseline] * 3)
            (one,) = found_in(verdict=table)
            assert (one.code, one.target) == ("LK020", "B")
            assert one.evidence.startswith(f"Below {baseline} at B;")
        table = verdict(flag=["worse"] * 3, baseline=["average-signal"] * 3)
        assert found_in(verdict=table) == []

    def test_lk008_sign(self):
        (one,) = found_in(scores=scores(value=[0.3, 0.39, 0.4]))
        assert (one.code, one.model) == ("LK008", "m")
        assert one.evidence == "AUROC 0.300 at the least, at A, B."
        assert found_in(scores=scores(value=[0.3] * 3, kind=["baseline"] * 3)) == []
        assert found_in(scores=scores(value=[0.3] * 3, metric=["auprc"] * 3)) == []

    @pytest.mark.parametrize(
        ("values", "sizes", "evidence"),
        [
            ([1.0, 0.9, 1.0], (60, 20), "A, C"),
            ([1.0, 0.9, 1.0], (60, 40), "A, C"),
            ([1.0, 0.9, 0.9], (60, 20), "A"),
            ([1.0, 1 - 1e-12, 0.9], (60, 20), "A"),
            ([1.0, 1.0, 1.0], (60, 19), None),
            ([1.0, 1.0, 1.0], (60, 41), None),
            ([0.999, 0.9, 0.0], (60, 20), None),
        ],
    )
    def test_lk047_a_perfect_order_of_classes(self, values, sizes, evidence):
        n, n_positive = sizes
        rows = {"value": values, "n_loci": [n] * 3, "n_positive": [n_positive] * 3}
        found = only(found_in(scores=scores(**rows, prevalence=[n_positive / n] * 3)), "LK047")
        assert [one.evidence for one in found] == [
            f"AUROC is 1: every active locus scores above every inactive one, at {evidence}."
        ] * bool(evidence)
        assert [one.target for one in found] == (["A"] if evidence == "A" else [""] * len(found))

    @pytest.mark.parametrize(
        ("value", "n_loci", "speaks"),
        [(1.0, 50, True), (1 - 1e-13, 50, True), (1.0, 49, False), (1 - 1e-4, 50, False)],
    )
    def test_lk047_a_perfect_order_of_ranks(self, value, n_loci, speaks):
        rows = {"metric": ["spearman"] * 3, "value": [0.2, value, 0.3], "n_loci": [n_loci] * 3}
        found = only(found_in(scores=scores(**rows)), "LK047")
        assert [one.target for one in found] == ["B"] * speaks
        assert all(one.evidence.startswith("Spearman's correlation is 1") for one in found)

    @pytest.mark.parametrize("kind", ["baseline", "bound"])
    def test_lk047_is_silent_where_the_references_order_the_labels_as_well(self, kind):
        rows = {"value": [1.0] * 3, "n_loci": [60] * 3, "n_positive": [20] * 3}
        easy = scores(
            **rows, prevalence=[1 / 3] * 3, kind=["model", kind, "model"], target=[*"AAB"]
        )
        (one,) = only(found_in(scores=easy), "LK047")
        assert one.target == "B"

    def test_lk019_a_nearly_perfect_baseline(self):
        (one,) = found_in(verdict=verdict(tested=["difference", "skill", "difference"]))
        assert (one.code, one.evidence) == ("LK019", "average-activity scores above 0.995 at A, C.")
        untestable = verdict(tested=["difference"] * 3, verdict=["not-testable"] * 3)
        assert found_in(verdict=untestable) == []

    def test_lk028_too_small_to_tell(self):
        words = ["inconclusive", "inconclusive", "beats"]
        errors = [0.0191, 0.0193, 0.5]
        (one,) = found_in(verdict=verdict(verdict=words, skill_se=errors))
        assert (one.code, one.target) == ("LK028", "B")
        assert one.evidence == "At B a skill below about 0.050 would not be seen."
        assert found_in(verdict=verdict(verdict=words, skill_se=errors), margin=0.06) == []
        (wide,) = found_in(verdict=verdict(verdict=words, skill_se=[0.0, 0.7, 0.0]))
        assert wide.evidence == "At B not even a perfect model, whose skill is 1, would be seen."

    @pytest.mark.parametrize(
        ("sizes", "codes"),
        [
            ({"a": 7, "b": 9}, {"LK024"}),
            ({"a": 6, "b": 9}, {"LK024"}),
            ({"a": 6, "b": 6}, {"LK023", "LK024"}),
            ({"a": 5, "b": 30, "c": 2}, {"LK023", "LK024"}),
            ({"a": 9}, set()),
            ({}, set()),
        ],
    )
    def test_lk023_and_lk024_families(self, sizes, codes):
        families = {f"{name}{i}": name for name, n in sizes.items() for i in range(n)}
        found = found_in(families=families)
        assert codes_of(found) == codes
        for one in found:
            assert all(f"{name}: {n} models" in one.evidence for name, n in sizes.items())

    def test_many_targets_are_counted(self):
        n = 6
        table = verdict(
            model=["m"] * n,
            target=list("ABCDEF"),
            baseline=["average-activity"] * n,
            skill=[0.5] * n,
            skill_se=[0.01] * n,
            verdict=["beats"] * n,
            flag=["worse"] * n,
            tested=["skill"] * n,
        )
        (one,) = found_in(verdict=table)
        assert "A, B, C, D and 2 more targets" in one.evidence

    def test_each_model_has_its_own(self):
        both = pd.concat([verdict(), verdict(model=["n"] * 3)], ignore_index=True)
        both["verdict"] = "does-not-beat"
        assert [one.model for one in found_in(verdict=both)] == ["m", "n"]


def test_every_code_is_one_of_the_checks():
    found = small_report().findings
    assert set(found["code"]) <= set(CHECKS)
    assert (found["evidence"].str.len() > 0).all()
