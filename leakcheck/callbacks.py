"""Floor 7: audit a Keras model at the end of its epochs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from leakcheck._audit.run import audit
from leakcheck._optional import import_optional
from leakcheck._typing import FloatArray
from leakcheck.exceptions import ValidationError
from leakcheck.report import AuditReport

__all__ = ["audit_callback", "skill_logs"]


def audit_callback(
    inputs: Any,
    labels: Any,
    loci: Any,
    celltypes: Sequence[str],
    *,
    train: Any,
    every: int = 1,
    batch_size: int = 1024,
    prefix: str = "leakcheck_",
    **options: Any,
) -> Any:
    """Make a Keras callback that audits predictions for validation pairs and logs the skill.

    Parameters
    ----------
    inputs : array or structure of arrays, shape (n_rows, ...)
        What ``model.predict`` takes, one entry for each (locus, cell type) pair.
    labels : array-like, shape (n_rows,)
        Observed activity of the pairs.
    loci, celltypes : array-like, shape (n_rows,)
        Locus and cell type of each pair, as for `leakcheck.audit`.
    train : DataFrame or list of str
        Labels of the reference cell types as a table of their own, or the names of those among
        `celltypes`.
    every : int
        Audit after the first epoch, each so many later, and the last of those that ``fit`` was
        asked for; in between, the last numbers are logged again.
    batch_size : int
        Passed to ``model.predict``.
    prefix : str
        Put before the names of what is logged.
    **options
        Passed to `leakcheck.audit`.

    Returns
    -------
    keras.callbacks.Callback
        It logs ``leakcheck_skill`` (over the average activity), ``leakcheck_skill_nearest`` (over
        the nearest cell type) and ``leakcheck_specific`` (share of the targets at which the model
        is cell-type-specific). Put it first among the callbacks, so that the others find these
        names in the logs. Its `report` is that of the last audit, its `history` the logs of all.

    Raises
    ------
    ValidationError
        When `every` is below 1, or, at the first audit, when the model gives no single score.
    MissingDependencyError
        When Keras is not installed (extra ``reference``).

    Examples
    --------
    Reference cell types in `seen`, pairs to validate on in the rest::

        watch = audit_callback(inputs, labels, loci, celltypes, train=seen)
        stop = keras.callbacks.EarlyStopping(monitor="leakcheck_skill", mode="max", patience=5)
        model.fit(data, epochs=50, callbacks=[watch, stop])

    >>> audit_callback(None, None, None, None, train=None, every=0)
    Traceback (most recent call last):
    leakcheck.exceptions.ValidationError: `every` must be 1 or more; it is 0. 1 audits each epoch.
    """
    if every < 1:
        raise ValidationError(f"`every` must be 1 or more; it is {every}. 1 audits each epoch.")
    keras = import_optional("keras", extra="reference", purpose="for callbacks of Keras")

    class AuditCallback(keras.callbacks.Callback):  # type: ignore[misc,name-defined]
        """Audits at the end of epochs."""

        def __init__(self) -> None:
            super().__init__()
            self.report: AuditReport | None = None
            self.history: list[dict[str, float]] = []

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            """Audit, and add the numbers to the logs."""
            last = epoch + 1 == (self.params or {}).get("epochs")
            if epoch % every == 0 or last or not self.history:
                scores = _single(self.model.predict(inputs, batch_size=batch_size, verbose=0))
                name = self.model.name or "model"
                self.report = audit({name: scores}, labels, loci, celltypes, train=train, **options)
                self.history.append({"epoch": epoch, **skill_logs(self.report, prefix=prefix)})
            if logs is not None:
                logs |= {key: value for key, value in self.history[-1].items() if key != "epoch"}

    return AuditCallback()


def skill_logs(report: AuditReport, *, prefix: str = "leakcheck_") -> dict[str, float]:
    """Give the numbers of a report on one model that are worth a curve.

    Parameters
    ----------
    report : AuditReport
        Of one model.
    prefix : str
        Put before each name.

    Returns
    -------
    dict of str to float
        ``skill`` and ``skill_nearest``, means over the targets by ratio of sums (1 = perfect, 0 =
        no better; NaN = not testable), and ``specific``, a share of the targets whose information
        is testable.

    Examples
    --------
    >>> import leakcheck
    >>> inputs = leakcheck.simulate.demo_inputs()
    >>> inputs |= {"preds": inputs["preds"]["memoriser"], "families": None}
    >>> skill_logs(leakcheck.audit(**inputs))["leakcheck_specific"]
    0.0
    """
    skill = report.summary.set_index("baseline")["skill"]
    answers = report.verdict.drop_duplicates("target")["specificity"]
    testable = answers[answers != "not-testable"]
    specific = float((testable == "cell-type-specific").mean()) if len(testable) else np.nan
    return {
        f"{prefix}skill": float(skill.get("average-activity", np.nan)),
        f"{prefix}skill_nearest": float(skill.get("nearest-celltype", np.nan)),
        f"{prefix}specific": specific,
    }


def _single(scores: Any) -> FloatArray:
    """Give one score for each row."""
    found = np.asarray(scores, dtype=np.float64)
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    if found.ndim != 1:
        raise ValidationError(
            f"`model` must give one score for each row; its predictions have the shape "
            f"{found.shape}. Wrap it in a model with the output to audit."
        )
    return found
