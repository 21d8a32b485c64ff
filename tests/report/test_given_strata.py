"""What a report says of its strata: activity counts, quantiles of the mean, or the user's own."""

import dataclasses
import re

import numpy as np
import pytest

from tests.worlds import small_world

EQUAL = "that are active in equally many reference cell types"
ABOUT = "with about the same mean in the reference cell types"
COUNTS = "number of reference cell types in which a locus is active"


@pytest.fixture(scope="module")
def world():
    return small_world(0, ("honest-strong",), n_loci=600)


def flat(text):
    return " ".join(re.sub("<[^>]+>", " ", text).split())


def axis_label(report):
    return report.plot_strata()[-1].get_xlabel()


def test_activity_counts(world):
    report = world.audit()
    assert f"Loci {EQUAL} look alike" in flat(report.to_html())
    assert COUNTS in flat(report.to_html())
    assert f"Within strata of loci {EQUAL} (AP;" in report.to_markdown()
    assert axis_label(report) == COUNTS


def test_numbers_that_were_given_are_no_activity_counts(world):
    report = world.audit(strata=np.arange(600) % 3 + 1)
    for text in (flat(report.to_html()), report.to_markdown()):
        assert EQUAL not in text
        assert COUNTS not in text
    assert "The strata are those that were given. Values of different" in flat(report.to_html())
    assert "Within strata of loci that were given (AP;" in report.to_markdown()
    assert axis_label(report) == "stratum"


def test_real_valued_labels_have_quantiles_of_the_mean(world):
    report = world.audit()
    settings = report.settings | {"label_kind": "continuous"}
    markdown = dataclasses.replace(report, settings=settings).to_markdown()
    assert f"Within strata of loci {ABOUT} (" in markdown


def test_strata_that_are_too_small_to_interpret_are_not_counted(world):
    report = world.audit()
    small = report.strata["reason"].str.startswith("fewer than 10 of a class")
    rows = report.strata[(report.strata["metric"] == "expected_average_precision")]
    rows = rows[(rows["kind"] == "model") & rows["value"].notna()]
    shown = int((rows["reason"] == "").sum())
    assert small.any()
    assert 0 < shown < len(rows)
    assert f"| {rows['model'].iloc[0]} | {shown} |" in report.to_markdown()


def test_a_baseline_between_strata_that_are_too_small_is_a_stroke(world):
    report = world.audit()
    alone = report.strata["stratum"].isin(["2", "5", "6", str(report.design["n_reference"].max())])
    # strata 2 and the last stand alone, 5 and 6 are a line
    strata = report.strata.assign(reason=report.strata["reason"].where(alone, "too small"))
    strata.loc[alone, "reason"], strata.loc[alone, "value"] = "", 0.5
    few = dataclasses.replace(report, strata=strata)
    (path,) = re.findall('data-series="average-activity" d="([^"]*)"', few.to_html())
    assert len(re.findall("h12", path)) == 1 + (few.strata["stratum"] == "20").any()
    assert path.count("L") == 1
    strokes = [len(one.get_paths()) for one in few.plot_strata()[0].collections]
    assert max(strokes) == path.count("h12")
