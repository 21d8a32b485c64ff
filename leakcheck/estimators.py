"""Floor 7: train a scikit-learn estimator on each split, and audit what it says of the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from leakcheck._audit.run import audit
from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.exceptions import ValidationError
from leakcheck.report import AuditReport
from leakcheck.splits.parts import Splitter

__all__ = ["EstimatorAudit", "Method", "audit_estimator"]

Method: TypeAlias = Literal["auto", "predict_proba", "decision_function", "predict"]


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimatorAudit:
    """Predictions of an estimator for rows it was not trained on, and what they are worth.

    Parameters
    ----------
    predictions : numpy.ndarray of float64, shape (n_rows,)
        Score of each row by the estimator of the split that tests it; NaN = not tested.
    reports : tuple of AuditReport
        One report where every split leaves out one cell type and trains on all others, as
        ``train="leave-one-out"`` says; else one for each split, whose reference cell types differ.
    """

    predictions: FloatArray
    reports: tuple[AuditReport, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The summaries of all reports, with the number of the report in front."""
        parts = [report.summary for report in self.reports]
        numbers = [np.full(len(part), number) for number, part in enumerate(parts)]
        joined = pd.concat(parts, ignore_index=True)
        joined.insert(0, "report", np.concatenate(numbers))
        return joined

    def passed(self, **gate: Any) -> bool:
        """Say whether every report passes.

        Parameters
        ----------
        **gate
            As for `leakcheck.AuditReport.passed`.

        Returns
        -------
        bool
        """
        return all(report.passed(**gate) for report in self.reports)


def audit_estimator(
    estimator: Any,
    X: Any,  # noqa: N803 - the name that scikit-learn gives it
    y: Any,
    loci: Any,
    celltypes: Sequence[str],
    *,
    cv: Any,
    method: Method = "auto",
    name: str | None = None,
    fit_params: Mapping[str, Any] | None = None,
    **options: Any,
) -> EstimatorAudit:
    """Train an estimator on each split, predict the pairs it leaves out, and audit them.

    Parameters
    ----------
    estimator : scikit-learn estimator
        It is cloned for each split; the one that is passed stays as it is.
    X : array-like or sparse matrix, shape (n_rows, n_features)
        Features of each (locus, cell type) pair.
    y : array-like, shape (n_rows,)
        Labels: 0/1 or real numbers. NaN = not observed: neither trained on nor audited.
    loci : DataFrame or array-like, shape (n_rows,)
        Locus of each row, as for `leakcheck.audit`.
    celltypes : sequence of str
        Cell type of each row.
    cv : splitter
        ``leakcheck.splits.CrossCellType(...)`` or any with ``split(X, y, groups)``. Rows to train
        on, and to validate on where the splitter has such, are the reference.
    method : {"auto", "predict_proba", "decision_function", "predict"}
        What gives the scores; ``"auto"`` takes the first that the estimator has. Of
        ``predict_proba`` the column of the larger class.
    name : str, optional
        Name of the model; by default that of its class.
    fit_params : mapping, optional
        Passed to ``fit``.
    **options
        Passed to `leakcheck.audit`: ``signal``, ``margin``, ``strata`` and so on.

    Returns
    -------
    EstimatorAudit
        Predictions and reports.

    Raises
    ------
    ValidationError
        When lengths differ, a row is tested twice, or the estimator gives no scores.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> import leakcheck
    >>> rows = leakcheck.simulate.epigenome(n_loci=200, n_cell_types=4, n_lineages=2).labels.stack()
    >>> locus, cell = rows.index.get_level_values(0), rows.index.get_level_values(1)
    >>> audit_estimator(DecisionTreeClassifier(), pd.factorize(locus)[0][:, None], rows, locus,
    ...                 cell, cv=leakcheck.splits.CrossCellType("leave-one-out")).passed()
    False
    """
    from sklearn.base import clone  # noqa: PLC0415

    labels = _labels(y)
    _check_lengths(X, labels, celltypes)
    known = ~np.isnan(labels)
    predictions = np.full(len(labels), np.nan)
    references: list[tuple[BoolArray, IntArray]] = []
    for train, validation, test in _splits(cv, X, labels, loci, celltypes):
        if not np.isnan(predictions[test]).all():
            raise ValidationError(
                "`cv` must test each row once; a split tests rows that an earlier one tested. Use "
                "a splitter without repetitions."
            )
        own = train[known[train]]
        fitted = clone(estimator).fit(_rows(X, own), labels[own], **(fit_params or {}))
        predictions[test] = _scores(fitted, _rows(X, test), method)
        reference = np.zeros(len(labels), dtype=np.bool_)
        reference[train] = reference[validation] = True
        references.append((reference, test))
    model = {name or type(estimator).__name__: predictions}
    if _is_leave_one_out(references, np.asarray(celltypes, dtype=object)):
        report = audit(model, labels, loci, celltypes, train="leave-one-out", **options)
        return EstimatorAudit(predictions=predictions, reports=(report,))
    reports = [
        audit(_only(model, test), labels, loci, celltypes, train=reference, **options)
        for reference, test in references
    ]
    return EstimatorAudit(predictions=predictions, reports=tuple(reports))


