"""Loci of one table that are not in another: say why, where the reason can be seen."""

from collections.abc import Mapping

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.data.chromosomes import check_one_style, check_same_style, has_one_style
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import interval_ids
from leakcheck.data.names import as_a_date, same_but_for_case_or_version
from leakcheck.data.wording import share
from leakcheck.exceptions import ValidationError

__all__ = ["check_comparable", "check_styles_of_rows", "refuse_shifted", "refuse_unknown_loci"]


def check_comparable(loci: Loci, argument: str, known: Loci, known_argument: str) -> None:
    """Refuse intervals beside ids, and `chr1` beside `1`: such loci can never be the same."""
    if loci.has_coordinates and known.has_coordinates:
        check_same_style(loci.chrom_names, argument, known.chrom_names, known_argument)


def check_styles_of_rows(loci: Loci, rows: IntArray, columns: Mapping[str, FloatArray]) -> None:
    """Refuse two styles of chromosomes in a long table, and say which of its columns have which.

    `rows` has the locus of each row; `columns` the values of each argument, of the labels first. A
    table that was joined from two has values of one in rows where the other has none.
    """
    if loci.chrom is None or has_one_style(loci.chrom_names):
        return
    names, chrom = np.array(loci.chrom_names, dtype=object), loci.chrom[rows]
    used = {
        argument: names[np.unique(chrom[~np.isnan(values)])].tolist()
        for argument, values in columns.items()
    }
    if all(map(has_one_style, used.values())):
        (known_argument, known), *others = used.items()
        for argument, own in others:
            check_same_style(own, argument, known, known_argument)
    check_one_style(loci.chrom_names, "loci")


def refuse_shifted(loci: Loci, argument: str, known: Loci, known_argument: str) -> None:
    """Refuse loci that would match if the starts of one table were moved by one base."""
    if loci.start is None or loci.end is None or not known.has_coordinates:
        return
    chroms = loci.chromosomes()
    for shift, one_based in ((-1, argument), (1, known_argument)):
        places = known.index_of(interval_ids(chroms, loci.start + shift, loci.end))
        matched = np.flatnonzero(places >= 0)
        if 2 * matched.size > len(loci):
            first = matched[0]
            raise ValidationError(
                f"`{argument}` and `{known_argument}` must give the same loci the same intervals; "
                f"{share(matched.size, len(loci), 'locus', 'matches/match')} only when `start` is "
                f"shifted by one, the first is {loci.ids[first]}, which `{known_argument}` has as "
                f"{known.ids[places[first]]}. One table counts from 1 and the other from 0. "
                f"Subtract 1 from every `start` of `{one_based}` (loci are 0-based, half-open).",
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
        f"{known.ids[0]!r}.{same_but_for_case_or_version(first, known.ids.tolist())}"
        f"{as_a_date(first)} Bring both to one assembly, one way of counting bases and one "
        "spelling, or drop these rows.",
        code="LK102",
    )
