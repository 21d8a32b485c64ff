"""Floor 6: everything of one cell type, from the parts to columns in genome order."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data import Loci
from leakcheck.data.duplicates import refuse_wide_conflicts
from leakcheck.data.hashes import ColumnHash, Form
from leakcheck.data.models import argument_of
from leakcheck.exceptions import ValidationError
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.ingest import PartColumn, PartSummary, part_path
from leakcheck.scale.loci_reader import name_of_locus
from leakcheck.scale.plan import CellTypeSummary, StorePlan, column_name

__all__ = ["settle_cell_type"]

_CHUNK: Final = 1 << 17
#: Columns up to this size are put in order in memory; larger ones by the system's pages.
_IN_MEMORY: Final = 96 << 20


class _Pieces:
    """A column of the source, in the pieces that the parts hold; missing where there is none."""

    def __init__(
        self, folder: Path, pieces: Sequence[tuple[PartSummary, PartColumn]], *, coded: bool
    ) -> None:
        self._folder = folder
        self._pieces = sorted(pieces, key=lambda piece: piece[0].rows)
        self.coded = coded
        self.n_known = sum(piece.n_known for _, piece in pieces)
        bits = all(piece.forms[0] for _, piece in pieces)
        single = all(piece.forms[1] for _, piece in pieces)
        self.form: Form = "bits" if bits else "single" if single else "double"
        exact = single or all(piece.dtype in ("float32", "int8") for _, piece in pieces)
        self.dtype = np.dtype(np.int8 if coded else np.float32 if exact else np.float64)

    def read(self, rows: slice) -> NDArray[Any]:
        """Read a stretch of source rows."""
        found = np.full(rows.stop - rows.start, -1 if self.coded else np.nan, dtype=self.dtype)
        for part, piece in self._pieces:
            low, high = max(rows.start, part.rows[0]), min(rows.stop, part.rows[1])
            if low >= high or (not piece.n_known and not self.coded):
                continue
            dtype = np.dtype(piece.dtype)
            values = np.fromfile(
                part_path(self._folder, part.index),
                dtype=dtype,
                count=high - low,
                offset=piece.offset + (low - part.rows[0]) * dtype.itemsize,
            )
            target = found[low - rows.start : high - rows.start]
            if piece.dtype == "int8" and not self.coded:
                target[:] = np.where(values < 0, np.nan, values)
            else:
                target[:] = values
        return found

    def missing(self, values: NDArray[Any]) -> BoolArray:
        """Which values are missing."""
        return values < 0 if self.coded else np.isnan(values)


def settle_cell_type(folder: Path, column: int) -> CellTypeSummary:
    """Hash the columns of a cell type, decide its roles, and write them in genome order.

    Parameters
    ----------
    folder : Path
        A store with a plan.
    column : int
        The cell type.

    Returns
    -------
    CellTypeSummary
        Counts, from which the border's errors and notes are made.

    Raises
    ------
    ValidationError
        When rows of one locus differ.
    """
    return _Settling(folder, StorePlan.load(folder), column).run()


class _Settling:
    """One pass over a cell type."""

    def __init__(self, folder: Path, plan: StorePlan, column: int) -> None:
        self.folder, self.plan, self.column = folder, plan, column
        binary = plan.label_kind == "binary"
        own = [(part, part.labels[column]) for part in plan.parts if column in part.labels]
        self.labels = _Pieces(folder, own, coded=binary)
        self.signal = None
        if plan.has_signal:
            found = [(part, part.signal[column]) for part in plan.parts if column in part.signal]
            self.signal = _Pieces(folder, found, coded=False)
        self.scores: dict[int, _Pieces] = {}
        for model in range(len(plan.models)):
            pieces = [
                (part, part.predictions[model, column])
                for part in plan.parts
                if (model, column) in part.predictions
            ]
            if pieces:
                self.scores[model] = _Pieces(folder, pieces, coded=False)
        self.found = CellTypeSummary(column)
        self.outputs = {name: _Output(self, name, dtype) for name, dtype in self._files()}

    def _files(self) -> list[tuple[str, np.dtype[Any]]]:
        """Columns to write."""
        files = [(column_name("labels", self.column), self.labels.dtype)]
        if self.signal is not None:
            files.append((column_name("signal", self.column), self.signal.dtype))
        if self.plan.source == "inferred" and self.scores:
            files.append((column_name("audited", self.column), np.dtype(np.int8)))
        for model, pieces in self.scores.items():
            files.append((column_name("prediction", self.column, model), pieces.dtype))
        return files

    def run(self) -> CellTypeSummary:
        """Go through the rows of the source."""
        self._refuse_conflicts()
        hashes = {"labels": ColumnHash(self.labels.form)}
        hashes |= {kind: ColumnHash("bits") for kind in ("reference", "audited")}
        if self.signal is not None:
            hashes["signal"] = ColumnHash(self.signal.form)
        for model, pieces in self.scores.items():
            hashes[f"prediction:{model}"] = ColumnHash(pieces.form)
            self.found.is_call[model] = True
            self.found.n_scores[model] = 0
        for low in range(0, self.plan.loci.n_source, _CHUNK):
            self._chunk(slice(low, min(low + _CHUNK, self.plan.loci.n_source)), hashes)
        self.found.digests = {name: one.digest() for name, one in hashes.items()}
        for output in self.outputs.values():
            output.finish()
        self.found.dtypes = {name: one.dtype.name for name, one in self.outputs.items()}
        return self.found

    def _chunk(self, rows: slice, hashes: dict[str, ColumnHash]) -> None:
        """Take in some rows."""
        kept = self._kept(rows)
        labels = self.labels.read(rows)[kept]
        scores = {model: pieces.read(rows)[kept] for model, pieces in self.scores.items()}
        observed = ~self.labels.missing(labels)
        unknown = {model: np.isnan(values) for model, values in scores.items()}
        known = np.zeros(len(labels), dtype=bool)
        for missing in unknown.values():
            known |= ~missing
        reference, audited = self.plan.roles(self.column, observed, known)
        self._put("labels", labels)
        if self.labels.coded:
            hashes["labels"].update_flags(labels == 1, labels < 0)
        else:
            hashes["labels"].update(labels)
        nothing = np.zeros(len(labels), dtype=bool)
        hashes["reference"].update_flags(reference, nothing)
        hashes["audited"].update_flags(audited, nothing)
        if column_name("audited", self.column) in self.outputs:
            self._put("audited", audited)
        if self.signal is not None:
            signal = self.signal.read(rows)[kept]
            hashes["signal"].update(signal)
            self._put("signal", signal)
            own = bool((reference & ~np.isnan(signal)).any())
            self.found.has_reference_signal = self.found.has_reference_signal or own
        for model, values in scores.items():
            hashes[f"prediction:{model}"].update(values)
            self._put("prediction", values, model)
            self.found.n_scores[model] += len(values) - int(np.count_nonzero(unknown[model]))
            chosen = values[audited]
            if self.found.is_call[model]:
                self.found.is_call[model] = bool(((chosen == 0) | (chosen == 1)).all())
        self._count(rows, kept, labels, (observed, known, reference, audited), unknown)

    def _kept(self, rows: slice) -> Any:
        """Rows that repeat no other."""
        repeats = self.plan.loci.repeats[0]
        own = repeats[(repeats >= rows.start) & (repeats < rows.stop)]
        if not len(own):
            return slice(None)
        kept = np.ones(rows.stop - rows.start, dtype=bool)
        kept[own - rows.start] = False
        return kept

    def _put(self, kind: str, values: NDArray[Any], model: int | None = None) -> None:
        """Write a chunk of a column."""
        self.outputs[column_name(kind, self.column, model)].add(values)

    def _count(
        self,
        rows: slice,
        kept: Any,
        labels: NDArray[Any],
        pairs: tuple[BoolArray, BoolArray, BoolArray, BoolArray],
        unknown: dict[int, BoolArray],
    ) -> None:
        """Count what the border asks about."""
        found, (observed, known, reference, audited) = self.found, pairs
        found.n_observed += int(np.count_nonzero(observed))
        found.n_reference += int(np.count_nonzero(reference))
        found.n_predicted_reference += int(np.count_nonzero(reference & known))
        found.n_predicted += int(np.count_nonzero(known))
        found.n_auditable += int(np.count_nonzero(observed & known))
        n_audited = int(np.count_nonzero(audited))
        for model in range(len(self.plan.models)):
            lacking = audited & unknown[model] if model in unknown else audited
            number = int(np.count_nonzero(lacking)) if n_audited else 0
            if number:
                places = np.arange(rows.start, rows.stop)[kept]
                before, first = found.missing.get(model, (0, int(places[np.argmax(lacking)])))
                found.missing[model] = (before + number, first)
        if n_audited:
            own = labels[audited]
            if not found.n_audited:
                found.first_label = float(own[0])
            found.varies = found.varies or bool((own != found.first_label).any())
        if observed.any():
            seen = labels[observed]
            low, high = found.range
            found.range = (
                float(np.fmin(low, seen.min())),
                float(np.fmax(high, seen.max())),
            )
        found.n_audited += n_audited

    def _refuse_conflicts(self) -> None:
        """Compare rows of one locus; a column that is missing in both is no conflict."""
        repeats = self.plan.loci.repeats
        if not repeats.shape[1]:
            return
        tables = {"labels": self.labels}
        if self.signal is not None:
            tables["signal"] = self.signal
        for model, pieces in self.scores.items():
            tables[argument_of(self.plan.models[model], self.plan.models)] = pieces
        for name, pieces in tables.items():
            later, earlier = (_at(pieces, rows) for rows in repeats)
            differ = (later != earlier) & ~(pieces.missing(later) & pieces.missing(earlier))
            if differ.any():
                self._conflict(name, repeats[:, int(np.argmax(differ))], pieces)

    def _conflict(self, name: str, pair: IntArray, pieces: _Pieces) -> None:
        """Let the border refuse two rows that differ."""
        row, earlier = (int(one) for one in pair)
        values = _at(pieces, np.array([earlier, row])).astype(np.float64)
        values[pieces.missing(values)] = np.nan
        ids = np.array([name_of_locus(self.folder, self.plan.parts, earlier)], dtype=object)
        axes = (Loci(ids=ids), (self.plan.cell_types[self.column],))
        zeros = np.zeros(2, dtype=np.int64)
        places = (zeros, zeros[:1])
        try:
            refuse_wide_conflicts(values[:, None], places, places, axes, name)
        except ValidationError as error:
            raise ValidationError(f"In rows {earlier} and {row} of the source: {error}") from None


def _at(pieces: _Pieces, rows: IntArray) -> NDArray[Any]:
    """Values of single rows, of which there are few."""
    return np.concatenate([pieces.read(slice(row, row + 1)) for row in rows.tolist()])


class _Output:
    """A column on its way into genome order."""

    def __init__(self, settling: _Settling, name: str, dtype: np.dtype[Any]) -> None:
        loci = settling.plan.loci
        self.dtype = dtype
        self._order = loci.order
        self._repeats = loci.repeats[0]
        self._final = settling.folder / name
        # Written under a name of its own, so that a task that runs twice leaves one whole file.
        self._token = secrets.token_hex(6)
        raw = settling.folder / f".{name}.{self._token}.raw"
        self._raw = ColumnFile.create(raw, dtype, loci.n_loci)
        self._place = 0

    def add(self, values: NDArray[Any]) -> None:
        """Take the next rows of the source."""
        self._raw.write(slice(self._place, self._place + len(values)), values)
        self._place += len(values)

    def finish(self) -> None:
        """Put the rows in order, and the file in its place."""
        if self._order is None:
            self._raw.path.replace(self._final)
            return
        n = len(self._raw)
        new = self._final.with_name(f".{self._final.name}.{self._token}.new")
        ordered = ColumnFile.create(new, self.dtype, n)
        if n * self.dtype.itemsize <= _IN_MEMORY:
            values: NDArray[Any] = self._raw.read(slice(0, n))
        else:
            values = np.memmap(self._raw.path, dtype=self.dtype, mode="r", shape=(n,))
        for low in range(0, n, _CHUNK):
            rows = slice(low, min(low + _CHUNK, n))
            source = self._order.read(rows)
            source = source - np.searchsorted(self._repeats, source)  # without the repeats before
            ordered.write(rows, values.take(source))
        del values
        ordered.path.replace(self._final)
        self._raw.path.unlink()
