"""Which of many models are shown: the best and the worst, whatever cannot be told of others."""

import numpy as np
import pandas as pd
import pytest

from leakcheck._html.choose import Limits, choose
from leakcheck._report.extremes import extreme_models, ranking_baseline
from leakcheck._report.grid import verdict_grid

from .factory import make_report


def summary(skills, baseline="average-activity"):
    names = [f"m{i}" for i in range(len(skills))]
    return pd.DataFrame({"model": names, "baseline": baseline, "skill": skills})


def test_the_best_come_first_and_the_worst_last():
    assert extreme_models(summary([0.1, 0.5, 0.3, -0.2, 0.4]), 3) == ["m1", "m4", "m3"]
    assert extreme_models(summary([0.1, 0.5]), 3) == ["m1", "m0"]


@pytest.mark.parametrize("gone", [0, 2, 4])
def test_a_model_without_skill_is_neither_and_upsets_no_order(gone):
    skills = np.array([0.1, 0.5, 0.3, -0.2, 0.4])
    skills[gone] = np.nan
    order = [f"m{i}" for i in np.argsort(-skills, kind="stable")[:4]]
    assert extreme_models(summary(skills), 3) == [*order[:2], order[3]]
    assert extreme_models(summary(skills), 4) == order
    assert extreme_models(summary(skills), 5) == [*order, f"m{gone}"]


def test_models_are_ranked_by_the_first_primary_baseline_there_is():
    both = [summary([0.1, 0.2, 0.3], name) for name in ("average-signal", "nearest-celltype")]
    table = pd.concat([both[0].assign(skill=[3, 2, 1]), both[1]])
    assert ranking_baseline(table) == "nearest-celltype"
    assert extreme_models(table, 2) == ["m2", "m0"]
    assert ranking_baseline(both[0]) == "average-signal"
    assert extreme_models(table[:0], 2) == []


def test_the_page_and_the_screen_show_no_model_without_skill_as_the_worst():
    report = make_report(40, 3)
    table = report.summary.copy()
    table.loc[table["model"] == table["model"][1], "skill"] = np.nan
    report = make_report(40, 3, tables={"summary": table})
    known = table[(table["baseline"] == "average-activity") & table["skill"].notna()]
    ranked = known.sort_values("skill", ascending=False)["model"].tolist()
    tables = {name: report.to_frame(name) for name in ("verdict", "summary", "information")}
    shown = choose(tables, report.settings, Limits(pairs=36, detail=1, findings=1)).models
    assert set(shown) == {*ranked[:6], *ranked[-6:]}
    grid = verdict_grid(tables, "90%")
    assert [row[0] for row in grid.rows] == [*ranked[:4], *ranked[-4:]]
