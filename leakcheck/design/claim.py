"""What may be claimed from a test, in words."""

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["MEANINGS", "Caveats", "claim_of"]

#: What good numbers in a setting mean, and what they do not.
MEANINGS: Final[Mapping[str, str]] = {
    "contaminated": "Nothing: the model has seen the labels that it is tested on.",
    "cross-cell-type": (
        "The test asks about new cell types at loci that training has seen. It supports no claim "
        "about new loci. A model that has only memorised how active each locus is on average looks "
        "excellent here: compare it with the average activity before you claim that it knows the "
        "cell type."
    ),
    "cross-chromosome": (
        "The test asks about new loci in cell types that training has seen. It supports no claim "
        "about new cell types."
    ),
    "hybrid": (
        "The test asks about new loci in new cell types. A model that does well here has "
        "memorised neither."
    ),
    "random": (
        "The test asks for missing pairs of known loci and known cell types: imputation. It "
        "supports no claim about new loci and none about new cell types."
    ),
    "mixed": (
        "The test pools pairs of several settings, and one number over them supports none of the "
        "claims. Report each setting by itself."
    ),
}


class Caveats(NamedTuple):
    """What limits a claim.

    Attributes
    ----------
    n_contaminated, n_pairs : int
        Test pairs that were seen, and all of them.
    near_share : float
        Share of the unseen loci's pairs that lie near a training locus; NaN without unseen ones.
    gap : int
        What near means, in base pairs.
    n_copies : int
        New cell types that are copies of a training cell type.
    n_validated : int
        Test pairs that were used for validation.
    n_not_new : int
        Pairs whose new locus or new cell type was seen in validation.
    has_places : bool
        Whether overlaps could be looked for.
    """

    n_contaminated: int
    n_pairs: int
    near_share: float
    gap: int
    n_copies: int
    n_validated: int
    n_not_new: int
    has_places: bool


def claim_of(setting: str, caveats: Caveats) -> str:
    """Say what may be claimed."""
    if setting == "contaminated":
        return MEANINGS[setting]
    parts = []
    if caveats.n_contaminated:
        parts.append(
            f"First remove the {_of(caveats.n_contaminated, caveats.n_pairs)} that training has "
            "seen: until then the test supports no claim."
        )
    if caveats.n_validated:
        parts.append(
            f"{_of(caveats.n_validated, caveats.n_pairs)} were used to choose the model: until "
            "they are removed the test supports no claim."
        )
    parts.append(MEANINGS[setting])
    new_loci = setting in ("cross-chromosome", "hybrid")
    if new_loci and caveats.near_share >= 0.05:
        parts.append(
            f"But {caveats.near_share:.0%} of the new loci's pairs lie within {caveats.gap:,} bp "
            "of a training locus, so the loci are not new: claim neighbouring loci at the most."
        )
    if caveats.n_copies:
        noun = "cell type is a copy" if caveats.n_copies == 1 else "cell types are copies"
        parts.append(f"{caveats.n_copies} new {noun} of a training cell type, and not new.")
    if caveats.n_not_new:
        parts.append(
            f"In {_of(caveats.n_not_new, caveats.n_pairs)} the new locus or cell type was seen in "
            "validation, and is not quite new."
        )
    if not caveats.has_places and setting != "random":
        parts.append("Loci were compared by id alone; overlaps and neighbours are unknown.")
    return " ".join(parts)


def _of(number: int, total: int) -> str:
    """Write a count among the test pairs."""
    return f"{number:,} of {total:,} test pairs"
