"""`Design`: what `detect_design` found."""

import textwrap
from dataclasses import dataclass

import pandas as pd

from leakcheck.exceptions import GateError

__all__ = ["Design"]

_WIDTH = 96


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Design:
    """Which setting a split tests, what may be claimed from it, and what is wrong with it.

    ``print(design)`` gives the answer on one screen.

    Attributes
    ----------
    setting : str
        ``cross-cell-type``, ``cross-chromosome``, ``hybrid``, ``random``, ``contaminated``, or
        ``mixed`` where none of these holds 95% of the test pairs.
    share : float
        Share of the test pairs in the largest setting, 0 to 1.
    claim : str
        What may be claimed, in words.
    shares : pandas.DataFrame
        ``setting, n_pairs, share``: all settings.
    targets : pandas.DataFrame
        For each test cell type ``celltype, setting, share, n_pairs``, the pairs of each setting
        and ``n_near``.
    pairs : pandas.DataFrame
        For each distinct test pair ``locus, celltype, setting, match``: how its locus is known to
        training (``same, other id, overlap, sequence, near, new``).
    loci : pandas.DataFrame
        For each test locus ``locus, match, partner, distance``: the training locus that it
        matches or is nearest to, and the bases between; NaN where unknown.
    cell_types : pandas.DataFrame
        ``celltype, n_train, n_validation, n_test`` (pairs), ``closest, agreement, n_common``: the
        training cell type of another name whose labels agree best.
    checks : pandas.DataFrame
        ``check, code, status, reason``: every check, whether it found something (``found``), found
        nothing (``clear``) or could not be made (``not applicable``).
    findings : pandas.DataFrame
        Coded findings, the worst first.
    summary : tuple of str
        Sizes of the tables in words.
    """

    setting: str
    share: float
    claim: str
    shares: pd.DataFrame
    targets: pd.DataFrame
    pairs: pd.DataFrame
    loci: pd.DataFrame
    cell_types: pd.DataFrame
    checks: pd.DataFrame
    findings: pd.DataFrame
    summary: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether no finding is an error: no test pair was seen in training or validation."""
        return not bool((self.findings["severity"] == "error").any())

    def raise_if_failed(self) -> None:
        """Raise where a test pair was seen in training or validation.

        Raises
        ------
        GateError
            With the evidence of every error.
        """
        if self.passed:
            return
        errors = self.findings[self.findings["severity"] == "error"]
        lines = [f"{row.code} {row.title}. {row.evidence}" for row in errors.itertuples()]
        raise GateError("\n".join([f"The split is {self.setting}.", *lines, self.claim]))

    def __str__(self) -> str:
        """Give the answer on one screen."""
        share = f"{self.share:.1%} of the test pairs" if self.setting != "mixed" else "see below"
        lines = [f"Setting: {self.setting} ({share})", *(f"  {text}" for text in self.summary)]
        present = self.shares[self.shares["n_pairs"] > 0]
        listed = [f"{row.setting} {row.share:.1%}" for row in present.itertuples()]
        lines += ["  shares: " + ", ".join(listed), "", *_wrapped(f"Claim: {self.claim}"), ""]
        if len(self.findings):
            for row in self.findings.itertuples():
                lines += _wrapped(f"{row.code} {row.severity}: {row.title}. {row.evidence}")
        else:
            lines.append("Findings: none.")
        skipped = self.checks[self.checks["status"] == "not applicable"]
        if len(skipped):
            words = [
                f"{', '.join(part['check'])} ({reason})"
                for reason, part in skipped.groupby("reason", sort=False)
            ]
            lines += _wrapped(f"Not looked at: {'; '.join(words)}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Give the setting in one line."""
        n_errors = int((self.findings["severity"] == "error").sum())
        return (
            f"<Design: {self.setting}, {len(self.pairs)} test pairs, {len(self.findings)} findings "
            f"({n_errors} errors); print() it for the claim>"
        )


def _wrapped(text: str) -> list[str]:
    """Lines of a paragraph."""
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
