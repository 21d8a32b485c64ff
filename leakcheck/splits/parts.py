"""What every splitter does: the interface of scikit-learn, with validation sets beside it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data import EvaluationSet
from leakcheck.data.arrays import frozen
from leakcheck.exceptions import ValidationError
from leakcheck.splits.rows import Rows, rows_of, rows_of_set

__all__ = ["Parts", "Splitter"]


class Parts(NamedTuple):
    """Positions of the rows of one split."""

    train: IntArray
    validation: IntArray
    test: IntArray


class Splitter(ABC):
    """Base of the splitters; see `CrossChromosome`, `CrossCellType` and `Hybrid`."""

    loci: Any
    celltypes: Any
    _needs: ClassVar[str | None] = None

    def split(
        self,
        X: Any = None,  # noqa: N803
        y: Any = None,
        groups: Any = None,
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Give the rows of train and test for each split.

        Parameters
        ----------
        X : array-like, shape (n_rows, ...), or EvaluationSet, optional
            Its length is checked against the loci and cell types. Of an `EvaluationSet` the
            labelled pairs are split, in the order in which ``to_frame`` gives them; `split_set`
            makes sets of them for `leakcheck.audit`.
        y : ignored
            As in scikit-learn.
        groups : DataFrame, structured array or sequence of str, shape (n_rows,), optional
            Loci and cell types of the rows, instead of those of the splitter.

        Yields
        ------
        train, test : numpy.ndarray of int, shape (n_train,) and (n_test,)
            Positions of rows. Rows of validation are in neither.

        Raises
        ------
        ValidationError
            When loci or cell types are unknown, or a part is empty.
        """
        for parts in self._checked(self._rows(X, groups)):
            yield parts.train, parts.test

    def split_with_validation(
        self,
        X: Any = None,  # noqa: N803
        y: Any = None,
        groups: Any = None,
    ) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
        """Give the rows of train, validation and test for each split.

        Parameters
        ----------
        X, y, groups : optional
            As for `split`.

        Yields
        ------
        train, validation, test : numpy.ndarray of int, each of shape (rows of the part,)
            Positions of rows, disjoint.

        Raises
        ------
        ValidationError
            When the splitter has no validation, and as for `split`.
        """
        if not self._has_validation:
            raise ValidationError(
                "`validation` must be given to the splitter for splits with validation; it is "
                "missing. Name what to validate on, or pass validation='next'."
            )
        for parts in self._checked(self._rows(X, groups)):
            if not len(parts.validation):
                raise _empty("validation")
            yield parts.train, parts.validation, parts.test

    def split_set(self, data: EvaluationSet) -> Iterator[EvaluationSet]:
        """Give an evaluation set for each split, ready for `leakcheck.audit`.

        Parameters
        ----------
        data : EvaluationSet
            Labels and predictions; its own roles are not looked at.

        Yields
        ------
        EvaluationSet
            The same content: training and validation pairs are reference, test pairs with a label
            and a prediction of every model are audited. Splits in which nothing is predicted are
            left out.

        Raises
        ------
        ValidationError
            When no split has a pair to audit.
        """
        rows, (locus, column) = rows_of_set(data)
        predicted = _predicted(data)
        found = False
        for parts in self._parts(rows):
            seen = np.concatenate([parts.train, parts.validation])
            reference, test = np.zeros((2, *data.labels.shape), dtype=np.bool_)
            reference[locus[seen], column[seen]] = True
            test[locus[parts.test], column[parts.test]] = True
            audited = test & predicted
            if not audited.any() or not reference.any():
                continue
            found = True
            yield replace(
                data,
                reference=frozen(reference),
                audited=frozen(audited),
                leave_one_out=False,
                reference_source="mask",
            )
        if not found:
            raise ValidationError(
                "`data` must have predictions for test pairs; no split has any. Predict the cell "
                "types and loci that the splits test."
            )

    def get_metadata_routing(self) -> Any:
        """Ask scikit-learn for `groups`, where its metadata routing is switched on.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
            Of ``split``, which takes ``groups``.
        """
        from sklearn.utils.metadata_routing import MetadataRequest  # noqa: PLC0415 - slow to import

        request = MetadataRequest(owner=type(self).__name__)
        request.split.add_request(param="groups", alias=True)
        return request

    def _rows(self, X: Any, groups: Any) -> Rows:  # noqa: N803
        """Rows of `groups`, of an evaluation set, or of the splitter."""
        if not isinstance(X, EvaluationSet) and not isinstance(groups, EvaluationSet):
            return rows_of(_length(X), self.loci, self.celltypes, groups, only=self._needs)
        if X is not None and groups is not None:
            raise ValidationError(
                "`groups` must be left out where `X` is an EvaluationSet, which says where its "
                "pairs are; both came. Pass the set alone."
            )
        return rows_of_set(groups if X is None else X)[0]

    def _checked(self, rows: Rows) -> Iterator[Parts]:
        """Splits of which neither side is empty."""
        for parts in self._parts(rows):
            for name in ("train", "test"):
                if not len(getattr(parts, name)):
                    raise _empty(name)
            yield parts

    @abstractmethod
    def _parts(self, rows: Rows) -> Iterator[Parts]:
        """Split the rows."""

    @property
    @abstractmethod
    def _has_validation(self) -> bool:
        """Whether splits have validation rows."""

    def __repr__(self) -> str:
        """Give the call that makes the splitter, without its rows."""
        shown = {
            name: value
            for name, value in vars(self).items()
            if value is not None and name not in {"loci", "celltypes"}
        }
        if shown.get("test") is not None:
            shown.pop("n_splits", None)
        if "gap" in shown and "stretch" not in shown:
            shown.pop("gap")
        inside = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({inside})"


def _length(X: Any) -> int | None:  # noqa: N803
    """Number of rows of `X`, where it has any."""
    if X is None:
        return None
    shape = getattr(X, "shape", None)
    return int(shape[0]) if shape else len(X)


def _empty(part: str) -> ValidationError:
    """Error for a split without rows on one side."""
    return ValidationError(
        f"every split must have rows for {part}; one has none. Check the names, use fewer splits, "
        "or a smaller gap."
    )


def _predicted(data: EvaluationSet) -> BoolArray:
    """Pairs that every model predicts."""
    found = np.ones(data.labels.shape, dtype=np.bool_)
    for model in data.models:
        for column in range(len(data.cell_types)):
            found[:, column] &= ~np.isnan(data.scores_of(model, column))
    return found
