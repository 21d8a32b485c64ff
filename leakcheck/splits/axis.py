"""What splitters of one axis share: units held out by name, by folds, or one at a time."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data.chromosomes import plain_chromosome
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError
from leakcheck.splits.folds import balanced_folds, check_n_splits
from leakcheck.splits.parts import Parts, Splitter
from leakcheck.splits.picture import axis_picture
from leakcheck.splits.rows import Axis, Rows

__all__ = ["AxisSplitter", "NSplits", "as_names", "missing"]

NSplits: TypeAlias = "int | Literal['leave-one-out']"

#: Validate on the fold that is tested next.
NEXT: Final = "next"


class AxisSplitter(Splitter):
    """Holds out some units of one axis: by name, by folds, or one at a time."""

    _axis_name: ClassVar[str]
    _unit: ClassVar[str]
    _needs: ClassVar[str]

    def __init__(
        self,
        n_splits: NSplits,
        test: Sequence[str] | str | None,
        validation: Sequence[str] | str | None,
        train: Sequence[str] | None,
        random_state: int | np.random.Generator | None,
        loci: Any,
        celltypes: Any,
    ) -> None:
        self.n_splits = n_splits
        self.test = as_names(test, "test")
        by_name = not (isinstance(validation, str) and validation == NEXT)
        self.validation = as_names(validation, "validation") if by_name else NEXT
        self.train = as_names(train, "train")
        self.random_state = random_state
        self.loci = loci
        self.celltypes = celltypes
        n_folds = check_n_splits(n_splits)
        if self.validation == NEXT and (test is not None or n_folds == 2):
            raise ValidationError(
                "`validation='next'` must have three folds or more; there are "
                f"{'none, as `test` is given' if test is not None else 'two'}. Name the "
                f"{self._unit}s to validate on, or give a larger `n_splits`."
            )
        if test is None and (self.train is not None or isinstance(self.validation, tuple)):
            raise ValidationError(
                f"`train` and `validation` by name must come with `test`; `test` is missing. Name "
                f"the {self._unit}s to test on, or pass validation='next'."
            )
        self._refuse_double()

    def _refuse_double(self) -> None:
        """Refuse a name with two roles; `chr1` and `1` are one chromosome, as in the rows."""
        roles = [self.test, self.train, self.validation if self.validation != NEXT else None]
        every = [name for names in roles if names is not None for name in names]
        plain = [plain_chromosome(name) if self._unit == "chromosome" else name for name in every]
        double = dict.fromkeys(
            name for name, key in zip(every, plain, strict=True) if plain.count(key) > 1
        )
        if double:
            raise ValidationError(
                f"`test`, `validation` and `train` must not share a {self._unit}; "
                f"{listing(double)} came more than once. Give each one role."
            )

    @abstractmethod
    def _axis(self, rows: Rows) -> Axis:
        """Units of the rows that may be held out."""

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803
        """Count the splits.

        Parameters
        ----------
        X, y : ignored
            As in scikit-learn.
        groups : DataFrame or array-like, shape (n_rows,), optional
            Needed for ``"leave-one-out"`` where the splitter has no rows of its own.

        Returns
        -------
        int
            1 with `test`, else the number of folds.

        Raises
        ------
        ValidationError
            When ``"leave-one-out"`` has no rows to count, or they do not say what is held out.
        """
        if self.test is not None:
            return 1
        n_folds = check_n_splits(self.n_splits)
        if n_folds is not None:
            return n_folds
        return len(np.flatnonzero(np.bincount(self._axis(self._rows(None, groups)).codes)))

    def _folds(self, axis: Axis) -> Iterator[tuple[BoolArray, BoolArray, BoolArray]]:
        """Rows of train, validation and test by their units alone."""
        sizes = np.bincount(axis.codes, minlength=len(axis.names))
        units = np.flatnonzero(sizes)
        n_folds = check_n_splits(self.n_splits) or len(units)
        if n_folds > len(units) or n_folds < 2:
            raise ValidationError(
                f"`n_splits` must not be above the number of {self._unit}s, and both at least 2; "
                f"it is {self.n_splits} for {len(units)}. Use fewer folds."
            )
        fold = np.full(len(axis.names), -1, dtype=np.int64)
        if self.n_splits == "leave-one-out":
            fold[units] = np.arange(len(units))
        else:
            fold[units] = balanced_folds(sizes[units], n_folds, self.random_state)
        of_row = fold[axis.codes]
        for number in range(n_folds):
            test = of_row == number
            later = (
                of_row == (number + 1) % n_folds
                if self.validation == NEXT
                else np.zeros(len(of_row), dtype=np.bool_)
            )
            yield ~test & ~later, later, test

    def _named(self, axis: Axis) -> tuple[BoolArray, BoolArray, BoolArray]:
        """Rows of train, validation and test by the names that were given."""
        chromosomes = self._unit == "chromosome"

        def rows(names: Any, argument: str) -> BoolArray:
            if names is None:
                return np.zeros(len(axis.codes), dtype=np.bool_)
            return axis.among(names, argument, chromosomes=chromosomes)

        test, later = rows(self.test, "test"), rows(self.validation, "validation")
        train = rows(self.train, "train") if self.train is not None else ~test & ~later
        return train, later, test

    def _parts(self, rows: Rows) -> Iterator[Parts]:
        """Split the rows that are kept."""
        kept = self._kept(rows)
        axis = self._axis(rows)
        inside = Axis(axis.codes[kept], axis.names)
        splits = self._folds(inside) if self.test is None else iter([self._named(inside)])
        for masks in splits:
            train, later, test = (np.flatnonzero(kept)[mask] for mask in masks)
            yield self._apart(rows, Parts(train, later, test))

    @abstractmethod
    def _kept(self, rows: Rows) -> BoolArray:
        """Rows that take part."""

    def _apart(self, rows: Rows, parts: Parts) -> Parts:
        """Drop what lies too near."""
        return parts

    @property
    def _has_validation(self) -> bool:
        return self.validation is not None

    def __str__(self) -> str:
        """Draw what is held out."""
        return f"{self!r}\n{axis_picture(self._axis_name, self._shares())}"

    def _shares(self) -> tuple[str, str, str]:
        """Words for what trains, validates and tests."""
        if self.test is not None:
            later = ", ".join(self.validation or ())
            return (
                (", ".join(self.train) if self.train else "all others"),
                later,
                ", ".join(self.test),
            )
        size = "one" if self.n_splits == "leave-one-out" else f"1/{self.n_splits}"
        return "the rest", size if self.validation == NEXT else "", size


def as_names(names: Any, argument: str) -> tuple[str, ...] | None:
    """Names as a tuple; a single string is one name."""
    if names is None:
        return None
    if isinstance(names, bytes) or not isinstance(names, Iterable):
        raise ValidationError(
            f"`{argument}` must be a name or a sequence of names; {names!r} came. Give for example "
            f"{argument}=[{str(names)!r}]."
        )
    found = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
    if not found:
        raise ValidationError(
            f"`{argument}` must name at least one; an empty list came. Leave it out instead."
        )
    return found


def missing(what: str, argument: str) -> ValidationError:
    """Error for rows of which something is unknown."""
    return ValidationError(
        f"`{argument}` must say the {what} of each row; it is missing. Give it to the splitter, or "
        "to `split` as `groups`: a table with the columns chrom (or locus) and celltype."
    )
