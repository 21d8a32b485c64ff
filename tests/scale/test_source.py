"""What every source is, how one is opened, and how a piece that cannot be read is named."""

import pickle

import pandas as pd
import pytest

from leakcheck.exceptions import LeakcheckError, ValidationError
from leakcheck.scale.loci_columns import LocusColumns, first_difference
from leakcheck.scale.open import open_source
from leakcheck.scale.parquet_files import Stretch, cut, gathered, joined_frames, rows_of
from leakcheck.scale.source import CorruptPartitionError, Source
from tests.scale.on_disk import World, wide_table


@pytest.fixture
def path(tmp_path):
    wide_table(World()).to_parquet(tmp_path / "w.parquet")
    return tmp_path / "w.parquet"


def test_a_source_is_returned_as_it_is(path):
    source = open_source(path)
    assert isinstance(source, Source)
    assert open_source(source) is source
    with pytest.raises(ValidationError, match="`locus` is no option of a Source that is open"):
        open_source(source, locus="id")


def test_a_source_is_small(path):
    assert len(pickle.dumps(open_source(path))) < 10_000


def test_a_piece_that_cannot_be_read_is_named_on_the_other_side_too():
    error = CorruptPartitionError("a.parquet, row group 3", "a.parquet", "Unexpected end ")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert isinstance(again, LeakcheckError)
    assert str(again) == str(error)
    assert (again.partition, again.path) == (error.partition, error.path)
    assert "row group 3 cannot be read: Unexpected end. Mend or replace a.parquet" in str(error)
    assert "end!." not in str(CorruptPartitionError("a", "a", "Unexpected end!"))


def test_what_is_no_source(tmp_path):
    (tmp_path / "empty").mkdir()
    text = tmp_path / "t.csv"
    text.write_text("a,b\n")
    fake = tmp_path / "t.parquet"
    fake.write_text("a,b\n")
    cases = [
        (tmp_path / "none", "it does not exist"),
        (tmp_path / "empty", "a folder without any"),
        (text, "a file of another kind"),
        (fake, "it does not begin like one"),
        (pd.DataFrame(), "it is a DataFrame. For data in memory call leakcheck.audit"),
        ({"labels": text}, r"must have the keys 'labels' and 'predictions'.*\['labels'\]"),
        ({"labels": text, "preds": text}, "it has"),
        ({"labels": tmp_path / "empty", "predictions": text}, "it holds 0 files"),
    ]
    for source, message in cases:
        with pytest.raises(ValidationError, match=message):
            open_source(source)


def test_columns_of_neither_form_are_listed(tmp_path):
    pd.DataFrame({"locus": ["a"], "K562": [0.1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValidationError, match=r"has the columns \['locus', 'K562'\]"):
        open_source(tmp_path / "t.parquet")


def test_stretches_are_cut_and_gathered():
    stretches = [Stretch(0, 0, 0, 5), Stretch(0, 1, 2, 3), Stretch(1, 0, 0, 10)]
    assert rows_of(stretches) == 18
    assert cut(stretches, 4, 9) == [Stretch(0, 0, 4, 1), Stretch(0, 1, 2, 3), Stretch(1, 0, 0, 1)]
    assert [cut(stretches, a, a + 1)[0].length for a in range(18)] == [1] * 18
    for n_rows in (1, 5, 8, 9, 100):
        found = list(gathered(stretches, n_rows))
        assert [s for _, some in found for s in some] == stretches
        for rows, some in found:
            assert rows_of(some) == rows.stop - rows.start
            assert rows_of(some) <= n_rows or len(some) == 1


def test_frames_are_joined_whatever_their_categories():
    one = pd.DataFrame({"chrom": pd.Categorical(["chr1"]), "start": [0]})
    two = pd.DataFrame({"chrom": pd.Categorical(["chr2"]), "start": [1]})
    found = joined_frames([one, two])
    assert found["chrom"].tolist() == ["chr1", "chr2"]
    assert isinstance(found["chrom"].dtype, pd.CategoricalDtype)
    assert joined_frames([]).empty


def test_loci_are_compared_by_what_they_say():
    one = pd.DataFrame({"chrom": pd.Categorical(["a", "b"]), "start": [0, 1]})
    same = pd.DataFrame({"chrom": pd.Categorical(["a", "b"], ["b", "c", "a"]), "start": [0, 1]})
    assert first_difference(one, same) is None
    assert first_difference(one, same.astype({"chrom": object})) is None
    assert first_difference(one, same.assign(start=[0, 2])) == 1
    assert first_difference(one, same.assign(chrom=["c", "b"])) == 0
    assert first_difference(one, same.iloc[:1]) == 0
    assert first_difference(one, same.rename(columns={"start": "end"})) == 0


def test_an_id_among_intervals_and_an_interval_among_ids():
    for names, is_text in ((["a", "chr1:0-5"], False), (["chr1:0-5", "a"], True)):
        with pytest.raises(ValidationError, match="must be all intervals or all ids"):
            LocusColumns(("id",), is_text=is_text).loci(pd.DataFrame({"id": names}))
    with pytest.raises(ValidationError, match="begins with an id, and has 'chr1:0-5'"):
        LocusColumns(("id",)).loci(pd.DataFrame({"id": ["chr1:0-5"]}))
    with pytest.raises(ValidationError, match="begins with an interval, and has 'a'"):
        LocusColumns(("id",), is_text=True).loci(pd.DataFrame({"id": ["a"]}))
