"""Which checks of a report spoke, were silent, were muted, or could not be made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from leakcheck._orders import is_small
from leakcheck.checks import CHECKS
from leakcheck.data.wording import did_you_mean
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["CheckedReport", "muted_words", "without_muted"]

#: Checks of a split, which the pairs of an audit do not show.
_OF_SPLITS: Final = ("LK026", *(f"LK{n:03d}" for n in range(32, 45) if n != 36))


class CheckedReport:
    """The state of every check, for a dataclass that has `findings` and `settings`."""

    if TYPE_CHECKING:
        scores: pd.DataFrame
        findings: pd.DataFrame
        verdict: pd.DataFrame
        information: pd.DataFrame
        design: pd.DataFrame
        settings: Mapping[str, Any]

    def muted(self, *codes: str, reason: str = "") -> "Self":
        """Take findings out of the report, and record that they were.

        Muting changes no verdict, and no gate except what LK047 to LK049 close. The report says
        which codes were muted wherever it shows its findings.

        Parameters
        ----------
        *codes : str
            Codes of checks, such as ``"LK018"``. A code that found nothing may be muted too.
        reason : str, default ""
            Why, in words; kept in the settings.

        Returns
        -------
        AuditReport
            A copy without these findings; ``settings["muted"]`` has the number of findings and the
            reason of each code.

        Raises
        ------
        ValidationError
            When there is no such code.
        """
        unknown = [code for code in codes if code not in CHECKS]
        if unknown or not codes:
            what = f"{unknown[0]!r} is none" if unknown else "none came"
            hint = did_you_mean(unknown[0], list(CHECKS)) if unknown else ""
            raise ValidationError(
                f"`codes` must be codes of checks, such as 'LK018'; {what}.{hint} They are in the "
                "column `code` of `report.findings`."
            )
        before = self.settings.get("muted", {})
        counts = self.findings["code"].value_counts()
        fresh = {
            code: {
                "n_findings": int(counts.get(code, 0))
                + int(before.get(code, {}).get("n_findings", 0)),
                "reason": reason,
            }
            for code in sorted(set(codes))
        }
        muted = {**before, **fresh}
        found = without_muted(self.findings, muted)
        settings = {**self.settings, "muted": muted}
        return replace(self, findings=found, settings=settings)  # type: ignore[type-var]

    @property
    def checks(self) -> pd.DataFrame:
        """Every check: ``code, title, status, n_findings, reason``.

        The status is ``found``, ``clear``, ``muted``, or ``not applicable`` with the reason: a
        check that could not be made is never shown as clear.
        """
        counts = self.findings["code"].value_counts()
        muted = self.settings.get("muted", {})
        rows = []
        for code, check in CHECKS.items():
            n = int(counts.get(code, 0))
            silenced, why = muted.get(code), self._not_applicable(code)
            if n:
                status, reason = "found", ""
            elif silenced is not None:
                status, reason, n = "muted", silenced["reason"], silenced["n_findings"]
            else:
                status, reason = ("not applicable", why) if why else ("clear", "")
            rows.append((code, check.title, status, n, reason))
        return pd.DataFrame(rows, columns=["code", "title", "status", "n_findings", "reason"])

    def _not_applicable(self, code: str) -> str:
        """Why a check could not be made; empty where it could."""
        if code in _OF_SPLITS:
            return "asks for the training pairs: see `leakcheck.detect_design`"
        reasons = self._reasons()
        return next((why for why, codes in reasons.items() if code in codes), "")

    def _reasons(self) -> dict[str, tuple[str, ...]]:
        """Reasons that hold for this report, and the checks that they rule out."""
        settings, choices = self.settings, self.settings.get("choices", {})
        untestable = bool((self.verdict["verdict"] == "not-testable").all())
        unanswered = bool((self.information["specificity"] == "not-testable").all())
        unplaced = settings.get("muted", {}).get("LK018", {}).get("n_findings", 0)
        placeless = bool(unplaced or (self.findings["code"] == "LK018").any())
        holds = {
            "there are no two families": len(set(settings.get("families", {}).values())) < 2,
            "labels are binary": settings.get("label_kind") == "binary",
            "labels are continuous": settings.get("label_kind") == "continuous",
            "no `signal` was given": choices.get("signal_transform") == "",
            "`blocks` were given": choices.get("blocks") == "given",
            "every cell type is a reference for the others": settings.get("reference_source")
            == "leave-one-out",
            "loci have no coordinates": placeless,
            "no audited locus is new to the reference": not self.design["n_hybrid_loci"].any(),
            "loci have no coordinates, or every cell type is a reference": bool(
                self.design["near_share"].isna().all()
            ),
            "no target is large enough": is_small(self.scores),
            "no comparison could be tested": untestable,
            "information could not be tested": unanswered,
        }
        return {why: _RULED_OUT[why] for why, holding in holds.items() if holding}


_RULED_OUT: Final[Mapping[str, tuple[str, ...]]] = {
    "there are no two families": ("LK023", "LK024"),
    "labels are binary": ("LK027",),
    "labels are continuous": ("LK008", "LK025", "LK049"),
    "no `signal` was given": ("LK010", "LK049"),
    "`blocks` were given": ("LK018",),
    "every cell type is a reference for the others": ("LK001", "LK015"),
    "loci have no coordinates": ("LK006", "LK029"),
    "no audited locus is new to the reference": ("LK031",),
    "loci have no coordinates, or every cell type is a reference": ("LK031",),
    "no target is large enough": ("LK047",),
    "no comparison could be tested": ("LK003", "LK019", "LK020", "LK028", "LK048", "LK049"),
    "information could not be tested": ("LK002", "LK021"),
}


def without_muted(findings: pd.DataFrame, muted: Mapping[str, Any]) -> pd.DataFrame:
    """Findings whose code is not muted."""
    return findings[~findings["code"].isin(list(muted))].reset_index(drop=True)


def muted_words(settings: Mapping[str, Any]) -> str:
    """Say which codes are muted and how many findings that hides; empty where none is."""
    muted = settings.get("muted", {})
    words = [f"{code} ({one['n_findings']})" for code, one in sorted(muted.items())]
    return f"Muted: {', '.join(words)}." if words else ""
