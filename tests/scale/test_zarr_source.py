"""Zarr groups, as xarray writes them or with plain arrays, read piece by piece."""

import warnings

import numpy as np
import pytest

from leakcheck.adapters import evaluation_set_from_xarray
from leakcheck.exceptions import MissingDependencyError, ValidationError
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import World, assembled, assert_same, opened

zarr = pytest.importorskip("zarr", minversion="3", reason="zarr is not installed (extra scale)")


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def dataset(world):
    """Predictions lie the other way round, as `evaluation_set_from_xarray` allows."""
    xarray = pytest.importorskip("xarray", reason="xarray is not installed (extra xarray)")
    dims = ("locus", "celltype")
    scores = np.stack([world.models[name] for name in ("good", "poor")]).astype(np.float32)
    return xarray.Dataset(
        {
            "label": (dims, world.labels),
            "signal": (dims, world.signal),
            "good": (dims[::-1], world.models["good"].T),
            "pred": (("model", "celltype", "locus"), scores.transpose(0, 2, 1)),
        },
        coords={
            "celltype": np.array(world.cell_types, dtype=object),
            "locus": np.array([f"g{i}" for i in range(len(world.loci))], dtype=object),
            "model": np.array(["net", "tree"], dtype=object),
            **{name: ("locus", world.loci[name].to_numpy(object if name == "chrom" else None))
               for name in world.loci},
        },
    )  # fmt: skip


