"""The gate: whether every model beats every named baseline at enough targets."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from leakcheck._report.doubts import evidence_against, untested_where_blind
from leakcheck._report.overall import OverallRule, judge_mean
from leakcheck._report.pointing import SPECIFICITY, UNSEEN
from leakcheck._report.rows import distinct, walk
from leakcheck.data.arrays import is_number
from leakcheck.data.wording import did_you_mean
from leakcheck.exceptions import ValidationError
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["Condition", "failed_conditions", "overall_rule"]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing that a gate asks of a model.

    To beat a baseline, to be cell-type-specific, or not to have seen the labels.
    """

    model: str
    baseline: str
    n_passed: int
    n_testable: int
    n_targets: int
    min_share: float
    worst: Any  # the row (a named tuple) that fails by most; None where nothing was tested
    reason: str
    overall: bool = False  # asked once, of the mean over the targets

    @property
    def passed(self) -> bool:
        """Whether enough of the testable targets pass; nothing testable never passes."""
        return self.n_testable > 0 and self.n_passed >= self.min_share * self.n_testable - 1e-9


def failed_conditions(
    verdict: pd.DataFrame,
    information: pd.DataFrame,
    findings: pd.DataFrame,
    *,
    baselines: Sequence[str],
    models: Sequence[str] | None,
    min_share: float,
    specific: bool,
    alpha: float | None,
    targets: Sequence[str] | None = None,
    overall: OverallRule | None = None,
) -> list[Condition]:
    """List the conditions that do not hold.

    `alpha` None leaves p-values out of it; `overall` None asks at each target.
    """
    _check_share(min_share)
    known_models = distinct(verdict, "model")
    asked = known_models if models is None else list(models)
    _check_names("models", asked, known_models)
    _check_names("baseline", baselines, [*PRIMARY_BASELINES, *distinct(verdict, "baseline")])
    if targets is not None:
        _check_names("targets", targets, distinct(verdict, "target"))
        verdict = verdict[verdict["target"].isin(list(targets))]
    verdict = untested_where_blind(verdict, findings)
    by_model = {str(model): rows for model, rows in verdict.groupby("model", sort=False)}
    conditions = _unseen(asked, findings, targets)
    conditions += [
        _against(by_model[model], baseline, min_share, alpha)
        if overall is None
        else _overall(by_model[model], baseline, overall)
        for model in asked
        for baseline in baselines
    ]
    if specific:
        conditions += [
            _specificity(by_model[model], information[information["model"] == model], min_share)
            for model in asked
        ]
    return [condition for condition in conditions if not condition.passed]


def _check_share(min_share: Any) -> None:
    """Refuse what is no share of the targets."""
    if not (is_number(min_share) and 0 < min_share <= 1):
        raise ValidationError(
            f"`min_share` must be a number in (0, 1]; it is {min_share!r}. Give the share of "
            "testable targets that must pass: 1.0 asks for all."
        )


def _unseen(
    models: Sequence[str], findings: pd.DataFrame, targets: Sequence[str] | None
) -> list[Condition]:
    """Conditions that fail for models which have most probably seen the labels."""
    at = None if targets is None else list(targets)
    evidence = {model: evidence_against(findings, model, at) for model in models}
    return [
        Condition(
            model=model,
            baseline=UNSEEN,
            n_passed=0,
            n_testable=1,
            n_targets=1,
            min_share=1.0,
            worst=None,
            reason=seen,
        )
        for model, seen in evidence.items()
        if seen
    ]


def overall_rule(per: str, adjusted: bool, settings: Mapping[str, Any]) -> OverallRule | None:
    """Rule for the mean over the targets, where that is asked for; else None."""
    if per not in ("celltype", "overall"):
        raise ValidationError(
            f"`per` must be 'celltype' or 'overall'; it is {per!r}. 'celltype' asks at each "
            "target, 'overall' once of the mean over the targets."
        )
    if per == "celltype":
        return None
    if adjusted:
        raise ValidationError(
            "`adjusted` corrects p-values over targets; with `per='overall'` there is one test "
            "and nothing to correct. Leave one of the two out."
        )
    return OverallRule(
        continuous=settings.get("label_kind") == "continuous",
        level=float(settings["confidence_level"]),
        margin=float(settings["margin"]),
    )


