"""Splitters of the three settings: laws, the paper's splits, scikit-learn, validation, gaps."""

import copy

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_validate

import leakcheck
from leakcheck.design import detect_design
from leakcheck.exceptions import ValidationError
from leakcheck.splits import PAPER_EXPRESSION, CrossCellType, CrossChromosome, Hybrid
from leakcheck.splits.folds import balanced_folds

CELL_TYPES = ("E003", "E004", "E024", "E037", "E106", "E113", "E100")


def table(n=220, cell_types=CELL_TYPES, step=10_000):
    """One row for each pair: 220 loci on 22 chromosomes."""
    index = np.arange(n)
    loci = pd.DataFrame({"chrom": [f"chr{1 + i % 22}" for i in index],
                         "start": index // 22 * step})  # fmt: skip
    loci["end"] = loci["start"] + 2_000
    pairs = pd.concat([loci.assign(celltype=name) for name in cell_types], ignore_index=True)
    return pairs.sample(frac=1, random_state=3).reset_index(drop=True)


@pytest.fixture(scope="module")
def rows():
    return table()


SETTINGS = {
    "cross-chromosome": CrossChromosome,
    "cross-cell-type": CrossCellType,
    "hybrid": Hybrid,
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_splitter_makes_the_setting_of_its_name(rows, setting):
    splitter = SETTINGS[setting]()
    splits = list(splitter.split(rows, groups=rows))
    assert len(splits) == splitter.get_n_splits(rows, None, rows)
    for train, test in splits:
        design = detect_design(rows.iloc[train], rows.iloc[test])
        assert (design.setting, design.share) == (setting, 1.0)
        assert design.findings.empty


@pytest.mark.parametrize("setting", SETTINGS)
def test_test_sets_cover_every_row_once(rows, setting):
    tested = np.concatenate([test for _, test in SETTINGS[setting]().split(groups=rows)])
    assert sorted(tested) == list(range(len(rows)))


units = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), min_size=12,
                 max_size=60)  # fmt: skip


@given(units, st.integers(3, 5), st.integers(0, 3), st.booleans())
def test_splits_are_disjoint_and_cover(pairs, n_splits, seed, with_validation):
    groups = pd.DataFrame(pairs, columns=["chrom", "celltype"])
    validation = "next" if with_validation else None
    for kind, column in ((CrossChromosome, "chrom"), (CrossCellType, "celltype")):
        splitter = kind(n_splits, validation=validation, random_state=seed)
        if groups[column].nunique() < n_splits:
            with pytest.raises(ValidationError, match="must not be above the number"):
                list(splitter.split(groups=groups))
            continue
        tested = []
        if with_validation:
            splits = list(splitter.split_with_validation(groups=groups))
        else:
            splits = [(train, [], test) for train, test in splitter.split(groups=groups)]
        for parts in splits:
            held = [set(groups[column].iloc[list(part)]) for part in parts]
            assert not (held[0] | held[1]) & held[2]
            assert not held[0] & held[1]
            assert sum(map(len, parts)) == len(groups)
            tested += list(parts[2])
        assert sorted(tested) == list(range(len(groups)))
        assert len(splits) == n_splits


def test_folds_are_of_about_equal_size():
    sizes = np.array([249, 243, 198, 191, 180, 171, 159, 146, 141, 135, 135, 133, 115, 107, 102,
                      90, 81, 78, 59, 63, 48, 51])  # fmt: skip
    filled = np.bincount(balanced_folds(sizes, 5, None), weights=sizes)
    assert filled.max() / filled.min() < 1.1
    for seed in range(5):
        filled = np.bincount(balanced_folds(sizes, 5, seed), weights=sizes)
        assert filled.max() / filled.min() < 1.5


def test_random_state_decides(rows):
    def folds(seed):
        splits = CrossChromosome(4, random_state=seed).split(groups=rows)
        return [test.tolist() for _, test in splits]

    assert folds(None) == folds(None)
    assert folds(1) == folds(1)
    assert len({str(folds(seed)) for seed in range(5)}) > 1


def test_leave_one_out_holds_out_each_by_itself(rows):
    for kind, column in ((CrossChromosome, "chrom"), (CrossCellType, "celltype")):
        splitter = kind("leave-one-out", validation="next")
        held = [set(rows[column].iloc[test]) for *_, test in
                splitter.split_with_validation(groups=rows)]  # fmt: skip
        assert all(len(names) == 1 for names in held)
        assert set().union(*held) == set(rows[column])
        assert splitter.get_n_splits(groups=rows) == len(held)
    both = Hybrid(CrossChromosome("leave-one-out"), CrossCellType("leave-one-out"))
    assert both.get_n_splits(groups=rows) == 22 * len(CELL_TYPES)


# --- the paper --------------------------------------------------------------------------------


def test_the_paper_s_splits_of_expression(rows):
    own, chromosome = rows["celltype"], rows["chrom"]
    validates = own.isin(PAPER_EXPRESSION.validation_cell_types)
    first, second = chromosome == "chr1", chromosome == "chr2"
    target = own == "E003"
    expected = {
        CrossChromosome: (target & ~first & ~second, target & second, target & first),
        CrossCellType: (~target & ~validates & ~first, validates & ~first, target & ~first),
        Hybrid: (~target & ~validates & ~first, validates & ~first, target & first),
    }
    for kind, masks in expected.items():
        splitter = kind.paper("expression", loci=rows[["chrom", "start", "end"]],
                              celltypes=rows["celltype"])  # fmt: skip
        ((*parts,),) = splitter.split_with_validation(rows)
        for part, mask in zip(parts, masks, strict=True):
            np.testing.assert_array_equal(np.sort(part), np.flatnonzero(mask))
        assert splitter.get_n_splits() == 1


def test_the_paper_s_splits_of_boundaries():
    rows = table(cell_types=("TRO", "H1", "NPC", "GM12878", "MES", "IMR90", "MSC"))
    for kind in (CrossChromosome, CrossCellType, Hybrid):
        ((train, _, test),) = kind.paper("tads").split_with_validation(groups=rows)
        expected = {"chr3"} if kind is CrossChromosome else {"chr2", "chr3"}
        assert set(rows["chrom"].iloc[train]) == expected
        assert set(rows["celltype"].iloc[test]) == {"H1"}
    with pytest.raises(ValidationError, match="'expression' or 'tads'"):
        Hybrid.paper("genes")


# --- scikit-learn -----------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS)
def test_cross_validate_takes_them(rows, setting):
    rng = np.random.default_rng(0)
    X, y = rng.random((len(rows), 3)), rng.random(len(rows))
    splitter = SETTINGS[setting]()
    found = cross_validate(LinearRegression(), X, y, groups=rows, cv=splitter)
    own = SETTINGS[setting](loci=rows[["chrom", "start", "end"]], celltypes=rows["celltype"]) if (
        setting != "hybrid"
    ) else Hybrid(loci=rows["chrom"], celltypes=rows["celltype"])  # fmt: skip
    again = cross_validate(LinearRegression(), X, y, cv=own)
    np.testing.assert_array_equal(found["test_score"], again["test_score"])
    assert len(found["test_score"]) == own.get_n_splits()


def test_grid_search_and_copies(rows):
    X, y = np.random.default_rng(0).random((len(rows), 2)), np.arange(len(rows)) * 1.0
    splitter = CrossCellType(3, celltypes=rows["celltype"])
    search = GridSearchCV(LinearRegression(), {"fit_intercept": [True, False]}, cv=splitter)
    assert search.fit(X, y).n_splits_ == 3
    assert repr(copy.deepcopy(splitter)) == repr(splitter)


# --- forms of groups --------------------------------------------------------------------------


def test_every_form_of_groups_says_the_same(rows):
    strings = rows["chrom"] + ":" + rows["start"].astype(str) + "-" + rows["end"].astype(str)
    forms = {
        "frame": rows,
        "strings": pd.DataFrame({"locus": strings, "cell_type": rows["celltype"]}),
        "chromosomes": rows[["chrom", "celltype"]],
        "structured": rows[["chrom", "celltype"]].astype("U8").to_records(index=False),
    }
    for kind in SETTINGS.values():
        expected = [tuple(map(list, split)) for split in kind().split(groups=rows)]
        for groups in forms.values():
            assert [tuple(map(list, split)) for split in kind().split(groups=groups)] == expected
    for kind, groups in ((CrossChromosome, rows["chrom"]), (CrossChromosome, strings),
                         (CrossCellType, rows["celltype"])):  # fmt: skip
        found = list(kind().split(groups=groups.to_numpy()))
        assert str(found) == str(list(kind().split(groups=rows)))


def test_chr1_and_1_are_one_name(rows):
    bare = rows.assign(chrom=rows["chrom"].str[3:])
    ((_, test),) = CrossChromosome(test="chr1").split(groups=bare)
    assert set(bare["chrom"].iloc[test]) == {"1"}


# --- stretches and gaps -----------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0, 9_000, 30_000])
def test_stretches_keep_their_gap(gap):
    rows = table(n=2_200)
    splitter = CrossChromosome(4, stretch=100_000, gap=gap, validation="next", random_state=0)
    tested = []
    for train, later, test in splitter.split_with_validation(groups=rows):
        design = detect_design(rows.iloc[train], rows.iloc[test], gap=gap,
                               validation=rows.iloc[later])  # fmt: skip
        assert design.setting == "cross-chromosome"
        assert design.findings.empty
        near = detect_design(rows.iloc[train], rows.iloc[later], gap=gap)
        assert near.findings.empty
        tested.append(test)
        if gap:
            assert len(train) + len(later) + len(test) < len(rows)
    assert sorted(np.concatenate(tested)) == list(range(len(rows)))


def test_loci_over_the_edge_of_a_stretch_do_not_train():
    loci = ["chr1:0-10", "chr1:95-105", "chr1:98-108", "chr1:102-112", "chr1:150-160",
            "chr1:250-260"]  # fmt: skip
    splitter = CrossChromosome("leave-one-out", stretch=100, gap=0)
    (train, test), *_ = splitter.split(groups=loci)
    assert (train.tolist(), test.tolist()) == ([4, 5], [0, 1, 2])


# --- evaluation sets --------------------------------------------------------------------------


def evaluation_set(n_predicted=3):
    world = leakcheck.simulate.epigenome(n_loci=240, n_cell_types=8)
    targets = list(world.cell_types[:n_predicted])
    preds = {"m": leakcheck.simulate.predict(world, "honest-strong", targets)}
    return leakcheck.build_evaluation_set(
        preds, world.labels, world.loci, train=[c for c in world.cell_types if c not in targets]
    )


def test_an_evaluation_set_is_split_for_the_audit():
    data = evaluation_set()
    splits = list(CrossCellType("leave-one-out").split_set(data))
    assert [one.targets for one in splits] == [(name,) for name in data.targets]
    for one in splits:
        assert not (one.reference & one.audited).any()
        assert not one.reference.flags.writeable
        assert one.reference.sum() + one.audited.sum() == data.labels.size
        assert detect_design(one).setting == "cross-cell-type"
        assert one.equals(data) is False
    hybrid = Hybrid(CrossChromosome(3), CrossCellType("leave-one-out"))
    for one in hybrid.split_set(data):
        assert detect_design(one).setting == "hybrid"
    assert len(leakcheck.audit(splits[0]).verdict)


def test_split_takes_an_evaluation_set():
    data = evaluation_set()
    pairs = data.to_frame()
    assert pairs["label"].notna().all()
    splitter = CrossCellType(3, validation="next")
    for found in (splitter.split(data), splitter.split(groups=data)):
        for (train, test), (again, held_out) in zip(
            found, splitter.split(pairs, groups=pairs), strict=True
        ):
            np.testing.assert_array_equal(train, again)
            np.testing.assert_array_equal(test, held_out)
    parts = next(splitter.split_with_validation(data))
    assert [len(set(pairs["celltype"].iloc[part])) > 0 for part in parts] == [True] * 3
    with pytest.raises(ValidationError, match="`groups` must be left out where `X` is an Eval"):
        next(splitter.split(data, groups=pairs))


@pytest.mark.parametrize("setting", SETTINGS)
def test_metadata_routing_gives_them_their_groups(rows, setting):
    splitter = SETTINGS[setting]()
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(len(rows), 2)), rng.normal(size=len(rows))
    expected = cross_validate(LinearRegression(), X, y, cv=splitter, groups=rows)
    with sklearn.config_context(enable_metadata_routing=True):
        found = cross_validate(LinearRegression(), X, y, cv=splitter, params={"groups": rows})
    np.testing.assert_array_equal(found["test_score"], expected["test_score"])


