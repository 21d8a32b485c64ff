"""Floor 2: the border, the one place where input is coerced and checked."""

from leakcheck.data.build import build_evaluation_set
from leakcheck.data.evaluation_set import EvaluationSet, Note, ReferenceSource
from leakcheck.data.loci import Loci

__all__ = ["EvaluationSet", "Loci", "Note", "ReferenceSource", "build_evaluation_set"]
