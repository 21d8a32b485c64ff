"""Floor 6: the same audit of data sets that do not fit in memory, and on clusters."""

from leakcheck.scale.column_scores import column_scores
from leakcheck.scale.open import open_source
from leakcheck.scale.rank_counts import rank_counts
from leakcheck.scale.run import audit
from leakcheck.scale.source import CorruptPartitionError, Part, Partition, Source

__all__ = [
    "CorruptPartitionError",
    "Part",
    "Partition",
    "Source",
    "audit",
    "column_scores",
    "open_source",
    "rank_counts",
]
