"""Constant features against pandas' groupby, and in every form."""

import numpy as np
import pandas as pd
import polars
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import leakcheck.features_check as module
from leakcheck.exceptions import ValidationError
from leakcheck.features_check import constant_features, count_distinguished_loci

value = st.sampled_from([0.0, -0.0, 1.0, 2.0, np.nan])
rows = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), value, value),
    min_size=1,
    max_size=30,
)


def by_groupby(frame, columns):
    """Loci with two cell types at which each feature has one value, one by one."""
    checked = [part for _, part in frame.groupby("locus") if len(set(part["celltype"])) > 1]
    return len(checked), [
        sum(len({str(v + 0.0) for v in part[column]}) == 1 for part in checked)
        for column in columns
    ]


@given(rows)
def test_pandas_agrees(table):
    frame = pd.DataFrame(table, columns=["locus", "celltype", "f", "g"])
    n_checked, n_constant = by_groupby(frame, ["f", "g"])
    X = frame[["f", "g"]]
    if n_checked == 0:
        with pytest.raises(ValidationError, match="a locus with two cell types or more"):
            constant_features(X, frame["locus"], frame["celltype"])
        return
    found = constant_features(X, frame["locus"], frame["celltype"])
    assert found["feature"].tolist() == ["f", "g"]
    assert found["n_loci_checked"].tolist() == [n_checked] * 2
    assert found["n_loci_constant"].tolist() == n_constant
    assert found["constant"].tolist() == [n == n_checked for n in n_constant]
    firsts = frame.groupby("locus", sort=False).head(1)
    assert found["n_values"].tolist() == [firsts[c].nunique(dropna=False) for c in "fg"]


@pytest.fixture
def example():
    """Sequence-like features, a signal, and a bias; four cell types at ten loci."""
    rng = np.random.default_rng(0)
    loci, cell_types = np.repeat([f"g{i}" for i in range(10)], 4), np.tile(list("ABCD"), 10)
    sequence = np.repeat(rng.integers(0, 2, (10, 6)), 4, axis=0)
    sequence[-4:] = sequence[:4]  # two loci of one sequence
    X = np.column_stack([sequence, rng.random(40), np.ones(40)])
    order = rng.permutation(40)
    return X[order], loci[order], cell_types[order]


def test_what_a_model_can_memorise_with(example):
    X, loci, _ = example
    found = constant_features(*example)
    assert found["constant"].tolist() == [True] * 6 + [False, True]
    assert found["tells_loci_apart"].tolist() == [True] * 6 + [False, False]
    assert found["share_of_loci_constant"].iloc[6] == 0
    rows = pd.DataFrame(X[:, :6]).assign(locus=loci).drop_duplicates("locus")
    alone = (~rows.drop(columns="locus").duplicated(keep=False)).sum()
    assert count_distinguished_loci(*example) == (alone, 10)
    assert alone <= 8
    assert count_distinguished_loci(*example, features=["7"]) == (0, 10)
    assert count_distinguished_loci(*example, features=["6"]) == (10, 10)


def test_every_form_says_the_same(example, monkeypatch):
    X, loci, cell_types = example
    expected = constant_features(X, loci, cell_types)
    names = expected["feature"].tolist()
    frame = pd.DataFrame(X, columns=names)
    forms = [X.tolist(), X.astype(object), frame, polars.DataFrame(frame),
             scipy.sparse.csr_matrix(X), scipy.sparse.coo_array(X), frame.astype(str)]  # fmt: skip
    for form in forms:
        pd.testing.assert_frame_equal(constant_features(form, loci, cell_types), expected)
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 100)  # blocks of two columns
    for form in forms:
        pd.testing.assert_frame_equal(constant_features(form, loci, cell_types), expected)
        assert count_distinguished_loci(form, loci, cell_types)[1] == 10


def test_dtypes_and_missing_text(example):
    _, loci, cell_types = example
    frame = pd.DataFrame({"flag": loci == "g1", "id": loci, "count": np.arange(40)})
    frame["maybe"] = pd.array([None if name == "g2" else 3 for name in loci], dtype="Int64")
    frame["text"] = np.where(loci == "g2", None, "x")
    found = constant_features(frame, loci, cell_types).set_index("feature")
    assert found["constant"].to_dict() == {
        "flag": True, "id": True, "count": False, "maybe": True, "text": True,
    }  # fmt: skip
    assert found["n_values"].tolist()[:2] == [2, 10]
    assert found.loc["text", "n_values"] == 2


def test_no_features_is_an_empty_table(example):
    _, loci, cell_types = example
    assert constant_features(np.empty((40, 0)), loci, cell_types).empty


def test_errors(example):
    X, loci, cell_types = example
    with pytest.raises(ValidationError, match="39 in `loci`"):
        constant_features(X, loci[1:], cell_types)
    with pytest.raises(ValidationError, match="it has 3 dimensions"):
        constant_features(X[:, :, None], loci, cell_types)
    with pytest.raises(ValidationError, match="'9' is none"):
        count_distinguished_loci(X, loci, cell_types, features=["9"])