def _labels(y: Any) -> FloatArray:
    """Read the labels as floats."""
    try:
        labels = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValidationError(
            f"`y` must be 0/1 or real numbers; it cannot be read as such: {error}. Code the active "
            "class as 1."
        ) from error
    if labels.ndim != 1:
        raise ValidationError(
            f"`y` must have one label for each row of `X`; it has the shape {labels.shape}. Stack "
            "a table of loci x cell types into rows first."
        )
    return labels


def _check_lengths(X: Any, labels: FloatArray, celltypes: Any) -> None:  # noqa: N803
    """Refuse features and cell types of another number of rows than the labels."""
    shape = getattr(X, "shape", None)
    for argument, size in (("X", shape[0] if shape else len(X)), ("celltypes", len(celltypes))):
        if size != len(labels):
            raise ValidationError(
                f"`{argument}` must have a row for each of the {len(labels)} labels of `y`; it has "
                f"{size}. Each row is one (locus, cell type) pair."
            )


def _splits(
    cv: Any,
    X: Any,  # noqa: N803
    labels: FloatArray,
    loci: Any,
    celltypes: Any,
) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Give the rows of train, validation and test of each split."""
    if not hasattr(cv, "split"):
        raise ValidationError(
            f"`cv` must be a splitter with `split(X, y, groups)`; it is a {type(cv).__name__}. "
            "Pass for instance leakcheck.splits.CrossCellType(5)."
        )
    none = np.empty(0, dtype=np.int64)
    if not isinstance(cv, Splitter):
        # Splitters of scikit-learn know groups as one name for each row.
        pairs = cv.split(X, labels, np.asarray(celltypes))
        yield from ((np.asarray(train), none, np.asarray(test)) for train, test in pairs)
        return
    groups = _groups(loci, celltypes)
    if getattr(cv, "validation", None) is not None:
        yield from cv.split_with_validation(X, labels, groups)
    else:
        yield from ((train, none, test) for train, test in cv.split(X, labels, groups))


def _groups(loci: Any, celltypes: Any) -> pd.DataFrame:
    """Put loci and cell types of the rows side by side."""
    if isinstance(loci, pd.DataFrame):
        return loci.reset_index(drop=True).assign(celltype=np.asarray(celltypes, dtype=object))
    return pd.DataFrame(
        {"locus": np.asarray(loci, dtype=object), "celltype": np.asarray(celltypes, dtype=object)}
    )


def _rows(X: Any, rows: IntArray) -> Any:  # noqa: N803
    """Take rows of an array, a sparse matrix or a frame."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return X[rows] if hasattr(X, "shape") else [X[row] for row in rows]


def _scores(fitted: Any, X: Any, method: Method) -> FloatArray:  # noqa: N803
    """Give the scores of rows, larger = more active."""
    methods = ("predict_proba", "decision_function", "predict")
    if method != "auto" and method not in methods:
        raise ValidationError(
            f"`method` must be 'auto' or one of {', '.join(methods)}; it is {method!r}. Leave it "
            "out to take the first that the estimator has."
        )
    chosen = next(
        (one for one in methods if method in ("auto", one) and hasattr(fitted, one)), None
    )
    if chosen is None:
        raise ValidationError(
            f"`method` must be one that the estimator has; {type(fitted).__name__} has no "
            f"`{'predict' if method == 'auto' else method}`. Choose another."
        )
    scores = np.asarray(getattr(fitted, chosen)(X), dtype=np.float64)
    if chosen == "predict_proba":
        scores = scores[:, -1]  # the classes are sorted, and 1 is the larger of 0 and 1
    if scores.ndim != 1:
        raise ValidationError(
            f"`estimator` must give one score for each row; `{chosen}` gives the shape "
            f"{scores.shape}. Audit one task at a time."
        )
    return scores


def _is_leave_one_out(splits: Sequence[tuple[BoolArray, IntArray]], celltypes: Any) -> bool:
    """Say whether each split tests one cell type and trains on all rows of all others."""
    tested = [set(celltypes[test]) for _, test in splits]
    return len(splits) == len(set(celltypes)) and all(
        len(own) == 1 and bool((reference == ~np.isin(celltypes, list(own))).all())
        for own, (reference, _) in zip(tested, splits, strict=True)
    )


def _only(model: Mapping[str, FloatArray], rows: IntArray) -> dict[str, FloatArray]:
    """Keep the predictions of some rows."""
    kept = {}
    for name, scores in model.items():
        kept[name] = np.full(len(scores), np.nan)
        kept[name][rows] = scores[rows]
    return kept
