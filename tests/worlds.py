"""Small evaluation sets, panels and audits that many tests share."""

import functools

import numpy as np
import pandas as pd
from scipy import stats

import leakcheck
from leakcheck.baselines import genome_blocks
from leakcheck.data import EvaluationSet, Loci
from leakcheck.memorization import InformationTest
from leakcheck.panel import ReferencePanel, TargetView
from leakcheck.results import TABLES
from leakcheck.simulate import epigenome, predict


def loci_on(chrom, start=None) -> Loci:
    """Loci of 100 bases on chromosomes given by number."""
    chrom = np.asarray(chrom)
    start = np.arange(len(chrom)) * 1000 if start is None else np.asarray(start)
    names = [f"chr{c + 1}:{s}-{s + 100}" for c, s in zip(chrom, start, strict=True)]
    return Loci.from_any(names)


def make_set(
    labels,
    reference,
    audited,
    *,
    predictions=None,
    signal=None,
    loci=None,
    label_kind="binary",
    leave_one_out=False,
    families=None,
    notes=(),
) -> EvaluationSet:
    """An evaluation set of arrays, past the border; ten blocks of neighbours by default."""
    labels = np.asarray(labels, dtype=float)
    n, m = labels.shape
    if loci is None:
        loci = loci_on(np.arange(n) * 10 // n)
    if predictions is None:
        predictions = {"model": np.where(audited, 0.5, np.nan)}
    return EvaluationSet(
        loci=loci,
        cell_types=tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:m]),
        labels=labels,
        label_kind=label_kind,
        predictions=predictions,
        reference=np.asarray(reference, dtype=bool) & ~np.isnan(labels),
        audited=np.asarray(audited, dtype=bool) & ~np.isnan(labels),
        leave_one_out=leave_one_out,
        reference_source="leave-one-out" if leave_one_out else "mask",
        signal=signal,
        families=families or {},
        notes=notes,
    )


def split_by_column(shape, target=0):
    """Masks of reference and audited pairs: one target column, all others reference."""
    audited = np.zeros(shape, dtype=bool)
    audited[:, target] = True
    return ~audited, audited


def panel_of(data: EvaluationSet, blocks=None, transform="arcsinh") -> ReferencePanel:
    """The panel of a set; its blocks are the chromosomes unless given."""
    blocks = data.loci.chrom if blocks is None else np.asarray(blocks)
    return ReferencePanel(data, blocks, int(blocks.max()) + 1, transform)


def make_view(
    labels, average, *, blocks=None, average_signal=None, n_references=5, name="T"
) -> TargetView:
    """A target's view of plain arrays."""
    labels, average = np.asarray(labels, dtype=float), np.asarray(average, dtype=float)
    n = len(labels)
    blocks = np.arange(n) % 10 if blocks is None else np.asarray(blocks)
    return TargetView(
        name=name,
        column=0,
        rows=np.arange(n),
        labels=labels,
        blocks=blocks,
        block_sizes=np.bincount(blocks, minlength=10),
        average=average,
        # averages that are no share of n come from loci with a reference missing
        n_observed=np.full(n, n_references - int(not _are_shares(average, n_references))),
        average_signal=average_signal,
        references=np.arange(1, n_references + 1),
        n_hybrid=0,
    )


def _are_shares(average, n):
    """Whether averages are k / n for whole numbers k."""
    return np.allclose(average * n, np.rint(average * n))


class SmallWorld:
    """A simulated epigenome with targets, references and predictions."""

    def __init__(self, seed=0, models=("memoriser", "honest-strong"), n_targets=3, **options):
        options = {"n_loci": 400, "n_cell_types": 12, "n_lineages": 3} | options
        self.world = epigenome(random_state=seed, **options)
        self.targets = self.world.held_out(n_targets)
        self.references = [c for c in self.world.cell_types if c not in self.targets]
        self.preds = {
            name: predict(self.world, name, self.targets, random_state=seed + 1) for name in models
        }

    @property
    def labels(self) -> pd.DataFrame:
        return self.world.labels

    @property
    def loci(self) -> pd.DataFrame:
        return self.world.loci

    @property
    def signal(self) -> pd.DataFrame:
        return self.world.signal

    def inputs(self, **changes):
        """Keyword arguments of `leakcheck.audit`."""
        return {
            "preds": self.preds,
            "labels": self.labels,
            "loci": self.loci,
            "train": self.references,
        } | changes

    def audit(self, **changes):
        return leakcheck.audit(**self.inputs(**changes))

    def build(self, **changes) -> EvaluationSet:
        return leakcheck.build_evaluation_set(**self.inputs(**changes))


