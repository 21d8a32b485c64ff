"""What cannot be trusted: models that have seen the labels, targets with nothing to beat."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from leakcheck._report.rows import distinct

__all__ = [
    "BLIND",
    "CONTRARY",
    "SUSPICION",
    "blind_targets",
    "evidence_against",
    "suspects",
    "untested_where_blind",
    "with_doubts",
]

#: The finding of a perfect order of the labels, that of an average that says nothing, and that of
#: a signal that says nothing or the contrary: the nearest cell type is one that anything beats.
SUSPICION: Final = "LK047"
BLIND: Final = "LK048"
CONTRARY: Final = "LK049"
_SEEN: Final = (
    "not to be trusted, as it puts the labels in perfect order and has most probably seen them "
    f"({SUSPICION})"
)
_NOTHING_TO_BEAT: Final[Mapping[str, str]] = {
    BLIND: f"there is nothing to beat, as the average activity says nothing about the target "
    f"({BLIND})",
    CONTRARY: f"there is nothing to beat, as the signal does not rise with the labels ({CONTRARY})",
}


def suspects(findings: pd.DataFrame) -> list[str]:
    """Models whose order of the labels is perfect, as that of a score is which has seen them."""
    return distinct(findings[findings["code"] == SUSPICION], "model")


def blind_targets(
    findings: pd.DataFrame, codes: Sequence[str] = tuple(_NOTHING_TO_BEAT)
) -> list[str]:
    """Targets of which the average activity, or the signal, says nothing."""
    return distinct(findings[findings["code"].isin(codes)], "target")


def with_doubts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Table `information`; a doubt stands in the place of a conclusion that cannot be trusted."""
    information, findings = tables["information"], tables["findings"]
    words = information["conclusion"]
    for code, why in _NOTHING_TO_BEAT.items():
        words = words.mask(information["target"].isin(blind_targets(findings, [code])), why)
    suspected = information["model"].isin(suspects(findings))
    return information.assign(conclusion=words.mask(suspected, _SEEN))


def untested_where_blind(verdict: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Table `verdict`; nothing is testable at a target where there is nothing to beat."""
    for code, why in _NOTHING_TO_BEAT.items():
        blind = verdict["target"].isin(blind_targets(findings, [code]))
        verdict = verdict.assign(
            verdict=verdict["verdict"].mask(blind, "not-testable"),
            specificity=verdict["specificity"].mask(blind, "not-testable"),
            reason=verdict["reason"].mask(blind, why),
        )
    return verdict


def evidence_against(findings: pd.DataFrame, model: str, targets: list[str] | None) -> str:
    """What was seen of a model at these targets (None: all); empty where it is no suspect."""
    rows = findings[(findings["code"] == SUSPICION) & (findings["model"] == model)]
    if targets is not None:
        # Where it is said of several targets, the table names none of them.
        rows = rows[rows["target"].isin(["", *targets])]
    return "" if rows.empty else str(rows["evidence"].iloc[0]).rstrip(".")
