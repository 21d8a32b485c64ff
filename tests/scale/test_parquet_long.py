"""Long Parquet tables read piece by piece are those that the adapter reads at once."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.adapters import evaluation_set_from_parquet
from leakcheck.exceptions import ValidationError
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import World, assembled, assert_same, opened


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def table(world):
    """Sorted by cell type; each has the loci in the order of the world."""
    order = {name: at for at, name in enumerate(world.cell_types)}
    return world.long().sort_values("celltype", key=lambda c: c.map(order), kind="stable")


def in_memory(path, world, **options):
    return evaluation_set_from_parquet(path, train=world.reference, **options)


@pytest.mark.parametrize("row_group_size", [7, 100, 5_000])
@pytest.mark.parametrize("partition_bytes", [3_000, 1 << 25])
def test_one_file_sorted_by_cell_type(world, table, tmp_path, row_group_size, partition_bytes):
    path = tmp_path / "long.parquet"
    table.to_parquet(path, row_group_size=row_group_size, index=False)
    source = opened(path, partition_bytes=partition_bytes, signal="signal")
    assert_same(source, in_memory(path, world, signal="signal"), train=world.reference)


def test_stretches_of_the_same_loci_stand_together(table, tmp_path):
    table.to_parquet(tmp_path / "long.parquet", row_group_size=60, index=False)
    partitions = opened(tmp_path / "long.parquet").partitions()
    assert len(partitions) > 10
    assert [p.has_loci for p in partitions[:5]] == [True, False, False, False, False]
    assert [p.rows.start for p in partitions] == sorted(p.rows.start for p in partitions)


def test_folders_by_cell_type(world, table, tmp_path):
    table.to_parquet(tmp_path / "hive", partition_cols=["celltype"], index=False)
    expected = in_memory(tmp_path / "hive", world)
    assert expected.cell_types[0] == "A549"
    assert_same(opened(tmp_path / "hive"), expected, train=world.reference)


def test_folders_named_by_numbers_and_escaped(world, table, tmp_path):
    numbered = table.assign(
        celltype=table["celltype"].map({n: i for i, n in enumerate(world.cell_types)})
    )
    numbered.to_parquet(tmp_path / "hive", partition_cols=["celltype"], index=False)
    source = opened(tmp_path / "hive")
    assert source.cell_types == ("0", "1", "2", "3", "4")
    expected = evaluation_set_from_parquet(tmp_path / "hive", train=["0", "2", "4"])
    assert_same(source, expected, train=["0", "2", "4"])
    table.assign(celltype="T cell/CD4").head(240).to_parquet(
        tmp_path / "odd", partition_cols=["celltype"], index=False
    )
    assert opened(tmp_path / "odd").cell_types == ("T cell/CD4",)


def test_a_file_for_each_chromosome(world, table, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, (_, part) in enumerate(table.groupby("chrom", sort=False)):
        part.to_parquet(folder / f"part-{number:02d}.parquet", index=False)
    (folder / "_SUCCESS").touch()
    assert_same(opened(folder), in_memory(folder, world), train=world.reference)


@pytest.mark.parametrize("ids", ["text", "gene", "beside"])
def test_loci_as_text_as_ids_and_with_intervals_beside(world, table, tmp_path, ids):
    named = table.assign(locus=np.tile(world.ids, 5))
    if ids == "gene":
        named["locus"] = named["locus"].str.replace(":", "_").str.replace("-", "_")
    if ids != "beside":
        named = named.drop(columns=["chrom", "start", "end"])
    else:
        named["locus"] = "g" + named["locus"].str.replace(":", "_")
    named.to_parquet(tmp_path / "long.parquet", row_group_size=70, index=False)
    expected = in_memory(tmp_path / "long.parquet", world)
    assert expected.loci.has_coordinates == (ids != "gene")
    assert_same(opened(tmp_path / "long.parquet"), expected, train=world.reference)


def test_named_columns_and_one_model_of_two(world, table, tmp_path):
    path = tmp_path / "long.parquet"
    renamed = table.rename(columns={"celltype": "tissue", "label": "bound", "chrom": "c"})
    renamed.to_parquet(path, index=False)
    names = {"celltype": "tissue", "label": "bound", "locus": ["c", "start", "end"]}
    source = opened(path, predictions="good", **names)
    assert source.models == ("good",)
    expected = in_memory(path, world, predictions=["good"], **names)
    assert_same(source, expected, train=world.reference)


def test_a_column_with_a_usual_name_is_one_unnamed_model(table, tmp_path):
    table.rename(columns={"good": "pred"}).to_parquet(tmp_path / "t.parquet", index=False)
    assert opened(tmp_path / "t.parquet").models == ("model",)


def test_types_keep_every_value(world, table, tmp_path):
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns = pa.Table.from_pandas(table, preserve_index=False)
    labels = pa.array(table["label"], from_pandas=True)
    for kind in (pa.bool_(), pa.int8(), pa.int64(), pa.float32()):
        path = tmp_path / f"{kind}.parquet"
        at = columns.schema.get_field_index("label")
        pq.write_table(columns.set_column(at, "label", labels.cast(kind)), path, row_group_size=90)
        source = opened(path, signal="signal")
        assert_same(source, in_memory(path, world, signal="signal"), train=world.reference)


def test_whole_numbers_without_gaps_stay_whole(table, tmp_path):
    whole = table.assign(label=(table["label"] > 0).astype("int8"), signal=1)
    whole.to_parquet(tmp_path / "t.parquet", index=False)
    source = opened(tmp_path / "t.parquet", signal="signal")
    part = source.read(source.partitions()[0])
    assert part.labels.dtype == np.int8
    assert part.signal.dtype == np.float64


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.iloc[:-1], r"'A549' has 239 rows and 'K562' has 240\. Add the missing rows"),
        (
            lambda t: t.sort_values(["chrom", "start"]),
            "begin more than once. Sort the rows by cell",
        ),
        (
            lambda t: t.assign(label="yes"),
            "`label` must be columns of numbers; 'label' of .*string",
        ),
        (lambda t: t.drop(columns=["good", "poor"]), "`predictions` must be columns of numbers"),
        (lambda t: t.drop(columns="label"), "`label` must be a column of the table"),
        (lambda t: t.rename(columns={"celltype": "tissue"}), "must have a column of cell types"),
        (lambda t: t.iloc[:0], "must hold at least one row"),
    ],
)
def test_tables_that_cannot_be_read_piece_by_piece(table, tmp_path, spoil, message):
    spoil(table).to_parquet(tmp_path / "t.parquet", index=False)
    with pytest.raises(ValidationError, match=message):
        opened(tmp_path / "t.parquet")


def test_other_loci_in_a_cell_type_are_named(table, tmp_path):
    shuffled = table.copy()
    at = np.flatnonzero(table["celltype"] == "HepG2")
    shuffled.iloc[at] = table.iloc[at[::-1]].to_numpy()
    shuffled.to_parquet(tmp_path / "t.parquet", row_group_size=100, index=False)
    with pytest.raises(
        ValidationError, match=r"row 0 of 'HepG2' is chr12:3800:4000 and .* is chr1:0"
    ):
        assembled(opened(tmp_path / "t.parquet"))


def test_a_text_that_is_no_interval_among_intervals(world, table, tmp_path):
    ids = world.ids
    ids[200] = "GENE7"
    named = table.drop(columns=["chrom", "start", "end"]).assign(locus=np.tile(ids, 5))
    named.to_parquet(tmp_path / "t.parquet", index=False)
    with pytest.raises(ValidationError, match="begins with an interval, and has 'GENE7'"):
        assembled(opened(tmp_path / "t.parquet"))


def parts(table, folder):
    """Two files with a cell type or more each."""
    folder.mkdir()
    table.iloc[:480].to_parquet(folder / "a.parquet", row_group_size=120, index=False)
    table.iloc[480:].to_parquet(folder / "b.parquet", row_group_size=120, index=False)
    return folder


def test_a_file_that_is_cut_off_is_named(table, tmp_path):
    folder = parts(table, tmp_path / "parts")
    whole = (folder / "b.parquet").read_bytes()
    (folder / "b.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptPartitionError, match=r"b\.parquet cannot be read: .*no part of"):
        opened(folder)


def test_pages_that_are_damaged_are_named(table, tmp_path):
    folder = parts(table, tmp_path / "parts")
    source = opened(folder)
    whole = bytearray((folder / "b.parquet").read_bytes())
    whole[200 : len(whole) // 2] = b"\xff" * (len(whole) // 2 - 200)
    (folder / "b.parquet").write_bytes(whole)
    with pytest.raises(CorruptPartitionError, match=r"b\.parquet, row group 0 cannot be read") as e:
        assembled(source)
    assert e.value.path.endswith("b.parquet")


def test_a_file_that_was_replaced_is_named(table, tmp_path):
    folder = parts(table, tmp_path / "parts")
    source = opened(folder)
    table.iloc[480:].to_parquet(folder / "b.parquet", row_group_size=50, index=False)
    with pytest.raises(CorruptPartitionError, match=r"50 rows .* the file was changed since"):
        assembled(source)
    (folder / "b.parquet").unlink()
    with pytest.raises(CorruptPartitionError, match=r"b\.parquet, row group 0 cannot be read"):
        assembled(source)


def test_a_file_with_other_columns_is_named(table, tmp_path):
    folder = parts(table, tmp_path / "parts")
    table.iloc[480:].assign(good="high").to_parquet(folder / "b.parquet", index=False)
    with pytest.raises(CorruptPartitionError, match=r"b\.parquet .*'good' is of type .*string"):
        opened(folder)
    table.iloc[480:].drop(columns="good").to_parquet(folder / "b.parquet", index=False)
    with pytest.raises(CorruptPartitionError, match="lacks the column 'good'"):
        opened(folder)


def test_numbers_of_another_width_in_a_part_are_fine(world, table, tmp_path):
    folder = parts(table.assign(label=table["label"].fillna(0)), tmp_path / "parts")
    later = table.iloc[480:].assign(label=table["label"].iloc[480:].fillna(0).astype(int))
    later.to_parquet(folder / "b.parquet", index=False)
    assert_same(opened(folder), in_memory(folder, world), train=world.reference)


def test_statistics_that_say_no_value_is_missing_are_not_believed(table, tmp_path):
    path = tmp_path / "t.parquet"
    table.assign(label=1).to_parquet(path, index=False)
    source = opened(path)
    table.assign(label=pd.array([None] * len(table), dtype="Int64")).to_parquet(path, index=False)
    with pytest.raises(CorruptPartitionError, match="'label' has missing values; the file's"):
        assembled(source)
