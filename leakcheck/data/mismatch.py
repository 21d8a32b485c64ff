"""Loci of one table that are not in another: say why, where the reason can be seen."""

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data.chromosomes import check_same_style
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import interval_ids
from leakcheck.data.names import same_but_for_case_or_version
from leakcheck.data.wording import share
from leakcheck.exceptions import ValidationError

__all__ = ["check_comparable", "refuse_shifted", "refuse_unknown_loci"]


def check_comparable(loci: Loci, argument: str, known: Loci, known_argument: str) -> None:
    """Refuse intervals beside ids, and `chr1` beside `1`: such loci can never be the same."""
    if loci.has_coordinates and known.has_coordinates:
        check_same_style(loci.chrom_names, argument, known.chrom_names, known_argument)


def refuse_shifted(loci: Loci, argument: str, known: Loci, known_argument: str) -> None:
    """Refuse loci that would match if their starts were moved by one base."""
    if loci.start is None or loci.end is None or not known.has_coordinates:
        return
    chroms = loci.chromosomes()
    for shift, remedy in ((-1, "Subtract 1 from"), (1, "Add 1 to")):
        shifted = interval_ids(chroms, loci.start + shift, loci.end)
        matched = int((known.index_of(shifted) >= 0).sum())
        if 2 * matched > len(loci):
            raise ValidationError(
                f"`{argument}` and `{known_argument}` must give the same loci the same intervals; "
                f"{share(matched, len(loci), 'locus', 'matches/match')} only when `start` is "
                f"shifted by one, the first is {loci.ids[0]}. One table counts from 1 and the "
                f"other from 0: {remedy} every `start` of `{argument}` (loci are 0-based, "
                "half-open).",
                code="LK102",
            )


def refuse_unknown_loci(loci: Loci, unknown: BoolArray, known: Loci, argument: str) -> None:
    """Raise for loci that the labels do not have."""
    check_comparable(loci, argument, known, "labels")
    strangers = loci.take(np.flatnonzero(unknown))
    refuse_shifted(strangers, argument, known, "labels")
    first = strangers.ids[0]
    raise ValidationError(
        f"`{argument}` must have loci of `labels` only; "
        f"{share(len(strangers), len(loci), 'locus', 'is/are')} unknown, the first is {first!r}, "
        "where `labels` has loci such as "
        f"{known.ids[0]!r}.{same_but_for_case_or_version(first, known.ids.tolist())} Use the row "
        "names of `labels`, or drop these rows.",
        code="LK102",
    )
