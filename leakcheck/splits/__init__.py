"""Floor 3: scikit-learn splitters for the three settings, with validation sets and a gap."""

from leakcheck.splits.axes import CrossCellType, CrossChromosome
from leakcheck.splits.hybrid import Hybrid
from leakcheck.splits.paper import PAPER_EXPRESSION, PAPER_TADS, PaperRoles

__all__ = [
    "PAPER_EXPRESSION",
    "PAPER_TADS",
    "CrossCellType",
    "CrossChromosome",
    "Hybrid",
    "PaperRoles",
]
