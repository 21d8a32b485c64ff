"""Targets of which the average activity says nothing: there is nothing to beat."""

import re

import numpy as np
import pytest

import leakcheck
from tests.scale.worlds import TARGETS, both_reports, make_source
from tests.worlds import small_world


def found(report):
    rows = report.findings[report.findings["code"] == "LK048"]
    return dict(zip(rows["target"], rows["evidence"], strict=True))


def strangers(world, names):
    """Labels whose rows are those of other loci in these cell types."""
    labels = world.labels.copy()
    order = np.random.default_rng(0).permutation(len(labels))
    labels[names] = labels[names].to_numpy()[order]
    return labels


@pytest.fixture(scope="module")
def world():
    return small_world(0, ("honest-strong", "memoriser"), n_loci=1500)


def flat(text):
    return " ".join(re.sub("<[^>]+>", "", text).split())


class TestReferencesOfOtherLoci:
    @pytest.fixture
    def report(self, world):
        return world.audit(labels=strangers(world, world.references))

    def test_every_target_is_named_with_its_auroc(self, world, report):
        assert list(found(report)) == list(world.targets)
        for evidence in found(report).values():
            assert re.fullmatch(r"Its AUROC is 0\.[45]\d\d \[0\.\d{3}, 0\.\d{3}\]\.", evidence)

    def test_nothing_may_be_claimed_in_any_form(self, report):
        assert (report.verdict["verdict"] == "beats").any()
        for text in (str(report), report.to_markdown(), report.to_html()):
            assert "You may claim nothing at C01" in flat(text)
            assert "You may claim that" not in flat(text)
            assert "useful, and cell-type-specific" not in flat(text)
        page = report.to_html()
        assert "there is nothing to beat: the average activity says nothing" in flat(page)
        assert page.count('<b class="bad">Nothing to beat</b>') == 4

    def test_no_gate_is_open_on_nothing(self, report):
        with pytest.raises(leakcheck.GateError) as caught:
            report.raise_if_failed(models="honest-strong")
        message = " ".join(str(caught.value).split())
        assert "not testable at any of 3 targets (there is nothing to beat" in message
        assert "leakcheck explain LK048" in message
        assert not report.passed("average-activity", models="honest-strong", per="overall")
        with pytest.raises(leakcheck.GateError, match="honest-strong: cell-type-specific"):
            report.raise_if_failed(models="honest-strong", specific=True, min_share=0.1)
        assert report.muted("LK048", reason="so").passed("average-activity", models="honest-strong")

    def test_a_reason_on_record_takes_it_back(self, report):
        text = flat(str(report.muted("LK048", reason="chosen so")))
        assert "honest-strong, at all 3 targets: useful, and cell-type-specific." in text
        assert "nothing to beat" not in text


def test_one_target_of_other_loci(world):
    report = world.audit(labels=strangers(world, [world.targets[0]]))
    assert list(found(report)) == [world.targets[0]]
    text = flat(str(report))
    assert "at 1: there is nothing to beat" in text
    assert "You may claim for honest-strong" in text
    assert f"You may claim nothing at {world.targets[0]}: there the average" in text
    page = flat(report.to_html())
    assert f"At {world.targets[0]} there is nothing to beat" in page
    assert "(at 2 of 2 targets)" in page
    honest = {"baseline": "average-activity", "models": "honest-strong"}
    assert report.passed(**honest)
    assert not report.passed(**honest, targets=world.targets[0])
    assert report.passed(**honest, targets=world.targets[1])


def test_references_without_an_active_locus(world):
    labels = world.labels.copy()
    labels[world.references] = 0
    report = world.audit(labels=labels)
    assert set(found(report).values()) == {"It is the same at all loci."}


def test_real_labels_are_left_alone(world):
    assert not found(world.audit())
    few = world.labels.index[:60]  # too few to know
    chosen = {"labels": strangers(world, world.references).loc[few], "loci": world.loci.loc[few]}
    preds = {name: table.loc[few] for name, table in world.preds.items()}
    assert not found(world.audit(preds=preds, **chosen))


class TestContinuous:
    def audit(self, world, labels):
        preds = {"net": np.arcsinh(world.signal[world.targets]) + world.preds["memoriser"]}
        return leakcheck.audit(preds, labels, world.loci, train=world.references)

    def test_references_of_other_loci(self, world):
        labels = np.arcsinh(world.signal)
        assert not found(self.audit(world, labels))
        order = np.random.default_rng(0).permutation(len(labels))
        labels[world.references] = labels[world.references].to_numpy()[order]
        report = self.audit(world, labels)
        assert list(found(report)) == list(world.targets)
        assert found(report)[world.targets[0]].startswith("Its Pearson's correlation is ")

    def test_a_constant_average_and_a_constant_target(self, world):
        labels = np.arcsinh(world.signal)
        labels[world.references] = 0.0
        assert set(found(self.audit(world, labels)).values()) == {"It is the same at all loci."}
        labels = np.arcsinh(world.signal)
        labels[world.targets[0]] = 1.0  # the target is the same everywhere, not the average
        assert world.targets[0] not in found(self.audit(world, labels))


def test_both_audits_say_so():
    source = make_source()
    references = ~np.isin(source.cell_types, TARGETS)
    order = np.random.default_rng(0).permutation(900)
    source.labels[:, references] = source.labels[order][:, references]
    expected, on_disk = both_reports(source)
    assert on_disk == expected
    assert "LK048" in on_disk["tables"]["findings"]["code"]
