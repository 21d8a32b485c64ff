"""`detect_design` against a double loop, and the laws of settings."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.design import detect_design

pair = st.tuples(
    st.sampled_from(["chr1", "chr2"]),
    st.integers(0, 40),
    st.integers(1, 12),
    st.sampled_from("ABC"),
)
tables = st.lists(pair, min_size=1, max_size=10)


def frame(pairs):
    table = pd.DataFrame(pairs, columns=["chrom", "start", "end", "celltype"])
    return table.assign(end=table["start"] + table["end"])


def shared(one, other):
    """Bases that two rows share; below 0 the bases between them."""
    if one.chrom != other.chrom:
        return -(10**9)
    return min(one.end, other.end) - max(one.start, other.start)


def expected(train, row, min_overlap, gap):
    """Setting of one test row, and whether it is near, row by row."""
    meets = [
        shared(row, other) >= min_overlap
        or (row.chrom, row.start, row.end) == (other.chrom, other.start, other.end)
        for other in train.itertuples()
    ]
    own = [other.celltype == row.celltype for other in train.itertuples()]
    near = not any(meets) and any(max(-shared(row, other), 0) < gap for other in train.itertuples())
    if any(m and o for m, o in zip(meets, own, strict=True)):
        return "contaminated", False
    names = {
        (True, True): "random",
        (True, False): "cross-cell-type",
        (False, True): "cross-chromosome",
        (False, False): "hybrid",
    }
    return names[any(meets), any(own)], near


@given(tables, tables, st.integers(1, 5), st.integers(0, 20))
def test_a_double_loop_agrees(train, test, min_overlap, gap):
    train, test = frame(train), frame(test)
    found = detect_design(train, test, min_overlap=min_overlap, gap=gap)
    rows = test.drop_duplicates().itertuples()
    answers = [expected(train, row, min_overlap, gap) for row in rows]
    assert found.pairs["setting"].tolist() == [name for name, _ in answers]
    assert found.targets["n_near"].sum() == sum(near for _, near in answers)
    assert found.shares["n_pairs"].sum() == len(answers)


@given(tables, tables)
def test_styles_and_order_change_nothing(train, test):
    train, test = frame(train), frame(test)
    plain = detect_design(train, test)
    other = detect_design(
        train.assign(start=train["start"] + 1, chrom=train["chrom"].str[3:])[::-1],
        test,
        coordinates={"train": "1-based"},
    )
    assert plain.pairs["setting"].tolist() == other.pairs["setting"].tolist()
    assert plain.claim == other.claim


@given(tables)
def test_a_table_is_contaminated_by_itself(pairs):
    found = detect_design(frame(pairs), frame(pairs))
    assert (found.setting, found.share) == ("contaminated", 1.0)
    assert not found.passed
