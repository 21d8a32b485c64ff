"""What benchmarks call ranking alone has the scores of an audit."""

import numpy as np
import pytest

from benchmarks._rehearsal import rank_only
from leakcheck.base.ranking import ranking_scores
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


def test_scores_without_the_information_test_are_those_of_the_columns():
    source = make_source()
    found = rank_only(source)
    for (model, target), scores in expected_scores(source).items():
        own = found[target][model]
        assert own.values["auroc"] == pytest.approx(scores.auroc, abs=1e-12)
        assert own.values["average_precision"] == pytest.approx(scores.average_precision, abs=1e-12)
        assert set(own.replicates) >= {"auroc"}