@functools.cache
def small_world(seed=0, models=("memoriser", "honest-strong"), **options) -> SmallWorld:
    """A small world that no test changes."""
    return SmallWorld(seed, models, **options)


@functools.cache
def small_report():
    """The audit of the default small world, with signal."""
    world = small_world()
    return world.audit(signal=world.signal)


def literal_jackknife(statistic, blocks):
    """Busing et al. (1999), pseudo-values and all: estimate, standard error, degrees of freedom.

    `statistic` takes a mask of loci.
    """
    blocks = np.asarray(blocks)
    names, n = np.unique(blocks), len(blocks)
    full = statistic(np.ones(n, dtype=bool))
    h = np.array([n / np.sum(blocks == name) for name in names])
    left = np.array([statistic(blocks != name) for name in names])
    pseudo = h * full - (h - 1) * left
    centre = np.sum(pseudo / h)
    variance = np.mean((pseudo - centre) ** 2 / (h - 1))
    return full, np.sqrt(variance), len(names) - 1


def literal_bounds(statistic, blocks, level=0.95):
    """Estimate with Student's bounds by `literal_jackknife`."""
    full, error, degrees = literal_jackknife(statistic, blocks)
    reach = stats.t.ppf(level, degrees) * error
    return full, full - reach, full + reach


def expected_ap(labels, scores):
    """Mean of average precision over the orders inside ties, position by position.

    At each place of a tie a positive is as likely as at any other, and the positives before it
    in the tie are as many as chance puts there.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    total, hits, rank = 0.0, 0, 0
    for score in np.unique(scores)[::-1]:
        size, positives = np.sum(scores == score), np.sum(labels[scores == score])
        for place in range(size):
            before = hits + place * (positives - 1) / max(size - 1, 1)
            total += positives / size * (before + 1) / (rank + place + 1)
        hits, rank = hits + positives, rank + size
    return total / hits


def assert_nothing_is_silent(report):
    """Every undefined number has its reason beside it, and words agree with numbers."""
    for name, columns in {
        "scores": ["value"],
        "strata": ["value"],
        "verdict": ["difference", "pvalue", "skill", "skill_ci_low", "companion_ci_low"],
        "information": ["pvalue", "statistic"],
        "summary": ["skill", "ci_low", "ci_high"],
        "within_locus": ["concordance", "ci_low", "pvalue"],
        "design": ["nearest_correlation"],
        "comparisons": ["pvalue", "pvalue_loci", "difference"],
    }.items():
        table = getattr(report, name)
        for column in columns:
            silent = table[column].isna() & (table["reason"] == "")
            if name == "verdict" and column.startswith("skill"):
                silent &= table["tested"] == "skill"  # no room above a perfect baseline
            assert not silent.any(), (name, column, table[silent])
    untested = report.verdict["verdict"] == "not-testable"
    assert (untested == report.verdict["pvalue"].isna()).all()
    untested = report.information["specificity"] == "not-testable"
    assert (untested == report.information["pvalue"].isna()).all()


def assert_same_tables(first, second, *, rtol=0.0, names=tuple(TABLES)):
    """Two reports say the same, to the bit unless a tolerance is given."""
    for name in names:
        pd.testing.assert_frame_equal(
            getattr(first, name),
            getattr(second, name),
            check_exact=rtol == 0,
            **({"rtol": rtol, "atol": rtol} if rtol else {}),
        )


def information_test(world, target=0, **changes) -> tuple[InformationTest, TargetView]:
    """The information test of a small world, and one of its targets."""
    data = world.build(**changes)
    codes, n_blocks, _ = genome_blocks(data)
    panel = ReferencePanel(data, codes, n_blocks)
    return InformationTest(panel), panel.view(world.targets[target])
