"""Floor 5: which setting a split tests, and what may be claimed from it."""

from leakcheck.design.detect import detect_design
from leakcheck.design.near import GAP, near_loci, share_near
from leakcheck.design.record import Design
from leakcheck.design.setting import MIN_SHARE, Setting, setting_of, setting_of_counts

__all__ = [
    "GAP",
    "MIN_SHARE",
    "Design",
    "Setting",
    "detect_design",
    "near_loci",
    "setting_of",
    "setting_of_counts",
    "share_near",
]
