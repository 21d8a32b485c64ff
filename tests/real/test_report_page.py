"""The page of the real Roadmap audit: 56 targets, a memoriser and two models that know."""

import json

import numpy as np
import pandas as pd
import pytest

import leakcheck
from tests.real import roadmap
from tests.report.markup import Page

pytestmark = [pytest.mark.usefixtures("real_data"), pytest.mark.slow]


@pytest.fixture(scope="module")
def report(real_data):
    """Every cell type against the 55 others."""
    found = roadmap.load_expression(real_data)
    names = {"index": list(found.genes), "columns": list(found.cell_types)}
    labels = pd.DataFrame(found.active.astype(np.int8), **names)
    average = (labels.sum(axis=1).to_numpy()[:, None] - labels.to_numpy()) / 55
    rng = np.random.default_rng(0)
    logit = np.log((average + 0.02) / (1.02 - average))
    knows = logit + 1.5 * labels.to_numpy() + 0.7 * rng.standard_normal(average.shape)
    weak = 0.5 * logit + 0.3 * labels.to_numpy() + 0.9 * rng.standard_normal(average.shape)
    preds = {
        "average + jitter": pd.DataFrame(average + 1e-6 * rng.random(average.shape), **names),
        "honest strong": pd.DataFrame(knows, **names),
        "honest weak": pd.DataFrame(weak, **names),
    }
    return leakcheck.audit(preds, labels, found.loci, train="leave-one-out")


def test_the_page_is_small_whole_and_right(report):
    text = report.to_html()
    assert len(text.encode()) < 1_000_000
    page = Page(text)
    assert page.faults == []
    data = json.loads(page.inside("script")[0])
    assert len(data["targets"]) == len(data["rows"]) == len(data["strata"]) == 56
    assert len(data["strata"]["0"]["n"]) == 54
    assert len([row for row in page.all("tr") if "data-m" in row]) == 3 * 56
    shown = page.text()
    assert "Of 3 models," in shown
    assert "cross-cell-type: the same loci, a cell type that is new" in shown
    # The easiest target for the average activity stands first, the hardest last.
    assert data["targets"][data["rows"][0]] == "E084"
    assert data["targets"][data["rows"][-1]] == "E116"


def test_ranks_tell_memory_from_knowledge(report):
    ranks = report.ranks.dropna(subset=["score_median"])
    wide = ranks.pivot_table(
        index=["model", "target", "bin"], columns="loci", values="score_median"
    )
    gaps = (wide["active"] - wide["inactive"]).dropna().groupby("model").median()
    assert abs(gaps["average + jitter"]) < 0.03
    assert gaps["honest strong"] > 0.05


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_opens_and_axe_finds_no_serious_fault(opened, report, scheme, width):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed"
    )
    viewport = {"width": width, "height": 900}
    with opened(report.to_html(), color_scheme=scheme, viewport=viewport) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#scores-table tbody tr").count() == 3 * 56
        page.select_option("#choose-target", label="E116")
        assert page.locator("#scores-table tbody tr:not([hidden])").count() == 3
        serious = [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in axe.Axe().run(page).response["violations"]
            if one["impact"] in {"serious", "critical"}
        ]
    assert serious == []
