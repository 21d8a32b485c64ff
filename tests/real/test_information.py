"""The information test on the real Roadmap table: copies and memorisers, three kinds of labels."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from tests.real import roadmap

pytestmark = pytest.mark.usefixtures("real_data")

TARGETS = ("E003", "E116", "E038")
ROUNDED = {
    "float64": lambda frame: frame,
    "float32": lambda frame: frame.astype(np.float32),
    "float16": lambda frame: frame.astype(np.float16),
    "two decimals": lambda frame: frame.round(2),
}


@pytest.fixture(scope="module")
def tables(real_data):
    """Labels, RPKM and loci of the 18,915 genes on chr1-22."""
    found = roadmap.load_expression(real_data)
    names = {"index": pd.Index(found.genes, name="gene"), "columns": list(found.cell_types)}
    rpkm = pd.DataFrame(found.rpkm, **names)
    return (rpkm > 0.5).astype(np.int8), rpkm, found.loci


def inputs(tables, kind):
    """Labels of a kind, and what goes beside them."""
    labels, rpkm, _ = tables
    return {
        "signal": (labels, {"signal": rpkm}),
        "labels": (labels, {}),
        "continuous": (np.arcsinh(rpkm), {}),
    }[kind]


@pytest.mark.parametrize("kind", ["signal", "continuous"])
@pytest.mark.parametrize("target", TARGETS)
def test_rounded_copies_are_functions_of_what_they_copy(tables, target, kind):
    labels, given = inputs(tables, kind)
    signal = np.arcsinh(tables[1])
    references = [name for name in labels if name != target]
    likeness = signal[references].corrwith(signal[target]).sort_values()
    sources = {
        "nearest": signal[likeness.index[-1]],
        "third": signal[likeness.index[-3]],
        "farthest": signal[likeness.index[0]],
        "average": signal[references].mean(axis=1),
    }
    preds = {
        f"{source} as {name}": rounded(values.to_frame(target))
        for source, values in sources.items()
        for name, rounded in ROUNDED.items()
    }
    report = leakcheck.audit(preds, labels, tables[2], train=references, **given)
    rows = report.information
    assert (rows["specificity"] == "not-testable").all(), rows.loc[rows["reason"] == "", "model"]
    assert rows["reason"].str.startswith("the prediction is a function of the").all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["signal", "labels", "continuous"])
def test_memorisers_of_every_target(tables, kind):
    labels, given = inputs(tables, kind)
    rng = np.random.default_rng(0)
    others = (labels.rsub(labels.sum(axis=1), axis=0)) / (labels.shape[1] - 1)
    spread, n = float(others.to_numpy().std()), len(labels)

    def mean_of(count):
        columns = {c: labels.drop(columns=c).sample(count, axis=1, random_state=1) for c in labels}
        return pd.DataFrame({name: part.mean(axis=1) for name, part in columns.items()})

    preds = {
        "jitter": others + 1e-6 * rng.random((n, 1)),
        "noise": others + 0.05 * spread * rng.standard_normal((n, 1)),
        "square": others**2 + 1e-3 * rng.standard_normal((n, 1)),
        "forty": mean_of(40),
        "three": mean_of(3) + 0.01 * spread * rng.standard_normal((n, 1)),
        "random": pd.DataFrame(
            rng.standard_normal(labels.shape), index=labels.index, columns=labels.columns
        ),
        "a tenth": 0.9 * others + 0.1 * labels + 0.05 * spread * rng.standard_normal((n, 1)),
    }
    report = leakcheck.audit(preds, labels, tables[2], train="leave-one-out", **given)
    rows = report.information
    share = (rows["specificity"] == "cell-type-specific").groupby(rows["model"]).mean()
    assert share["a tenth"] >= 0.88
    assert (share.drop("a tenth") <= 0.09).all(), share.to_dict()
