"""Floor 5: what a check is; the checks themselves are in `leakcheck._codes`."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["SEVERITIES", "Check", "Severity"]

Severity: TypeAlias = Literal["error", "warning", "info"]

#: From the worst to the mildest.
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


@dataclass(frozen=True, kw_only=True)
class Check:
    """What a code stands for.

    Parameters
    ----------
    code : str
        ``LK`` and three digits; a code never changes its meaning and is never used again.
    title : str
        What was found, in a few words.
    severity : {"error", "warning", "info"}
        How much it matters to what may be claimed.
    remedy : str
        What to do about it.
    """

    code: str
    title: str
    severity: Severity
    remedy: str
