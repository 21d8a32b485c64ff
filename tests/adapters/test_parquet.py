"""Parquet: the same set, from the columns that are needed."""

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

from leakcheck.adapters import evaluation_set_from_parquet, evaluation_set_from_table
from leakcheck.exceptions import ValidationError

OPTIONS = {"signal": "signal"}


def test_equals_the_arrays(world, tmp_path):
    path = tmp_path / "preds.parquet"
    world.long().to_parquet(path)
    assert evaluation_set_from_parquet(path, **OPTIONS, train=world.reference).equals(world.build())


def test_a_partitioned_folder_is_one_table(world, tmp_path):
    table = pa.Table.from_pandas(world.long(), preserve_index=False)
    pyarrow.parquet.write_to_dataset(table, tmp_path / "set", partition_cols=["celltype"])
    found = evaluation_set_from_parquet(tmp_path / "set", **OPTIONS, train=world.reference)
    whole = evaluation_set_from_table(
        pyarrow.dataset.dataset(tmp_path / "set", partitioning="hive").to_table().to_pandas(),
        **OPTIONS,
        train=world.reference,
    )
    assert found.equals(whole)
    assert set(found.cell_types) == set(world.cell_types)


def test_no_other_column_is_read(world, tmp_path, monkeypatch):
    path = tmp_path / "preds.parquet"
    world.long().assign(notes="text", train_row=True).to_parquet(path)
    asked = []
    original = pyarrow.dataset.FileSystemDataset.to_table

    class Spy:
        def __init__(self, inner):
            self.schema, self.files, self.inner = inner.schema, inner.files, inner
            self.get_fragments = inner.get_fragments

        def to_table(self, columns):
            asked.extend(columns)
            return original(self.inner, columns=columns)

    opened = pyarrow.dataset.dataset
    monkeypatch.setattr(pyarrow.dataset, "dataset", lambda *a, **k: Spy(opened(*a, **k)))
    evaluation_set_from_parquet(path, predictions=["good"], train=world.reference)
    assert asked == ["chrom", "start", "end", "celltype", "label", "good"]


def test_columns_by_name_and_a_mask(world, tmp_path):
    path = tmp_path / "preds.parquet"
    frame = world.long().rename(columns={"label": "seen", "celltype": "tissue"})
    frame["ref"] = frame["tissue"].isin(world.reference)
    frame.assign(id=[f"g{i // 5}" for i in range(len(frame))]).to_parquet(path)
    found = evaluation_set_from_parquet(
        path, label="seen", celltype="tissue", train="ref", signal="signal", predictions="good"
    )
    by_option = evaluation_set_from_parquet(
        path, label="seen", celltype="tissue", train_column="ref", signal="signal",
        predictions="good",
    )  # fmt: skip
    assert by_option.equals(found)
    assert found.models == ("good",)
    assert found.loci.ids[0] == "g0"
    assert found.loci.has_coordinates
    assert found.reference_cell_types == tuple(world.reference)


def test_refusals(world, tmp_path):
    with pytest.raises(ValidationError, match="a folder of them; it does not exist"):
        evaluation_set_from_parquet(tmp_path / "none.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValidationError, match="must hold Parquet files; it holds none"):
        evaluation_set_from_parquet(tmp_path / "empty")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no table")
    with pytest.raises(ValidationError, match="it cannot be read as such"):
        evaluation_set_from_parquet(broken)
    path = tmp_path / "preds.parquet"
    world.long().to_parquet(path)
    with pytest.raises(ValidationError, match=r"`predictions` names a column .* Did you mean"):
        evaluation_set_from_parquet(path, predictions=["god"])


@pytest.mark.parametrize("name", ["lost.parquet", "celltype=lost"])
def test_a_link_that_leads_nowhere_is_not_left_out(world, tmp_path, name):
    folder = tmp_path / "set"
    folder.mkdir()
    world.long().to_parquet(folder / "part.parquet")
    (folder / "_SUCCESS").symlink_to(tmp_path / "none")  # not read anyhow
    assert evaluation_set_from_parquet(folder, **OPTIONS, train=world.reference)
    (folder / name).symlink_to(tmp_path / "none")
    with pytest.raises(ValidationError, match=f"1 link in it leads nowhere, the first is '{name}'"):
        evaluation_set_from_parquet(folder, **OPTIONS, train=world.reference)


def test_another_file_in_the_folder_is_named(world, tmp_path):
    world.long().to_parquet(tmp_path / "part.parquet")
    (tmp_path / "readme.txt").write_text("scores")
    with pytest.raises(ValidationError, match=r"cannot be read as such: .*readme\.txt"):
        evaluation_set_from_parquet(tmp_path, **OPTIONS, train=world.reference)


def test_names_of_folders_that_begin_with_0_keep_it(world, tmp_path):
    names = {name: f"{number:02d}" for number, name in enumerate(world.cell_types, start=1)}
    table = world.long()
    table = table.assign(celltype=table["celltype"].map(names), batch=7)
    table.to_parquet(tmp_path / "set", partition_cols=["batch", "celltype"])
    found = evaluation_set_from_parquet(
        tmp_path / "set", **OPTIONS, predictions="good", train=[names[n] for n in world.reference]
    )
    assert set(found.cell_types) == set(names.values())
