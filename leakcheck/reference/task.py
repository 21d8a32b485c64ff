"""A prediction task: loci x cell types with labels, sequence and signal, and the cell types' roles.

Every source of data ends here and every model starts here, whatever the files were.
"""

import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._files import write_bytes
from leakcheck._typing import IntArray
from leakcheck.exceptions import ValidationError
from leakcheck.reference.npz_files import DAMAGE, open_npz

__all__ = ["LOCUS_COLUMNS", "Roles", "Task", "TaskName"]

TaskName: TypeAlias = Literal["expression", "tad-boundaries"]
LOCUS_COLUMNS = ("id", "chrom", "start", "end", "strand")
_NAMES = ("expression", "tad-boundaries")
_LARGEST_CODE = 4  # a base that is unknown
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which cell types and chromosomes are for training, validation and test.

    The settings are made of these: cross-chromosome uses the test cell type and the three groups
    of chromosomes; cross-cell-type uses the three groups of cell types on the chromosomes that
    are not for test; the hybrid is tested in the test cell type on the test chromosomes.

    Attributes
    ----------
    test_cell_type : str
        The cell type that models are tested in.
    validation_cell_types, train_cell_types : tuple of str
        The reference cell types, by what they are for.
    test_chromosomes, validation_chromosomes, train_chromosomes : tuple of str
        Chromosomes, by what they are for.

    Raises
    ------
    ValidationError
        When a group is empty, or a cell type or a chromosome has two roles.
    """

    test_cell_type: str
    validation_cell_types: tuple[str, ...]
    train_cell_types: tuple[str, ...]
    test_chromosomes: tuple[str, ...]
    validation_chromosomes: tuple[str, ...]
    train_chromosomes: tuple[str, ...]

    def __post_init__(self) -> None:
        for kind, groups in (("cell_types", self._cell_types()), ("chromosomes", self._chroms())):
            empty = [name for name, members in groups.items() if not members]
            if empty:
                raise ValidationError(f"`{empty[0]}` must name at least one; none came. Name some.")
            everything = [member for members in groups.values() for member in members]
            double = sorted({name for name in everything if everything.count(name) > 1})
            if double:
                raise ValidationError(
                    f"`{kind}` must have one role each; {len(double)} have two, the first is "
                    f"{double[0]!r}. Name it once."
                )

    def _cell_types(self) -> dict[str, tuple[str, ...]]:
        return {
            "test_cell_type": (self.test_cell_type,) if self.test_cell_type else (),
            "validation_cell_types": self.validation_cell_types,
            "train_cell_types": self.train_cell_types,
        }

    def _chroms(self) -> dict[str, tuple[str, ...]]:
        return {
            "test_chromosomes": self.test_chromosomes,
            "validation_chromosomes": self.validation_chromosomes,
            "train_chromosomes": self.train_chromosomes,
        }

    @property
    def reference_cell_types(self) -> tuple[str, ...]:
        """Training and validation cell types: those whose labels a model could have seen."""
        return (*self.train_cell_types, *self.validation_cell_types)

    @property
    def cell_types(self) -> tuple[str, ...]:
        """Every cell type that has a role, the test cell type first."""
        return (self.test_cell_type, *self.validation_cell_types, *self.train_cell_types)

    @property
    def chromosomes(self) -> tuple[str, ...]:
        """Every chromosome that has a role."""
        return (*self.test_chromosomes, *self.validation_chromosomes, *self.train_chromosomes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Everything that the paper's models are trained and tested on.

    Attributes
    ----------
    name : {"expression", "tad-boundaries"}
        Which of the paper's two tasks.
    loci : pandas.DataFrame, shape (n_loci, 5)
        Columns ``id, chrom, start, end, strand``: the window itself, 0-based, half-open.
    cell_types : tuple of str, length n_cell_types
        Order of the columns below.
    labels : ndarray of float32, shape (n_loci, n_cell_types)
        1 where active (or a boundary), 0 where not, NaN where not observed.
    activity : ndarray of float32, shape (n_loci, n_cell_types), or None
        RPKM behind the labels; None where there is no such number.
    codes : ndarray of uint8, shape (n_loci, window)
        Base codes: 0 to 3 for A, C, G, T and 4 for unknown. A window of 0: no sequence.
    signals : ndarray of float32, shape (n_loci, n_cell_types, n_marks)
        Mean arcsinh signal of the window; NaN where the cell type has no such track.
    marks : tuple of str, length n_marks
        Order of the last axis of `signals`.
    counts : mapping of str to int
        What was dropped, clipped, missing or repeated on the way. Nothing is silent.
    splits : Roles
        Roles of the cell types and chromosomes.
    notes : tuple of str
        Choices that a reader should know of, in sentences.

    Raises
    ------
    ValidationError
        When the shapes, the types or the values disagree with the above.
    """

    name: TaskName
    loci: pd.DataFrame
    cell_types: tuple[str, ...]
    labels: NDArray[np.float32]
    activity: NDArray[np.float32] | None
    codes: NDArray[np.uint8]
    signals: NDArray[np.float32]
    marks: tuple[str, ...]
    counts: Mapping[str, int]
    splits: Roles
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in _NAMES:
            raise ValidationError(f"`name` must be one of {', '.join(_NAMES)}; {self.name!r} came.")
        _check_shapes(self)
        _check_values(self)
        _check_roles(self)

    @property
    def window(self) -> int:
        """Bases of sequence at each locus; 0 where there is none."""
        return int(self.codes.shape[1])

    @property
    def n_loci(self) -> int:
        """Number of loci."""
        return len(self.loci)

    def rows(self, chromosomes: Iterable[str]) -> IntArray:
        """Indices of the loci that lie on some chromosomes.

        Parameters
        ----------
        chromosomes : iterable of str
            Names; those without loci are passed over.

        Returns
        -------
        numpy.ndarray of int, shape (n_found,)
            In the order of the loci.
        """
        return np.flatnonzero(self.loci["chrom"].isin(list(chromosomes)).to_numpy())

    def columns(self, cell_types: Iterable[str]) -> IntArray:
        """Indices of cell types.

        Parameters
        ----------
        cell_types : iterable of str
            Names.

        Returns
        -------
        numpy.ndarray of int, shape (n_asked,)
            In the order asked for.

        Raises
        ------
        ValidationError
            When one is not a cell type of the task.
        """
        place = {name: index for index, name in enumerate(self.cell_types)}
        wanted = list(cell_types)
        unknown = [name for name in wanted if name not in place]
        if unknown:
            raise ValidationError(
                f"`cell_types` must be of the task; {len(unknown)} are not, the first is "
                f"{unknown[0]!r}. The task has {', '.join(self.cell_types)}."
            )
        return np.array([place[name] for name in wanted], dtype=np.int64)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one ``.npz`` file, beside it first and then renamed.

        Parameters
        ----------
        path : str or path-like
            The file to write. Its folder must exist.

        Raises
        ------
        ValidationError
            When the file cannot be written.
        """
        arrays: dict[str, Any] = {
            "labels": self.labels,
            "codes": self.codes,
            "signals": self.signals,
            "meta": np.array(json.dumps(self._meta())),
            "start": self.loci["start"].to_numpy(np.int64),
            "end": self.loci["end"].to_numpy(np.int64),
        }
        for column in ("id", "chrom", "strand"):
            arrays[column] = self.loci[column].to_numpy(dtype=str)
        if self.activity is not None:
            arrays["activity"] = self.activity
        content = io.BytesIO()
        np.savez(content, **arrays)
        write_bytes(path, content.getvalue())

    def _meta(self) -> dict[str, Any]:
        """What is not an array."""
        return {
            "format": _FORMAT,
            "name": self.name,
            "cell_types": self.cell_types,
            "marks": self.marks,
            "counts": dict(self.counts),
            "splits": asdict(self.splits),
            "notes": self.notes,
        }

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Task":
        """Read a file that `save` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        Task
            Equal to what was saved, to the bit.

        Raises
        ------
        ValidationError
            When the file is missing, or is not one of these.
        """
        try:
            with open_npz(Path(path)) as file:
                arrays = {name: file[name] for name in file.files}
                meta = json.loads(str(arrays["meta"]))
                loci = pd.DataFrame(
                    {name: _column(arrays[name]) for name in LOCUS_COLUMNS}, copy=False
                )
        except DAMAGE as error:
            raise _unreadable(path, str(error)) from error
        if meta["format"] != _FORMAT:
            raise _unreadable(path, f"its format is {meta['format']}, not {_FORMAT}")
        roles = {name: _tupled(value) for name, value in meta["splits"].items()}
        return cls(
            name=meta["name"],
            loci=loci,
            cell_types=tuple(meta["cell_types"]),
            labels=arrays["labels"],
            activity=arrays.get("activity"),
            codes=arrays["codes"],
            signals=arrays["signals"],
            marks=tuple(meta["marks"]),
            counts=meta["counts"],
            splits=Roles(**roles),
            notes=tuple(meta["notes"]),
        )


def _unreadable(path: str | os.PathLike[str], reason: str) -> ValidationError:
    """What to say of a file that is not a task."""
    return ValidationError(
        f"`path` must be a file that `Task.save` wrote; {os.fspath(path)} is not: {reason}. "
        "Delete it and load the tasks again."
    )


def _tupled(value: Any) -> Any:
    """JSON's lists back into tuples."""
    return tuple(value) if isinstance(value, list) else value


