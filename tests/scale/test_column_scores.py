"""Ranking metrics of every column, read from files or from parts."""

import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from benchmarks._rehearsal import rank_only
from leakcheck.base.ranking import ranking_scores
from leakcheck.base.ranking_in_place import bytes_beside
from leakcheck.exceptions import ValidationError
from leakcheck.scale import column_scores
from tests.scale.worlds import make_source

#: The function of the same name hides it.
MODULE = sys.modules["leakcheck.scale.column_scores"]


def expected_scores(source):
    found = {}
    for model, table in source.predictions.items():
        for column, name in enumerate(source.cell_types):
            labels, scores = source.labels[:, column], table[:, column]
            kept = ~np.isnan(labels) & ~np.isnan(scores)
            if kept.any():
                found[model, name] = ranking_scores(labels[kept] > 0, scores[kept])
    return found


def test_every_column_has_the_scores_of_its_pairs():
    source = make_source()
    source.labels[np.random.default_rng(0).random(source.labels.shape) < 0.2] = np.nan
    source.predictions["memoriser"][:50, 0] = np.nan
    assert dict(column_scores(source)) == expected_scores(source)


def test_columns_that_do_not_fit_together_are_read_in_turns(monkeypatch):
    source = make_source()
    expected = expected_scores(source)
    monkeypatch.setattr(MODULE, "_FIXED", 0)
    reading = 3 * max(one.n_bytes for one in source.partitions())
    room = reading + 900 * (1 + bytes_beside(4)) + 900 * 9
    seen = []
    whole = source.read
    source.read = lambda partition: seen.append(partition) or whole(partition)
    assert dict(column_scores(source, memory=room)) == expected
    assert len(seen) == 2 * len(source.partitions())
    with pytest.raises(ValidationError, match="`memory` must be at least 1 MiB to hold one column"):
        column_scores(source, memory=room - 1)


def write_table(source, path, *, labels=np.int8, **options):
    """One table of a source's labels, and of the predictions of C01."""
    columns = dict(source.loci)
    for column, name in enumerate(source.cell_types):
        columns[f"label:{name}"] = pd.Series(source.labels[:, column]).astype(labels)
    for model, table in source.predictions.items():
        columns[f"prediction:{model}:C01"] = table[:, source.cell_types.index("C01")]
    pd.DataFrame(columns).to_parquet(path, **options)
    return path


def only_c01(found):
    return {key: own for key, own in found.items() if key[1] == "C01"}


@pytest.mark.parametrize("row_group_size", [70, 5_000])
def test_scores_from_one_parquet_table(row_group_size, tmp_path):
    source = make_source()
    path = write_table(source, tmp_path / "table.parquet", row_group_size=row_group_size)
    assert dict(column_scores(path)) == only_c01(expected_scores(source))


@pytest.mark.parametrize("labels", ["Float64", "Int8"])
def test_missing_pairs_of_one_parquet_table(labels, tmp_path):
    source = make_source()
    rng = np.random.default_rng(0)
    source.labels[rng.random(source.labels.shape) < 0.2] = np.nan
    wider = source.predictions["honest-weak"].astype(np.float64)
    wider += 1e-12 * rng.standard_normal(wider.shape)
    source.predictions["honest-weak"] = wider
    for table in source.predictions.values():
        table[140:280, source.cell_types.index("C01")] = np.nan  # two row groups without scores
        table[rng.random(table.shape) < 0.2] = np.nan
    path = write_table(source, tmp_path / "table.parquet", labels=labels, row_group_size=70)
    assert dict(column_scores(path)) == only_c01(expected_scores(source))
    source.predictions["memoriser"][:] = np.nan
    write_table(source, path, labels=labels)
    assert set(column_scores(path)) == {("honest-weak", "C01")}


def test_faults_of_one_parquet_table(tmp_path):
    source = make_source(n=300)
    path = tmp_path / "table.parquet"
    source.predictions["memoriser"][[3, 7, 220], source.cell_types.index("C01")] = np.inf
    with pytest.raises(ValidationError, match=r"finite; 3 of 'memoriser' in C01 are"):
        column_scores(write_table(source, path, row_group_size=70))
    source.labels[75, source.cell_types.index("C01")] = 2
    with pytest.raises(ValidationError, match=r"in C01, rows 70 to 139, 1 of 70 are not"):
        column_scores(write_table(source, path, row_group_size=70))


def one_table(tmp_path, n, scores):
    """A long table of one cell type."""
    labels = (np.random.default_rng(1).random(n) < 0.3).astype(np.int8)
    table = pd.DataFrame({"locus": range(n), "label:H1": labels, "prediction:net:H1": scores})
    table.to_parquet(tmp_path / "long.parquet", row_group_size=50_000)
    return tmp_path / "long.parquet", labels > 0


def test_a_column_takes_little_more_than_its_scores_and_labels(tmp_path):
    n = 2_000_000
    scores = np.random.default_rng(0).standard_normal(n).astype(np.float32)
    path, labels = one_table(tmp_path, n, scores)
    tracemalloc.start()
    try:
        found = column_scores(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found["net", "H1"] == ranking_scores(labels, scores)
    assert peak < n * (4 + 2 + bytes_beside(4)) + (12 << 20)


def test_memory_of_one_table_is_refused_before_it_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(MODULE, "_FIXED", 0)
    n = 100_000
    rng = np.random.default_rng(0)
    scores = rng.standard_normal(n).astype(np.float32)
    path, labels = one_table(tmp_path, n, scores)
    room = 3 * 4 * 50_000 + n * (2 + 4 + bytes_beside(4))
    assert column_scores(path, memory=room)["net", "H1"] == ranking_scores(labels, scores)
    with pytest.raises(ValidationError, match="`memory` must be at least 2 MiB to hold one column"):
        column_scores(path, memory=room - 1)
    # Scores that are so far apart need keys of twice the width.
    scores *= (10.0 ** rng.integers(-37, 37, n)).astype(np.float32)
    path, labels = one_table(tmp_path, n, scores)
    with pytest.raises(ValidationError, match="`memory` must be at least 2 MiB to hold one column"):
        column_scores(path, memory=room)
    found = column_scores(path, memory=room + 8 * n)
    assert found["net", "H1"] == ranking_scores(labels, scores)


@pytest.mark.parametrize("dtype", [float, int])
def test_labels_that_are_no_classes_are_refused(dtype):
    source = make_source(n=300)
    source.labels = source.labels.astype(dtype)
    source.labels[[3, 250], 0] = 2
    with pytest.raises(ValidationError, match=r"in rows 0 to 211, .* 1 of 211 are not"):
        column_scores(source)


def test_infinite_scores_are_refused():
    source = make_source(n=300)
    source.predictions["memoriser"][7, 0] = np.inf
    with pytest.raises(ValidationError, match="`predictions` must be finite; 1 of 'memoriser'"):
        column_scores(source)


def test_scores_without_the_information_test_are_those_of_the_columns():
    source = make_source()
    found = rank_only(source)
    for (model, target), scores in expected_scores(source).items():
        own = found[target][model]
        assert own.values["auroc"] == pytest.approx(scores.auroc, abs=1e-12)
        assert own.values["average_precision"] == pytest.approx(scores.average_precision, abs=1e-12)
        assert set(own.replicates) >= {"auroc"}
