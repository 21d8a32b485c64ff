"""One value for each locus: by place, or by the names of a Series."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import Loci
from leakcheck.data.per_locus import values_of_loci
from leakcheck.exceptions import ValidationError
from tests.worlds import small_world

IDS = ["chr1:0-9", "chr1:9-18", "chr2:0-9"]
LOCI = Loci.from_any(IDS)


def index(ids):
    return pd.Index(ids, dtype=object)


@pytest.mark.parametrize(
    "values",
    [
        ["a", None, "c"],
        np.array(["a", None, "c"], dtype=object),
        pd.Series(["a", None, "c"]),
        pd.Series(["c", "a", None], index=index([IDS[2], IDS[0], IDS[1]])),
        pd.Series(["c", "a", "x", None], index=index([IDS[2], IDS[0], "chr9:0-9", IDS[1]])),
        pd.Series(["c", "a", None], index=index(["chr2:0-9", "chr1:0-9", "chr1:9-0,018"])),
        pd.Series(
            ["c", "a", None],
            index=pd.MultiIndex.from_tuples([("chr2", 0, 9), ("chr1", 0, 9), ("chr1", 9, 18)]),
        ),
    ],
    ids=["list", "array", "series", "shuffled", "more loci", "written otherwise", "intervals"],
)
def test_values_come_in_the_order_of_the_loci(values):
    found = values_of_loci(values, LOCI, "strata")
    assert found[[0, 2]].tolist() == ["a", "c"]
    assert pd.isna(found[1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], r"`strata` must have one value for each locus; values of shape \(2,\) came"),
        (np.zeros((3, 2)), r"values of shape \(3, 2\) came for 3 loci"),
        (pd.Series("abc", index=index(IDS[:2])), "1 of 3 loci is not there, the first is chr2:0-9"),
        (pd.Series([1, 2, 3], index=[7, 8, 9]), "3 of 3 loci are not there"),
        (pd.Series([1, 2, 3, 4], index=index([*IDS, IDS[0]])), "1 of 4 rows repeats an earlier"),
    ],
    ids=["short", "table", "fewer", "other names", "twice"],
)
def test_other_values_are_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        values_of_loci(values, LOCI, "strata")


@pytest.mark.parametrize("argument", ["blocks", "strata"])
def test_an_audit_does_not_depend_on_the_order_of_a_series(argument):
    world = small_world()
    halves = np.where(world.labels[world.references].mean(axis=1) > 0.5, "high", "low")
    values = {"blocks": world.loci["chrom"].to_numpy(), "strata": halves}[argument]
    series = pd.Series(values, index=world.labels.index)
    by_place = world.audit(**{argument: values})
    by_name = world.audit(**{argument: series.sample(frac=1, random_state=0)})
    assert by_name.to_json() == by_place.to_json()
    with pytest.raises(ValidationError, match=f"`{argument}` as a Series must name the loci"):
        world.audit(**{argument: series.set_axis(range(5, 5 + len(series)))})


def test_what_a_function_of_strata_returns_may_name_the_loci_too():
    world = small_world()
    signs = pd.Series(np.arange(len(world.labels)) % 3, index=world.labels.index)
    report = world.audit(strata=lambda _data, _target: signs.iloc[::-1])
    assert report.strata.equals(world.audit(strata=signs.to_numpy()).strata)
