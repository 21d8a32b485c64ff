"""xarray gives the set that its arrays give."""

import numpy as np
import pytest

from leakcheck.adapters import evaluation_set_from_xarray
from leakcheck.exceptions import ValidationError

xarray = pytest.importorskip("xarray", reason="xarray is not installed (extra xarray)")

DIMS = ("locus", "celltype")


@pytest.fixture
def data(world):
    coords = {"locus": world.ids, "celltype": list(world.cell_types)}
    coords |= {name: ("locus", world.loci[name].to_numpy()) for name in world.loci}
    coords["seen"] = ("celltype", [name in world.reference for name in world.cell_types])
    arrays = {"label": world.labels, "signal": world.signal, **world.models}
    return xarray.Dataset({name: (DIMS, values) for name, values in arrays.items()}, coords=coords)


OPTIONS = {"predictions": ["good", "poor"], "signal": "signal", "train": "seen"}


def test_equals_the_arrays(world, data):
    assert evaluation_set_from_xarray(data, **OPTIONS).equals(world.build())


def test_order_of_dimensions_and_their_names_make_no_difference(world, data):
    turned = data.transpose().rename(locus="bin", celltype="tissue")
    found = evaluation_set_from_xarray(turned, **OPTIONS, locus="bin", celltype="tissue")
    assert found.equals(world.build())


def test_models_along_a_dimension(world, data):
    joined = xarray.concat([data["good"], data["poor"]], dim="model").assign_coords(
        model=["good", "poor"]
    )
    one = data.drop_vars(["good", "poor"]).assign(net=joined)
    options = OPTIONS | {"predictions": "net"}
    assert evaluation_set_from_xarray(one, **options).equals(world.build())


def test_without_intervals_names_are_ids(world, data):
    plain = data.drop_vars(["chrom", "start", "end"]).assign_coords(
        locus=[f"gene{i}" for i in range(len(world.loci))]
    )
    found = evaluation_set_from_xarray(plain, **OPTIONS)
    assert not found.loci.has_coordinates
    np.testing.assert_array_equal(found.labels, world.labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"predictions": "god"}, "`predictions` names a variable that is not there: 'god'. Did"),
        ({"labels": "y"}, "`labels` names a variable that is not there: 'y'."),
        ({"locus": "bin"}, "`predictions` must have the dimensions ['bin', 'celltype']"),
        ({"train": ["K563"]}, "`train` names cell types that are not"),
    ],
)
def test_refusals(data, options, message):
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_xarray(data, **(OPTIONS | options))
    assert str(caught.value).startswith(message)


def test_dimensions_need_names(data):
    with pytest.raises(ValidationError, match="`locus` must be a dimension with a coordinate"):
        evaluation_set_from_xarray(data.drop_vars("locus"), **OPTIONS)
