"""Floor 5: the checks of a split, which `leakcheck.detect_design` makes findings of."""

from typing import Final

from leakcheck._check import Check

__all__ = ["DESIGN_CHECKS"]

DESIGN_CHECKS: Final = (
    Check(
        code="LK031",
        title="test loci lie near training loci",
        severity="warning",
        remedy=(
            "Hold out whole chromosomes, or drop training loci within 200 kb of a test locus: a "
            "neighbour's average predicts a locus."
        ),
    ),
    Check(
        code="LK032",
        title="the tables count bases differently",
        severity="warning",
        remedy=(
            "Say how each table counts, for example `coordinates={'train': '1-based'}`, or convert "
            "one of the tables."
        ),
    ),
    Check(
        code="LK033",
        title="test loci are training loci under other ids",
        severity="warning",
        remedy=(
            "Give one place one id, or hold out all ids of a place together: a model reads the "
            "place, not its name."
        ),
    ),
    Check(
        code="LK034",
        title="identical sequences at different loci",
        severity="warning",
        remedy=(
            "Hold out copies together: a model of sequence cannot tell such loci apart, and has "
            "seen the labels of one of them."
        ),
    ),
    Check(
        code="LK035",
        title="cell types that are copies of one another",
        severity="warning",
        remedy=(
            "Hold out copies together. If they are one cell type under two names, say so with "
            "`aliases`; if they are replicates, claim no new cell type."
        ),
    ),
    Check(
        code="LK036",
        title="names that differ only in writing",
        severity="warning",
        remedy=(
            "If they are one, say so with `aliases={'k562': 'K562'}`; names are never "
            "matched by guessing."
        ),
    ),
    Check(
        code="LK037",
        title="test pairs were used for validation",
        severity="error",
        remedy=(
            "Choose the model on other pairs: a model that was stopped or chosen by its test pairs "
            "has seen them."
        ),
    ),
    Check(
        code="LK038",
        title="what the test calls new was seen in validation",
        severity="warning",
        remedy=(
            "Validate on loci and cell types that are not in the test either, or claim only what "
            "the setting with validation allows."
        ),
    ),
    Check(
        code="LK039",
        title="the test mixes settings",
        severity="warning",
        remedy=(
            "Report each setting by itself: one number over unlike pairs belongs to none of them."
        ),
    ),
    Check(
        code="LK040",
        title="locus and cell type were both seen: imputation only",
        severity="warning",
        remedy=(
            "Claim imputation of missing pairs, and nothing about new loci or new cell types; or "
            "split with `leakcheck.splits`."
        ),
    ),
    Check(
        code="LK041",
        title="overlaps could not be looked for",
        severity="info",
        remedy=(
            "Give `chrom, start, end` in all tables: without them loci match by id alone, and "
            "neighbours are not seen."
        ),
    ),
    Check(
        code="LK042",
        title="one id has different intervals",
        severity="warning",
        remedy=(
            "Check that both tables are on one assembly and count bases alike; ids that mean "
            "different loci must differ."
        ),
    ),
    Check(
        code="LK043",
        title="chromosomes are named in two styles",
        severity="info",
        remedy="Nothing: `chr1` and `1` were taken as one chromosome. Name them alike if you can.",
    ),
    Check(
        code="LK044",
        title="aliases that name nothing",
        severity="info",
        remedy="Correct the names in `aliases`, or leave these out: they had no effect.",
    ),
)