def test_splits_without_predictions_are_left_out_unless_all_are():
    data = evaluation_set(1)
    assert len(list(CrossCellType("leave-one-out").split_set(data))) == 1
    nobody = CrossCellType(test=data.cell_types[-1])
    with pytest.raises(ValidationError, match="`data` must have predictions for test pairs"):
        list(nobody.split_set(data))


# --- words ------------------------------------------------------------------------------------


def test_repr_is_the_call_and_print_draws_it():
    splitter = CrossChromosome(test="chr1", validation=["chr2"])
    assert repr(splitter) == "CrossChromosome(test=('chr1',), validation=('chr2',))"
    assert eval(repr(splitter)).test == ("chr1",)  # noqa: S307 - our own words
    assert str(CrossCellType(4)).splitlines()[1:] == [
        "  cell types |............####|",
        "  . train: the rest",
        "  # test: 1/4",
    ]
    assert "stretch=100, gap=5" in repr(CrossChromosome(stretch=100, gap=5))
    drawn = str(Hybrid.paper("tads")).splitlines()
    assert drawn[1:4] == ["  |............vvvv    |  chr2, chr3"] * 2 + [
        "  |                ####|  chr1"
    ]
    both = Hybrid(CrossChromosome(3, validation="next"), CrossCellType("leave-one-out"))
    assert [line[3:19] for line in str(both).splitlines()[1:5]] == [
        "............    ", "............    ", "vvvvvvvvvvvv    ", "            ####",
    ]  # fmt: skip
    assert "n_splits='leave-one-out'" in repr(both)
    assert (both.validation, Hybrid().validation) == ("next", None)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CrossChromosome(1), "`n_splits` must be 2 or more"),
        (lambda: CrossChromosome(2, validation="next"), "three folds or more; there are two"),
        (lambda: CrossCellType(test="a", validation="next"), "as `test` is given"),
        (lambda: CrossCellType(train=["a"]), "must come with `test`"),
        (lambda: CrossCellType(validation=["a"]), "must come with `test`"),
        (lambda: CrossCellType(test=["a"], train=["b", "a"]), r"must not share .*\['a'\]"),
        (lambda: CrossCellType(test=[]), "`test` must name at least one; an empty list came"),
        (lambda: CrossCellType(within=[]), "`within` must name at least one; an empty list came"),
        (lambda: CrossChromosome(test=1), "`test` must be a name or .*; 1 came. .*test=.'1'"),
        (lambda: CrossChromosome(test="chr1", train=["1", "2"]), r"not share .*\['chr1', '1'\]"),
        (lambda: CrossChromosome(test="1", validation="chr1"), r"not share .*\['1', 'chr1'\]"),
        (lambda: CrossChromosome(stretch=0), "`stretch` must be a whole number"),
        (lambda: CrossChromosome(gap=-1), "`gap` must be a whole number"),
        (lambda: CrossChromosome(stretch=5, test="chr1"), "stretches have no names"),
        (lambda: Hybrid(CrossCellType(), CrossChromosome()), "must be a CrossChromosome"),
        (lambda: Hybrid(0), "must be a CrossChromosome"),
        (lambda: Hybrid(None, []), "must be a CrossChromosome"),
    ],
)
def test_a_splitter_that_cannot_be_is_refused(make, words):
    with pytest.raises(ValidationError, match=words):
        make()


