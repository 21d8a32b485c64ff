"""Which files of a folder are its data set: those that the adapter reads at once, or an error."""

import shutil

import pytest

from leakcheck.adapters import evaluation_set_from_parquet
from leakcheck.exceptions import ValidationError
from leakcheck.scale.open import open_source
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import World, assert_same, opened


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture
def hive(world, tmp_path):
    """A folder for each cell type."""
    world.long().to_parquet(tmp_path / "hive", partition_cols=["celltype"], index=False)
    return tmp_path / "hive"


def link_folder(folder, tmp_path):
    shutil.move(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")


def capitals(folder, _):
    file = next(folder.iterdir())
    file.rename(file.with_suffix(".PARQUET"))


def no_suffix(folder, _):
    file = next(folder.iterdir())
    file.rename(file.with_name("part-00000"))


@pytest.mark.parametrize("change", [link_folder, capitals, no_suffix])
def test_no_part_of_a_folder_is_left_out(world, hive, tmp_path, change):
    """Each was: a cell type was missing from the reference without a word."""
    change(hive / "celltype=K562", tmp_path)
    (hive / "notes.txt").write_text("about the data")
    (hive / "_temporary").mkdir()
    (hive / "_temporary" / "half.parquet").write_text("")
    source = opened(hive)
    assert "K562" in source.cell_types
    shutil.rmtree(hive / "_temporary")
    (hive / "notes.txt").unlink()
    expected = evaluation_set_from_parquet(hive, train=world.reference)
    assert_same(source, expected, train=world.reference)


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_link_that_leads_nowhere_is_named(hive, tmp_path, is_folder):
    folder = hive / "celltype=K562"
    link = folder if is_folder else next(folder.iterdir())
    shutil.move(link, tmp_path / "elsewhere")
    link.symlink_to(tmp_path / "away")
    with pytest.raises(CorruptPartitionError, match=f"{link.name} cannot be read: .*No such file"):
        open_source(hive)


@pytest.mark.parametrize("value", ["", "__HIVE_DEFAULT_PARTITION__"])
def test_a_folder_of_rows_without_a_name_is_no_cell_type(hive, value):
    (hive / "celltype=K562").rename(hive / f"celltype={value}")
    with pytest.raises(ValidationError, match=f"that of 'celltype' is missing in .*={value}"):
        open_source(hive)


def test_a_folder_named_01_is_no_number(world, tmp_path):
    names = {name: f"{number:02d}" for number, name in enumerate(world.cell_types, start=1)}
    table = world.long()
    table = table.assign(celltype=table["celltype"].map(names))
    table.to_parquet(tmp_path / "set", partition_cols=["celltype"], index=False)
    train = [names[name] for name in world.reference]
    expected = evaluation_set_from_parquet(tmp_path / "set", train=train)
    assert_same(opened(tmp_path / "set"), expected, train=train)
    assert set(expected.cell_types) == set(names.values())


def test_a_file_in_no_such_folder_is_named(hive):
    (hive / "celltype=K562").rename(hive / "x=K562")
    with pytest.raises(CorruptPartitionError, match=r"=K562/.* it lies in no folder celltype=, as"):
        open_source(hive)
