"""One value for each locus, as a user gives blocks or strata."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.data.arrays import is_default_index
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.wording import share
from leakcheck.exceptions import ValidationError

__all__ = ["values_of_loci"]


def values_of_loci(values: Any, loci: Loci, argument: str) -> NDArray[Any]:
    """Read one value for each locus; a Series that names the loci is put in their order.

    Parameters
    ----------
    values : array-like of shape (n_loci,)
        In the order of `loci`, or a Series whose index names all of them in any order and any
        form that `Loci.from_any` takes.
    loci : Loci
        The loci; of those that values have no names for, only the number is asked.
    argument : str
        What messages call the values.

    Returns
    -------
    ndarray, shape (n_loci,)
        In the order of `loci`; what is missing stays missing.

    Raises
    ------
    ValidationError
        When there are more or fewer values than loci, or the index names other ones.

    Examples
    --------
    >>> loci = Loci.from_any(["chr1:0-9", "chr2:0-9"])
    >>> values_of_loci(pd.Series([2, 1], index=["chr2:0-9", "chr1:0-9"]), loci, "blocks").tolist()
    [1, 2]
    """
    if isinstance(values, pd.Series) and not is_default_index(values.index):
        return _by_name(values, loci, argument)
    # A list goes through a Series, in which what is missing stays missing beside strings.
    found = values if isinstance(values, np.ndarray) else pd.Series(values).to_numpy()
    if found.shape != (len(loci),):
        raise ValidationError(
            f"`{argument}` must have one value for each locus; values of shape {found.shape} came "
            f"for {len(loci)} loci. Give them in the order of the loci."
        )
    return found


def _by_name(values: "pd.Series[Any]", loci: Loci, argument: str) -> NDArray[Any]:
    """Find the value of every locus by its name in the index."""
    codes, named = read_loci(values.index, f"{argument}.index")
    remedy = (
        "Let the index name every locus once, or pass .to_numpy() of values in the order of the "
        "loci."
    )
    if len(codes) > len(named):
        raise ValidationError(
            f"`{argument}` as a Series must name each locus once; "
            f"{share(len(codes) - len(named), len(codes), 'row', 'repeats/repeat')} an earlier "
            f"one. {remedy}"
        )
    positions = named.index_of(loci.ids)
    absent = np.flatnonzero(positions < 0)
    if absent.size:
        raise ValidationError(
            f"`{argument}` as a Series must name the loci in its index; "
            f"{share(absent.size, len(loci), 'locus', 'is/are')} not there, the first is "
            f"{loci.ids[absent[0]]}. {remedy}"
        )
    found: NDArray[Any] = values.to_numpy()[positions]
    return found