def _check_names(argument: str, asked: Sequence[str], known: Sequence[str]) -> None:
    """Refuse an empty list and names that the report does not have."""
    if not asked:
        raise ValidationError(
            f"`{argument}` must name at least one; none came. A gate never passes on nothing."
        )
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise ValidationError(
            f"`{argument}` must be in the report; {len(unknown)} of {len(asked)} are not, "
            f"the first is {unknown[0]!r}.{did_you_mean(unknown[0], known)} The report has "
            f"{sorted(set(known))[:10]}."
        )


def _against(
    verdict: pd.DataFrame, baseline: str, min_share: float, alpha: float | None
) -> Condition:
    """Judge whether a model beats one baseline by more than a negligible amount."""
    rows = verdict[verdict["baseline"] == baseline]
    testable = rows[rows["verdict"] != "not-testable"]
    good = (testable["verdict"] == "beats") & (testable["flag"] != "negligible")
    if alpha is not None:
        good &= testable["pvalue_adjusted"] < alpha
    reason = _first_reason(rows, f"the report has no verdict against {baseline}")
    return Condition(
        model=distinct(verdict, "model")[0],
        baseline=baseline,
        n_passed=int(good.sum()),
        n_testable=len(testable),
        n_targets=len(rows),
        min_share=min_share,
        worst=_worst(testable[~good]),
        reason=reason if testable.empty else "",
    )


def _overall(verdict: pd.DataFrame, baseline: str, rule: OverallRule) -> Condition:
    """Judge the mean skill of a model against one baseline over its targets."""
    rows = verdict[verdict["baseline"] == baseline]
    found = judge_mean(rows, rule)
    testable = found.verdict != "not-testable"
    return Condition(
        model=distinct(verdict, "model")[0],
        baseline=baseline,
        n_passed=int(found.verdict == "beats" and found.flag != "negligible"),
        n_testable=int(testable),
        n_targets=len(rows),
        min_share=1.0,
        worst=found if testable else None,
        reason=found.reason,
        overall=True,
    )


def _specificity(verdict: pd.DataFrame, information: pd.DataFrame, min_share: float) -> Condition:
    """Judge whether a model is cell-type-specific, once per target."""
    rows = verdict.drop_duplicates("target")
    testable = rows[rows["specificity"] != "not-testable"]
    good = testable["specificity"] == "cell-type-specific"
    tests = information[information["target"].isin(rows["target"])]
    default = _first_reason(rows, "report.information does not say why")
    reason = _first_reason(tests, default)
    return Condition(
        model=distinct(verdict, "model")[0],
        baseline=SPECIFICITY,
        n_passed=int(good.sum()),
        n_testable=len(testable),
        n_targets=len(rows),
        min_share=min_share,
        worst=_least_specific(tests[tests["target"].isin(testable.loc[~good, "target"])]),
        reason="" if len(testable) else reason,
    )


def _least_specific(tests: pd.DataFrame) -> Any:
    """Row of the information test with the largest p-value, then the least statistic."""
    if tests.empty:
        return None
    order = tests.assign(pvalue=-tests["pvalue"]).sort_values(["pvalue", "statistic"])
    return next(walk(tests.loc[[order.index[0]]]))


def _first_reason(rows: pd.DataFrame, default: str) -> str:
    """First reason given in the rows."""
    return next((reason for reason in distinct(rows, "reason") if reason), default)


def _worst(rows: pd.DataFrame) -> Any:
    """Row with the lowest skill (or difference); None where there are no rows."""
    if rows.empty:
        return None
    key = rows["skill"].fillna(rows["difference"]).fillna(-math.inf)
    return next(walk(rows.loc[[key.idxmin()]]))
