"""Floor 5: codes of input that is refused: an error carries one, no report ever does."""

from typing import Final

from leakcheck._check import Check

__all__ = ["INPUT_CHECKS"]

INPUT_CHECKS: Final = (
    Check(
        code="LK101",
        title="the target is among the reference cell types",
        severity="error",
        remedy=(
            "Name in `train` only what the model was trained, validated or stopped on, and leave "
            "the targets out; or compare each cell type with all others: train='leave-one-out'."
        ),
    ),
    Check(
        code="LK102",
        title="loci are in other coordinates",
        severity="error",
        remedy=(
            "Bring both tables to one assembly, one way of counting bases and one spelling of ids, "
            "and check one locus that you know by hand in each."
        ),
    ),
    Check(
        code="LK103",
        title="a name of a cell type that nothing else has",
        severity="error",
        remedy="Write the name as the labels do: names are never matched by guessing.",
    ),
    Check(
        code="LK104",
        title="nothing says what was reference",
        severity="error",
        remedy=(
            "Name the cell types that the model could have seen with `train`, or compare each "
            "cell type with all others: train='leave-one-out'."
        ),
    ),
)
