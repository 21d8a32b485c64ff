"""Ranking metrics of every column, read from files or from parts."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.base.ranking import ranking_scores
from leakcheck.exceptions import ValidationError
from leakcheck.scale.column_scores import column_scores
from leakcheck.scale.rehearsal import rank_only
from tests.scale.worlds import make_source


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
    monkeypatch.setattr("leakcheck.scale.column_scores._FIXED", 0)
    reading = 3 * max(one.n_bytes for one in source.partitions())
    room = reading + 900 * (12 + 8) + 900 * 9
    seen = []
    whole = source.read
    source.read = lambda partition: seen.append(partition) or whole(partition)
    assert dict(column_scores(source, memory=room)) == expected
    assert len(seen) == 2 * len(source.partitions())
    with pytest.raises(ValidationError, match="`memory` must be at least 1 MiB to hold one column"):
        column_scores(source, memory=room - 1)


def test_scores_from_one_parquet_table(tmp_path):
    source = make_source()
    path = tmp_path / "table.parquet"
    columns = dict(source.loci)
    for column, name in enumerate(source.cell_types):
        columns[f"label:{name}"] = source.labels[:, column].astype(np.int8)
    for model, table in source.predictions.items():
        columns[f"prediction:{model}:C01"] = table[:, source.cell_types.index("C01")]
    pd.DataFrame(columns).to_parquet(path)
    expected = {key: own for key, own in expected_scores(source).items() if key[1] == "C01"}
    assert dict(column_scores(path)) == expected


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