def write(dataset, path, zarr_format, **options):
    """xarray warns of what only this version of Zarr does not settle: texts and one file of all
    metadata."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.to_zarr(path, zarr_format=zarr_format, **options)
    return path


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("chunk", [17, 100, 240])
def test_what_xarray_writes(world, dataset, tmp_path, zarr_format, chunk):
    chunks = {
        name: {
            "chunks": tuple(min(chunk, n) if d == "locus" else 2 for d, n in array.sizes.items())
        }
        for name, array in dataset.data_vars.items()
    }
    path = write(dataset, tmp_path / "d.zarr", zarr_format, encoding=chunks)
    for predictions in ("good", ["pred"]):
        source = opened(path, predictions=predictions, signal="signal")
        expected = evaluation_set_from_xarray(
            dataset, predictions=predictions, signal="signal", train=world.reference
        )
        assert_same(source, expected, train=world.reference)
    assert opened(path, predictions="pred").models == ("net", "tree")


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_labels_written_as_whole_numbers_with_one_for_missing(
    world, dataset, tmp_path, zarr_format
):
    encoding = {"label": {"dtype": "int8", "_FillValue": -1}, "good": {"_FillValue": -9.5}}
    path = write(dataset, tmp_path / "d.zarr", zarr_format, encoding=encoding)
    expected = evaluation_set_from_xarray(dataset, predictions="good", train=world.reference)
    assert_same(opened(path, predictions="good"), expected, train=world.reference)


def plain(world, path, *, chunks=(60, 5), **arrays):
    """Arrays without names of dimensions: labels, predictions/<model>, loci/chrom ..."""
    group = zarr.open_group(str(path), mode="w")
    values = {
        "labels": world.labels.astype(np.float32),
        "celltype": np.array(world.cell_types, dtype="S8"),
        "loci/chrom": world.loci["chrom"].to_numpy("S5"),
        "loci/start": world.loci["start"].to_numpy(),
        "loci/end": world.loci["end"].to_numpy(),
        **{f"predictions/{name}": scores for name, scores in world.models.items()},
        **arrays,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # texts have no settled form in the third version yet
        for name, array in values.items():
            if array is not None:
                shape = chunks if array.ndim == 2 else (min(50, len(array)),)
                group.create_array(name, data=array, chunks=shape)
    return path


@pytest.mark.parametrize("chunks", [(60, 5), (7, 2), (240, 1)])
@pytest.mark.parametrize("partition_bytes", [2_000, 20_000, 1 << 25])
def test_plain_arrays(world, tmp_path, chunks, partition_bytes):
    path = plain(world, tmp_path / "d.zarr", chunks=chunks)
    source = opened(path, partition_bytes=partition_bytes)
    assert source.models == ("good", "poor")
    assert_same(source, world.build(signal=None), train=world.reference)


def test_pieces_begin_where_chunks_begin(world, tmp_path):
    source = opened(plain(world, tmp_path / "d.zarr", chunks=(7, 2)), partition_bytes=2_000)
    assert {p.rows.start % 7 for p in source.partitions()} == {0}
    assert {p.columns[0] % 2 for p in source.partitions()} == {0}
    assert [p.rows.start for p in source.partitions() if p.has_loci][:2] == [0, 7]


@pytest.mark.parametrize("text", [True, False])
def test_loci_as_text_or_ids(world, tmp_path, text):
    ids = world.ids if text else [f"g{i}" for i in range(len(world.loci))]
    nothing = {"loci/chrom": None, "loci/start": None, "loci/end": None}
    path = plain(world, tmp_path / "d.zarr", locus=np.array(ids, dtype="S30"), **nothing)
    loci, *_ = assembled(opened(path))
    assert list(loci.columns) == (["chrom", "start", "end"] if text else ["id"])
    assert len(loci) == 240


def test_labels_of_whole_numbers_stay_so(world, tmp_path):
    path = plain(world, tmp_path / "d.zarr", labels=np.nan_to_num(world.labels).astype(np.int8))
    source = opened(path)
    assert source.read(source.partitions()[0]).labels.dtype == np.int8


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"labels": None}, {}, "`label` must be an array .* none is called label, labels"),
        ({}, {"label": "lables"}, "not in .*: 'lables'. Did you mean 'labels'"),
        ({"predictions/good": None, "predictions/poor": None}, {}, "`predictions` must name"),
        ({}, {"predictions": "god"}, "`predictions` names an array that is not"),
        ({"loci/end": None}, {}, "`locus` must be an array .* there is none"),
        ({"loci/end": np.arange(5)}, {}, r"'loci/end' .* shape \(5,\) and others have \(240,\)"),
        ({"predictions/good": np.zeros((240, 4))}, {}, r"here 240 x 5; .* shape \(240, 4\)"),
        ({"predictions/good": np.zeros((3, 240, 5))}, {}, "must be an array of loci x cell types"),
        ({"labels": np.full((240, 5), "yes")}, {}, "`label` must be an array of numbers"),
        ({"celltype": np.array(["a", "a", "b", "c", "d"], dtype="S1")}, {}, "each column once"),
        ({}, {"bin_size": 200}, "`bin_size` is no option of a Zarr group"),
    ],
)
def test_groups_that_cannot_be_opened(world, tmp_path, arrays, options, message):
    path = tmp_path / "d.zarr"
    if any(a is not None and a.ndim == 3 for a in arrays.values()):
        plain(world, path, **{"predictions/good": None})
        zarr.open_group(str(path)).create_array("predictions/good", data=np.zeros((3, 240, 5)))
    else:
        plain(world, path, **arrays)
    with pytest.raises(ValidationError, match=message):
        opened(path, **options)


def test_packed_numbers_are_refused(dataset, tmp_path):
    encoding = {"signal": {"dtype": "int16", "scale_factor": 0.01, "_FillValue": -1}}
    path = write(dataset, tmp_path / "d.zarr", 3, encoding=encoding)
    with pytest.raises(ValidationError, match=r"'signal' .* packed \(\['scale_factor'\]\)"):
        opened(path, predictions="good", signal="signal")


def test_a_damaged_chunk_is_named(world, tmp_path):
    path = plain(world, tmp_path / "d.zarr")
    source = opened(path)
    chunk = path / "predictions" / "good" / "c" / "1" / "0"
    chunk.write_bytes(chunk.read_bytes()[:20])
    with pytest.raises(CorruptPartitionError, match=r"d\.zarr, loci 60 to 120 cannot be") as error:
        assembled(source)
    assert error.value.path.endswith("good")


@pytest.mark.parametrize("file", ["labels/zarr.json", "celltype/c/0", "loci/end/zarr.json"])
def test_what_tells_the_arrays_apart_is_damaged(world, tmp_path, file):
    path = plain(world, tmp_path / "d.zarr")
    (path / file).write_bytes((path / file).read_bytes()[:9])
    with pytest.raises(CorruptPartitionError, match=r"d\.zarr.* cannot be read: "):
        opened(path)


def test_a_group_that_was_written_again_is_named(world, tmp_path):
    path = plain(world, tmp_path / "d.zarr")
    source = opened(path)
    plain(world, path, **{"predictions/good": np.zeros((200, 5))})
    with pytest.raises(CorruptPartitionError, match="it was changed since it was opened"):
        assembled(source)


def test_a_folder_that_only_looks_like_a_group(tmp_path):
    (tmp_path / "zarr.json").write_text("no metadata")
    with pytest.raises(ValidationError, match="must be a Zarr group; it cannot be opened as one"):
        opened(tmp_path)


def test_without_zarr_the_extra_is_named(world, tmp_path, monkeypatch):
    path = plain(world, tmp_path / "d.zarr")
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    with pytest.raises(MissingDependencyError, match=r"pip install '\.\[scale\]'"):
        opened(path)
