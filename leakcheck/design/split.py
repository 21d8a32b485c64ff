"""A split as the checks see it: its tables, and what of the test the others have."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from leakcheck._typing import BoolArray
from leakcheck.design.celltypes import Copy
from leakcheck.design.matching import Matcher
from leakcheck.design.pairs import Pairs

__all__ = ["Seen", "Split"]


@dataclass(frozen=True, eq=False)
class Seen:
    """What of each test pair is in another table.

    Attributes
    ----------
    matcher : Matcher
        Of that table and the test.
    pair, locus, cell_type : numpy.ndarray of bool, shape (n_pairs,)
        Whether the pair itself, its locus, and its cell type are there.
    """

    matcher: Matcher
    pair: BoolArray
    locus: BoolArray
    cell_type: BoolArray

    def not_new(self, later: "Seen") -> BoolArray:
        """Pairs with a locus or a cell type that is new to this table and known to `later`."""
        return (~self.locus & later.locus) | (~self.cell_type & later.cell_type)


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """All that the checks look at.

    Attributes
    ----------
    tables : list of Pairs
        Train, test and, where given, validation.
    seen, later : Seen
        What training, and what validation, has of the test.
    near : numpy.ndarray of bool, shape (n_pairs,)
        Test pairs whose locus is near a training locus, and was not seen.
    copies : list of Copy
        Closest cell type of each test cell type.
    copies_above : float
        Correlation from which they are copies.
    setting : str
        The setting.
    shares : Series
        Share of each setting.
    gap : int
        What near means.
    aliases : mapping of str to str
        As given.
    """

    tables: list[Pairs]
    seen: Seen
    later: Seen | None
    near: BoolArray
    copies: list[Copy]
    copies_above: float
    setting: str
    shares: "pd.Series[float]"
    gap: int
    aliases: Mapping[str, str]

    @property
    def test(self) -> Pairs:
        """The test pairs."""
        return self.tables[1]
