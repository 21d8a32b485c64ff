"""Models that have most probably seen the labels: their verdicts say nothing."""

from typing import Final

import pandas as pd

from leakcheck._report.rows import distinct

__all__ = ["SUSPICION", "evidence_against", "suspects", "with_suspicion"]

#: The finding of a perfect order of the labels.
SUSPICION: Final = "LK047"
_WORDS: Final = (
    "not to be trusted, as it puts the labels in perfect order and has most probably seen them "
    f"({SUSPICION})"
)


def suspects(findings: pd.DataFrame) -> list[str]:
    """Models whose order of the labels is perfect, as that of a score is which has seen them."""
    return distinct(findings[findings["code"] == SUSPICION], "model")


def with_suspicion(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Table `information`; the suspicion stands in the place of a suspect's conclusions."""
    information = tables["information"]
    suspected = information["model"].isin(suspects(tables["findings"]))
    return information.assign(conclusion=information["conclusion"].mask(suspected, _WORDS))


def evidence_against(findings: pd.DataFrame, model: str, targets: list[str] | None) -> str:
    """What was seen of a model at these targets (None: all); empty where it is no suspect."""
    rows = findings[(findings["code"] == SUSPICION) & (findings["model"] == model)]
    if targets is not None:
        # Where it is said of several targets, the table names none of them.
        rows = rows[rows["target"].isin(["", *targets])]
    return "" if rows.empty else str(rows["evidence"].iloc[0]).rstrip(".")