@pytest.mark.parametrize(
    ("splitter", "groups", "words"),
    [
        (CrossChromosome(), None, "`loci` must say the chromosome"),
        (CrossCellType(), None, "`celltypes` must say the cell type"),
        (CrossCellType(within=["chr1"]), ["A", "B"], "`loci` must say the chromosome"),
        (CrossChromosome(within=["A"]), ["chr1", "chr2"], "`celltypes` must say the cell type"),
        (CrossChromosome(test="chr9"), ["chr1", "chr2"], r"`test` must name chromosomes .*'chr9'"),
        (CrossCellType(test="K561"), ["K562", "A"], "Did you mean 'K562'"),
        (CrossChromosome(stretch=10), ["chr1", "chr2"], "`stretch` must come with the intervals"),
        (CrossChromosome(), [f"ENSG{i}" for i in range(3_000)], "these have ids only"),
        (CrossChromosome(2), ["chr1", "1", "chr2"], "chromosomes in one style; .*'chr1' and '1'"),
        (CrossChromosome(2), pd.DataFrame({"chrom": ["chr1", "1", "chr2"]}), "in one style"),
        (CrossChromosome(2), ["chr1:0-5", "chr1:9-12", "chr2-5-10"], "1 of 3 .*'chr2-5-10'"),
        (CrossChromosome(2), ["chr1_0_5", "chr1_9_12"], "2 of 2 distinct .*'chr1_0_5'"),
        (CrossChromosome(), pd.DataFrame({"gene": ["a", "b"]}), "these have ids only"),
        (CrossCellType(test=["A", "B"]), ["A", "B"], "must have rows for train"),
        (Hybrid(), ["chr1", "chr2"], "`groups` must be a table"),
        (CrossCellType("leave-one-out"), ["A", "A"], "both at least 2"),
        (CrossCellType(2, random_state=-1), ["A", "B"], "`random_state` must be .*; -1 came"),
    ],
)
def test_rows_that_cannot_be_split_are_refused(splitter, groups, words):
    with pytest.raises(ValidationError, match=words):
        list(splitter.split(groups=groups))


def test_lengths_must_agree():
    with pytest.raises(ValidationError, match=r"2 \(celltypes\) for 3 rows of `X`"):
        list(CrossCellType(2, celltypes=["A", "B"]).split([1, 2, 3]))
    with pytest.raises(ValidationError, match=r"3 \(loci\) and 2 \(celltypes\)"):
        list(Hybrid(loci=["chr1"] * 3, celltypes=["A", "B"]).split())


def test_validation_must_be_there():
    with pytest.raises(ValidationError, match="`validation` must be given"):
        list(CrossCellType().split_with_validation(groups=["A", "B"]))
    splitter = CrossChromosome(test="chr1", validation="chr2", within=["A"])
    groups = pd.DataFrame({"chrom": ["chr1", "chr2", "chr3"], "celltype": ["A", "B", "A"]})
    with pytest.raises(ValidationError, match="must have rows for validation"):
        list(splitter.split_with_validation(groups=groups))
