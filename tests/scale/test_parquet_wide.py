"""Wide Parquet tables, one or several, read piece by piece."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import World, assembled, assert_same, opened, wide_table


@pytest.fixture(scope="module")
def world():
    return World()


def in_memory(world, **options):
    models = {name: scores.astype(np.float32) for name, scores in world.models.items()}
    world = type("Narrow", (), {**vars(world), "models": models, "build": World.build})()
    return world.build(**options)


@pytest.mark.parametrize("row_group_size", [11, 90, 5_000])
@pytest.mark.parametrize("partition_bytes", [500, 4_000, 1 << 25])
def test_one_table(world, tmp_path, row_group_size, partition_bytes):
    wide_table(world).to_parquet(tmp_path / "w.parquet", row_group_size=row_group_size)
    source = opened(tmp_path / "w.parquet", partition_bytes=partition_bytes)
    assert source.predicted == {"good": (1, 3), "poor": (1, 3)}
    assert_same(source, in_memory(world), train=world.reference)


def test_a_large_row_group_is_split_by_cell_type(world, tmp_path):
    wide_table(world).to_parquet(tmp_path / "w.parquet")
    partitions = opened(tmp_path / "w.parquet", partition_bytes=20_000).partitions()
    assert [p.columns for p in partitions] == [(0,), (1,), (2,), (3,), (4,)]
    assert [p.has_loci for p in partitions] == [True, False, False, False, False]
    assert all("H1" in p.name for p in partitions[1:2])


def test_folders_by_chromosome(world, tmp_path):
    wide_table(world).to_parquet(tmp_path / "hive", partition_cols=["chrom"], index=False)
    source = opened(tmp_path / "hive")
    loci, labels, *_ = assembled(source)
    assert list(loci["chrom"].unique()[:3]) == ["chr1", "chr10", "chr11"]
    order = np.argsort([f"{c}" for c in world.loci["chrom"]], kind="stable")
    np.testing.assert_array_equal(labels, world.labels[order])


@pytest.mark.parametrize("kind", ["index", "id", "id and interval", "named"])
def test_loci_of_one_table(world, tmp_path, kind):
    table = wide_table(world)
    ids = [f"g{number}" for number in range(len(table))]
    if kind == "index":
        table = table.drop(columns=["chrom", "start", "end"]).set_index(pd.Index(world.ids))
    elif kind == "id":
        table = table.drop(columns=["chrom", "start", "end"]).assign(gene=ids)
    elif kind == "id and interval":
        table = table.assign(gene=ids)
    else:
        table = table.rename(columns={"chrom": "c", "start": "s", "end": "e"})
    table.to_parquet(tmp_path / "w.parquet", row_group_size=70)
    locus = {"locus": ["c", "s", "e"]} if kind == "named" else {}
    loci, *_ = assembled(opened(tmp_path / "w.parquet", **locus))
    if kind.startswith("id"):
        assert loci["id"].tolist() == ids
    if kind != "id":
        assert (
            loci[["chrom", "start", "end"]]
            .astype({"chrom": str})
            .equals(world.loci.astype({"chrom": str}))
        )


def test_a_first_column_of_text_is_the_locus(world, tmp_path):
    table = wide_table(world).drop(columns=["chrom", "start", "end"])
    table.insert(0, "where", world.ids)
    table.to_parquet(tmp_path / "w.parquet", index=False)
    loci, *_ = assembled(opened(tmp_path / "w.parquet"))
    assert loci["start"].tolist() == world.loci["start"].tolist()


def test_names_with_colons_and_one_unnamed_model(tmp_path):
    table = pd.DataFrame(
        {
            "locus": ["a", "b"],
            "label:T:CD4": [0, 1],
            "label:CD4": [1, 0],
            "prediction:v1:T:CD4": [0.1, 0.2],
            "prediction:CD4": [0.3, 0.4],
        }
    )
    table.to_parquet(tmp_path / "w.parquet")
    source = opened(tmp_path / "w.parquet")
    assert source.cell_types == ("T:CD4", "CD4")
    assert source.predicted == {"v1": (0,), "model": (1,)}
    assert opened(tmp_path / "w.parquet", predictions=["v1"]).models == ("v1",)


def separate(world, folder, **sizes):
    """A table of labels, one of the signal and one for each model; annotation is left out."""
    cells = list(world.cell_types)
    frames = {"labels": world.labels, "signal": world.signal}
    frames |= {m: s[:, [1, 3]].astype(np.float32) for m, s in world.models.items()}
    for name, values in frames.items():
        columns = cells if values.shape[1] == 5 else [cells[1], cells[3]]
        table = pd.concat([world.loci, pd.DataFrame(values, columns=columns)], axis=1)
        table.assign(strand="+").to_parquet(
            folder / f"{name}.parquet", row_group_size=sizes.get(name, 100), index=False
        )
    return {
        "labels": folder / "labels.parquet",
        "signal": folder / "signal.parquet",
        "predictions": {m: folder / f"{m}.parquet" for m in world.models},
    }


@pytest.mark.parametrize("sizes", [{}, {"labels": 70, "good": 130, "poor": 1000}])
def test_separate_tables(world, tmp_path, sizes):
    source = opened(separate(world, tmp_path, **sizes))
    assert source.has_signal
    assert_same(source, in_memory(world), train=world.reference)


def test_separate_tables_of_families_or_of_one_model(world, tmp_path):
    paths = separate(world, tmp_path)
    models = paths["predictions"]
    families = {"deep": {"good": models["good"]}, "linear": {"poor": models["poor"]}}
    nested = {**paths, "predictions": families}
    source = opened(nested)
    assert source.families == {"good": "deep", "poor": "linear"}
    assert opened(paths, families={"good": "deep"}).families == {"good": "deep"}
    alone = {"labels": paths["labels"], "predictions": paths["predictions"]["good"]}
    assert opened(alone).models == ("model",)
    assert not opened(alone).has_signal


def test_separate_tables_must_have_the_same_loci(world, tmp_path):
    paths = separate(world, tmp_path)
    good = pd.read_parquet(paths["predictions"]["good"])
    good.iloc[::-1].to_parquet(paths["predictions"]["good"], index=False)
    with pytest.raises(ValidationError, match=r"row 0 .*good.parquet has chr12:3800:4000 and"):
        assembled(opened(paths))
    good.iloc[:-1].to_parquet(paths["predictions"]["good"], index=False)
    with pytest.raises(ValidationError, match=r"239 rows and .* has 240"):
        opened(paths)
    good.rename(columns={"H1": "HepG"}).to_parquet(paths["predictions"]["good"], index=False)
    with pytest.raises(
        ValidationError, match=r"has 1 more, the first is 'HepG'\. Did you mean 'HepG2'"
    ):
        opened(paths)
    good[["chrom", "start", "end"]].to_parquet(paths["predictions"]["good"], index=False)
    with pytest.raises(ValidationError, match="must have a column for each cell type"):
        opened(paths)


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (lambda t: t.rename(columns={"prediction:good:H1": "prediction:good:GM1287"}), {},
         "has no 'label:GM1287'. Did you mean 'GM12878'"),
        (lambda t: t.rename(columns={"signal:H1": "signal:HI"}), {}, "`signal` must be of cell"),
        (lambda t: t[["chrom", "start", "end", "label:H1"]], {}, "has none of that kind"),
        (lambda t: t, {"predictions": ["god"]}, "has none of 'god'"),
        (lambda t: t.drop(columns="end"), {"locus": "end"}, "not in the table: 'end'"),
        (lambda t: t, {"locus": ["chrom", "start"]}, "it names 2"),
        (lambda t: t.drop(columns=["chrom", "end"]), {}, "first column 'start' holds numbers"),
        (lambda t: t.assign(**{"label:H1": "no"}), {}, "`labels` must be columns of numbers"),
        (lambda t: t, {"celltyp": "x"}, "`celltyp` is no option of a wide Parquet table"),
        (lambda t: t, {"partition_bytes": 10}, "at least 65536; it is 10"),
        (lambda t: t, {"families": {"god": "deep"}}, "`families` names models that are not"),
        (lambda t: t.rename(columns={"prediction:good:H1": "prediction:oracle:H1"}), {},
         "must not use the names of baselines"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_opened(world, tmp_path, spoil, options, message):
    from leakcheck.scale.open import open_source  # noqa: PLC0415

    spoil(wide_table(world)).to_parquet(tmp_path / "w.parquet", index=False)
    with pytest.raises(ValidationError, match=message):
        open_source(tmp_path / "w.parquet", **options)


def test_float64_scores_stay_so_and_half_floats_become_float32(world, tmp_path):
    for dtype, expected in ((np.float64, "float64"), (np.float16, "float32")):
        wide_table(world, dtype=dtype).to_parquet(tmp_path / "w.parquet", row_group_size=50)
        source = opened(tmp_path / "w.parquet")
        assert set(source.score_dtypes.values()) == {expected}
        _, _, scores, _, _ = assembled(source)
        values = world.models["good"].astype(dtype)
        np.testing.assert_array_equal(scores["good"], values.astype(expected))


def test_a_damaged_column_is_named_with_its_row_group(world, tmp_path):
    path = tmp_path / "w.parquet"
    wide_table(world).to_parquet(path, row_group_size=60)
    source = opened(path)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 4 : len(whole) // 3] = bytes(len(whole) // 3 - len(whole) // 4)
    path.write_bytes(whole)
    with pytest.raises(CorruptPartitionError, match=r"w\.parquet, row group \d cannot be read"):
        assembled(source)
