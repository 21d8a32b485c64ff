"""AnnData gives the set that its arrays give."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from leakcheck.adapters import evaluation_set_from_anndata
from leakcheck.adapters.h5ad import stored_matrix
from leakcheck.exceptions import ValidationError

anndata = pytest.importorskip("anndata", reason="anndata is not installed (extra anndata)")


@pytest.fixture
def data(world):
    """Cell types are observations, labels are X."""
    cells = pd.DataFrame(
        {"seen": [name in world.reference for name in world.cell_types]},
        index=list(world.cell_types),
    )
    loci = world.loci.set_axis(world.ids)
    layers = {name: scores.T.copy() for name, scores in world.models.items()}
    layers["signal"] = world.signal.T.copy()
    return anndata.AnnData(world.labels.T.copy(), obs=cells, var=loci, layers=layers)


OPTIONS = {"predictions": ["good", "poor"], "signal": "signal"}


@pytest.mark.parametrize("chunk_size", [1, 2, 512])
def test_equals_the_arrays(world, data, chunk_size):
    found = evaluation_set_from_anndata(
        data, **OPTIONS, train=world.reference, chunk_size=chunk_size
    )
    assert found.equals(world.build())


@pytest.mark.parametrize("train", ["seen", None, "leave-one-out", "K562"])
def test_train(world, data, train):
    if train == "leave-one-out":
        for name in ("good", "poor"):
            data.layers[name] = np.nan_to_num(data.layers[name])
    found = evaluation_set_from_anndata(data, **OPTIONS, train=train)
    expected = {"seen": ("K562", "HepG2", "A549"), "K562": ("K562",)}
    expected |= {None: ("K562", "HepG2", "A549"), "leave-one-out": world.cell_types}
    assert found.reference_cell_types == expected[train]


def test_transposed(world, data):
    found = evaluation_set_from_anndata(data.T, **OPTIONS, celltypes_in="var", train="seen")
    assert found.equals(world.build())


@pytest.mark.parametrize("transposed", [False, True])
def test_backed_and_path(world, data, tmp_path, transposed):
    path = tmp_path / "data.h5ad"
    (data.T if transposed else data).write_h5ad(path)
    where = {"celltypes_in": "var" if transposed else "obs"}
    assert evaluation_set_from_anndata(path, **OPTIONS, **where, train="seen").equals(world.build())
    backed = anndata.read_h5ad(path, backed="r")
    found = evaluation_set_from_anndata(backed, **OPTIONS, **where, train="seen", chunk_size=2)
    backed.file.close()
    assert found.equals(world.build())


@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_matrix, scipy.sparse.csc_matrix])
@pytest.mark.parametrize("opened", [False, True])
def test_matrices_in_a_file_are_read_by_chunk(world, data, tmp_path, monkeypatch, form, opened):
    for layer in ("good", "poor", "signal"):
        data.layers[layer] = form(data.layers[layer])
    path = tmp_path / "data.h5ad"
    data.write_h5ad(path)
    backed = anndata.read_h5ad(path, backed="r") if opened else path
    read = []

    def watched(stored):
        matrix = stored_matrix(stored)

        class Watched:
            dtype = matrix.dtype

            def __getitem__(self, rows):
                read.append((rows.start, rows.stop))
                return matrix[rows]

        return Watched()

    for module in ("anndata", "h5ad"):
        monkeypatch.setattr(f"leakcheck.adapters.{module}.stored_matrix", watched)
    found = evaluation_set_from_anndata(backed, **OPTIONS, train="seen", chunk_size=2)
    assert found.equals(world.build())
    n_matrices = 3 if opened else 4  # X of a backed AnnData is anndata's own
    assert read == [(0, 2), (2, 4), (4, 5)] * n_matrices
    if opened:
        backed.file.close()


def test_a_view_of_a_backed_container_is_that_view(world, data, tmp_path):
    path = tmp_path / "data.h5ad"
    data.write_h5ad(path)
    backed = anndata.read_h5ad(path, backed="r")
    kept = [0, 1, 2, 4]
    found = evaluation_set_from_anndata(backed[kept], **OPTIONS, train="seen")
    whole = evaluation_set_from_anndata(data[kept].copy(), **OPTIONS, train="seen")
    backed.file.close()
    assert found.equals(whole)


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix])
def test_what_a_sparse_layer_does_not_store_is_zero(world, data, form):
    data.layers["good"] = form(data.layers["good"])
    data.X = form(data.X)
    assert evaluation_set_from_anndata(data, **OPTIONS, train="seen").equals(world.build())


def test_labels_in_a_layer_models_by_name_and_opaque_ids(world, data):
    data.layers["active"] = data.X
    data.X = None
    data.var = data.var[[]]
    found = evaluation_set_from_anndata(
        data, predictions={"net": "good"}, labels="active", train="seen"
    )
    assert found.models == ("net",)
    np.testing.assert_array_equal(found.labels, world.labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"predictions": "god"}, "`predictions` names a layer that is not there: 'god'. Did you"),
        ({"predictions": []}, "`predictions` must name at least one"),
        ({"celltypes_in": "rows"}, "`celltypes_in` must be 'obs' or 'var'"),
        ({"chunk_size": 0}, "`chunk_size` must be 1 or more; it is 0"),
        ({"train": "K563"}, "`train` names cell types that are not"),
        ({"train": "number"}, "`train` must name a column of booleans; 'number' has the type"),
    ],
)
def test_refusals(data, options, message):
    data.obs["number"] = np.arange(5)
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_anndata(data, **(OPTIONS | options))
    assert str(caught.value).startswith(message)


def test_a_column_of_nullable_booleans_says_who_is_reference(data):
    plain = evaluation_set_from_anndata(data, **(OPTIONS | {"train": "seen"}))
    data.obs["seen"] = data.obs["seen"].astype("boolean")
    found = evaluation_set_from_anndata(data, **(OPTIONS | {"train": "seen"}))
    assert found.reference_cell_types == plain.reference_cell_types
    data.obs.loc[data.obs_names[0], "seen"] = pd.NA
    with pytest.raises(
        ValidationError, match="has the type boolean, and 1 of 5 values are missing"
    ):
        evaluation_set_from_anndata(data, **(OPTIONS | {"train": "seen"}))


def test_the_signal_may_be_x(data):
    """As counts are: in X, and their calls in a layer."""
    expected = evaluation_set_from_anndata(data, **OPTIONS)
    options = {"predictions": ["good", "poor"], "labels": "calls", "signal": "X"}
    data.layers["calls"], data.X = data.X.copy(), data.layers["signal"].copy()
    assert evaluation_set_from_anndata(data, **options).equals(expected)
    data.X = None
    with pytest.raises(ValidationError, match="`signal` names a layer that is not there: 'X'"):
        evaluation_set_from_anndata(data, **options)


def test_without_x_labels_must_be_named(data):
    data.X = None
    with pytest.raises(ValidationError, match="`labels` must be a layer when the AnnData has no"):
        evaluation_set_from_anndata(data, **OPTIONS)


def test_paths_that_are_no_h5ad(tmp_path):
    def refusal(name):
        with pytest.raises(ValidationError) as caught:
            evaluation_set_from_anndata(tmp_path / name, predictions="good")
        text = str(caught.value)
        assert text.startswith(f"`{tmp_path / name}` must be an .h5ad file; ")
        return text

    assert "it does not exist" in refusal("none.h5ad")
    (tmp_path / "text.h5ad").write_text("locus,label")
    assert "it cannot be read as one" in refusal("text.h5ad")
    with pytest.importorskip("h5py").File(tmp_path / "other.h5", "w") as file:
        file["preds"] = [1.0, 2.0]
    assert "it is HDF5 without ['obs', 'var'] and has ['preds']" in refusal("other.h5")
