"""Labels shuffled within a locus or within a cell type."""

from typing import Any, Final, Literal

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.data.arrays import is_numeric, plain
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.names import factorize_names
from leakcheck.data.seeds import generator_of
from leakcheck.exceptions import ValidationError

__all__ = ["check_rows", "shuffle_labels"]

_WITHIN: Final = ("locus", "celltype")


def shuffle_labels(
    labels: Any,
    loci: Any,
    celltypes: Any,
    *,
    within: Literal["locus", "celltype"],
    random_state: int | np.random.Generator = 0,
) -> FloatArray:
    """Shuffle training labels so that one kind of knowledge is gone and the other stays.

    Parameters
    ----------
    labels : sequence of float, length n
        Labels of the training rows; NaN where there is none, and these stay where they are.
    loci : DataFrame, Loci or sequence of str, length n
        Locus of each row.
    celltypes : sequence of str, length n
        Cell type of each row.
    within : {"locus", "celltype"}
        ``"locus"``: labels change places among the cell types of a locus. The average activity of
        every locus stays, all that is special to a cell type goes. ``"celltype"``: labels change
        places among the loci of a cell type. Its prevalence stays, all about loci goes.
    random_state : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Labels to train on. Test on the true ones.

    Raises
    ------
    ValidationError
        When lengths differ or labels are no numbers.

    Examples
    --------
    >>> y, loci = [0, 1, 1, 0, 0, 0], ["g1", "g1", "g1", "g2", "g2", "g2"]
    >>> shuffled = shuffle_labels(y, loci, list("ABCABC"), within="locus", random_state=1)
    >>> shuffled[:3].sum(), shuffled[3:].sum()
    (np.float64(2.0), np.float64(0.0))
    """
    if within not in _WITHIN:
        raise ValidationError(
            f"`within` must be 'locus' or 'celltype'; it is {within!r}. Choose what the labels "
            "shall keep."
        )
    values = plain(labels, "labels")
    locus, _ = read_loci(loci, "loci")
    cell_type, _ = factorize_names(celltypes, "celltypes")
    check_rows({"labels": len(values), "loci": len(locus), "celltypes": len(cell_type)})
    if not is_numeric(values):
        raise ValidationError(
            f"`labels` must be numbers; they hold text, the first is {values[0]!r}. Convert them."
        )
    shuffled = values.astype(np.float64)
    observed = np.flatnonzero(~np.isnan(shuffled))
    group = (locus if within == "locus" else cell_type)[observed]
    ticket = generator_of(random_state).permutation(len(observed))
    in_place, drawn = np.argsort(group, kind="stable"), np.lexsort((ticket, group))
    shuffled[observed[in_place]] = shuffled[observed[drawn]]
    return shuffled


def check_rows(sizes: dict[str, int]) -> None:
    """Refuse arguments of different lengths."""
    if len(set(sizes.values())) > 1:
        words = ", ".join(f"{size} in `{name}`" for name, size in sizes.items())
        raise ValidationError(
            f"{' and '.join(f'`{name}`' for name in sizes)} must have one entry for each row; they "
            f"have {words}. Give them row by row."
        )