def _column(values: NDArray[Any]) -> NDArray[Any]:
    """Text as Python strings, numbers as they are."""
    return values.astype(object) if values.dtype.kind == "U" else values


def _check_shapes(task: Task) -> None:
    """Refuse arrays whose shape or type is not the one promised."""
    missing = [name for name in LOCUS_COLUMNS if name not in task.loci.columns]
    if missing:
        raise ValidationError(
            f"`loci` must have the columns {', '.join(LOCUS_COLUMNS)}; {len(missing)} are missing, "
            f"the first is {missing[0]!r}. Add it."
        )
    pairs = (len(task.loci), len(task.cell_types))
    expected: dict[str, tuple[NDArray[Any] | None, tuple[int, ...], type]] = {
        "labels": (task.labels, pairs, np.float32),
        "activity": (task.activity, pairs, np.float32),
        "codes": (task.codes, (pairs[0], *task.codes.shape[1:2]), np.uint8),
        "signals": (task.signals, (*pairs, len(task.marks)), np.float32),
    }
    for name, (array, shape, dtype) in expected.items():
        if array is not None and (array.shape != shape or array.dtype != dtype):
            raise ValidationError(
                f"`{name}` must be {np.dtype(dtype)} of shape {shape}; {array.dtype} of shape "
                f"{array.shape} came. Axes are loci, cell types, marks."
            )


