"""The object behind the fixture: it audits, and keeps a record for the gate and the summary."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from leakcheck._pytest.record import Record
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from leakcheck.report import AuditReport

__all__ = ["Auditor"]


class Auditor:
    """Audits of one test.

    Parameters
    ----------
    nodeid : str
        The test.
    margin : float or None
        Margin of its gate; None for the default of `leakcheck.audit`.
    keep : callable
        Takes the record of each audit.
    """

    def __init__(self, nodeid: str, margin: float | None, keep: Callable[[Record], object]) -> None:
        self._nodeid = nodeid
        self._margin = margin
        self._keep = keep
        self._names: list[str] = []

    def __call__(
        self,
        preds: Any,
        labels: Any = None,
        loci: Any = None,
        celltypes: Any = None,
        *,
        name: str | None = None,
        **options: Any,
    ) -> "AuditReport":
        """Audit as `leakcheck.audit` does, or take a report that is there already.

        Parameters
        ----------
        preds : array-like, DataFrame, mapping, EvaluationSet or AuditReport
            Scores in any form that `leakcheck.audit` takes, or the report of an audit that
            several tests share.
        labels, loci, celltypes : array-like, optional
            As for `leakcheck.audit`.
        name : str, optional
            Name of the audit in the summary, in saved runs and in files; also of the model, where
            `preds` is one model without a name.
        **options
            Every other argument of `leakcheck.audit`. The default of `margin` is the gate's.

        Returns
        -------
        AuditReport
            The report.

        Raises
        ------
        ValidationError
            When input breaks a rule.
        """
        from leakcheck import audit  # noqa: PLC0415 - numpy and pandas, once a test asks
        from leakcheck.report import AuditReport  # noqa: PLC0415

        _check_name(name)
        rest = {"labels": labels, "loci": loci, "celltypes": celltypes}
        if isinstance(preds, AuditReport):
            _check_alone({**rest, **options})
            report = preds
        else:
            if self._margin is not None:
                options.setdefault("margin", self._margin)
            named = _named(preds, name, options, celltypes)
            report = audit(named, **rest, **options)
        self._names.append(name or "")
        index = self._names.count(name or "")
        self._keep(Record(nodeid=self._nodeid, name=name or "", index=index, report=report))
        return report


def _check_name(name: object) -> None:
    """Refuse a name that is none."""
    if name is not None and not (isinstance(name, str) and name.strip()):
        raise ValidationError(
            f"`name` must be a text that is not empty; {name!r} came. Name the audit, or leave "
            "`name` out."
        )


def _check_alone(others: Mapping[str, Any]) -> None:
    """Refuse input beside a finished report."""
    given = [key for key, value in others.items() if value is not None]
    if given:
        raise ValidationError(
            f"`preds` is a finished report, and {len(given)} other arguments came, the first "
            f"`{given[0]}`. Give the report alone (and `name`), or the predictions."
        )


def _named(preds: Any, name: str | None, options: Mapping[str, Any], celltypes: Any) -> Any:
    """Give a single model the name of the audit; what names its models itself is left alone."""
    from leakcheck.data import EvaluationSet  # noqa: PLC0415
    from leakcheck.data.arrays import is_frame  # noqa: PLC0415

    names_itself = (
        isinstance(preds, Mapping | EvaluationSet)
        or (is_frame(preds) and celltypes is not None)  # long form: a column for each model
        or (isinstance(preds, list | tuple) and options.get("data") is not None)
    )
    return preds if name is None or names_itself or preds is None else {name: preds}
