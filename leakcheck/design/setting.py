"""The setting that the audited pairs of a target test."""

from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data import EvaluationSet

__all__ = ["MIN_SHARE", "Setting", "setting_of", "setting_of_counts"]

#: Below this share of the pairs the largest setting does not name the whole.
MIN_SHARE: Final = 0.95

_SETTINGS: Final = ("cross-cell-type", "cross-chromosome", "hybrid", "random")


class Setting(NamedTuple):
    """Setting of the audited pairs of a target.

    Attributes
    ----------
    name : str
        ``cross-cell-type`` (locus seen, cell type new), ``cross-chromosome`` (locus new, cell type
        seen), ``hybrid`` (both new), ``random`` (both seen, the pair not) or ``mixed``.
    share : float
        Share of the pairs in the largest setting, 0 to 1; NaN without pairs.
    """

    name: str
    share: float


def setting_of(data: EvaluationSet, target: str) -> Setting:
    """Name the setting that a target's audited pairs test.

    Parameters
    ----------
    data : EvaluationSet
        The checked input; what could be learned from is its reference pairs.
    target : str
        A target.

    Returns
    -------
    Setting
        The largest setting when it holds at least 95% of the pairs, else ``mixed``.

    Examples
    --------
    >>> import leakcheck
    >>> world = leakcheck.simulate.epigenome(n_loci=50)
    >>> data = leakcheck.build_evaluation_set(
    ...     world.labels[["C01"]] * 1.0, world.labels, train=list(world.cell_types[1:]))
    >>> setting_of(data, "C01")
    Setting(name='cross-cell-type', share=1.0)
    """
    column = data.cell_types.index(target)
    audited = data.audited[:, column]
    if not audited.any():
        return Setting("", np.nan)
    own = data.reference[:, column]
    seen_somewhere: BoolArray = data.reference_counts > own
    own_seen = bool(own.any()) and not data.leave_one_out
    n_seen = int(np.count_nonzero(seen_somewhere & audited))
    return setting_of_counts(n_seen, int(np.count_nonzero(audited)), own_seen=own_seen)


def setting_of_counts(n_seen: int, n_audited: int, *, own_seen: bool) -> Setting:
    """Name the setting of a target from counts.

    Parameters
    ----------
    n_seen : int
        Audited pairs whose locus is a reference pair of another cell type.
    n_audited : int
        Audited pairs.
    own_seen : bool
        Whether the target itself has reference pairs, outside leave-one-out.

    Returns
    -------
    Setting
        As `setting_of` gives it.

    Examples
    --------
    >>> setting_of_counts(9, 10, own_seen=False)
    Setting(name='mixed', share=0.9)
    """
    if not n_audited:
        return Setting("", np.nan)
    seen = n_seen / n_audited
    shares = (0.0, 1 - seen, 0.0, seen) if own_seen else (seen, 0.0, 1 - seen, 0.0)
    largest = int(np.argmax(shares))
    name = _SETTINGS[largest] if shares[largest] >= MIN_SHARE else "mixed"
    return Setting(name, shares[largest])