def _check_values(task: Task) -> None:
    """Refuse values outside what each array may hold, and loci that are named twice."""
    wrong = ~(np.isnan(task.labels) | np.isin(task.labels, (0, 1)))
    if wrong.any():
        raise ValidationError(
            f"`labels` must be 0, 1 or NaN; {int(wrong.sum())} are not, the first is "
            f"{float(task.labels[wrong][0])}. Cut the activity into labels first."
        )
    if task.codes.size and int(task.codes.max()) > _LARGEST_CODE:
        raise ValidationError(
            f"`codes` must be 0 to {_LARGEST_CODE}; {int(task.codes.max())} came. Encode the bases."
        )
    twice = task.loci["id"].duplicated()
    if twice.any():
        raise ValidationError(
            f"`loci` must have one row for each id; {int(twice.sum())} are repeated, the first is "
            f"{task.loci['id'][twice].iloc[0]!r}. Drop the repetitions and count them."
        )


def _check_roles(task: Task) -> None:
    """Refuse roles of cell types that the task does not have, or of chromosomes without loci."""
    task.columns(task.splits.cell_types)
    empty = [chrom for chrom in task.splits.chromosomes if not len(task.rows([chrom]))]
    if empty:
        raise ValidationError(
            f"`splits` must name chromosomes with loci; {len(empty)} have none, the first is "
            f"{empty[0]!r}. Leave them out of the roles."
        )
