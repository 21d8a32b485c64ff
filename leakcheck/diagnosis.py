"""Floor 5: which findings the tables and the input of an audit give rise to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from leakcheck._few_blocks import findings_of_blocks
from leakcheck._orders import findings_of_orders, named, only
from leakcheck._typing import LabelKind
from leakcheck.baselines import BaselineScores, audited_loci
from leakcheck.checks import Finding, make_finding
from leakcheck.comparison import DETECTABLE_ERRORS, NEARLY_PERFECT
from leakcheck.data import EvaluationSet, Note
from leakcheck.data.label_summary import LabelSummary
from leakcheck.data.wording import counted
from leakcheck.design import GAP, share_near
from leakcheck.design.celltypes import written_twice
from leakcheck.families import are_too_few
from leakcheck.panel import extremes
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["FEW_CALLS", "InputFacts", "TargetFacts", "findings_of_input", "findings_of_results"]

FEW_REFERENCES: Final = 3
# The average of fewer calls has so many ties that memory which orders them by the neighbouring loci
# beats it (`python -m tests.statistical.error_rates --only few`).
FEW_CALLS: Final = 8


@dataclass(frozen=True, kw_only=True)
class InputFacts:
    """What findings say about the input, wherever the input is.

    Attributes
    ----------
    notes : tuple of Note
        What the border saw or did.
    n_chromosomes, n_audited_chromosomes : int
        Chromosomes of the loci, and those that hold audited loci with a reference label; 0 without
        coordinates.
    has_signal : bool
        Whether a signal stands beside the labels.
    label_kind : {"binary", "continuous"}
        What the labels are.
    labels : LabelSummary, optional
        Continuous labels.
    cell_types : tuple of str
        Names of all cell types.
    chromosomes : tuple of str
        Names of all chromosomes, sorted; empty without coordinates.
    """

    notes: tuple[Note, ...]
    n_chromosomes: int
    has_signal: bool
    label_kind: LabelKind
    n_audited_chromosomes: int = 0
    labels: LabelSummary | None = None
    cell_types: tuple[str, ...] = ()
    chromosomes: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: EvaluationSet) -> "InputFacts":
        """Look at an evaluation set.

        Parameters
        ----------
        data : EvaluationSet
            The checked input.

        Returns
        -------
        InputFacts
        """
        is_real = data.label_kind == "continuous"
        chrom = data.loci.chrom
        return cls(
            notes=data.notes,
            n_chromosomes=0 if chrom is None else len(np.unique(chrom)),
            n_audited_chromosomes=0 if chrom is None else len(np.unique(chrom[audited_loci(data)])),
            has_signal=data.signal is not None,
            label_kind=data.label_kind,
            labels=LabelSummary.of(data.labels) if is_real else None,
            cell_types=data.cell_types,
            chromosomes=() if chrom is None else tuple(sorted(data.loci.chrom_names)),
        )


@dataclass(frozen=True, kw_only=True)
class TargetFacts:
    """What tables and findings say about a target, without anything as long as its loci.

    Attributes
    ----------
    name : str
        The target.
    n_loci, n_hybrid, n_references, n_blocks : int
        Loci of its audit, audited ones that no reference observes, references, blocks of the loci.
    n_observed : tuple of int
        Reference cell types that are observed at a locus: the fewest and the most; 0 without loci.
    n_never, n_always, n_variable : int
        Loci that are active in no, all, some reference cell types; 0 for continuous labels.
    nearest : str
        Nearest reference cell type, "" without references.
    nearest_source : str
        How it was found.
    correlation, agreement : float
        Of the target with it.
    resembles : (str, float) or None
        A reference that is more like the target than references usually have one.
    n_near : int or None
        Of `n_hybrid`, those that lie near a reference locus; None where that is not known.
    """

    name: str
    n_loci: int
    n_hybrid: int
    n_references: int
    n_observed: tuple[int, int] = (0, 0)
    n_never: int = 0
    n_always: int = 0
    n_variable: int = 0
    nearest: str = ""
    nearest_source: str = ""
    correlation: float = np.nan
    agreement: float = np.nan
    resembles: tuple[str, float] | None = None
    n_near: int | None = None
    n_blocks: int = 0

    @property
    def near_share(self) -> float:
        """Share of the new loci that lie near a reference locus; NaN where there is none."""
        return share_near(self.n_near, self.n_hybrid)

    @classmethod
    def of(cls, found: BaselineScores, n_near: int | None = None) -> "TargetFacts":
        """Look at the baselines of a target.

        Parameters
        ----------
        found : BaselineScores
            With its view.
        n_near : int, optional
            Audited loci that no reference observes and that lie near one that some does.

        Returns
        -------
        TargetFacts
        """
        view, binary = found.view, found.view.label_kind == "binary"
        never, always = view.average == 0, view.average == 1
        return cls(
            name=view.name,
            n_loci=len(view.rows),
            n_hybrid=view.n_hybrid,
            n_references=len(view.references),
            n_observed=extremes(view.n_observed),
            n_never=int(never.sum()) if binary else 0,
            n_always=int(always.sum()) if binary else 0,
            n_variable=int((~never & ~always).sum()) if binary else 0,
            nearest=found.nearest,
            nearest_source=found.neighbours.source,
            correlation=found.correlation,
            agreement=found.agreement,
            resembles=found.resembles,
            n_near=n_near,
            n_blocks=int(np.count_nonzero(view.block_sizes)),
        )


def findings_of_input(
    facts: InputFacts,
    targets: Sequence[TargetFacts],
    blocks: tuple[int, str],
    signal_transform: str,
) -> list[Finding]:
    """Make the findings that need no score: references, blocks, signal and targets.

    Parameters
    ----------
    facts : InputFacts
        The checked input, with the notes of the border.
    targets : sequence of TargetFacts
        All targets.
    blocks : tuple of (int, {"chromosome", "stretch", "given"})
        How many blocks there are, and what they are.
    signal_transform : str
        Transformation of the signal.

    Returns
    -------
    list of Finding
        In no particular order.

    Examples
    --------
    >>> facts = InputFacts(notes=(), n_chromosomes=22, has_signal=True, label_kind="binary")
    >>> target = TargetFacts(name="K562", n_loci=100, n_hybrid=0, n_references=2)
    >>> [one.code for one in findings_of_input(facts, [target], (22, "chromosome"), "arcsinh")]
    ['LK004']
    """
    # Given blocks say which loci belong together, as coordinates would.
    silent = {"LK018"} if blocks[1] == "given" else set()
    notes = [note for note in facts.notes if note.code not in silent]
    found = [make_finding(note.code, evidence=note.evidence) for note in notes]
    found += [*_names(facts.cell_types), *_near(targets)]
    calls_only = not facts.has_signal and facts.label_kind == "binary"
    found += _references(targets, calls_only=calls_only)
    chromosomes = facts.n_chromosomes, facts.n_audited_chromosomes
    found += findings_of_blocks(blocks, chromosomes, {one.name: one.n_blocks for one in targets})
    if facts.has_signal and signal_transform == "none":
        evidence = "The average signal and the nearest cell type use the signal as it came."
        found.append(make_finding("LK010", evidence=evidence))
    if calls_only:
        evidence = "`signal` was not given; what references know is their labels."
        found.append(make_finding("LK025", evidence=evidence))
    if facts.labels is not None:
        found += _raw_labels(facts.labels)
    return found


def _names(cell_types: Sequence[str]) -> Iterator[Finding]:
    """Cell types that may be one under two names."""
    pairs = [f"{name!r} and {other!r}" for name, other in written_twice(cell_types)]
    if pairs:
        remedy = (
            "If they are one cell type, write its name alike everywhere: names are never matched "
            "by guessing, and a target could be among its own references."
        )
        more = f", and {len(pairs) - 4} more" if len(pairs) > 4 else ""
        evidence = f"Cell types {', '.join(pairs[:4])}{more} count as different."
        yield make_finding("LK036", evidence=evidence, remedy=remedy)


def _references(targets: Sequence[TargetFacts], *, calls_only: bool) -> Iterator[Finding]:
    """Few references, a target that resembles one, labels used at other loci."""
    most = FEW_CALLS if calls_only else FEW_REFERENCES
    few = [one for one in targets if one.n_references < most]
    if few:
        n = few[0].n_references
        no_signal = " and no signal" if n >= FEW_REFERENCES else ""
        evidence = f"{few[0].name} has {counted(n, 'reference cell type')}{no_signal}."
        yield make_finding("LK004", evidence=evidence)
    for one in targets:
        if one.resembles is not None:
            closest, correlation = one.resembles
            evidence = (
                f"Correlation with {closest} is {correlation:.3f}, above the 95th percentile of "
                "what reference cell types have with their own nearest."
            )
            yield make_finding("LK009", target=one.name, evidence=evidence)
    crossed = [one for one in targets if one.nearest_source == "labels of other blocks"]
    if crossed:
        evidence = (
            f"At {len(crossed)} of {counted(len(targets), 'target')} the nearest cell type was "
            "chosen by correlation over the other blocks."
        )
        yield make_finding("LK022", evidence=evidence)


def _near(targets: Sequence[TargetFacts]) -> Iterator[Finding]:
    """New loci that lie near loci of the reference."""
    near = [one for one in targets if one.n_near]
    if not near:
        return
    n_near, n_new = sum(one.n_near or 0 for one in near), sum(one.n_hybrid for one in near)
    names = [one.name for one in near]
    evidence = (
        f"At {named(names)} {n_near:,} of {n_new:,} audited pairs of loci that are new to the "
        f"reference lie within {GAP:,} bp of one of its loci."
    )
    yield make_finding("LK031", target=only(names), evidence=evidence)


def _raw_labels(labels: LabelSummary) -> Iterator[Finding]:
    """Labels that look like counts or p-values: never negative, mean above third quartile."""
    if labels.least >= 0 and labels.mean > labels.third_quartile:
        evidence = (
            f"Labels run from {labels.least:g} to {labels.largest:g}, and their mean "
            f"{labels.mean:.3g} is above their third quartile."
        )
        yield make_finding("LK027", evidence=evidence)


def findings_of_results(
    tables: Mapping[str, pd.DataFrame], margin: float, families: Mapping[str, str]
) -> list[Finding]:
    """Make the findings that rest on scores, verdicts and the information test.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables `scores`, `verdict` and `information`.
    margin : float
        Skill below which a win is of no practical use.
    families : mapping of str to str
        Model to family, for models that are compared by family.

    Returns
    -------
    list of Finding
        One for each model and kind, naming the targets in the evidence.

    Examples
    --------
    >>> from leakcheck.results import empty_table
    >>> tables = {name: empty_table(name) for name in ("scores", "verdict", "information")}
    >>> [one.code for one in findings_of_results(tables, 0.05, {"m1": "a", "m2": "b"})]
    ['LK024', 'LK023']
    """
    found = [*_scope(tables["verdict"]), *_verdicts(tables["verdict"])]
    found += _conclusions(tables["information"])
    found += [*findings_of_orders(tables["scores"]), *_power(tables["verdict"], margin)]
    perfect = tables["verdict"].loc[
        lambda t: (t["tested"] == "difference") & (t["verdict"] != "not-testable")
    ]
    for baseline, part in perfect.groupby("baseline", sort=False):
        targets = list(dict.fromkeys(part["target"]))
        nearly = f"{baseline} scores above {NEARLY_PERFECT} at {named(targets)}."
        found.append(make_finding("LK019", evidence=nearly))
    sizes = pd.Series(list(families.values()), dtype=object).value_counts()
    if len(sizes) > 1:
        models = ", ".join(f"{name}: {counted(n, 'model')}" for name, n in sizes.items())
        found.append(make_finding("LK024", evidence=f"Families: {models}."))
        if any(are_too_few(*pair) for pair in combinations(sizes.tolist(), 2)):
            found.append(make_finding("LK023", evidence=f"Families: {models}."))
    return found


def _scope(verdict: pd.DataFrame) -> Iterator[Finding]:
    """A single target that says anything, about utility or about information."""
    targets = list(dict.fromkeys(verdict["target"]))
    silent = (verdict["verdict"] == "not-testable") & (verdict["specificity"] == "not-testable")
    tested = list(dict.fromkeys(verdict.loc[~silent, "target"])) or targets
    if len(tested) == 1:
        of = "target" if len(targets) == 1 else f"one of {len(targets)} targets that can be tested"
        yield make_finding("LK011", evidence=f"{tested[0]} is the only {of}.")


def _verdicts(verdict: pd.DataFrame) -> Iterator[Finding]:
    """Models that do not beat the average activity, or are worse than a baseline."""
    average = verdict.loc[verdict["baseline"] == "average-activity"]
    for name, part in average.groupby("model", sort=False):
        beaten = part.loc[part["verdict"] == "does-not-beat"]
        lost = beaten["target"].tolist()
        if lost:
            # Above a perfect baseline there is no room for skill, and none is known.
            skill = beaten["skill"].dropna()
            median = f"; median skill there {skill.median():+.3f}" if len(skill) else ""
            evidence = f"At {len(lost)} of {counted(len(part), 'target')}{median}."
            yield make_finding("LK003", model=str(name), target=only(lost), evidence=evidence)
    worse = verdict.loc[(verdict["flag"] == "worse")]
    for (model, against), part in worse.groupby(["model", "baseline"], sort=False):
        if against not in PRIMARY_BASELINES:
            continue
        targets = part["target"].tolist()
        evidence = f"Below {against} at {named(targets)}; the interval of the skill is negative."
        yield make_finding("LK020", model=str(model), target=only(targets), evidence=evidence)


def _conclusions(information: pd.DataFrame) -> Iterator[Finding]:
    """Memorisation, copying, and predictions that are functions of a baseline."""
    kinds = {
        "LK002": information["conclusion"] == "consistent with memorisation",
        "LK013": information["reason"].str.contains("is a function of the", regex=False),
        "LK021": information["conclusion"].str.contains("consistent with copying", regex=False),
    }
    for code, rows in kinds.items():
        for model, part in information.loc[rows].groupby("model", sort=False):
            targets = part["target"].tolist()
            rho = float(part["spearman_with_average"].median())
            evidence = f"At {named(targets)}; median rank correlation with the average {rho:.3f}."
            yield make_finding(code, model=str(model), target=only(targets), evidence=evidence)


def _power(verdict: pd.DataFrame, margin: float) -> Iterator[Finding]:
    """Audits that could not have seen a gain of the margin."""
    rows = verdict.loc[
        (verdict["baseline"] == "average-activity")
        & (verdict["verdict"] == "inconclusive")
        & (DETECTABLE_ERRORS * verdict["skill_se"] > margin)
    ]
    for model, part in rows.groupby("model", sort=False):
        targets = part["target"].tolist()
        gain = float(DETECTABLE_ERRORS * part["skill_se"].median())
        evidence = (
            f"At {named(targets)} a skill below about {gain:.3f} would not be seen."
            if gain < 1
            else f"At {named(targets)} not even a perfect model, whose skill is 1, would be seen."
        )
        yield make_finding("LK028", model=str(model), target=only(targets), evidence=evidence)
