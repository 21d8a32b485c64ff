"""The average activity as an input feature."""

from typing import Any

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.controls.shuffling import check_rows
from leakcheck.data.arrays import is_numeric, plain
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.names import factorize_names
from leakcheck.exceptions import ValidationError

__all__ = ["average_feature"]


def average_feature(labels: Any, loci: Any, celltypes: Any, *, train: Any) -> FloatArray:
    """Make the average activity of each row's locus in the other training cell types.

    Trained on this alone, a model can only give the average back; trained on this and its own
    inputs, it need not spend any parameter on memorising it.

    Parameters
    ----------
    labels : sequence of float, length n
        Labels of all rows; NaN where there is none. Labels outside `train` are not looked at.
    loci : DataFrame, Loci or sequence of str, length n
        Locus of each row.
    celltypes : sequence of str, length n
        Cell type of each row.
    train : sequence of bool, length n
        Training rows.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Mean label over the training rows of the locus in other cell types than the row's own, so
        that no row is given its own label; NaN where there is none.

    Raises
    ------
    ValidationError
        When lengths differ, or `train` is no mask.

    Examples
    --------
    >>> y, loci, cell_types = [1, 0, 1], ["g1", "g1", "g1"], ["A", "B", "C"]
    >>> average_feature(y, loci, cell_types, train=[True, True, False]).tolist()
    [0.0, 1.0, 0.5]
    """
    values, mask = plain(labels, "labels"), plain(train, "train")
    if values.ndim != 1 or mask.ndim != 1 or mask.dtype != np.bool_ or not is_numeric(values):
        raise ValidationError(
            "`train` must be a mask of booleans and `labels` numbers, one for each row; they are "
            f"{mask.dtype} and {values.dtype} of {mask.ndim} and {values.ndim} dimensions. Give "
            "for example train=(celltypes != 'E003')."
        )
    locus, _ = read_loci(loci, "loci")
    cell_type, names = factorize_names(celltypes, "celltypes")
    check_rows(
        {
            "labels": len(values),
            "loci": len(locus),
            "celltypes": len(cell_type),
            "train": len(mask),
        }
    )
    used = mask & ~np.isnan(values.astype(np.float64))
    pair = locus * len(names) + cell_type
    pairs, pair = np.unique(pair, return_inverse=True)
    at_locus = _sums(locus, used, values, int(locus.max(initial=-1)) + 1)
    own = _sums(pair, used, values, len(pairs))
    count, total = (whole[locus] - part[pair] for whole, part in zip(at_locus, own, strict=True))
    average: FloatArray = np.full(len(values), np.nan)
    np.divide(total, count, out=average, where=count > 0)
    return average


def _sums(codes: Any, used: Any, values: Any, size: int) -> tuple[FloatArray, FloatArray]:
    """Number and sum of the used labels of each code."""
    count = np.bincount(codes[used], minlength=size).astype(np.float64)
    total = np.bincount(codes[used], weights=values[used].astype(np.float64), minlength=size)
    return count, total.astype(np.float64)
