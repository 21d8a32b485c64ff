"""Floor 5: what every code of a finding stands for; `leakcheck.checks` makes findings of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leakcheck._check import SEVERITIES, Check, Severity
from leakcheck._codes_design import DESIGN_CHECKS
from leakcheck._codes_input import INPUT_CHECKS

__all__ = ["CAUSES", "CHECKS", "REFUSALS", "SEVERITIES", "Check", "Severity"]

_ALL: Final = (
    Check(
        code="LK001",
        title="reference cell types were inferred",
        severity="info",
        remedy="Name the reference cell types with `train`, so that the audit cannot guess wrong.",
    ),
    Check(
        code="LK002",
        title="consistent with memorisation",
        severity="error",
        remedy=(
            "Do not claim that the model predicts cell-type-specific activity. Show the average "
            "activity beside it, and train it on what differs between cell types."
        ),
    ),
    Check(
        code="LK003",
        title="does not beat the average activity",
        severity="error",
        remedy=(
            "Report the average activity beside the model. Where the model is informative, "
            "combine it with the average."
        ),
    ),
    Check(
        code="LK004",
        title="few reference cell types: a low bar",
        severity="warning",
        remedy=(
            "Add reference cell types, or `signal`: the average of few calls is mostly ties, and "
            "memory that orders them by the neighbouring loci beats it. A win over it says little."
        ),
    ),
    Check(
        code="LK005",
        title="loci never seen in the reference",
        severity="info",
        remedy=(
            "These loci have no average activity and are left out of the comparison. Give "
            "reference labels for them where they exist."
        ),
    ),
    Check(
        code="LK006",
        title="fewer than ten chromosomes or given blocks",
        severity="warning",
        remedy=(
            "Audit loci on ten chromosomes or more, or give ten `blocks` or more (in a terminal: "
            "--blocks-column) that are far from each other: neighbouring stretches are not "
            "independent, so intervals may be too narrow, and few blocks make them wide."
        ),
    ),
    Check(
        code="LK007",
        title="few distinct predictions",
        severity="warning",
        remedy=(
            "Save predictions as float32 or float64, before rounding: ties and low precision "
            "change average precision itself."
        ),
    ),
    Check(
        code="LK008",
        title="AUROC below 0.4: the sign may be wrong",
        severity="warning",
        remedy="Check that a larger score means more active; pass `-score` if it does not.",
    ),
    Check(
        code="LK009",
        title="the target is hardly new",
        severity="warning",
        remedy=(
            "Name what the target shares with its nearest reference cell type (donor, tissue, "
            "laboratory), or hold out the whole group of similar cell types."
        ),
    ),
    Check(
        code="LK010",
        title="a mean of raw signal is a straw man",
        severity="warning",
        remedy=(
            "Transform the signal before averaging (`signal_transform='arcsinh'`): a few loci "
            "with huge values make the mean of raw signal far too easy to beat."
        ),
    ),
    Check(
        code="LK011",
        title="one cell type supports no claim about cell types in general",
        severity="info",
        remedy=(
            "Audit several target cell types: the spread between targets is several times the "
            "error within one."
        ),
    ),
    Check(
        code="LK012",
        title="predictions are 0/1 calls",
        severity="warning",
        remedy="Pass the scores before the threshold: calls cannot be ranked.",
    ),
    Check(
        code="LK013",
        title="the prediction is a function of a baseline",
        severity="warning",
        remedy=(
            "Look how the predictions were made: there is nothing in them beyond the baseline, so "
            "information about the cell type cannot be tested."
        ),
    ),
    Check(
        code="LK014",
        title="identical duplicates were dropped",
        severity="warning",
        remedy="Remove duplicated (locus, cell type) rows from the input.",
    ),
    Check(
        code="LK015",
        title="predictions for reference pairs are not audited",
        severity="info",
        remedy=(
            "Nothing, where these are predictions on training data. Otherwise correct `train`: "
            "what is reference is not audited."
        ),
    ),
    Check(
        code="LK016",
        title="cell types that are neither reference nor predicted",
        severity="info",
        remedy=(
            "Name them in `train` if the model could have seen their labels; predict them if they "
            "are targets."
        ),
    ),
    Check(
        code="LK017",
        title="missing labels",
        severity="info",
        remedy=(
            "Nothing, where they were not observed: they are left out, and counted. If missing "
            "means inactive, write 0."
        ),
    ),
    Check(
        code="LK018",
        title="loci without coordinates: the order of rows stands in for the genome",
        severity="warning",
        remedy=(
            "Give `chrom, start, end`, ids written chr1:100-200 (other ways, such as chr1-100-200, "
            "are names), or `blocks` (in a terminal: --blocks-column). Without them "
            "20 stretches of the table are the blocks; unless its rows are in genome order, that "
            "takes loci as independent, and intervals are too narrow, because neighbouring loci "
            "are alike."
        ),
    ),
    Check(
        code="LK019",
        title="the baseline is nearly perfect: the difference is tested, not the skill",
        severity="info",
        remedy=(
            "Read the difference. Harder loci or cell types would show more: where the baseline "
            "is above 0.995, nothing is left to win."
        ),
    ),
    Check(
        code="LK020",
        title="worse than the baseline",
        severity="error",
        remedy=(
            "Use the baseline instead, or combine the two; and check that loci, cell types and "
            "the sign of the score match."
        ),
    ),
    Check(
        code="LK021",
        title="consistent with copying a similar cell type",
        severity="warning",
        remedy=(
            "Do not claim more than the nearest reference cell type gives. Hold out the group of "
            "similar cell types and audit again."
        ),
    ),
    Check(
        code="LK022",
        title="the nearest cell type was found with the target's labels at other loci",
        severity="info",
        remedy=(
            "Pass `similarity` (features, or a matrix made without labels) where the target's "
            "labels would not be known in use."
        ),
    ),
    Check(
        code="LK023",
        title="families too small to be significant",
        severity="warning",
        remedy=(
            "Train at least 7 models a family: under Holm over 54 strata, two families of fewer "
            "cannot reach 5% however large the difference is."
        ),
    ),
    Check(
        code="LK024",
        title="Mann-Whitney speaks of these models on these loci",
        severity="info",
        remedy=(
            "Read the locus-level interval beside it: models of a family share their errors, "
            "which the rank test does not know."
        ),
    ),
    Check(
        code="LK025",
        title="the information test was made without reference signals",
        severity="info",
        remedy=(
            "Pass `signal`: a model may know reference signals that the labels do not show, and "
            "would then look cell-type-specific."
        ),
    ),
    Check(
        code="LK026",
        title="audited pairs were seen in training",
        severity="error",
        remedy=(
            "Remove these (locus, cell type) pairs from the audit, or train without them: no "
            "number of this target means anything."
        ),
    ),
    Check(
        code="LK027",
        title="continuous labels look like raw counts or p-values",
        severity="warning",
        remedy=(
            "Transform them first (arcsinh, or -log10 for p-values): a few huge values decide MSE "
            "and Pearson."
        ),
    ),
    Check(
        code="LK028",
        title="the audit is too small to tell",
        severity="info",
        remedy=(
            "Audit more loci or more chromosomes: a gain as small as the margin would not be "
            "detected, so `inconclusive` does not mean equal."
        ),
    ),
    Check(
        code="LK029",
        title="different ids share an interval",
        severity="info",
        remedy=(
            "Nothing, where these are different things at one place. If one locus came under two "
            "names, merge them: it counts twice."
        ),
    ),
    Check(
        code="LK030",
        title="reference loci without coordinates were left out",
        severity="info",
        remedy="Give the coordinates of all loci, or the same ids in both tables.",
    ),
    *DESIGN_CHECKS,  # LK031 to LK044
    Check(
        code="LK045",
        title="bins of tracks had bases without data",
        severity="info",
        remedy=(
            "Check that the choice of `missing` fits how the tracks were written: 'zero' where "
            "gaps mean no signal, 'nan' where they mean not measured."
        ),
    ),
    Check(
        code="LK046",
        title="scores were put into bins",
        severity="info",
        remedy=(
            "Allow more `memory`, or pass `exact=True` to be told how much, where the bounds of "
            "the error are too wide."
        ),
    ),
    Check(
        code="LK047",
        title="a perfect order: the score has probably seen the labels",
        severity="error",
        remedy=(
            "Claim nothing before you know how the scores were made: look for the column of labels "
            "in their place, labels joined as a feature, or training on the target."
        ),
    ),
    Check(
        code="LK048",
        title="the average activity says nothing about the target",
        severity="warning",
        remedy=(
            "Make sure that the reference's labels stand at the loci of the target's, and that "
            "what was not measured is missing and not 0: what beats nothing has shown nothing."
        ),
    ),
    Check(
        code="LK049",
        title="the signal does not rise with the labels",
        severity="warning",
        remedy=(
            "Pass a signal that is larger where a locus is active (-log10 of a p-value, or the "
            "signal turned round), with the rows of the labels; or leave `signal` out."
        ),
    ),
    Check(
        code="LK050",
        title="chromosomes on which the references hardly vary",
        severity="info",
        remedy=(
            "If these loci were not measured, leave them out or make their labels missing: scores "
            "and verdicts still count them."
        ),
    ),
    Check(
        code="LK051",
        title="reference cell types whose labels are all the same",
        severity="warning",
        remedy=(
            "Look at these columns where they come from: a shifted or failed column, or a file "
            "without peaks, is no reference. Leave them out, or make their labels missing."
        ),
    ),
)

#: Every check by its code, in order.
CHECKS: Final[Mapping[str, Check]] = MappingProxyType({check.code: check for check in _ALL})

#: Every code of refused input, in order. An error carries one; findings never do.
REFUSALS: Final[Mapping[str, Check]] = MappingProxyType({one.code: one for one in INPUT_CHECKS})

_LOST: Final = ("LK002", "LK003", "LK020")

#: A finding on the left explains those on the right, where both are about the same model: the
#: reader should look at the left one first, however mild it is by itself.
CAUSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "LK008": _LOST,  # a wrong sign loses against everything
        "LK012": ("LK007", *_LOST),  # calls cannot be ranked
        "LK013": _LOST,  # there is nothing in it but the baseline
        "LK020": ("LK003",),  # worse says more than not better, and may be a mixed-up table
        "LK027": _LOST,  # a few huge values decide the error
    }
)
