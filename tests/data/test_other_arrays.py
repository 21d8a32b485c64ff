"""Arrays of other libraries: what they name is matched by name, what cannot be read is told."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr

from leakcheck.data import Loci, build_evaluation_set
from leakcheck.exceptions import ValidationError

CELLS = ["K562", "H1", "HepG2"]
LOCI = [f"chr1:{start}-{start + 200}" for start in range(0, 1200, 200)]
LABELS = pd.DataFrame(np.arange(18).reshape(6, 3) % 2, index=LOCI, columns=CELLS)
PREDS = pd.DataFrame(np.linspace(0, 1, 18).reshape(6, 3), index=LOCI, columns=CELLS)
PREDS["K562"] = np.nan


def data_array(frame, *, rows=True, columns=True):
    coords = {"locus": list(frame.index)} if rows else {}
    coords |= {"celltype": list(frame.columns)} if columns else {}
    return xr.DataArray(frame.to_numpy(), dims=("locus", "celltype"), coords=coords)


def same(found, expected=PREDS):
    (model,) = found.models
    columns = [found.scores_of(model, column) for column in range(len(CELLS))]
    np.testing.assert_array_equal(np.column_stack(columns), expected.to_numpy())


class Tensor:
    """What a tensor has: a shape that is no tuple, and an array that it makes of itself."""

    class Shape:
        def __init__(self, shape):
            self.shape = shape

        def __iter__(self):
            if self.shape is None:
                raise ValueError("unknown rank")
            return iter(self.shape)

    def __init__(self, values, error=None):
        self.values, self.error = np.asarray(values), error
        self.shape = self.Shape(self.values.shape)

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        if self.error is not None:
            raise self.error
        return self.values


@pytest.mark.parametrize("rows", [True, False])
def test_columns_of_a_data_array_are_matched_by_name(rows):
    turned = PREDS[CELLS[::-1]]
    same(build_evaluation_set(data_array(turned, rows=rows), LABELS.to_numpy(), LOCI, CELLS))
    same(build_evaluation_set(data_array(PREDS[["H1", "HepG2"]], rows=rows), LABELS))


def test_rows_of_a_data_array_are_matched_by_name():
    mixed = PREDS.sample(frac=1, random_state=3)
    same(build_evaluation_set(data_array(mixed, columns=False), LABELS))
    same(build_evaluation_set(data_array(mixed), LABELS.to_numpy(), LOCI, CELLS))


def test_a_data_array_of_labels_names_the_axes():
    same(build_evaluation_set(PREDS, data_array(LABELS)))


@pytest.mark.parametrize(("rows", "columns"), [(True, False), (False, True), (False, False)])
def test_axes_without_coordinates_must_be_as_long_as_those_of_the_labels(rows, columns):
    part = PREDS.iloc[: 6 if rows else 5, : 3 if columns else 2]
    with pytest.raises(ValidationError, match=r"must have the shape of `labels`, \(6, 3\)"):
        build_evaluation_set(data_array(part, rows=rows, columns=columns), LABELS)
    same(build_evaluation_set(data_array(PREDS, rows=rows, columns=columns), LABELS))


def test_tensors_are_read():
    names = Tensor(np.array([name.encode() for name in CELLS], dtype=object))
    same(build_evaluation_set(Tensor(PREDS), Tensor(LABELS), LOCI, names))


def test_a_tensor_that_is_no_array_is_told_how_to_become_one():
    error = RuntimeError("Can't call numpy() on Tensor that requires grad.")
    with pytest.raises(ValidationError) as caught:
        build_evaluation_set(Tensor(PREDS, error), LABELS)
    assert str(caught.value) == (
        "`preds` must be readable as a numpy array; converting the Tensor failed: Can't call "
        "numpy() on Tensor that requires grad. Convert it first; a tensor of PyTorch with "
        ".detach().cpu().float().numpy()."
    )


def test_a_tensor_of_unknown_shape_is_refused():
    unknown = Tensor(LABELS)
    unknown.shape = Tensor.Shape(None)
    with pytest.raises(ValidationError, match=r"`labels` must be a sequence .* it is a Tensor"):
        build_evaluation_set(PREDS, unknown)


def test_a_lazy_frame_is_refused_without_a_warning_of_polars():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValidationError, match=r"it is a LazyFrame. .*method collect\(\)"):
            build_evaluation_set(pl.from_pandas(PREDS).lazy(), LABELS)


@pytest.mark.parametrize("module", ["dask.dataframe", "pyarrow"])
def test_tables_that_are_no_frames_yet_are_refused_before_their_names_are_lost(module):
    library = pytest.importorskip(module)
    made, way = (
        (library.from_pandas(PREDS, npartitions=2), "compute")
        if module == "dask.dataframe"
        else (library.Table.from_pandas(PREDS), "to_pandas")
    )
    with pytest.raises(ValidationError, match=rf"`preds` must be .* its method {way}\(\) gives"):
        build_evaluation_set(made, LABELS.to_numpy(), list(LABELS.index), list(LABELS.columns))
    with pytest.raises(ValidationError, match=rf"`data` must be .* its method {way}\(\) gives"):
        build_evaluation_set("a", "b", "c", "d", data=made)


INTERVALS = [("chr1", start, start + 200) for start in range(0, 1200, 200)]


@pytest.mark.parametrize(
    "loci",
    [
        INTERVALS,
        [list(row) for row in INTERVALS],
        np.array(INTERVALS, dtype=object),
        pd.Series(INTERVALS),
    ],
)
def test_rows_of_intervals_are_intervals(loci):
    found = build_evaluation_set(PREDS.to_numpy(), LABELS.to_numpy(), loci, CELLS)
    assert found.loci.has_coordinates
    assert found.loci.ids.tolist() == LOCI


def test_an_array_of_text_alone_is_told_what_it_holds():
    with pytest.raises(ValidationError, match=r"it holds text, the first is '0'\. Convert it"):
        Loci.from_any(np.array(INTERVALS, dtype=str))


def test_rows_of_other_lengths_are_no_intervals():
    with pytest.raises(ValidationError, match=r"`loci` as rows of .* must have three .* have 4"):
        Loci.from_any(np.zeros((3, 4)))


@pytest.mark.parametrize("path", ["bins.bed", Path("bins.bed")])
def test_a_file_of_loci_is_to_be_read_first(path):
    with pytest.raises(ValidationError, match=r"`loci` must be a table .*read_bed\(path, score"):
        build_evaluation_set(PREDS.to_numpy(), LABELS.to_numpy(), path, CELLS)


def test_a_file_of_predictions_is_to_be_read_first():
    with pytest.raises(ValidationError, match=r"it is the str 'p.npy'\. Read a file first, with"):
        build_evaluation_set("p.npy", LABELS)


@pytest.mark.parametrize(
    "names", [("chromosome", "chromStart", "chromEnd"), ("Chr", "Start", "Stop")]
)
def test_columns_as_other_programs_call_them_are_named_in_the_remedy(names):
    frame = pd.DataFrame(INTERVALS, columns=list(names))
    renaming = dict(zip(names, ("chrom", "start", "end"), strict=True))
    with pytest.raises(ValidationError) as caught:
        Loci.from_any(frame)
    assert f"Rename them, .rename(columns={renaming}), where the starts" in str(caught.value)
    assert len(Loci.from_any(frame.rename(columns=renaming))) == 6


@pytest.mark.parametrize("names", [[["K562"], ["H1"], ["HepG2"]], [{"K562"}, {"H1"}, {"HepG2"}]])
def test_lists_are_no_names(names):
    with pytest.raises(ValidationError, match="`celltypes` must have one name in each entry"):
        build_evaluation_set(PREDS.to_numpy(), LABELS.to_numpy(), LOCI, names)
